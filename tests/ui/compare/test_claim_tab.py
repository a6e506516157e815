"""The claim check on the Compare page: what it teaches, how far it is, what came out, and its way to the trash."""

import time
from pathlib import Path

import pytest
from apps import OpenApp, read
from claim_folders import write_claim
from judged_claims import made_protocol
from streamlit.testing.v1 import AppTest

from cocomine.background.records import CANCEL, PAUSE, REQUEST, STATUS, Request, Status, record_bytes
from cocomine.claim.arms import ArmName
from cocomine.claim.reading import ClaimReader, read_claim
from cocomine.claim.records import PROTOCOL, RUNS
from cocomine.system.own_process import this_process
from cocomine.ui.compare import claim_session
from cocomine.ui.session.exports_and_runs import VISITED_RUN
from cocomine.ui.train.new_run import RUN_TO_SHOW

MOST_LOOK_S = 0.03
"""Of processor time, for a page that looks every two seconds."""
CHECK = made_protocol(arms=(ArmName.SELECTED, ArmName.HALF, ArmName.ALL), classes=("apple", "pear"))


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    return tmp_path / "home" / "claims"


def button(app: AppTest, label: str) -> bool:
    """Whether a button can be clicked."""
    return not next(each for each in app.button if each.label == label).disabled


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def test_without_a_dataset_the_question_is_asked_and_the_next_step_is_named(open_app: OpenApp) -> None:
    app = open_app("compare")
    assert "Does training on your isolated subset beat training on mixed images?" in read(app)
    assert "Open a dataset first." in read(app)
    assert "Start claim check" not in labels(app)


def test_without_classes_the_way_to_them_is_named(open_app: OpenApp, demo_folder: Path) -> None:
    app = open_app("compare", data=str(demo_folder))
    assert "No classes selected." in read(app)
    assert "Start claim check" not in labels(app)


def test_with_classes_it_says_what_it_takes_and_what_it_can_tell(open_app: OpenApp, demo_folder: Path) -> None:
    app = open_app("compare", data=str(demo_folder), classes="cup,boat")
    assert "**Classes:** cup and boat" in read(app)
    assert "18 runs of 22 s to 62 s, about 11 min in all" in read(app)
    assert "detects differences above about ±11 points (80 test images)" in read(app).replace("\\", "")
    assert "About 334 test images and 5 seeds would show 5 points." in read(app)
    assert button(app, "Start claim check")
    app.button_group(key="claim-seeds").set_value(1).run()
    assert "6 runs" in read(app)
    assert "With 1 seed nothing can be told" in read(app)


def test_what_cannot_be_planned_is_said_before_the_start(open_app: OpenApp, path: Path) -> None:
    app = open_app("compare", data=str(path), classes="cat")
    assert any("test image" in each.value for each in app.warning)
    assert not button(app, "Start claim check")


def test_a_check_that_is_not_judged_shows_its_grid_and_can_go_on(open_app: OpenApp, claims: Path) -> None:
    write_claim(claims / "apple-1", CHECK, done=7)
    app = open_app("compare")
    assert "Claim check: apple and pear" in [each.value for each in app.header]
    assert "Stopped before its end." in read(app)
    assert sum("waiting" in label for label in labels(app)) == 15 - 7
    assert button(app, "Resume")


def at_work(tasks: Path, claim: Path) -> Path:
    """Let this process be that of the task that carries out a check; return the task's folder."""
    task = tasks / "claim-1"
    task.mkdir(parents=True)
    request = Request(kind="claim", title="check", work="x", arguments={}, target=str(claim.resolve()))
    status = Status(state="running", heartbeat=time.time(), left_s=240.0, **this_process())
    (task / REQUEST).write_bytes(record_bytes(request))
    (task / STATUS).write_bytes(record_bytes(status))
    return task


