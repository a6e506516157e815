"""What an export will hold, and take on the disk, is known before it is written."""

from pathlib import Path

import pytest
from datasets import MakeDataset, recipe_of
from records import CAT, DOG, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.planning.plan import (
    export_summary,
    found_bytes,
    missing_sentence,
    needed_bytes,
    plan_cautions,
    plan_export,
)
from cocomine.exporting.writing import needed_space
from cocomine.mining.advice.readiness import Concern
from cocomine.mining.selection.division import Division, Fold
from cocomine.mining.selection.selection import Others, Selection

CATS = Selection(classes=("cat",))
BLOCK_BYTES = 4096
MINED_BYTES = 200


@pytest.fixture
def two_cats(make_dataset: MakeDataset) -> Dataset:
    """Two images with a cat each, one of them with a dog as well."""
    return make_dataset([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CAT), annotation(3, 2, DOG)])


@pytest.fixture
def many_cats(make_dataset: MakeDataset) -> Dataset:
    """Twenty images with a cat each."""
    return make_dataset([image(number) for number in range(20)], [annotation(n, n, CAT) for n in range(20)])


def needed(dataset: Dataset, *formats: str, images: str = "none", are_linked: bool = False) -> int:
    recipe = recipe_of(dataset, Selection(classes=("cat",)), formats=formats, images=images)
    plan = plan_export(dataset, recipe)
    return needed_bytes(plan, found_bytes(plan), are_linked=are_linked)


def test_annotations_need_what_their_records_take(two_cats: Dataset) -> None:
    (split,) = two_cats.splits
    records = [*split.source.records(split.images.spans), *split.source.records(split.annotations.spans[:2])]
    assert needed(two_cats, "coco") == sum(map(len, records))


def test_each_label_file_needs_a_block_and_each_mined_annotation_its_share(two_cats: Dataset) -> None:
    coco = needed(two_cats, "coco")
    assert needed(two_cats, "coco", "masks") == coco + 2 * BLOCK_BYTES
    assert needed(two_cats, "coco", "masks", "voc") == coco + 2 * BLOCK_BYTES + 2 * 5 * BLOCK_BYTES
    assert needed(two_cats, "coco", "yolo-detect") == coco + 2 * BLOCK_BYTES
    assert needed(two_cats, "coco", "roboflow") == 2 * coco
    assert needed(two_cats, "coco", "hf") == coco + 4 * 120
    assert needed(two_cats, "coco", "mined") == coco + 2 * MINED_BYTES
    assert needed(two_cats, "coco", "yolo") == coco + 2 * BLOCK_BYTES + coco // 2


def test_label_files_need_their_blocks_however_long_the_records_are(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1), image(2)], [annotation(number, 1 + number % 2, CAT) for number in range(60)])
    coco = needed(dataset, "coco")
    assert coco & (2 * BLOCK_BYTES)
    assert needed(dataset, "coco", "masks") == coco + 2 * BLOCK_BYTES


def test_one_image_of_a_class_is_enough_unless_more_are_asked_for(two_cats: Dataset) -> None:
    recipe = recipe_of(two_cats, Selection(classes=("cat", "dog")))
    assert plan_export(two_cats, recipe).min_images == 1
    asked = [caution for caution in plan_cautions(plan_export(two_cats, recipe)) if caution.concern is Concern.TOO_FEW]
    assert asked == []


def test_image_files_need_space_only_where_they_are_copied(two_cats: Dataset) -> None:
    (split,) = two_cats.splits
    assert split.image_folder is not None
    size = sum(path.stat().st_size for path in split.image_folder.iterdir())
    coco = needed(two_cats, "coco")
    assert needed(two_cats, "coco", images="copy") == coco + size
    assert needed(two_cats, "coco", images="link", are_linked=True) == coco
    assert needed(two_cats, "coco", images="link") == coco + size


def test_where_a_disk_has_no_links_each_layout_with_images_needs_their_space(two_cats: Dataset) -> None:
    plan = plan_export(two_cats, recipe_of(two_cats, Selection(classes=("cat",)), formats=("coco", "voc", "hf")))
    found = found_bytes(plan)
    shared = needed_bytes(plan, found, are_linked=False)
    assert needed_bytes(plan, found, are_linked=False, can_share=False) == shared + 2 * int(found.sum())


def test_image_files_that_are_not_there_are_told_before_the_start(two_cats: Dataset) -> None:
    (split,) = two_cats.splits
    assert split.image_folder is not None
    plan = plan_export(two_cats, recipe_of(two_cats, Selection(classes=("cat",))))
    assert missing_sentence(plan) is None
    (split.image_folder / "2.jpg").unlink()
    assert str(missing_sentence(plan)).startswith("1 of 2 image")
    alone = plan_export(two_cats, recipe_of(two_cats, Selection(classes=("cat",)), images="none"))
    assert missing_sentence(alone) is None  # nobody asked for them


@pytest.mark.parametrize(
    ("others", "words"), [(Others.BACKGROUND, "not annotated; their pixels are background"), (Others.IGNORE, "ignored")]
)
def test_a_summary_has_images_objects_and_what_becomes_of_unselected_classes(
    two_cats: Dataset, others: Others, words: str
) -> None:
    summary = export_summary(plan_export(two_cats, recipe_of(two_cats, Selection(classes=("cat",), others=others))))
    assert "2 images in train and 0 images in val; 2 objects of 1 class." in summary
    assert f"Unselected classes (1 object) are {words}" in summary


def test_a_single_split_becomes_three_where_a_test_part_is_asked_for(many_cats: Dataset) -> None:
    plan = plan_export(many_cats, recipe_of(many_cats, CATS, division=Division(val_share=0.2, test_share=0.1)))
    assert {part.split.name: len(part.image_index) for part in plan.parts} == {"train": 14, "val": 4, "test": 2}


def test_one_of_several_splits_gives_images_for_validation(tmp_path: Path) -> None:
    for name, first in (("train", 0), ("test", 100)):
        images = [image(first + number) for number in range(10)]
        value = document(images, [annotation(each["id"], each["id"], CAT) for each in images])
        write_split(tmp_path, value, split=name, pictures=False)
    dataset = open_dataset(tmp_path)
    plan = plan_export(dataset, recipe_of(dataset, CATS, division=Division(val_from="train")))
    assert {part.split.name: len(part.image_index) for part in plan.parts} == {"test": 10, "train": 8, "val": 2}


def test_a_fold_is_for_validation_and_the_others_are_for_training(many_cats: Dataset) -> None:
    recipe = recipe_of(many_cats, CATS, division=Division(fold=Fold(number=1, count=5)))
    assert {part.split.name: len(part.image_index) for part in plan_export(many_cats, recipe).parts} == {
        "train": 16,
        "val": 4,
    }


def test_a_split_whose_use_was_said_is_not_divided(many_cats: Dataset) -> None:
    plan = plan_export(many_cats, recipe_of(many_cats, CATS, roles=(("all2017", SplitRole.TRAIN),)))
    assert [part.split.name for part in plan.parts] == ["all2017"]


def test_linked_image_files_take_no_space_where_the_export_is_on_their_disk(two_cats: Dataset, tmp_path: Path) -> None:
    for images in ("link", "copy", "none"):
        plan = plan_export(two_cats, recipe_of(two_cats, Selection(classes=("cat",)), images=images))
        found = found_bytes(plan)
        expected = needed_bytes(plan, found, are_linked=images == "link")
        assert needed_space(plan, tmp_path / "new" / "export", found) == expected
