"""Images that show what becomes of the rest: by hand, and the same whatever the policy."""

import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, crowd, image

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.mining.selection.sample_images import sample_images
from cocomine.mining.selection.selection import Others, Selection, select

WHOLE = (0, 0, 20, 10)


def ids_of(keys: list[ImageKey]) -> list[int]:
    return [image_id for _, image_id in keys]


def test_images_in_which_both_cover_much_come_first(make_dataset: MakeDataset) -> None:
    records = [
        annotation(1, 1, CAT, WHOLE),  # the cat alone
        annotation(2, 2, CAT, (0, 0, 10, 10)),
        annotation(3, 2, CUP, (10, 0, 8, 10)),  # 50 % and 40 %
        annotation(4, 3, CAT, (0, 0, 2, 10)),
        annotation(5, 3, DOG, WHOLE),  # 10 % and 100 %
        annotation(6, 4, CAT, (0, 0, 4, 4)),
        crowd(7, 4, DOG),  # does not count
    ]
    dataset = make_dataset([image(number) for number in range(1, 6)], records)
    subset = select(dataset, Selection(classes=("cat",)))
    assert ids_of(sample_images(subset, most=10)) == [2, 3, 1, 4]
    assert ids_of(sample_images(subset, most=2)) == [2, 3]


def test_of_images_of_which_the_less_covered_share_is_equal_the_one_with_more_of_the_classes_comes_first(
    make_dataset: MakeDataset,
) -> None:
    halves = ((0, 0, 10, 10), (10, 0, 8, 10))
    records = [
        annotation(1, 1, CUP, halves[0]),
        annotation(2, 1, CAT, halves[1]),
        annotation(3, 2, CAT, halves[0]),
        annotation(4, 2, CUP, halves[1]),
    ]
    dataset = make_dataset([image(1), image(2)], records, pictures=False)
    assert ids_of(sample_images(select(dataset, Selection(classes=("cat",))), most=2)) == [2, 1]


def test_an_image_covered_twice_is_covered_no_more_than_one_covered_once(make_dataset: MakeDataset) -> None:
    twice = [annotation(number, 2, CAT, WHOLE) for number in (3, 4)]
    dogs = [annotation(4 + number, number, DOG, (0, 0, 8, 10)) for number in (1, 2)]
    dataset = make_dataset([image(1), image(2)], [annotation(1, 1, CAT, WHOLE), *twice, *dogs])
    assert ids_of(sample_images(select(dataset, Selection(classes=("cat",))), most=2)) == [1, 2]


@pytest.mark.parametrize("area", [None, -5, 1e300])
def test_odd_areas_do_no_harm(make_dataset: MakeDataset, area: float | None) -> None:
    odd = annotation(2, 1, CUP) | {"area": area, "bbox": None}
    subset = select(make_dataset([image(1)], [annotation(1, 1, CAT), odd]), Selection(classes=("cat",)))
    assert ids_of(sample_images(subset, most=3)) == [1]


@given(classes=st.lists(st.sampled_from(["cat", "dog", "cup"]), unique=True).map(tuple), policy=st.sampled_from(Others))
def test_all_images_of_the_subset_are_ranked_whatever_the_policy(
    four_images: Dataset, classes: tuple[str, ...], policy: Others
) -> None:
    subset = select(four_images, Selection(classes=classes, others=policy))
    ranked = sample_images(subset, most=10)
    (part,) = subset.parts
    assert sorted(ids_of(ranked)) == sorted(part.split.images.ids[part.image_index].tolist())
    assert ranked == sample_images(select(four_images, Selection(classes=classes)), most=10)


def test_no_split_in_view_has_no_image(four_images: Dataset) -> None:
    assert sample_images(select(four_images.with_splits([]), Selection(classes=("cat",))), most=3) == []