def test_a_check_at_work_is_paused_and_cancelled_by_its_buttons(
    open_app: OpenApp, claims: Path, tmp_path: Path
) -> None:
    task = at_work(tmp_path / "home" / "tasks", write_claim(claims / "apple-1", CHECK, done=7))
    app = open_app("compare")
    assert "7 of 15 runs done · about 4 min left" in [bar.proto.text for bar in app.get("progress")]
    app.button(key="claim-pause").click().run()
    assert (task / PAUSE).exists()
    app.button(key="claim-go-on").click().run()
    assert not (task / PAUSE).exists()
    app.button(key="claim-cancel").click().run()
    assert (task / CANCEL).exists()
    assert app.button(key="claim-cancel").disabled
    assert "Resume" not in labels(app)


def test_a_check_that_was_stopped_goes_on_by_its_button(
    open_app: OpenApp, claims: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[Path] = []
    monkeypatch.setattr(claim_session, "go_on", lambda folder, _: begun.append(folder))
    folder = write_claim(claims / "apple-1", CHECK, done=7)
    open_app("compare").button(key="claim-resume").click().run()
    assert begun == [folder]


def test_a_judged_check_says_its_sentences_and_all_of_its_differences(open_app: OpenApp, claims: Path) -> None:
    folder = write_claim(claims / "apple-1", CHECK)
    result = read_claim(folder, time.time()).result
    assert result is not None
    app = open_app("compare")
    assert app.header[0].value.replace("\\", "") == result.sentences[0]
    text = read(app).replace("\\", "")
    assert all(sentence in text for sentence in result.sentences)
    table = next(each.value for each in app.dataframe if "p (Holm)" in each.value)
    assert len(table) == len(result.differences)
    assert table["p (Holm)"][0] == "primary"
    assert sum(label.startswith("#") for label in labels(app)) == 15


def test_a_deleted_check_is_brought_back_by_one_click(open_app: OpenApp, claims: Path) -> None:
    folder = write_claim(claims / "apple-1", CHECK, done=1)
    app = open_app("compare")
    app.button(key="claim-delete").click().run()
    assert "apple-1 is deleted." in read(app).replace("\\", "")
    assert not folder.exists()
    assert "Does training on your isolated subset" in read(app)
    app.button(key="claims-said-restore").click().run()
    assert folder.is_dir()
    assert "Claim check: apple and pear" in [each.value for each in app.header]


def test_a_new_check_can_be_set_up_beside_others(open_app: OpenApp, claims: Path) -> None:
    write_claim(claims / "apple-1", CHECK, done=1)
    app = open_app("compare")
    app.button(key="claim-new").click().run()
    assert "Does training on your isolated subset" in read(app)
    assert len(app.selectbox(key="claim-choice-box").options) == 2


def test_a_damaged_check_says_what_to_do(open_app: OpenApp, claims: Path) -> None:
    folder = write_claim(claims / "apple-1", CHECK, done=1)
    (folder / PROTOCOL).write_text("{")
    app = open_app("compare")
    assert any("Name the folder of a claim check" in each.value for each in app.error)


def test_a_run_of_a_check_is_shown_on_train_and_keeps_its_name_and_place(open_app: OpenApp, claims: Path) -> None:
    folder = write_claim(claims / "apple-1", CHECK, done=1, with_runs=True)
    app = open_app("compare")
    app.session_state[VISITED_RUN] = app.session_state[RUN_TO_SHOW] = str(folder / RUNS / "A-150-0")
    app = app.switch_page("pages/train.py").run()
    assert app.selectbox(key="shown-run").value == str(folder / RUNS / "A-150-0")
    assert next(each for each in app.text_input if each.label == "Name of the run").disabled
    assert not button(app, "Delete")


def test_a_look_at_a_check_at_work_is_cheap(claims: Path) -> None:
    folder, reader = write_claim(claims / "apple-1", CHECK), ClaimReader()
    reader.read(folder, time.time())
    began_s = time.process_time()
    reader.read(folder, time.time())
    assert time.process_time() - began_s < MOST_LOOK_S
