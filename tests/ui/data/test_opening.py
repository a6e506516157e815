"""A large dataset is read beside the pages: with progress, cancel, and what was open before when it fails."""

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from apps import OpenApp, widget
from records import CAT, CUP, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco.findings import Finding
from cocomine.coco.reading import column_cache
from cocomine.coco.reading.column_cache import indexed_split
from cocomine.demo.marker import DEMO_MARKER
from cocomine.errors import DatasetError
from cocomine.system.jobs import Job, Progress
from cocomine.ui.data import integrity
from cocomine.ui.session import demo, opening
from cocomine.ui.session.jobs import existing_job, progress_panel
from cocomine.ui.session.opening import stamp_at
from cocomine.workspace import workspace_from_environment

WAIT_S = 20.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_split(tmp_path / "data", document()).parent.parent


class HeldReading:
    """Reading that stands still at a quarter until it is let go."""

    def __init__(self) -> None:
        self.began, self.go_on, self.error = threading.Event(), threading.Event(), False

    def __call__(self, files: Sequence[Path], index: Path, progress: Progress) -> None:
        progress(25, 100)
        self.began.set()
        assert self.go_on.wait(WAIT_S)
        progress(100, 100)
        if self.error:
            raise DatasetError("val.json: not valid JSON. Fetch it again.")
        for file in files:
            indexed_split(file, index)


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldReading]:
    """Every dataset counts as large."""
    held = HeldReading()
    monkeypatch.setattr(opening, "LARGE_BYTES", 0)
    monkeypatch.setattr(opening, "index_files", held)
    yield held
    held.go_on.set()


def ended(app: AppTest, folder: Path) -> AppTest:
    """Wait for the reading, and run the page as the panel does when it ends."""
    job = existing_job(opening.reading_key(stamp_at(str(folder))))
    assert job is not None
    assert job.wait(WAIT_S)
    return app.run()


def panel(app: AppTest) -> list[str]:
    return [element.proto.text for element in app.get("progress")]


