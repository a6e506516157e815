"""What is kept of the pairs between reruns: views, axes, maps and rankings, by dataset and settings."""

from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.charts.bars import MOST_CATEGORIES
from cocomine.charts.heat_map import pair_map
from cocomine.charts.theme import Figure
from cocomine.coco.arrays import Floats
from cocomine.mining.interference.co_occurrence import OF_MASKS, Measure
from cocomine.mining.interference.pair_measure import PairMeasure, mask_measure, pair_measure
from cocomine.mining.interference.ranking import (
    by_cluster,
    by_strength,
    by_supercategory,
    most_frequent,
    notable_pairs,
    ranked_pair_count,
    ranked_pairs,
    strongest_companions,
)
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_dataset
from cocomine.ui.understand.overlap import overlap_of
from cocomine.ui.understand.pair_settings import CLUSTER, STRENGTH, SUPERCATEGORY, Settings

LONGEST_TABLE = 3500
"""Pairs that a table on a page holds, all those of 80 classes among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """Positions of the categories from top to bottom and from left to right, and where groups begin."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    breaks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The strongest pairs, and how many there are in all."""

    pairs: tuple[tuple[int, int], ...]
    pair_count: int


@cached(of_dataset, most=8)  # large with a thousand classes
def measured_pairs(view: View, settings: Settings) -> PairMeasure:
    """Return the measure that is set."""
    table, measure, fewest = view.pairs, settings.measure, settings.fewest_images
    if measure not in OF_MASKS:
        return pair_measure(table, measure, fewest_images=fewest)
    shares = mask_shares(view)[measure]
    return mask_measure(table, measure, shares, is_estimate=settings.is_estimate, fewest_images=fewest)


def mask_shares(view: View) -> dict[Measure, Floats]:
    """Return overlap and contact, from masks or boxes."""
    overlap = overlap_of(view)
    return {Measure.OVERLAP: overlap.overlap, Measure.CONTACT: overlap.contact}


@cached(of_dataset, most=32)
def axes_of(view: View, settings: Settings) -> Axes:
    """Return all categories against all, or the selected ones against the others; of very many only the strongest."""
    if settings.mine:
        every = [view.dataset.category_index_of(name) for name in settings.mine]
        rows = every[:MOST_CATEGORIES]
        others = strongest_companions(measured_pairs(view, settings), every, MOST_CATEGORIES)
        return Axes(rows=tuple(rows), columns=tuple(_ordered(view, settings.order, others)))
    frequent = sorted(most_frequent(view.pairs, MOST_CATEGORIES))
    order = tuple(_ordered(view, settings.order, frequent))
    return Axes(rows=order, columns=order, breaks=_breaks(view, order) if settings.order == SUPERCATEGORY else ())


def _ordered(view: View, order: str, positions: Sequence[int]) -> list[int]:
    table = view.pairs
    if order == CLUSTER:
        return by_cluster(table, positions)
    shown = set(positions)
    groups = [category.supercategory for category in view.dataset.categories]
    return [
        index for index in (by_strength(table) if order == STRENGTH else by_supercategory(groups)) if index in shown
    ]


def _breaks(view: View, order: Sequence[int]) -> tuple[int, ...]:
    """Return before which positions another supercategory begins; none where that is before each or nowhere."""
    groups = [view.dataset.categories[index].supercategory for index in order]
    breaks = [at for at in range(1, len(groups)) if groups[at] != groups[at - 1]]
    return tuple(breaks) if len(breaks) < len(groups) - 1 else ()


@cached(of_dataset, most=16)
def map_of(view: View, settings: Settings, theme: str) -> Figure:
    """Return the heat map of what is set; it is shared, so nobody may change it."""
    axes = axes_of(view, settings)
    measured = measured_pairs(view, settings)
    return pair_map(measured, rows=axes.rows, columns=axes.columns, theme=theme, breaks=axes.breaks)


@cached(of_dataset, most=32)
def hidden_counts(view: View, settings: Settings) -> tuple[int, int, int]:
    """Return how many pairs the map has, how many of them are hatched, and how many are grey."""
    axes, measured = axes_of(view, settings), measured_pairs(view, settings)
    too_few, unknown = measured.gaps(axes.rows, axes.columns)
    pair_count = len(axes.rows) * len(axes.columns) - len({*axes.rows} & {*axes.columns})  # a class is no pair
    half = 2 if not settings.mine and not measured.is_directed else 1
    return pair_count // half, int(too_few.sum()) // half, int(unknown.sum()) // half


@cached(of_dataset, most=32)
def ranking_of(view: View, settings: Settings, name: str | None) -> Ranking:
    """Return the strongest pairs of what is set, or of one class."""
    measured = measured_pairs(view, settings)
    having = _positions(view, settings.mine if name is None else (name,))
    pairs = ranked_pairs(measured, having=having, limit=LONGEST_TABLE)
    return Ranking(pairs=tuple(pairs), pair_count=ranked_pair_count(measured, having=having))


def _positions(view: View, names: Sequence[str]) -> list[int] | None:
    """Return the positions of these classes; without any, None, which stands for all."""
    return [view.dataset.category_index_of(name) for name in names] or None


@cached(of_dataset, most=8)
def notable_of(view: View, fewest_images: int, mine: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return the few pairs to look at first, of all classes or of the selected ones."""
    return notable_pairs(view.pairs, fewest_images=fewest_images, having=_positions(view, mine))
