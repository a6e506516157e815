"""What prevents a training, or speaks against it, is said from the export alone, before anything starts."""

from pathlib import Path
from typing import Any

import pytest
from records import CUP, annotation, document
from split_exports import WITHOUT_CUPS, exported

from cocomine.cli.parser import main
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.reading import read_entry
from cocomine.mining.selection.recipe import MaskShape
from cocomine.training.runs.suitability import (
    _no_images,
    missing_file_count,
    size_trouble,
    training_cautions,
    training_trouble,
)

WITHOUT_CATS = document(annotations=[annotation(1, 7, CUP)])


def test_a_sound_export_has_neither(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path))
    assert training_trouble(entry) is None
    assert training_cautions(entry) == []


def test_a_class_without_validation_images_is_a_caution(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path, val=WITHOUT_CUPS))
    assert training_trouble(entry) is None
    assert training_cautions(entry) == ["cup has no validation image (val)."]


def test_images_without_a_file_are_counted(tmp_path: Path) -> None:
    assert training_cautions(read_entry(exported(tmp_path, without="a.jpg"))) == [
        "1 of 3 images of train have no image file and are left out."
    ]


def test_a_manifest_that_does_not_say_how_many_image_files_there_are_is_read(tmp_path: Path) -> None:
    """As an earlier version wrote it."""
    entry = read_entry(exported(tmp_path))
    for split in entry.manifest["splits"]:
        del split["image_file_count"]
    assert training_trouble(entry) is None
    assert training_cautions(entry) == []


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        ({"size_px": 50}, "label maps are 50 px, but the network needs a multiple of 32 px. Export again with 64 px."),
        ({"mask_shape": MaskShape.NATIVE}, "training takes square label maps, and those of this export are native"),
        ({"formats": ("coco",)}, "the export has no label maps. Export again with the format “masks”."),
        ({"images": "none"}, "train has no image files for training. Export again with images as links or copies"),
        ({"val": WITHOUT_CATS, "classes": ("cat",)}, "val has no images for validation. Choose classes that occur"),
        ({"names": ("medieval", "val")}, "no split is for training; there are medieval, val, whose names do not say"),
    ],
)
def test_what_prevents_a_training_is_said_by_the_command_before_a_run_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], recipe: dict[str, Any], message: str
) -> None:
    folder = exported(tmp_path, **recipe)
    assert main(["train", str(folder), "--run", str(tmp_path / "run")]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_images_without_a_file_are_counted_over_all_splits(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path, without="a.jpg"))
    assert missing_file_count(entry) == 1
    for split in entry.manifest["splits"]:
        split["image_file_count"] = 1
    assert missing_file_count(entry) == 4


@pytest.mark.parametrize(("size_px", "near_px"), [(10, 32), (47, 32), (50, 64), (33, 32)])
def test_a_side_that_the_network_can_take_is_named(size_px: int, near_px: int) -> None:
    assert str(size_trouble(size_px)).endswith(f"Export again with {near_px} px.")
    assert size_trouble(near_px) is None


@pytest.mark.parametrize(("splits", "said"), [(("a",), "there is a, whose"), (("a", "b"), "there are a, b, whose")])
def test_splits_whose_use_is_not_known_are_named(splits: tuple[str, ...], said: str) -> None:
    assert said in _no_images([{"split": name, "role": None, "image_count": 1} for name in splits], SplitRole.VAL)
