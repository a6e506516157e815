"""The difference of two runs is taken in pairs over the same images, or it is said why there is none."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from run_folders import FINAL, METRICS, write_run

from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, write_counts
from cocomine.training.runs.interval import Interval
from cocomine.training.runs.paired_difference import PairedDifference, paired_difference
from cocomine.training.runs.reading import Run, read_run

PIXELS = 100


def counts(right: list[int], *, true: int = 40) -> Confusions:
    """Of images with so many pixels of the class, and so many of these right; the rest is background."""
    truth = np.repeat([1, 0], [true, PIXELS - true])
    images = [np.repeat([1, 0], [each, PIXELS - each]) for each in right]
    return Confusions.joined([Confusions.of_image(truth, image, 2) for image in images])


def judged(folder: Path, right: list[int], *, mean_iou: float | None, true: int = 40) -> Run:
    """A run whose last evaluation counted that."""
    write_run(folder, metrics=(*METRICS[:-1], replace(FINAL, mean_iou=mean_iou)))
    ids = tuple(range(len(right)))
    write_counts(folder / LAST_EVALUATION, ImageCounts(step=9, image_ids=ids, confusions=counts(right, true=true)))
    return read_run(folder, now=0.0)


def told(first: Run, second: Run) -> PairedDifference:
    found = paired_difference(first, second)
    assert isinstance(found, PairedDifference), found
    return found


RIGHT = [10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32]
BETTER = [each + 6 + index % 2 for index, each in enumerate(RIGHT)]


def test_a_difference_that_every_image_shows_is_more_than_chance(tmp_path: Path) -> None:
    found = told(judged(tmp_path / "a", RIGHT, mean_iou=0.525), judged(tmp_path / "b", BETTER, mean_iou=0.6875))
    assert found.interval is not None
    assert found.interval.low < 0.1625 < found.interval.high
    assert found.interval.high - found.interval.low < 0.03  # far below the spread over images of either
    assert found.sentence.startswith("b is 16.2 points above a (95 % interval +1")
    assert found.sentence.endswith(
        "in pairs over the same 12 validation images): more than chance over images explains."
    )


def test_the_difference_turns_with_the_order_of_the_runs(tmp_path: Path) -> None:
    one, other = judged(tmp_path / "a", RIGHT, mean_iou=0.525), judged(tmp_path / "b", BETTER, mean_iou=0.6875)
    forth, back = told(one, other).interval, told(other, one).interval
    assert forth is not None
    assert back is not None
    assert (back.low, back.high) == pytest.approx((-forth.high, -forth.low))


def test_a_difference_that_chance_explains_is_called_so(tmp_path: Path) -> None:
    mixed = [each + (5 if index % 2 else -5) for index, each in enumerate(RIGHT)]
    found = told(judged(tmp_path / "a", RIGHT, mean_iou=0.525), judged(tmp_path / "b", mixed, mean_iou=0.52))
    assert found.sentence.startswith("b is 0.5 points below a (95 % interval -")
    assert found.sentence.endswith("chance alone explains it.")


def test_two_runs_that_no_image_tells_apart_have_no_interval(tmp_path: Path) -> None:
    found = told(judged(tmp_path / "a", RIGHT, mean_iou=0.5), judged(tmp_path / "b", RIGHT, mean_iou=0.5))
    assert found.interval is None
    assert "there is no interval, so it may be chance" in found.sentence


def test_an_interval_that_ends_at_nothing_is_no_difference() -> None:
    at_nothing = PairedDifference(
        first="a", second="b", value=0.1, interval=Interval(low=0.0, high=0.2), image_count=12
    )
    assert at_nothing.sentence.endswith("chance alone explains it.")


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.123, -0.0123, 0.2345, "b is 12.3 points above a (95 % interval -1.2 to +23.4, in pairs {}): chance alone"),
        (0.0, -0.005, 0.005, "b is 0.0 points above a (95 % interval -0.5 to +0.5, in pairs {}): chance alone"),
        (-0.4567, -0.9, 0.0, "b is 45.7 points below a (95 % interval -90.0 to +0.0, in pairs {}): chance alone"),
        (-0.4567, -0.9, -0.001, "b is 45.7 points below a (95 % interval -90.0 to -0.1, in pairs {}): more than"),
    ],
)
def test_a_difference_is_told_in_points_with_its_sign(value: float, low: float, high: float, said: str) -> None:
    interval = Interval(low=low, high=high)
    found = PairedDifference(first="a", second="b", value=value, interval=interval, image_count=1)
    assert found.sentence.startswith(said.format("over the same 1 validation image"))


def test_why_there_is_no_difference_is_told(tmp_path: Path) -> None:
    one = judged(tmp_path / "a", RIGHT, mean_iou=0.5)
    assert paired_difference(one, judged(tmp_path / "none", RIGHT, mean_iou=None)) == (
        "none has no mIoU, so there is no difference."
    )
    gone = judged(tmp_path / "gone", RIGHT, mean_iou=0.5)
    (gone.folder / LAST_EVALUATION).unlink()
    assert paired_difference(one, gone) == (
        "gone: it has no counts of the images that its mIoU is of. So there is no difference in pairs."
    )
    (gone.folder / LAST_EVALUATION).write_bytes(b"no")
    assert "is damaged and left out" in str(paired_difference(gone, one))
    other_truth = judged(tmp_path / "other", RIGHT, mean_iou=0.5, true=41)
    assert paired_difference(one, other_truth) == (
        "The counts of a and other are not of the same ground truth, so there is no difference."
    )
    unknown = judged(tmp_path / "unknown", RIGHT, mean_iou=0.5)
    (unknown.folder / "run_info.json").unlink()
    assert paired_difference(one, read_run(unknown.folder, now=0.0)) == (
        "unknown has no mIoU, so there is no difference."
    )


def test_runs_that_were_judged_on_other_images_so_far_have_no_difference(tmp_path: Path) -> None:
    one = judged(tmp_path / "a", RIGHT, mean_iou=0.5)
    again = judged(tmp_path / "b", RIGHT, mean_iou=0.5)
    stored = ImageCounts(step=9, image_ids=tuple(range(1, 13)), confusions=counts(RIGHT))
    write_counts(again.folder / LAST_EVALUATION, stored)
    assert str(paired_difference(one, again)).endswith("so there is no difference in pairs.")
    assert str(paired_difference(again, one)).endswith("so there is no difference in pairs.")
