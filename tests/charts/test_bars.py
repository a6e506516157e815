"""Bars say what the tables hold: order, colours, missing values."""

import pytest
from datasets import MakeDataset
from records import CAT, CUP, annotation, category, image

from cocomine.charts.bars import category_bars, ranked_bars
from cocomine.coco.dataset import Dataset
from cocomine.mining.statistics.categories import category_statistics

COLOURS = {"cat": "#111111", "dog": "#222222", "cup": "#333333"}


@pytest.mark.parametrize(
    ("by", "names", "values"),
    [("image_count", ["cat", "cup", "dog"], [2, 2, 1]), ("instance_count", ["cup", "cat", "dog"], [3, 2, 0])],
)
def test_category_bars_are_ranked_by_what_they_count(
    four_images: Dataset, by: str, names: list[str], values: list[int]
) -> None:
    (bars,) = category_bars(category_statistics(four_images), by=by, colours=COLOURS).data
    assert (list(bars.x), list(bars.y)) == (names, values)


def test_a_bar_keeps_its_category_s_colour_when_the_order_changes(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CUP), annotation(2, 1, CUP), annotation(3, 1, CAT)])
    (bars,) = category_bars(category_statistics(dataset), by="instance_count", colours=COLOURS).data
    assert list(bars.marker.color) == [COLOURS[name] for name in bars.x]


def test_ranked_bars_stay_in_the_order_given_from_the_top() -> None:
    figure = ranked_bars({"cup": 1200, "cat": 7}, unit="images", colours=COLOURS)
    (bars,) = figure.data
    assert (list(bars.y), list(bars.text)) == (["cup", "cat"], ["1,200", "7"])
    assert figure.layout.yaxis.autorange == "reversed"


def test_long_names_are_cut_under_their_bars_and_stay_whole_in_the_hover(make_dataset: MakeDataset) -> None:
    name = "<b>monitor</b> (computer equipment)"
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], [category(CAT, name)])
    figure = category_bars(category_statistics(dataset), by="image_count", colours={name: "#111111"})
    assert figure.layout.xaxis.ticktext == ("&lt;b&gt;monitor&lt;/…equipment)",)
    assert list(figure.data[0].x) == [name]


@pytest.mark.parametrize(("count", "step"), [(0, 1), (4, 1), (5, None), (4000, None)])
def test_few_things_are_counted_in_whole_numbers(count: int, step: int | None) -> None:
    assert ranked_bars({"cat": count}, unit="images", colours=COLOURS).layout.xaxis.dtick == step
