"""An overfit test says what it shows, and stands beside no other run."""

from dataclasses import replace as changed
from pathlib import Path

import pytest
from msgspec.structs import replace
from run_folders import EVALUATION, write_run

from cocomine.training.runs.config import OVERFIT, preset
from cocomine.training.runs.overfitting import judged_images, overfit_notice, overfit_verdict
from cocomine.training.runs.reading import read_run
from cocomine.training.runs.run_scores import comparable_groups
from cocomine.training.runs.verdict import verdict
from cocomine.wording import PRESET_NAMES

LINE = replace(EVALUATION, image_count=8)


@pytest.mark.parametrize(
    ("mean_iou", "is_over", "sentence"),
    [
        (0.96, True, "Fits 8 images: the data and labels can be learned (mIoU 96.0 % on the images that were trained"),
        (0.96, False, "Fits 8 images: the data and labels can be learned"),
        (0.9, False, "Not fitted yet: mIoU 90.0 % on the images that were trained on; above 90 % the data"),
        (0.4, True, "Does not fit 8 images: mIoU 40.0 % on the images that were trained on. A longer run on more"),
        (None, True, "None of your classes occurs in the 8 images of the test"),
    ],
)
def test_the_verdict_says_whether_the_images_can_be_learned(
    mean_iou: float | None, is_over: bool, sentence: str
) -> None:
    assert overfit_verdict(replace(LINE, mean_iou=mean_iou), is_over=is_over).startswith(sentence)


def test_a_run_of_the_preset_is_judged_so_and_compared_with_no_other(tmp_path: Path) -> None:
    config = preset(OVERFIT, export="/export")
    overfit = read_run(write_run(tmp_path / "overfit", config=config, metrics=(LINE,)), 0.0)
    other = read_run(write_run(tmp_path / "other", config=changed(config, overfit_images=0), metrics=(LINE,)), 0.0)
    assert (verdict(overfit) or "").startswith("Does not fit 8 images")
    assert (verdict(other) or "").startswith("Better than an empty prediction")
    assert [[run.folder.name for run in group.runs] for group in comparable_groups([overfit, other])] == [["other"]]


def test_it_is_named_so_everywhere() -> None:
    assert PRESET_NAMES[OVERFIT] == "Overfit 8 images"
    assert overfit_notice(8) == (
        "Overfit test: trained on 8 images and judged on the same. Its numbers say nothing about other images and are "
        "compared with no other run."
    )


def test_its_images_are_not_called_validation_images() -> None:
    assert judged_images(preset(OVERFIT, export="/export"), 8) == "the 8 images that it trained on"
    assert judged_images(preset("quick", export="/export"), 1) == "1 validation image"
