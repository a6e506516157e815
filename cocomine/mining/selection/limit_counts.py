"""What does each limit of a selection remove, and what does it add, in numbers?

In the order in which they work: objects are left out, images that have the classes in these alone go, caps and balance
take images, negatives are added.
"""

from dataclasses import dataclass, replace

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.image_sampling import negative_count
from cocomine.mining.selection.limits import Crowd, Limits, is_left_out
from cocomine.mining.selection.selection import Selection, Subset, select
from cocomine.wording import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCounts:
    """A selection's limits in numbers.

    Attributes:
        object_count: objects of the selected classes that match without limits.
        small_count: those of them that are too small.
        crowd_count: crowd regions of the selected classes that match without limits.
        left_out_crowd_count: those of them that are left out.
        lost_image_count: images that match no more, as all their objects of the classes are left out.
        matching_count: images that match then.
        capped_count: those of them that caps and balance take.
        negative_count: images without the classes that are added.
        wanted_negative_count: how many there would have to be for the share that was asked for.
    """

    object_count: int
    small_count: int
    crowd_count: int
    left_out_crowd_count: int
    lost_image_count: int
    matching_count: int
    capped_count: int
    negative_count: int
    wanted_negative_count: int


def limit_counts(candidates: CandidateImages, selection: Selection) -> LimitCounts:
    """Return what the limits of a selection remove and add.

    Args:
        candidates: with what these limits leave out.
    """
    limits = selection.limits
    unlimited = select(candidates.dataset, replace(selection, limits=Limits()), candidates.excluded)
    matching = candidates.images(selection)
    positive = candidates.drawn(replace(selection, limits=replace(limits, negatives=0.0)))
    drawn = candidates.drawn(selection)
    small, crowd = (_left_out(unlimited, each) for each in (replace(limits, crowd=Crowd.KEEP), _crowd_alone(limits)))
    return LimitCounts(
        object_count=unlimited.instance_count,
        small_count=small,
        crowd_count=_left_out(unlimited, Limits(crowd=Crowd.IGNORE)),
        left_out_crowd_count=crowd,
        lost_image_count=unlimited.image_count - int(np.count_nonzero(matching)),
        matching_count=int(np.count_nonzero(matching)),
        capped_count=int(np.count_nonzero(matching & ~positive)),
        negative_count=int(np.count_nonzero(drawn & ~positive)),
        wanted_negative_count=_wanted(candidates, positive, limits),
    )


def _crowd_alone(limits: Limits) -> Limits:
    return Limits(crowd=limits.crowd)


def _left_out(subset: Subset, limits: Limits) -> int:
    """Return how many annotations of the selected classes limits leave out of a subset."""
    selected = [subset.dataset.category_index_of(name) for name in subset.selection.classes]
    count = 0
    for part in subset.parts:
        index = part.annotation_index
        of_classes = index[np.isin(part.split.annotations.category_index[index], selected)]
        count += int(np.count_nonzero(is_left_out(part.split, limits)[of_classes]))
    return count


def _wanted(candidates: CandidateImages, positive: "np.ndarray[tuple[int], np.dtype[np.bool_]]", limits: Limits) -> int:
    sizes: Ints = np.array([len(split.images) for split in candidates.dataset.splits], dtype=np.int64)
    parts = np.split(positive, np.cumsum(sizes)[:-1]) if len(sizes) else []
    return sum(negative_count(int(np.count_nonzero(part)), limits.negatives) for part in parts)


def limit_count_sentences(counts: LimitCounts, limits: Limits) -> list[str]:
    """Return what each limit that is set removes or adds."""
    sentences = []
    if limits.min_area_px:
        sentences.append(f"Minimum area: {_of(counts.small_count, counts.object_count, 'object')} left out.")
    if limits.crowd is Crowd.IGNORE:
        sentences.append(f"Crowd: {_of(counts.left_out_crowd_count, counts.crowd_count, 'crowd region')} left out.")
    if counts.lost_image_count:
        has = "has" if counts.lost_image_count == 1 else "have"
        sentences.append(f"{counted(counts.lost_image_count, 'image')} {has} no other object of the classes.")
    if limits.has_caps:
        what = "Maximum and balance" if limits.cap and limits.balance else "Maximum" if limits.cap else "Balance"
        sentences.append(f"{what}: {_of(counts.capped_count, counts.matching_count, 'image')} left out.")
    if limits.negatives:
        missing = counts.negative_count < counts.wanted_negative_count
        few = f" of {counts.wanted_negative_count:,}: there are no more" if missing else ""
        sentences.append(f"Negatives: {counted(counts.negative_count, 'image')} added{few}.")
    return sentences


def _of(count: int, total: int, thing: str) -> str:
    return f"{count:,} of {counted(total, thing)}"
