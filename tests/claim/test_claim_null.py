"""The bench that compares runs of one arm looks at all of their comparisons, and counts what would be claimed."""

from itertools import combinations

import numpy as np
from scipy.stats import ttest_ind

from benchmarks.claim_null import is_claimed, is_claimed_by_images, null_differences, summary
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts

IMAGES, TRUE_PX = 21, 100
SCORES = [60, 61, 59, 63, 62, 58, 57, 65]


def runs(right_px: list[int]) -> ArmCounts:
    """Each finds so many pixels of an object, one or two more or fewer by the image, and nothing else."""
    right = np.array(right_px)[:, None, None] + (np.arange(IMAGES) % 3 - 1)[None, :, None]
    true = np.full((IMAGES, 1), TRUE_PX)
    return ArmCounts(
        arm=ArmName.SELECTED, steps=150, seeds=tuple(range(len(right_px))), right=right, predicted=right, true=true
    )


def test_every_three_runs_are_compared_with_every_other_three() -> None:
    found = null_differences(runs(SCORES), np.ones(IMAGES, dtype=bool))
    assert len(found) == 280
    assert {each.seed_count for each in found} == {3}
    assert {each.image_count for each in found} == {IMAGES}


def test_what_images_alone_would_claim_is_not_claimed() -> None:
    """All images are alike, so only the seeds tell how much is chance, as in Student's test of the scores."""
    counts, images = runs(SCORES), np.ones(IMAGES, dtype=bool)
    found = null_differences(counts, images)
    threes = list(combinations(range(len(SCORES)), 3))
    pairs = [(one, other) for one, other in combinations(threes, 2) if not set(one) & set(other)]
    scores = [[[SCORES[run] for run in runs_of] for runs_of in pair] for pair in pairs]
    assert [is_claimed(each) for each in found] == [bool(ttest_ind(*pair).pvalue < 0.05) for pair in scores]
    claimed, by_images = (sum(map(rule, found)) for rule in (is_claimed, is_claimed_by_images))
    assert 0 < claimed < by_images
    assert f"of 280 comparisons of 3 with 3 others {claimed} would be claimed" in summary(counts, images)


def test_only_the_images_that_count_are_compared() -> None:
    few = np.arange(IMAGES) < 9
    assert {each.image_count for each in null_differences(runs(SCORES), few)} == {9}
