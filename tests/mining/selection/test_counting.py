"""What is counted before a choice is made is what `select` then gives, whatever was taken out by hand."""

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pytest
from candidates import candidates_of, images_per_class
from drawn_datasets import datasets, limited_selections, selections
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.errors import SelectionError
from cocomine.mining.selection.counting import image_counts_by_mode, images_removed_by_excluding
from cocomine.mining.selection.editing import with_excluded
from cocomine.mining.selection.selection import Mode, Selection, select

OUT = st.sampled_from([(), (("train", 0), ("val", 3)), (("train", 3), ("nowhere", 3))])


@given(dataset=datasets(), selection=selections(), out=OUT)
def test_every_mode_is_counted_as_it_then_selects(
    dataset: Dataset, selection: Selection, out: Collection[ImageKey]
) -> None:
    counts = image_counts_by_mode(candidates_of(dataset, out), selection)
    assert counts == {mode: select(dataset, replace(selection, mode=mode), out).image_count for mode in Mode}


@given(dataset=datasets(), selection=limited_selections(draws=True), out=OUT)
def test_groups_and_limits_are_counted_as_they_then_select(
    dataset: Dataset, selection: Selection, out: Collection[ImageKey]
) -> None:
    candidates = candidates_of(dataset, out, selection=selection)
    subset = select(dataset, selection, out)
    starts = np.cumsum([0, *(len(split.images) for split in dataset.splits)])
    index = [start + part.image_index for start, part in zip(starts, subset.parts, strict=False)]
    assert np.flatnonzero(candidates.drawn(selection)).tolist() == np.concatenate(index).tolist()
    matching = replace(selection, limits=replace(selection.limits, cap=None, balance=None, negatives=0.0))
    by_mode = {mode: select(dataset, replace(matching, mode=mode), out).image_count for mode in Mode}
    assert image_counts_by_mode(candidates, selection) == by_mode


@given(dataset=datasets(), selection=selections(), out=OUT)
def test_the_price_of_a_class_is_what_forbidding_it_loses(
    dataset: Dataset, selection: Selection, out: Collection[ImageKey]
) -> None:
    before = select(dataset, selection, out).image_count
    price = images_removed_by_excluding(candidates_of(dataset, out), selection)
    assert set(price) == set(dataset.category_names) - {*selection.classes, *selection.excluded_classes}
    for name, lost in price.items():
        assert lost == before - select(dataset, with_excluded(selection, [name]), out).image_count


@given(dataset=datasets(), selection=selections(), out=OUT)
def test_the_categories_in_a_subset_s_images_are_those_of_its_images(
    dataset: Dataset, selection: Selection, out: Collection[ImageKey]
) -> None:
    candidates, subset = candidates_of(dataset, out), select(dataset, selection, out)
    assert candidates.presence_in(selection).shape == (subset.image_count, len(dataset.categories))
    found = candidates.presence_in(selection)[:, candidates.index_of(selection.classes)].sum(axis=0)
    assert found.tolist() == list(images_per_class(subset).values())


def test_an_unknown_class_is_an_error_that_offers_the_nearest(four_images: Dataset) -> None:
    for selection in (Selection(classes=("cupp",)), Selection(classes=("cat",), excluded_classes=("cupp",))):
        with pytest.raises(SelectionError, match=r"no category 'cupp' in this dataset. Did you mean cup\?"):
            candidates_of(four_images).images(selection)


def test_a_subset_without_a_class_has_no_images_of_one_and_nothing_dilutes_it(four_images: Dataset) -> None:
    counts = candidates_of(four_images).counts(Selection())
    assert (counts.image_count, counts.fewest_images, counts.dilution) == (0, 0, 0.0)


def test_sizes_are_known_where_every_image_has_one(four_images: Dataset) -> None:
    cats = Selection(classes=("cat",))
    assert candidates_of(four_images, size_bytes=np.array([1, 20, 300, 4000])).counts(cats).size_bytes is not None
    assert candidates_of(four_images, size_bytes=np.array([1, 20, 0, 4000])).counts(cats).size_bytes is None
    assert candidates_of(four_images).counts(cats).size_bytes is None
