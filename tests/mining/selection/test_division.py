"""A split becomes sides of which each has its share, and no image or file is on two."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import SelectionError
from cocomine.mining.selection.division import Division, Fold, SplitMethod, divided
from cocomine.mining.selection.rarest_class_split import split_parts
from cocomine.mining.selection.selection import Others, Selection, Subset, SubsetSplit, select

CATS, CUPS = 60, 15
SELECTION = Selection(classes=("cat", "cup"))
FROZEN = "3fd9a2c842af6673e9c8e6d9f693afecc4f8733265cc108e0e203c32a28319b5"
FROZEN_FORMER = "24275836b3617632b4e04b9a22a2518daa9955ff587dce3a7556b1e90a516d05"
"""SHA-256 of the ids of the validation images; exports were made with them, so they stay."""


def many_images(step: int = 1) -> dict[str, Any]:
    """60 images with a cat, 15 with a cup as well, every tenth with a dog; in the file in steps of so many."""
    records = [annotation(1000 + index, index, CAT) for index in range(CATS)]
    records += [annotation(2000 + index, 4 * index, CUP) for index in range(CUPS)]
    records += [annotation(3000 + index, 10 * index, DOG) for index in range(6)]
    return document([image(index * step % CATS) for index in range(CATS)], records)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Subset:
    return select(open_dataset(write_split(tmp_path_factory.mktemp("many"), many_images(), pictures=False)), SELECTION)


@pytest.fixture
def train_and_test(tmp_path: Path) -> Subset:
    for name in ("train", "test"):
        write_split(tmp_path, many_images(), split=name, pictures=False)
    return select(open_dataset(tmp_path), SELECTION)


def ids_of(part: SubsetSplit) -> list[int]:
    return [int(image_id) for image_id in part.split.images.ids[part.image_index]]


def digest(part: SubsetSplit) -> str:
    return hashlib.sha256(repr(ids_of(part)).encode()).hexdigest()


DIVISIONS = st.builds(
    Division,
    val_share=st.floats(0.01, 0.49),
    test_share=st.just(0.0) | st.floats(0.01, 0.49),
    seed=st.integers(-(2**70), 2**70),
    together=st.lists(st.lists(st.tuples(st.just("all2017"), st.integers(0, 70))).map(tuple)).map(tuple),
)


@given(division=DIVISIONS)
def test_every_image_and_annotation_is_on_exactly_one_side(many: Subset, division: Division) -> None:
    sides, (part,) = divided(many, division), many.parts
    for what in ("image_index", "annotation_index"):
        every = np.concatenate([getattr(side, what) for side in sides])
        np.testing.assert_array_equal(np.sort(every), getattr(part, what))


@given(division=DIVISIONS)
def test_an_annotation_is_on_the_side_of_its_image(many: Subset, division: Division) -> None:
    for side in divided(many, division):
        owners = side.split.annotations.image_index[side.annotation_index]
        assert set(owners.tolist()) <= set(side.image_index.tolist())


@given(division=DIVISIONS)
def test_images_that_stay_together_are_on_one_side(many: Subset, division: Division) -> None:
    side_of = {image_id: side.split.name for side in divided(many, division) for image_id in ids_of(side)}
    for images in division.together:
        assert len({side_of[image_id] for _, image_id in images if image_id in side_of}) <= 1


@given(share=st.floats(0.01, 0.99), seed=st.integers(0, 2**31))
def test_every_class_gives_its_share_to_within_one_image(many: Subset, share: float, seed: int) -> None:
    _, val = divided(many, Division(val_share=share, seed=seed))
    with_cup = sum(image_id % 4 == 0 for image_id in ids_of(val))
    assert abs(with_cup - CUPS * share) <= 1
    assert abs(len(val.image_index) - CATS * share) <= 1


@given(seed=st.integers(0, 2**31))
def test_a_file_in_another_order_gives_the_same_sides(many: Subset, tmp_path_factory: Any, seed: int) -> None:
    folder = write_split(tmp_path_factory.mktemp("moved"), many_images(step=7), pictures=False)
    moved = divided(select(open_dataset(folder), SELECTION), Division(seed=seed))
    assert [sorted(ids_of(side)) for side in moved] == [
        sorted(ids_of(side)) for side in divided(many, Division(seed=seed))
    ]


def test_positions_rise_so_that_the_order_of_the_file_is_kept(many: Subset) -> None:
    for side in divided(many, Division(test_share=0.1, seed=5)):
        assert (np.diff(side.image_index) > 0).all()
        assert (np.diff(side.annotation_index) > 0).all()


def test_the_sides_are_called_train_and_val_and_test_where_one_is_asked_for(many: Subset) -> None:
    sides = divided(many, Division(test_share=0.1))
    assert [side.split.name for side in sides] == ["train", "val", "test"]
    assert [side.split.role for side in sides] == [SplitRole.TRAIN, SplitRole.VAL, SplitRole.TEST]
    assert [side.split.name for side in divided(many, Division())] == ["train", "val"]
    assert [len(side.image_index) for side in sides] == [42, 12, 6]


def test_where_nothing_is_said_a_fifth_is_for_validation_by_seed_0(many: Subset) -> None:
    assert Division() == Division(val_share=0.2, test_share=0.0, seed=0, method=SplitMethod.ITERATIVE)
    train, val = divided(many, Division())
    assert (len(train.image_index), len(val.image_index)) == (48, 12)


def test_a_seed_gives_these_images_for_validation_on_every_platform(many: Subset) -> None:
    _, val = divided(many, Division(seed=2026))
    assert digest(val) == FROZEN


def test_the_former_method_gives_what_it_always_gave(many: Subset) -> None:
    former = Division(seed=2026, method=SplitMethod.RAREST_CLASS)
    _, val = divided(many, former)
    assert digest(val) == FROZEN_FORMER
    assert [ids_of(side) for side in divided(many, former)] == [
        ids_of(side) for side in split_parts(many, val_share=0.2, seed=2026)
    ]


def test_a_file_that_is_listed_twice_is_on_one_side(make_dataset: MakeDataset) -> None:
    images = [image(key) | {"file_name": f"{key % 10}.jpg"} for key in range(20)]
    subset = select(make_dataset(images, [annotation(key, key, CAT) for key in range(20)]), SELECTION)
    for seed in range(10):
        names = [{image_id % 10 for image_id in ids_of(side)} for side in divided(subset, Division(seed=seed))]
        assert [len(each) for each in names] == [8, 2]


def test_a_single_image_goes_to_training(make_dataset: MakeDataset) -> None:
    subset = select(make_dataset([image(1)], [annotation(1, 1, CAT)]), Selection(classes=("cat",)))
    assert [ids_of(side) for side in divided(subset, Division(test_share=0.1))] == [[1], [], []]


def test_an_empty_choice_gives_empty_sides(four_images: Dataset) -> None:
    assert [ids_of(side) for side in divided(select(four_images, Selection()), Division())] == [[], []]


def test_annotations_of_other_classes_go_with_their_image(four_images: Dataset) -> None:
    subset = select(four_images, Selection(classes=("cat",), others=Others.KEEP))
    sides = divided(subset, Division(val_share=0.5))
    assert sorted((len(side.image_index), len(side.annotation_index)) for side in sides) == [(1, 2), (1, 2)]


def test_official_splits_are_kept(train_and_test: Subset) -> None:
    assert divided(train_and_test, Division()) == train_and_test.parts


def test_training_can_give_images_for_validation_and_testing_stays_as_it_is(train_and_test: Subset) -> None:
    test, train, val = divided(train_and_test, Division(val_from="train", seed=3))
    assert [(side.split.name, side.split.role) for side in (train, val)] == [
        ("train", SplitRole.TRAIN),
        ("val", SplitRole.VAL),
    ]
    assert test is train_and_test.parts[0]
    assert sorted(ids_of(train) + ids_of(val)) == list(range(CATS))
    assert (len(train.image_index), len(val.image_index)) == (48, 12)
    assert sum(image_id % 4 == 0 for image_id in ids_of(val)) == CUPS / 5


def test_a_split_that_gives_images_must_be_there(train_and_test: Subset) -> None:
    with pytest.raises(SelectionError, match=r"no split 'trian' in this dataset. Did you mean train"):
        divided(train_and_test, Division(val_from="trian"))


def test_no_second_val_is_made(tmp_path: Path) -> None:
    for name in ("train", "val"):
        write_split(tmp_path, many_images(), split=name, pictures=False)
    with pytest.raises(SelectionError, match="train cannot give images for validation as 'val': there is a split of"):
        divided(select(open_dataset(tmp_path), SELECTION), Division(val_from="train"))


@given(count=st.integers(2, 12), seed=st.integers(0, 2**31))
def test_the_folds_of_one_seed_have_each_image_for_validation_once_and_each_class_evenly(
    many: Subset, count: int, seed: int
) -> None:
    sides = [divided(many, Division(fold=Fold(number=number, count=count), seed=seed)) for number in range(count)]
    assert all([side.split.name for side in each] == ["train", "val"] for each in sides)
    assert all(sorted(ids_of(train) + ids_of(val)) == list(range(CATS)) for train, val in sides)
    assert sorted(image_id for _, val in sides for image_id in ids_of(val)) == list(range(CATS))
    for stride in (1, 4):
        counts = [sum(image_id % stride == 0 for image_id in ids_of(val)) for _, val in sides]
        assert max(counts) - min(counts) <= 1


def test_images_stay_together_in_folds(many: Subset) -> None:
    together = (tuple(("all2017", image_id) for image_id in range(5)),)
    vals = [divided(many, Division(fold=Fold(number=n, count=5), together=together))[1] for n in range(5)]
    assert [set(range(5)) <= set(ids_of(val)) for val in vals].count(True) == 1


def test_training_can_give_a_fold_for_validation(train_and_test: Subset) -> None:
    vals = []
    for number in range(4):
        test, train, val = divided(train_and_test, Division(val_from="train", fold=Fold(number=number, count=4)))
        assert test is train_and_test.parts[0]
        assert sorted(ids_of(train) + ids_of(val)) == list(range(CATS))
        vals += ids_of(val)
    assert sorted(vals) == list(range(CATS))


@pytest.mark.parametrize("count", [1, 0, -2])
def test_fewer_than_two_folds_are_an_error(count: int) -> None:
    with pytest.raises(SelectionError, match=rf"{count} folds cannot be made. Give 2 or more, such as 5"):
        Fold(number=0, count=count)


@pytest.mark.parametrize("number", [-1, 5])
def test_a_fold_that_there_is_not_is_an_error(number: int) -> None:
    with pytest.raises(SelectionError, match=rf"no fold {number} of 5. Give a number from 0 to 4"):
        Fold(number=number, count=5)


def test_folds_and_a_test_share_are_an_error() -> None:
    with pytest.raises(SelectionError, match=r"Folds are for training and validation, but 0.1 is asked for testing"):
        Division(fold=Fold(number=0, count=5), test_share=0.1)


@pytest.mark.parametrize(
    "more",
    [
        {"test_share": 0.1},
        {"val_from": "all"},
        {"together": ((("all", 1), ("all", 2)),)},
        {"fold": Fold(number=0, count=5)},
    ],
)
def test_the_former_method_makes_two_parts_of_one_split_and_no_more(more: dict[str, Any]) -> None:
    with pytest.raises(
        SelectionError, match="division 'rarest class' makes training and validation of one split alone"
    ):
        Division(method=SplitMethod.RAREST_CLASS, **more)


@pytest.mark.parametrize("share", [0, 1, -0.1, 20, float("nan")])
def test_a_validation_share_that_is_none_is_an_error(share: float) -> None:
    with pytest.raises(SelectionError, match=r"validation share is .* between 0 and 1, such as 0.2"):
        Division(val_share=share)


@pytest.mark.parametrize("share", [1, -0.1, 20, float("nan")])
def test_a_test_share_that_is_none_is_an_error(share: float) -> None:
    with pytest.raises(SelectionError, match=r"test share is .* 0 or a number below 1, such as 0.1"):
        Division(test_share=share)


@pytest.mark.parametrize(("val_share", "test_share"), [(0.8, 0.2), (0.6, 0.5)])
def test_shares_that_leave_nothing_for_training_are_an_error(val_share: float, test_share: float) -> None:
    with pytest.raises(SelectionError, match=f"shares of {val_share} and {test_share}, which leaves nothing"):
        Division(val_share=val_share, test_share=test_share)


def test_a_split_gives_images_for_validation_alone() -> None:
    with pytest.raises(SelectionError, match=r"train gives images for validation alone, but 0.1 is asked for testing"):
        Division(val_from="train", test_share=0.1)
