"""Which constraint is broken, and that every fix mends it: laws over drawn datasets, one by hand."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
from candidates import candidates_of, images_per_class
from drawn_datasets import CATEGORIES, dataset_with, datasets, selections, split_of
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.fixes import Change, violation_of
from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.selection import Selection, select

PICTURE_BYTES = 100
OUT = st.sampled_from([(), (("train", 0), ("val", 3))])
CONSTRAINTS = st.builds(
    Constraints,
    images_per_class=st.integers(0, 6),
    size_bytes=st.one_of(st.none(), st.integers(0, 12).map(lambda count: count * PICTURE_BYTES)),
)


def sized_candidates(dataset: Dataset, excluded: Collection[ImageKey] = ()) -> CandidateImages:
    """Every picture takes the same space, so that size can be counted by hand."""
    return candidates_of(dataset, excluded, np.full(dataset.image_count, PICTURE_BYTES))


@given(dataset=datasets(), selection=selections(), constraints=CONSTRAINTS, out=OUT)
def test_a_breach_names_exactly_what_is_broken(
    dataset: Dataset, selection: Selection, constraints: Constraints, out: Collection[ImageKey]
) -> None:
    subset = select(dataset, selection, out)
    asked = constraints.images_per_class
    lacking = {name: count for name, count in images_per_class(subset).items() if count < asked}
    limit = constraints.size_bytes
    is_too_large = limit is not None and subset.image_count * PICTURE_BYTES > limit
    found = violation_of(sized_candidates(dataset, out), selection, constraints)
    if found is None:
        assert not selection.classes or (not lacking and not is_too_large)
    else:
        assert (dict(found.classes_with_too_few), found.is_too_large) == (lacking, is_too_large)
        assert list(found.classes_with_too_few) == sorted(found.classes_with_too_few, key=lambda each: each[1])


@given(dataset=datasets(), selection=selections(), constraints=CONSTRAINTS, out=OUT)
def test_every_remedy_mends_what_is_broken_and_says_what_then_is(
    dataset: Dataset, selection: Selection, constraints: Constraints, out: Collection[ImageKey]
) -> None:
    candidates = sized_candidates(dataset, out)
    found = violation_of(candidates, selection, constraints)
    fixes = () if found is None else found.fixes
    assert len({each.change for each in fixes}) == len(fixes)
    for each in fixes:
        assert (each.selection, each.constraints) != (selection, constraints)
        assert each.after.image_count == select(dataset, each.selection, out).image_count
        assert violation_of(candidates, each.selection, each.constraints) is None


@given(dataset=datasets(), selection=selections(), constraints=CONSTRAINTS)
def test_asking_for_less_asks_for_no_less_than_it_must(
    dataset: Dataset, selection: Selection, constraints: Constraints
) -> None:
    candidates = sized_candidates(dataset)
    found = violation_of(candidates, selection, constraints)
    relaxed = [each.constraints for each in found.fixes if each.change is Change.RELAX] if found else []
    for each in relaxed:
        if each.images_per_class < constraints.images_per_class:
            assert (
                violation_of(candidates, selection, replace(each, images_per_class=each.images_per_class + 1))
                is not None
            )
        if each.size_bytes is not None and each.size_bytes != constraints.size_bytes:
            assert violation_of(candidates, selection, replace(each, size_bytes=each.size_bytes - 1)) is not None


def five_images() -> CandidateImages:
    """A cat in every image, a dog in the first three, a cup in the last."""
    marked = [(image, 0, False) for image in range(5)] + [(image, 1, False) for image in range(3)] + [(4, 2, False)]
    return sized_candidates(Dataset(path=Path("drawn"), categories=CATEGORIES, splits=(split_of("train", 5, marked),)))


def test_the_remedies_of_a_rare_class_by_hand() -> None:
    candidates = five_images()
    selection = Selection(classes=("cat", "cup"), excluded_classes=("dog",))
    found = violation_of(candidates, selection, Constraints(images_per_class=2))
    assert found is not None
    assert found.classes_with_too_few == (("cup", 1),)
    relax, leave_out = found.fixes
    assert (relax.change, relax.constraints.images_per_class) == (Change.RELAX, 1)
    assert (leave_out.change, leave_out.names, leave_out.after.image_count) == (Change.REMOVE, ("cup",), 2)
    allowed = violation_of(candidates, replace(selection, classes=("cat",)), Constraints(images_per_class=3))
    assert allowed is not None
    assert [(each.change, each.names) for each in allowed.fixes] == [(Change.RELAX, ()), (Change.ALLOW, ("dog",))]


def test_classes_with_too_few_images_come_by_their_images_and_not_by_name() -> None:
    candidates = sized_candidates(dataset_with({"cat": 3, "dog": 1}))
    found = violation_of(candidates, Selection(classes=("cat", "dog")), Constraints(images_per_class=5))
    assert found is not None
    assert found.classes_with_too_few == (("dog", 1), ("cat", 3))


def test_of_the_excluded_classes_that_can_be_allowed_again_the_one_that_brings_the_fewest_images_is_named() -> None:
    candidates = sized_candidates(dataset_with({"cat": 3, "cat dog": 3, "cat cup": 2, "cat kite": 4}))
    selection = Selection(classes=("cat",), excluded_classes=("dog", "cup", "kite"))
    found = violation_of(candidates, selection, Constraints(images_per_class=5))
    assert found is not None
    assert [(each.change, each.names, each.after.image_count) for each in found.fixes] == [
        (Change.RELAX, (), 3),
        (Change.ALLOW, ("cup",), 5),
    ]


def test_what_is_too_large_is_made_smaller_by_forbidding_the_class_that_costs_least() -> None:
    found = violation_of(five_images(), Selection(classes=("cat",)), Constraints(size_bytes=4 * PICTURE_BYTES))
    assert found is not None
    assert (found.classes_with_too_few, found.is_too_large) == ((), True)
    relax, forbid = found.fixes
    assert relax.constraints.size_bytes == 5 * PICTURE_BYTES
    assert (forbid.names, forbid.after.image_count) == (("cup",), 4)