def test_a_link_to_a_file_of_some_megabytes_lets_another_process_read_it(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = HeldReading()
    monkeypatch.setattr(opening, "index_files", held)
    path = tmp_path / "members.json"
    path.write_bytes(b'{"images":[],"annotations":[],"categories":[]' + b',"k":1' * 400_000 + b"}")
    app = open_app(data=str(path))
    assert held.began.wait(WAIT_S)
    (said,) = panel(app.run())
    assert said.startswith("Reading the annotations of members.json · 25 %")
    app.button(key="reading-cancel").click().run()
    held.go_on.set()


@pytest.mark.parametrize("page", ["data", "understand", "check"])
def test_a_page_shows_how_far_the_reading_is_and_then_the_dataset(
    open_app: OpenApp, reading: HeldReading, folder: Path, page: str
) -> None:
    app = open_app(page, data=str(folder))
    assert not app.exception
    assert reading.began.wait(WAIT_S)
    app.run()
    (said,) = panel(app)
    assert said.startswith("Reading the annotations of data · 25 %")
    reading.go_on.set()
    ended(app, folder)
    assert not app.exception
    assert panel(app) == []


def test_two_sessions_share_one_reading(open_app: OpenApp, reading: HeldReading, folder: Path) -> None:
    first, second = open_app(data=str(folder)), open_app(data=str(folder))
    reading.go_on.set()
    ended(first, folder)
    assert [metric.value for metric in first.metric] == [metric.value for metric in second.run().metric]


def test_cancelling_goes_back_to_what_was_open(
    open_app: OpenApp, reading: HeldReading, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_split(tmp_path / "other", document([image(1)], [annotation(1, 1, CAT)]))
    indexed_split(file, workspace_from_environment().index)  # so that it is there at once when it is gone back to
    other = file.parent.parent
    with monkeypatch.context() as small:
        small.setattr(opening, "LARGE_BYTES", 1 << 30)
        app = open_app(data=str(other), classes="cat")
    app.text_input(key="typed_path").set_value(str(folder))
    next(button for button in app.button if button.label == "Open").click().run()
    app.switch_page("pages/understand.py").run()  # Data looks into the images, and runs once more at the end of that
    app.button(key="reading-cancel").click().run()
    reading.go_on.set()
    ended(app, folder)
    assert not app.exception
    assert "was cancelled" in app.info[0].value
    assert app.session_state["dataset_path"] == str(other)
    assert app.session_state["selection"].classes == ("cat",)


def test_a_notice_stays_when_the_page_runs_again_by_itself(
    open_app: OpenApp, reading: HeldReading, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_split(tmp_path / "other", document())
    monkeypatch.setattr(column_cache, "SETTLED_NS", 0)  # what was just written is believed
    indexed_split(file, workspace_from_environment().index)
    with monkeypatch.context() as unchecked:
        unchecked.setattr(integrity, "SMALL", 0)
        unchecked.setattr(opening, "LARGE_BYTES", 1 << 30)
        app = open_app(data=str(file.parent.parent))
    check_may_end, panels = threading.Event(), []

    def held_check(*_: object) -> list[Finding]:
        assert check_may_end.wait(WAIT_S)
        return []

    def panel_that_finds_it_ended(job: Job[object], words: str, *, key: str) -> None:
        panels.append(words)
        check_may_end.set()
        assert job.wait(WAIT_S)
        progress_panel(job, words, key=key)

    monkeypatch.setattr(integrity, "image_file_report", held_check)
    app.text_input(key="typed_path").set_value(str(folder))
    next(button for button in app.button if button.label == "Open").click().run()
    monkeypatch.setattr(integrity, "progress_panel", panel_that_finds_it_ended)
    app.button(key="reading-cancel").click().run()
    reading.go_on.set()
    ended(app, folder)
    assert panels == ["Checking image files"]
    assert "was cancelled" in app.info[0].value
    assert not app.run().info


def test_a_reading_that_fails_says_why_and_is_not_tried_again(
    open_app: OpenApp, reading: HeldReading, folder: Path
) -> None:
    app = open_app(data=str(folder))
    reading.error = True
    reading.go_on.set()
    ended(app, folder)
    assert [error.value.replace("\\", "") for error in app.error] == ["val.json: not valid JSON. Fetch it again."]
    reading.began.clear()
    app.run()
    assert not app.error
    assert not reading.began.is_set()


def test_a_split_out_of_view_is_in_no_number(open_app: OpenApp, tmp_path: Path) -> None:
    records = {"a": annotation(1, 11, CAT), "b": annotation(1, 11, CUP)}
    for name, record in records.items():
        path = write_split(tmp_path / "data", document(annotations=[record]), split=name)
    app = open_app(data=str(path.parent.parent))
    images = next(metric for metric in app.metric if metric.label == "Images")
    assert images.value == "8"
    widget(app.pills, "splits-in-view").set_value(["b"]).run()
    assert next(metric for metric in app.metric if metric.label == "Images").value == "4"
    app.switch_page("pages/understand.py").run()
    assert not app.exception
    assert next(metric for metric in app.metric if metric.label == "Images").value == "4"
    assert app.query_params["splits"] == "b"


@pytest.mark.parametrize("begins", ["link", "demo"])
def test_a_workspace_that_cannot_be_written_is_told_and_no_reason_to_stop(
    open_app: OpenApp, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    (tmp_path / "a-file").write_text("")
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "a-file" / "home"))
    if begins == "link":
        app = open_app(data=str(folder))
        assert "cannot be written" in "".join(caption.value for caption in app.caption)
    else:
        app = open_app()
        next(button for button in app.button if button.label == "Try the demo").click().run()
        assert "the demo dataset cannot be written" in app.error[0].value
    assert not app.exception


def uploaded(app: AppTest, name: str, content: bytes) -> AppTest:
    return app.file_uploader[0].set_value((name, content, "application/json")).run()


def test_an_uploaded_file_is_opened_and_the_upload_is_empty_again(open_app: OpenApp) -> None:
    app = uploaded(open_app("data"), "../my set.json", json.dumps(document()).encode())
    assert not app.exception
    assert not app.error
    assert Path(app.session_state["dataset_path"]).name == "my-set.json"
    assert app.metric[0].value == "4"
    assert not app.file_uploader[0].value


def test_of_several_uploads_the_first_that_can_be_opened_is_and_the_others_are_named(open_app: OpenApp) -> None:
    whole = json.dumps(document()).encode()
    files = [("broken.json", b'{"images": [', "application/json")]
    files += [(name, whole, "application/json") for name in ("train.json", "val.json")]
    app = open_app("data")
    app.file_uploader[0].set_value(files).run()
    assert not app.exception
    assert Path(app.session_state["dataset_path"]).name == "train.json"
    assert app.info[0].value.replace("\\", "").startswith("train.json is open, broken.json, val.json are not: ")
    assert not app.run().info


def test_of_several_uploads_that_are_all_refused_each_is_named(open_app: OpenApp) -> None:
    app = open_app("data")
    app.file_uploader[0].set_value([(f"{name}.json", b"{", "application/json") for name in "ab"]).run()
    assert [error.value.partition(":")[0].rpartition("/")[2].replace("\\", "") for error in app.error] == [
        "a.json",
        "b.json",
    ]


def test_a_damaged_upload_is_refused_in_the_words_of_the_reader_and_leaves_nothing(open_app: OpenApp) -> None:
    app = uploaded(open_app("data"), "broken.json", b'{"images": [')
    assert not app.exception
    assert "broken.json\\:" in app.error[0].value, "Markdown in a stranger's file is shown as it is"
    assert "data" not in app.query_params
    assert not list(workspace_from_environment().uploads.iterdir())


# The demo


class HeldDrawing:
    """Drawing of a small demo that stands still at a quarter until it is let go."""

    def __init__(self) -> None:
        self.began, self.go_on = threading.Event(), threading.Event()

    def __call__(self, folder: Path, *, progress: Progress) -> None:
        begin_demo(folder)
        self.began.set()
        progress(25, 100)
        assert self.go_on.wait(WAIT_S)
        progress(100, 100)
        write_split(folder, document())
        (folder / DEMO_MARKER).unlink()


def begin_demo(folder: Path) -> None:
    """Leave what a kill leaves: the mark of a demo that is not whole."""
    folder.mkdir(parents=True, exist_ok=True)
    marker = {"dataset": "CocoMine demo", "version": 0, "complete": False}
    (folder / DEMO_MARKER).write_text(json.dumps(marker))


@pytest.fixture
def drawing(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldDrawing]:
    """The demo is drawn when the test says so, and no page waits for it."""
    held = HeldDrawing()
    monkeypatch.setattr(demo, "QUICK_S", 0)
    monkeypatch.setattr(demo, "write_demo", held)
    yield held
    held.go_on.set()


def try_demo(app: AppTest) -> AppTest:
    return next(button for button in app.button if button.label == "Try the demo").click().run()


def drawn(app: AppTest, drawing: HeldDrawing) -> AppTest:
    """Let the drawing go on to its end, and run the page as the panel does then."""
    job = existing_job(("demo", workspace_from_environment().demo))
    assert job is not None
    drawing.go_on.set()
    assert job.wait(WAIT_S)
    return app.run()


def test_the_demo_is_drawn_beside_the_pages_and_opens_when_it_is_whole(open_app: OpenApp, drawing: HeldDrawing) -> None:
    app = try_demo(open_app())
    assert drawing.began.wait(WAIT_S)
    app.switch_page("pages/understand.py").run()
    (said,) = panel(app)
    assert said.startswith("Drawing the images of the demo · 25 %")
    reloaded = open_app(data=app.query_params["data"])
    assert panel(reloaded)[0].startswith("Drawing the images of the demo")
    for session in (app, reloaded):
        drawn(session, drawing)
        assert not session.exception
        assert session.metric[0].value == "4"


def test_a_cancelled_demo_is_left_and_drawn_again_when_asked(open_app: OpenApp, drawing: HeldDrawing) -> None:
    app = try_demo(open_app())
    assert drawing.began.wait(WAIT_S)
    app.run().button(key="drawing-cancel").click().run()
    drawn(app, drawing)
    assert "was cancelled" in app.info[0].value
    assert app.session_state["dataset_path"] is None
    try_demo(app)
    assert drawn(app, drawing).metric[0].value == "4"


def test_a_demo_that_a_kill_left_half_drawn_is_finished_by_its_link(open_app: OpenApp, drawing: HeldDrawing) -> None:
    folder = workspace_from_environment().demo
    begin_demo(folder)
    app = open_app(data=str(folder))
    assert drawing.began.wait(WAIT_S)
    assert not app.error
    assert drawn(app, drawing).metric[0].value == "4"
