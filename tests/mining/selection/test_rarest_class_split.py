"""No image is on both sides, and every class gives its share."""

import json
from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.rarest_class_split import split_parts, val_images
from cocomine.mining.selection.selection import Others, Selection, Subset, select

CATS, CUPS = 60, 15
SELECTION = Selection(classes=("cat", "cup"))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Subset:
    """60 images with a cat, 15 with a cup as well, every tenth with a dog."""
    records = [annotation(1000 + index, index, CAT) for index in range(CATS)]
    records += [annotation(2000 + index, 4 * index, CUP) for index in range(CUPS)]
    records += [annotation(3000 + index, 10 * index, DOG) for index in range(6)]
    value = document([image(index) for index in range(CATS)], records)
    dataset = open_dataset(write_split(tmp_path_factory.mktemp("many"), value, pictures=False))
    return select(dataset, SELECTION)


@given(share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31))
def test_every_image_and_annotation_is_on_exactly_one_side(many: Subset, share: float, seed: int) -> None:
    train, val = split_parts(many, val_share=share, seed=seed)
    (part,) = many.parts
    both = np.concatenate([train.image_index, val.image_index])
    np.testing.assert_array_equal(np.sort(both), part.image_index)
    both = np.concatenate([train.annotation_index, val.annotation_index])
    np.testing.assert_array_equal(np.sort(both), part.annotation_index)


@given(share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31))
def test_an_annotation_is_on_the_side_of_its_image(many: Subset, share: float, seed: int) -> None:
    for part in split_parts(many, val_share=share, seed=seed):
        owners = part.split.annotations.image_index[part.annotation_index]
        assert set(owners.tolist()) <= set(part.image_index.tolist())


@given(share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31))
def test_the_share_is_met_to_the_nearest_image_and_by_each_class_within_one(
    many: Subset, share: float, seed: int
) -> None:
    chosen = val_images(many, val_share=share, seed=seed)
    assert len(set(chosen.tolist())) == round(CATS * share)
    with_cup = sum(index % 4 == 0 for index in chosen.tolist())
    assert abs(with_cup - CUPS * len(chosen) / CATS) <= 1


def test_the_same_seed_gives_the_same_split_and_another_seed_another(many: Subset) -> None:
    first, again, other = (val_images(many, val_share=0.2, seed=seed).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_positions_rise_so_that_the_order_of_the_file_is_kept(many: Subset) -> None:
    for part in split_parts(many, val_share=0.3, seed=5):
        assert (np.diff(part.image_index) > 0).all()
        assert (np.diff(part.annotation_index) > 0).all()


def test_the_two_sides_are_called_train_and_val(many: Subset) -> None:
    assert [part.split.name for part in split_parts(many, val_share=0.2, seed=0)] == ["train", "val"]


def test_official_splits_are_kept(tmp_path: Path) -> None:
    for name in ("train2017", "val2017"):
        write_split(tmp_path, document(), split=name, pictures=False)
    subset = select(open_dataset(tmp_path), SELECTION)
    assert split_parts(subset, val_share=0.2, seed=0) == subset.parts


@pytest.mark.parametrize("share", [0, 1, -0.1, 20, float("nan")])
def test_a_share_that_is_none_is_an_error(many: Subset, share: float) -> None:
    with pytest.raises(SelectionError, match=r"validation share is .* between 0 and 1, such as 0.2"):
        val_images(many, val_share=share, seed=0)


def test_a_single_image_goes_to_training(make_dataset: MakeDataset) -> None:
    subset = select(make_dataset([image(1)], [annotation(1, 1, CAT)]), Selection(classes=("cat",)))
    train, val = split_parts(subset, val_share=0.2, seed=0)
    assert (len(train.image_index), len(val.image_index)) == (1, 0)


def test_an_empty_choice_gives_two_empty_sides(four_images: Dataset) -> None:
    train, val = split_parts(select(four_images, Selection()), val_share=0.2, seed=0)
    assert (len(train.image_index), len(val.image_index)) == (0, 0)


def test_annotations_of_other_classes_go_with_their_image(four_images: Dataset) -> None:
    subset = select(four_images, Selection(classes=("cat",), others=Others.KEEP))
    train, val = split_parts(subset, val_share=0.5, seed=0)
    counts = sorted((len(part.image_index), len(part.annotation_index)) for part in (train, val))
    assert counts == [(1, 2), (1, 2)]


def test_the_records_are_still_those_of_the_source(many: Subset) -> None:
    train, _ = split_parts(many, val_share=0.2, seed=0)
    for index in train.annotation_index:
        record = json.loads(train.split.source.record(train.split.annotations.spans[index]))
        assert record["id"] == train.split.annotations.ids[index]
