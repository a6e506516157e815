"""What is kept of cases, piece by piece, gives the finding that all of them give."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.dataset import Dataset
from cocomine.coco.findings import EXAMPLE_COUNT, IMAGE_COUNT, finding
from cocomine.coco.integrity.first_cases import FirstCases

CODE = "crowd_region"


@given(st.data())
def test_the_finding_is_that_of_all_cases(four_images: Dataset, data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 90))
    image_count = data.draw(st.integers(1, 40))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    image_index = rng.integers(image_count, size=size)
    is_case = rng.random(size) < data.draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    (whole,) = four_images.splits
    split = replace(
        whole,
        images=replace(whole.images, ids=rng.permutation(1000)[:image_count]),
        annotations=replace(whole.annotations, ids=rng.integers(10**6, size=size), image_index=image_index),
    )
    borders = [0, *sorted(data.draw(st.lists(st.integers(0, size), max_size=8))), size]
    cases = FirstCases()
    for start, stop in pairwise(borders):
        cases = cases.followed_by(is_case[start:stop], image_index[start:stop], start)
    at = np.flatnonzero(is_case)
    images = split.images.ids[image_index[at]]
    assert cases.found(CODE, split) == finding(CODE, split.name, split.annotations.ids[at], images=images)


def test_what_is_kept_does_not_grow_with_the_cases() -> None:
    cases, image_index = FirstCases(), np.arange(1000) // 10
    for start in range(0, 100_000, 1000):
        cases = cases.followed_by(np.ones(1000, dtype=bool), image_index, start)
    assert cases.count == 100_000
    assert len(cases.positions) <= EXAMPLE_COUNT + IMAGE_COUNT
