"""What a selection gives: laws over any presence, the four images by hand, pycocotools for real ones."""

from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from records import CAT, DOG, FOUR_IMAGES

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.presets import PRESETS, presets_of
from cocomine.mining.selection.selection import (
    Mode,
    Others,
    Selection,
    Subset,
    eligible,
    matching,
    select,
    unexamined_image_count,
)

SIZE = 5
PRESENCE = st.lists(st.lists(st.booleans(), min_size=SIZE, max_size=SIZE), max_size=12).map(
    lambda rows: np.array(rows, dtype=bool).reshape(-1, SIZE)
)
CHOICE = st.lists(st.integers(0, SIZE - 1), unique=True)
MODES = st.sampled_from(Mode)


def image_ids(subset: Subset) -> list[int]:
    return [int(part.split.images.ids[index]) for part in subset.parts for index in part.image_index]


def annotation_ids(subset: Subset) -> list[int]:
    return [int(part.split.annotations.ids[index]) for part in subset.parts for index in part.annotation_index]


@given(matrix=PRESENCE, excluded=CHOICE, mode=MODES)
def test_an_empty_choice_selects_nothing(matrix: Bools, excluded: list[int], mode: Mode) -> None:
    assert not matching(matrix, [], excluded, mode).any()


@given(matrix=PRESENCE, wanted=CHOICE, excluded=CHOICE)
def test_only_and_all_are_part_of_any(matrix: Bools, wanted: list[int], excluded: list[int]) -> None:
    some = matching(matrix, wanted, excluded, Mode.ANY)
    assert not (matching(matrix, wanted, excluded, Mode.ONLY) & ~some).any()
    assert not (matching(matrix, wanted, excluded, Mode.ALL) & ~some).any()


@given(matrix=PRESENCE, wanted=CHOICE, excluded=CHOICE, also=CHOICE, mode=MODES)
def test_excluding_never_adds(
    matrix: Bools, wanted: list[int], excluded: list[int], also: list[int], mode: Mode
) -> None:
    before = matching(matrix, wanted, excluded, mode)
    after = matching(matrix, wanted, sorted({*excluded, *also}), mode)
    assert not (after & ~before).any()


@given(matrix=PRESENCE, wanted=CHOICE, also=CHOICE)
def test_one_more_class_never_takes_from_any_and_never_adds_to_all(
    matrix: Bools, wanted: list[int], also: list[int]
) -> None:
    more = sorted({*wanted, *also})
    assert not (matching(matrix, wanted, [], Mode.ANY) & ~matching(matrix, more, [], Mode.ANY)).any()
    if wanted:
        assert not (matching(matrix, more, [], Mode.ALL) & ~matching(matrix, wanted, [], Mode.ALL)).any()


@given(matrix=PRESENCE, wanted=CHOICE, excluded=CHOICE, mode=MODES)
def test_matching_is_what_sets_say(matrix: Bools, wanted: list[int], excluded: list[int], mode: Mode) -> None:
    chosen, banned = set(wanted), set(excluded)
    for row, matches in zip(matrix, matching(matrix, wanted, excluded, mode), strict=True):
        has = set(np.flatnonzero(row).tolist())
        by_mode = {Mode.ANY: bool(has & chosen), Mode.ALL: chosen <= has, Mode.ONLY: bool(has) and has <= chosen}
        assert matches == (bool(chosen) and by_mode[mode] and not has & banned)


@given(matrix=PRESENCE, wanted=CHOICE, mode=MODES, seed=st.integers(0, 9))
def test_the_order_of_the_classes_does_not_change_the_images(
    matrix: Bools, wanted: list[int], mode: Mode, seed: int
) -> None:
    shuffled = np.random.default_rng(seed).permutation(wanted).astype(int).tolist()
    np.testing.assert_array_equal(matching(matrix, wanted, [], mode), matching(matrix, shuffled, [], mode))


