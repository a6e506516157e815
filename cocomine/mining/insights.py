"""What should a person know first about a dataset? A few computed sentences, each with what it is about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.mining.interference.ranking import strongest_pairs
from cocomine.mining.interference.sentences import notable_sentence
from cocomine.mining.statistics.categories import USUAL_INPUT_PX, CategoryStatistics
from cocomine.wording import counted, join_names, percent

CLEARLY_UNEQUAL = 2.0
"""Objects of the largest class, divided by those of the smallest, from which classes are called imbalanced."""
MOST_NAMED = 3
"""Classes with equally many images; more are only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insight:
    """A true sentence about a dataset.

    Attributes:
        sentence: with its numbers.
        pair: positions of the two categories that it is about; of a single category, twice the same.
    """

    sentence: str
    pair: tuple[int, int]


def insights(statistics: Sequence[CategoryStatistics], pairs: PairTable, *, fewest_images: int) -> list[Insight]:
    """Return what stands out: the largest class, imbalance, the strongest association, a pair apart, tiny objects.

    Args:
        statistics: of every category; at least one.
        pairs: of the same categories.
        fewest_images: pairs with fewer, of which chance would give fewer as well, are passed over.
    """
    found = [
        _largest(statistics, pairs.image_count),
        _imbalance(statistics),
        _association(pairs, fewest_images),
        _never_together(pairs),
        _tiny_objects(statistics),
    ]
    return [insight for insight in found if insight is not None]


def _largest(statistics: Sequence[CategoryStatistics], image_count: int) -> Insight | None:
    most = max(category.image_count for category in statistics)
    if not most:
        return None
    largest = [index for index, category in enumerate(statistics) if category.image_count == most]
    names, pair = [statistics[index].name for index in largest], (largest[0], largest[0])
    images = f"{counted(most, 'image')} ({percent(most / image_count)})"
    if len(largest) == 1:
        objects = counted(statistics[largest[0]].instance_count, "object")
        return Insight(sentence=f"{names[0]} is the most frequent class: {images}, {objects}.", pair=pair)
    if len(largest) <= MOST_NAMED:
        return Insight(sentence=f"{join_names(names)} are the most frequent classes: {images} each.", pair=pair)
    return Insight(sentence=f"{len(largest):,} classes are the most frequent: {images} each.", pair=pair)


def _imbalance(statistics: Sequence[CategoryStatistics]) -> Insight | None:
    ranked = sorted(
        (index for index, category in enumerate(statistics) if category.instance_count),
        key=lambda index: statistics[index].instance_count,
    )
    if len(ranked) < 2:
        return None
    least, most = statistics[ranked[0]], statistics[ranked[-1]]
    ratio, empty_count = most.instance_count / least.instance_count, len(statistics) - len(ranked)
    empty = f"; {counted(empty_count, 'class')} without objects" if empty_count else ""
    least_words = f"{least.instance_count:,} to " if least.instance_count < most.instance_count else ""
    sentence = f"Classes are balanced: {least_words}{counted(most.instance_count, 'object')} each{empty}."
    if ratio >= CLEARLY_UNEQUAL:
        amounts = f"{most.name} has {most.instance_count:,} objects, {least.name} {least.instance_count:,}"
        sentence = f"Classes are imbalanced: {amounts} ({ratio:,.0f} : 1){empty}."
    return Insight(sentence=sentence, pair=(ranked[0], ranked[0]))


def _association(pairs: PairTable, fewest_images: int) -> Insight | None:
    ranked = strongest_pairs(pairs, fewest_images=fewest_images)
    lift = pairs.cautious_lift  # of all pairs, computed each time that it is asked for
    strongest = next((pair for pair in ranked if lift[pair] > 1), None)
    return None if strongest is None else Insight(sentence=notable_sentence(pairs, *strongest), pair=strongest)


def _never_together(pairs: PairTable) -> Insight | None:
    """Return the pair without a common image of which chance would give most, see `keeps_apart`."""
    is_apart = np.triu(pairs.keeps_apart, k=1)
    if not is_apart.any():
        return None
    first, second = np.unravel_index(np.where(is_apart, pairs.expected, 0.0).argmax(), is_apart.shape)
    pair = (int(first), int(second))
    return Insight(sentence=notable_sentence(pairs, *pair), pair=pair)


def _tiny_objects(statistics: Sequence[CategoryStatistics]) -> Insight | None:
    """Return of which class most objects are smaller than one pixel of the usual input."""
    counts = [category.vanishing_share_at_128 * category.instance_count for category in statistics]
    most = max(range(len(counts)), key=counts.__getitem__)
    if not counts[most]:
        return None
    category = statistics[most]
    objects = f"{percent(category.vanishing_share_at_128)} of the {counted(category.instance_count, 'object')}"
    size = f"{USUAL_INPUT_PX} × {USUAL_INPUT_PX} px"
    return Insight(sentence=f"{objects} of {category.name} are smaller than 1 px at {size}.", pair=(most, most))
