"""What the Export page is set to survives a reload as a line in the URL, and nothing that no widget could have."""

import pytest

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.planning.alike_images import Likeness
from cocomine.ui.session.export_settings import keys_of_dataset, settings_in, settings_line

SET = {
    "export-images": "copy",
    "export-symlinks": True,
    "export-size": 256,
    "export-format-masks": False,
    "export-format-yolo-detect": True,
    "export-sides": "Training, validation and testing",
    "export-val-share": 25,
    "export-test-share": 15,
    "export-seed": 7,
    "export-uses-folds": True,
    "export-folds": 4,
    "export-fold-of-4": 2,
    "export-likeness": Likeness.NEAR_DUPLICATES,
    "export-role-part, one": SplitRole.VAL,
    "export-val-from-train2017": "train2017",
    "export-place": "folder",
    "export-folder": '/data/my "best", new',
}


def test_what_is_set_is_found_again() -> None:
    assert settings_in(settings_line(SET)) == SET


def test_what_is_as_by_default_and_other_widgets_are_left_out() -> None:
    usual = {"export-images": "link", "export-format-masks": True, "export-seed": 0, "export-role-all": None}
    assert settings_line({**usual, "export-17-cancel": True, "export-to-1": "/data", "train-steps": 5}) == ""


@pytest.mark.parametrize(
    "entry", ["images=moved", "size=100", "val-share=23", "seed=-1", "folds=1", "role-a=testing", "color=red", "size"]
)
def test_what_no_widget_could_have_is_passed_over(entry: str) -> None:
    assert settings_in(f"{entry},seed=3") == {"export-seed": 3}


def test_another_dataset_does_not_take_over_what_is_said_of_one() -> None:
    of_dataset = {key for key in SET if key.startswith(("export-role", "export-val-from", "export-folder"))}
    assert {*keys_of_dataset(SET)} == {*of_dataset, "export-images", "export-symlinks", "export-place"}