@pytest.mark.parametrize(
    ("mode", "classes", "ids"),
    [
        (Mode.ANY, ("cat",), [11, 7]),
        (Mode.ANY, ("cat", "cup"), [11, 7, 42]),
        (Mode.ALL, ("cat", "cup"), [11]),
        (Mode.ALL, ("cat", "dog", "cup"), []),
        (Mode.ONLY, ("cup",), [42]),
        (Mode.ONLY, ("cat",), []),
        (Mode.ONLY, ("cat", "dog"), [7]),
    ],
)
def test_the_four_images_by_hand(four_images: Dataset, mode: Mode, classes: tuple[str, ...], ids: list[int]) -> None:
    assert image_ids(select(four_images, Selection(classes=classes, mode=mode))) == ids


def test_a_crowd_alone_makes_an_image_match(four_images: Dataset) -> None:
    subset = select(four_images, Selection(classes=("dog",)))
    assert image_ids(subset) == [7]
    assert (subset.instance_count, subset.annotation_count) == (0, 1)


def test_a_forbidden_class_takes_its_images_out(four_images: Dataset) -> None:
    subset = select(four_images, Selection(classes=("cat", "cup"), excluded_classes=("dog",)))
    assert image_ids(subset) == [11, 42]


def test_an_excluded_image_is_left_out_by_split_and_id(four_images: Dataset) -> None:
    excluded = [("all2017", 11), ("another", 7)]
    subset = select(four_images, Selection(classes=("cat",)), excluded)
    assert image_ids(subset) == [7]
    assert subset.excluded == frozenset(excluded)


def test_others_as_background_leave_their_annotations_out(four_images: Dataset) -> None:
    assert annotation_ids(select(four_images, Selection(classes=("cat",)))) == [101, 103]


def test_others_that_are_ignored_are_not_of_the_subset(four_images: Dataset) -> None:
    assert annotation_ids(select(four_images, Selection(classes=("cat",), others=Others.IGNORE))) == [101, 103]


@pytest.mark.parametrize("others", [Others.KEEP, Others.MERGE])
def test_other_policies_keep_the_annotations_of_the_others(four_images: Dataset, others: Others) -> None:
    assert annotation_ids(select(four_images, Selection(classes=("cat",), others=others))) == [101, 102, 103, 104]


@pytest.mark.parametrize("others", Others)
def test_counts_are_those_of_the_picked_classes_under_every_policy(four_images: Dataset, others: Others) -> None:
    subset = select(four_images, Selection(classes=("cup", "cat"), others=others))
    assert subset.image_count == 3
    (part,) = subset.parts
    assert subset.class_counts(part) == {
        "instance_counts": {"cup": 3, "cat": 2},
        "crowd_counts": {"cup": 0, "cat": 0},
        "image_counts": {"cup": 2, "cat": 2},
    }
    assert (subset.instance_count, subset.other_instance_count) == (5, 0)


@pytest.mark.parametrize("others", Others)
def test_objects_of_other_classes_are_counted_without_crowds(four_images: Dataset, others: Others) -> None:
    subset = select(four_images, Selection(classes=("cat",), others=others))
    assert (subset.instance_count, subset.other_instance_count) == (2, 1)


def test_an_empty_choice_selects_nothing_from_a_dataset(four_images: Dataset) -> None:
    subset = select(four_images, Selection(excluded_classes=("dog",), others=Others.KEEP))
    assert (subset.image_count, subset.annotation_count, subset.instance_count) == (0, 0, 0)


def test_no_split_in_view_selects_nothing(four_images: Dataset) -> None:
    assert select(four_images.with_splits([]), Selection(classes=("cat",))).image_count == 0


@given(
    few=st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True),
    more=st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True),
    out=st.lists(st.sampled_from([11, 7, 42, 30]), unique=True),
)
def test_a_subset_of_a_subset_is_a_subset(
    four_images: Dataset, few: list[str], more: list[str], out: list[int]
) -> None:
    wide = select(four_images, Selection(classes=tuple({*few, *more})))
    narrow = select(four_images, Selection(classes=tuple(few)), [("all2017", image_id) for image_id in out])
    assert set(image_ids(narrow)) <= set(image_ids(wide)) - set(out)
    assert set(annotation_ids(narrow)) <= set(annotation_ids(wide))


def test_a_class_wanted_and_forbidden_is_an_error() -> None:
    with pytest.raises(SelectionError, match=r"cat: both selected and excluded. Choose one of the two"):
        Selection(classes=("cat", "cup"), excluded_classes=("cat",))


