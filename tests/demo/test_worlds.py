"""The worlds of a claim check: the same but for the rival, and drawn to the same bytes."""

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from cocomine.cli.parser import main
from cocomine.demo.worlds import (
    CATEGORY_IDS,
    CLASS_NAME,
    OUTLINE_SHIFT,
    OUTLINE_STRETCH,
    RIVAL_NAME,
    World,
    WorldKind,
    outlined_by_eye,
    planned_fruit,
    write_world,
)
from cocomine.errors import DatasetError

SMALL = {"train_image_count": 40, "val_image_count": 20}
APPLE, PEACH = CATEGORY_IDS[CLASS_NAME], CATEGORY_IDS[RIVAL_NAME]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[WorldKind, Path]:
    parent = tmp_path_factory.mktemp("worlds")
    for kind in WorldKind:
        write_world(parent / kind, World(kind=kind, **SMALL))
    return {kind: parent / kind for kind in WorldKind}


def source(folder: Path, split: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / f"annotations/instances_{split}.json").read_text())
    return content


def images_with(folder: Path, split: str, category_id: int) -> set[int]:
    return {each["image_id"] for each in source(folder, split)["annotations"] if each["category_id"] == category_id}


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


@pytest.mark.parametrize(("split", "apples", "peaches"), [("train", 6, 16), ("val", 3, 8)])
def test_the_rival_is_in_two_of_five_images_and_never_with_the_class(
    folders: dict[WorldKind, Path], split: str, apples: int, peaches: int
) -> None:
    class_images, rival_images = (images_with(folders[WorldKind.PLANTED], split, each) for each in (APPLE, PEACH))
    assert (len(class_images), len(rival_images)) == (apples, peaches)
    assert not class_images & rival_images


def test_the_control_world_is_the_same_without_the_rival(folders: dict[WorldKind, Path]) -> None:
    planted, control = (digests(folders[kind]) for kind in WorldKind)
    names = {category["name"] for category in source(folders[WorldKind.CONTROL], "train")["categories"]}
    rivals = {f"{split}/{each:012d}.jpg" for split in ("train", "val") for each in images_with_rival(folders, split)}
    assert RIVAL_NAME not in names
    assert {name for name in planted if name.endswith("jpg") and planted[name] != control[name]} == rivals


def images_with_rival(folders: dict[WorldKind, Path], split: str) -> set[int]:
    return images_with(folders[WorldKind.PLANTED], split, PEACH)


def test_the_rival_has_the_outline_of_the_class_and_differs_by_18_degrees(folders: dict[WorldKind, Path]) -> None:
    """Of the skin: the most frequent hue of an object, over all objects of a kind."""
    hues = {each: _hues(folders[WorldKind.PLANTED], each) for each in (APPLE, PEACH)}
    assert np.median(hues[PEACH]) - np.median(hues[APPLE]) == pytest.approx(18, abs=4)
    ratios = {each: _fillings(folders[WorldKind.PLANTED], each) for each in (APPLE, PEACH)}
    assert np.median(ratios[PEACH]) == pytest.approx(np.median(ratios[APPLE]), abs=0.05)


def _hues(folder: Path, category_id: int) -> list[float]:
    coco = COCO(str(folder / "annotations/instances_train.json"))
    found = []
    for each in coco.loadAnns(coco.getAnnIds(catIds=[category_id])):
        with Image.open(folder / "train" / f"{each['image_id']:012d}.jpg") as image:
            hue = np.asarray(image.convert("HSV"))[..., 0][coco.annToMask(each) > 0]
        found.append(float(np.bincount((hue.astype(int) + 128) % 256).argmax() - 128) * 360 / 256)
    return found


def _fillings(folder: Path, category_id: int) -> list[float]:
    """Return which share of its box each object fills."""
    objects = [each for each in source(folder, "train")["annotations"] if each["category_id"] == category_id]
    return [each["area"] / (each["bbox"][2] * each["bbox"][3]) for each in objects]


def test_outlines_are_drawn_by_eye_neither_too_large_nor_to_one_side() -> None:
    rows, columns = np.ogrid[:96, :96]
    fruit = ((rows - 40) / 16) ** 2 + ((columns - 50) / 12) ** 2 <= 1
    drawn = [outlined_by_eye(fruit, np.random.default_rng(seed)) for seed in range(300)]
    sides = np.array([[np.count_nonzero(each.any(axis=axis)) for axis in (1, 0)] for each in drawn])
    middles = np.array([[np.nonzero(each.any(axis=axis))[0].mean() for axis in (1, 0)] for each in drawn])
    assert np.log(sides / (33, 25)).std(axis=0) == pytest.approx(OUTLINE_STRETCH, rel=0.2)
    assert np.log(sides / (33, 25)).mean(axis=0) == pytest.approx(0, abs=0.02)
    assert middles.std(axis=0) == pytest.approx(OUTLINE_SHIFT * np.sqrt(fruit.sum()), rel=0.2)
    assert middles.mean(axis=0) == pytest.approx((40, 50), abs=0.2)


def test_the_default_world_has_the_images_that_a_claim_check_asks_for() -> None:
    world = World(kind=WorldKind.PLANTED)
    fruit = planned_fruit(np.random.default_rng(0), world.train_image_count)
    assert fruit.count(CLASS_NAME) == 180
    assert fruit.count(RIVAL_NAME) == 480
    assert world.val_image_count >= 700


def test_the_same_world_has_the_same_bytes_and_another_seed_another_world(tmp_path: Path) -> None:
    few = {"train_image_count": 6, "val_image_count": 4}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        write_world(tmp_path / name, World(kind=WorldKind.PLANTED, seed=seed, **few))
    one, again, other = (digests(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert not set(one.values()) & {other[name] for name in other if name.endswith("jpg")}


def test_an_interrupted_world_is_finished_and_a_complete_one_left_alone(tmp_path: Path) -> None:
    world = World(kind=WorldKind.CONTROL, train_image_count=4, val_image_count=2)

    def stop(done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_world(tmp_path / "world", world, progress=stop)
    assert not world.marker.is_complete(tmp_path / "world")
    write_world(tmp_path / "world", world)
    assert world.marker.is_complete(tmp_path / "world")
    write_world(tmp_path / "world", world, progress=stop)


def test_a_folder_with_another_world_is_refused(folders: dict[WorldKind, Path]) -> None:
    before = digests(folders[WorldKind.CONTROL])
    with pytest.raises(DatasetError, match="not empty and not a CocoMine planted world"):
        write_world(folders[WorldKind.CONTROL], World(kind=WorldKind.PLANTED, **SMALL))
    assert digests(folders[WorldKind.CONTROL]) == before


def test_every_object_is_a_polygon_that_pycocotools_measures_alike(folders: dict[WorldKind, Path]) -> None:
    coco = COCO(str(folders[WorldKind.PLANTED] / "annotations/instances_val.json"))
    assert coco.anns
    assert all(coco.annToMask(each).sum() == each["area"] > 0 for each in coco.anns.values())


def test_the_command_line_asks_where_a_world_goes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--world", "planted"]) == 2
    assert "--world planted needs a folder" in capsys.readouterr().err


def test_the_command_line_draws_a_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With few images; nothing else of it differs."""
    monkeypatch.setattr("cocomine.cli.commands.demo.World", partial(World, train_image_count=3, val_image_count=1))
    assert main(["demo", str(tmp_path / "world"), "--world", "control"]) == 0
    assert "the control world is there" in capsys.readouterr().out
    assert len(list((tmp_path / "world").rglob("*.jpg"))) == 4
