"""Images that are alike stay on one side of a division; across the dataset's own splits they are told."""

from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset, recipe_of
from PIL import Image
from records import CAT, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.planning.alike_images import (
    AlikeImages,
    Likeness,
    across_sentence,
    alike_images,
    keeping_together,
)
from cocomine.exporting.planning.plan import plan_export
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.recipe import Recipe, recipe_from_text, recipe_text
from cocomine.mining.selection.selection import Selection, select

CATS = Selection(classes=("cat",))


@pytest.fixture
def cats(make_dataset: MakeDataset) -> Dataset:
    """Twenty images with a cat each, whose files are equal where their ids are modulo 10."""
    dataset = make_dataset([image(number) for number in range(20)], [annotation(n, n, CAT) for n in range(20)])
    for number in range(20):
        (folder_of(dataset) / f"{number}.jpg").write_bytes(bytes([number % 10]))
    return dataset


@pytest.fixture
def two_splits(tmp_path: Path) -> Dataset:
    """Scenes 0 to 3 for training and 3 to 6 for testing, where each is smaller."""
    for split, first, height in (("train", 0, 64), ("test", 3, 32)):
        scenes = range(first, first + 4)
        value = document([image(scene) for scene in scenes], [annotation(scene, scene, CAT) for scene in scenes])
        write_split(tmp_path, value, split=split)
        for scene in scenes:
            noise = np.random.default_rng(scene).integers(0, 256, (8, 16), dtype=np.uint8)
            drawn = Image.fromarray(noise).resize((2 * height, height), Image.Resampling.BICUBIC)
            drawn.save(tmp_path / split / f"{scene}.jpg", quality=95)
    return open_dataset(tmp_path)


def folder_of(dataset: Dataset) -> Path:
    folder = dataset.splits[0].image_folder
    assert folder is not None
    return folder


def untold(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def found(dataset: Dataset, recipe: Recipe, likeness: Likeness) -> AlikeImages:
    return alike_images(select(dataset, recipe.selection, recipe.excluded), likeness, untold)


def keys(alike: AlikeImages) -> list[list[tuple[str, int]]]:
    return [[each.key for each in images] for images in alike.sets]


def test_images_of_equal_files_are_on_one_side_of_every_division(cats: Dataset) -> None:
    for seed in range(5):
        recipe = recipe_of(cats, CATS, division=Division(seed=seed))
        recipe = keeping_together(recipe, found(cats, recipe, Likeness.FILES))
        assert len(recipe.division.together) == 10
        sides = [part.split.images.ids[part.image_index].tolist() for part in plan_export(cats, recipe).parts]
        assert [len({image_id % 10 for image_id in side}) for side in sides] == [8, 2]
        assert recipe_from_text(recipe_text(recipe)) == recipe


def test_only_files_of_the_images_that_are_selected_are_compared(cats: Dataset) -> None:
    recipe = recipe_of(cats, CATS, excluded=tuple(("all2017", image_id) for image_id in range(1, 19) if image_id != 10))
    assert keys(found(cats, recipe, Likeness.FILES)) == [[("all2017", 0), ("all2017", 10)]]


def test_file_names_alone_need_no_file(cats: Dataset) -> None:
    assert found(cats, recipe_of(cats, CATS), Likeness.NAMES) == AlikeImages()


def test_images_that_cannot_be_read_are_counted_and_like_none(cats: Dataset) -> None:
    (folder_of(cats) / "3.jpg").unlink()
    assert found(cats, recipe_of(cats, CATS), Likeness.FILES).unread_count == 1
    alike = found(cats, recipe_of(cats, CATS), Likeness.NEAR_DUPLICATES)
    assert (alike.unread_count, alike.sets) == (20, ())  # the others are no images


def test_what_is_alike_across_splits_is_told_and_stays_where_it_is(two_splits: Dataset) -> None:
    recipe = recipe_of(two_splits, CATS)
    alike = found(two_splits, recipe, Likeness.NEAR_DUPLICATES)
    assert keys(alike) == [[("test", 3), ("train", 3)]]
    assert across_sentence(alike, Likeness.NEAR_DUPLICATES) == (
        "1 image is nearly the same in several splits, where it stays: 3.jpg (test) and 3.jpg (train)."
    )
    assert keeping_together(recipe, alike) == recipe


def test_images_of_other_splits_are_not_in_the_recipe_of_a_part_that_is_divided(two_splits: Dataset) -> None:
    recipe = recipe_of(two_splits, CATS, division=Division(val_from="train"))
    alike = found(two_splits, recipe, Likeness.NEAR_DUPLICATES)
    assert keeping_together(recipe, alike).division.together == ()


def test_only_some_of_many_sets_are_named(two_splits: Dataset) -> None:
    test, train = two_splits.splits
    sets = tuple((test.image_at(place), test.image_at(place), train.image_at(place)) for place in range(4))
    sentence = across_sentence(AlikeImages(sets=sets), Likeness.FILES)
    assert sentence == (
        "4 images are equal, byte for byte, in several splits, where they stay: 3.jpg (test) and 0.jpg (train); "
        "4.jpg (test) and 1.jpg (train); 5.jpg (test) and 2.jpg (train); 1 more."
    )
    all_named = across_sentence(AlikeImages(sets=sets[:3]), Likeness.FILES)
    assert str(all_named).endswith("; 5.jpg (test) and 2.jpg (train).")


def test_nothing_is_told_where_nothing_is_alike_across_splits(cats: Dataset) -> None:
    assert across_sentence(found(cats, recipe_of(cats, CATS), Likeness.FILES), Likeness.FILES) is None


def test_a_split_whose_use_was_said_stays_as_it_is(cats: Dataset) -> None:
    recipe = recipe_of(cats, CATS, roles=(("all2017", SplitRole.TRAIN),))
    assert keeping_together(recipe, found(cats, recipe, Likeness.FILES)) == recipe