def test_a_class_named_twice_is_an_error() -> None:
    with pytest.raises(SelectionError, match=r"named twice: cat, cat. Name each once"):
        Selection(classes=("cat", "cat"))


def test_an_unknown_class_is_an_error_that_offers_the_nearest(four_images: Dataset) -> None:
    with pytest.raises(SelectionError, match=r"no category 'cupp' in this dataset. Did you mean cup\?"):
        select(four_images, Selection(classes=("cupp",)))


def test_an_unknown_forbidden_class_is_an_error_too(four_images: Dataset) -> None:
    with pytest.raises(SelectionError, match=r"no category 'zebra' in this dataset. Known: cat, dog, cup"):
        select(four_images, Selection(classes=("cup",), excluded_classes=("zebra",)))


def test_a_preset_is_offered_only_where_its_classes_are(four_images: Dataset) -> None:
    assert presets_of(four_images) == {}


@pytest.mark.real
def test_the_paper_s_preset_is_offered_for_coco(coco_folder: Path) -> None:
    assert presets_of(open_dataset(coco_folder)) == PRESETS


@pytest.mark.real
@pytest.mark.parametrize("classes", [("person",), ("cup", "dining table"), ("giraffe", "bus", "broccoli", "laptop")])
def test_real_images_agree_with_pycocotools(coco_folder: Path, classes: tuple[str, ...]) -> None:
    dataset = open_dataset(coco_folder, splits=["train2017"])
    peer = COCO(dataset.splits[0].source.path)
    ids = peer.getCatIds(catNms=list(classes))
    by_class = [set(peer.getImgIds(catIds=[category_id])) for category_id in ids]
    foreign = {one["image_id"] for one in peer.anns.values() if one["category_id"] not in ids}
    expected = {
        Mode.ANY: set().union(*by_class),
        Mode.ALL: set(peer.getImgIds(catIds=ids)),
        Mode.ONLY: set().union(*by_class) - foreign,
    }
    for mode, images in expected.items():
        subset = select(dataset, Selection(classes=classes, mode=mode))
        assert set(image_ids(subset)) == images
        assert set(annotation_ids(subset)) == set(peer.getAnnIds(imgIds=list(images), catIds=ids) if images else [])


def test_what_was_not_looked_for_in_a_subset_is_counted_by_hand(make_dataset: MakeDataset) -> None:
    absent: tuple[list[int], ...] = ([DOG], [], [CAT], [])
    images = [record | {"neg_category_ids": ids} for record, ids in zip(FOUR_IMAGES, absent, strict=True)]
    cups = select(make_dataset(images), Selection(classes=("cup",)))  # the first image and the third
    assert unexamined_image_count(cups, ["dog"]) == 1
    assert unexamined_image_count(cups, ["cat", "dog"]) == 1
    assert unexamined_image_count(cups, ["cat"]) == 0
    assert unexamined_image_count(cups, []) == 0


def test_each_image_in_which_a_class_was_not_looked_for_counts(make_dataset: MakeDataset) -> None:
    images = [record | {"neg_category_ids": []} for record in FOUR_IMAGES]
    assert unexamined_image_count(select(make_dataset(images), Selection(classes=("cup",))), ["dog"]) == 2


def test_in_an_ordinary_dataset_everything_was_looked_for(four_images: Dataset) -> None:
    assert unexamined_image_count(select(four_images, Selection(classes=("cat",))), four_images.category_names) == 0


def test_a_licence_leaves_the_images_of_others_out(four_images: Dataset) -> None:
    free = Selection(classes=("cat", "cup"), licences=("Attribution License",))
    (part,) = select(four_images, free).parts
    assert part.split.images.ids[part.image_index].tolist() == [11]


def test_no_licence_at_all_selects_nothing(four_images: Dataset) -> None:
    nothing = Selection(classes=("cat", "cup"), licences=())
    assert select(four_images, nothing).image_count == 0


def test_an_image_excluded_in_one_split_stays_in_another(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset().splits
    number = int(split.images.ids[0])
    for other in ("a", "zz"):
        assert eligible(split, None, {(other, number)}).all()
    assert np.flatnonzero(~eligible(split, None, {(split.name, number)})).tolist() == [0]
