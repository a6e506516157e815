"""The erase test on the page: begun by a click, told in sentences, a map and a table."""

import csv
import io
from pathlib import Path

import pytest
from apps import OpenApp, read
from run_folders import write_run
from small_weights import write_small_weights

from cocomine.claim.erasure import Change, ErasedPair, ErasureResult
from cocomine.errors import TrainingError
from cocomine.system.jobs import Progress
from cocomine.training.runs.reading import BEST
from cocomine.ui.session import jobs
from cocomine.ui.train import erase_test
from cocomine.ui.train.erase_test import csv_of, sentences

FALLS = Change(value=-0.12, low=-0.2, high=-0.04, p=0.001, p_corrected=0.004)
CHANCE = Change(value=0.01, low=-0.2, high=0.22, p=0.9, p_corrected=1.0)
LABELS = [
    {"label": number, "name": name, "colour": "#123456", "selected": number > 0}
    for number, name in enumerate(("background", "cup", "table"))
]
RESULT = ErasureResult(
    run="mine",
    size_px=64,
    image_count=40,
    pairs=[
        ErasedPair(erased="*table*", measured="cup", image_count=30, ring=FALLS, blur=FALLS),
        ErasedPair(erased="cup", measured="*table*", image_count=30, ring=CHANCE, blur=CHANCE),
        ErasedPair(erased="cup", measured="boat", image_count=2),
    ],
)


def test_only_what_can_be_told_is_a_sentence() -> None:
    assert sentences(RESULT) == [
        "- **cup** without \\*table\\*: -12.0 points on 30 images; the network finds it by \\*table\\*."
    ]
    nothing = ErasureResult(run="mine", size_px=64, image_count=40, pairs=RESULT.pairs[1:])
    assert sentences(nothing)[0].startswith("**No change can be told from chance** in 1 pair of classes")


def test_the_table_has_every_pair_with_both_fillings() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_of(RESULT))))

    assert [row["measured"] for row in rows] == ["cup", "*table*", "boat"]
    assert rows[0]["ring points"] == rows[0]["blur points"] == "-12.0"
    assert rows[0]["told from chance"] == "True"
    assert rows[2]["ring points"] == ""


@pytest.mark.slow
def test_a_click_erases_and_what_came_out_stays(open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def erased(run: Path, _progress: Progress, *, image_limit: int | None) -> ErasureResult:
        asked.append(run)
        assert image_limit == erase_test.MOST_IMAGES
        return RESULT

    monkeypatch.setattr(erase_test, "erase_classes", erased)
    run = write_run(home / "runs/mine", labels=LABELS)
    write_small_weights(run / BEST)
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()

    next(button for button in app.button if button.label == "Erase each class").click().run()
    job = next(job for key, job in jobs._jobs.items() if isinstance(key, tuple) and key[0] == "erase")
    assert job.wait(20)
    app.run()

    assert asked == [run]
    assert "the network finds it by" in read(app)
    assert "Erase each class" not in [button.label for button in app.button]


def test_what_cannot_be_done_is_said_and_can_be_tried_again(
    open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(run: Path, _progress: Progress, *, image_limit: int | None) -> ErasureResult:  # noqa: ARG001
        raise TrainingError("/e: the export is gone. Put it back.")

    monkeypatch.setattr(erase_test, "erase_classes", refused)
    run = write_run(home / "runs/other", labels=LABELS)
    write_small_weights(run / BEST)
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()

    next(button for button in app.button if button.label == "Erase each class").click().run()
    for key, job in jobs._jobs.items():
        if isinstance(key, tuple) and key[0] == "erase":
            job.wait(20)
    app.run()

    assert "the export is gone" in " ".join(error.value for error in app.error)
    assert "Try again" in [button.label for button in app.button]
