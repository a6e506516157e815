"""UpSet bars say what the table holds: heights, dots, sentences, names as they are."""

from collections.abc import Sequence

import plotly.graph_objects as go
import pytest

from cocomine.charts.combinations import LEAST_PLACES, LONGEST_NAME, MOST_BARS, combination_bars
from cocomine.charts.theme import UNKNOWN
from cocomine.mining.selection.combinations import Combination, CombinationTable, combination_sentence

COLOURS = {"cat": "#111111", "dog": "#222222", "cup": "#333333"}


def table_of(*found: tuple[Sequence[str], int], classes: tuple[str, ...] = ("cat", "dog", "cup")) -> CombinationTable:
    combinations = tuple(Combination(classes=tuple(names), image_count=count) for names, count in found)
    counts = tuple(sum(each.image_count for each in combinations if name in each.classes) for name in classes)
    return CombinationTable(classes=classes, image_counts=counts, left_out=(), combinations=combinations)


TABLE = table_of((("cat",), 1200), (("cat", "cup"), 80), (("dog",), 3))


def figure_of(table: CombinationTable, theme: str = "light") -> go.Figure:
    names = dict.fromkeys(table.classes, "#123456")
    return combination_bars(table, colours=names | COLOURS, theme=theme)


def dots(figure: go.Figure) -> go.Scatter:
    return figure.data[-1]


def test_a_bar_is_as_high_as_its_images_and_says_how_many() -> None:
    bars = figure_of(TABLE).data[0]
    assert (list(bars.y), list(bars.text)) == ([1200, 80, 3], ["1,200", "80", "3"])
    assert list(bars.customdata) == [combination_sentence(each, TABLE) for each in TABLE.combinations]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dot_has_its_class_s_colour_where_the_class_is_in_the_combination(theme: str) -> None:
    shown = dots(figure_of(TABLE, theme))
    for x, y, colour in zip(shown.x, shown.y, shown.marker.color, strict=True):
        name = TABLE.classes[y]
        assert colour == (COLOURS[name] if name in TABLE.combinations[x].classes else UNKNOWN[theme])


def test_a_dot_tells_the_sentence_of_its_bar() -> None:
    figure = figure_of(TABLE)
    shown, sentences = dots(figure), figure.data[0].customdata
    assert all(told == sentences[x] for x, told in zip(shown.x, shown.customdata, strict=True))


def test_a_line_joins_the_dots_of_a_combination() -> None:
    line = figure_of(TABLE).data[1]
    assert (list(line.x), list(line.y)) == ([1, 1, None], [0, 2, None])


def test_classes_that_never_meet_have_no_line() -> None:
    assert len(figure_of(table_of((("cat",), 2), (("dog",), 1))).data) == 2


def test_every_row_names_its_class_with_its_images() -> None:
    axis = figure_of(TABLE).layout.yaxis2
    assert list(axis.ticktext) == ["cat · 1,280", "dog · 3", "cup · 80"]
    assert list(axis.range) == [2.5, -0.5]


def test_only_so_many_bars_are_drawn() -> None:
    names = [f"c{index}" for index in range(MOST_BARS + 5)]
    table = table_of(*(((name,), 100 - at) for at, name in enumerate(names)), classes=tuple(names))
    assert list(figure_of(table).data[0].y) == list(range(100, 100 - MOST_BARS, -1))


def test_few_bars_stay_slim() -> None:
    assert list(figure_of(TABLE).layout.xaxis.range) == [-0.6, LEAST_PLACES - 0.4]


@pytest.mark.parametrize(("bars", "angle"), [(2, 0), (15, -90)])
def test_numbers_that_would_run_into_each_other_are_turned(bars: int, angle: int) -> None:
    names = tuple(f"c{index}" for index in range(bars))
    table = table_of(*(((name,), 12_345) for name in names), classes=names)
    assert figure_of(table).data[0].textangle == angle


def test_names_are_shown_as_they_are_and_long_ones_shortened() -> None:
    table = table_of((("<b>cat</b>", "x" * 200), 5), classes=("<b>cat</b>", "x" * 200))
    figure = figure_of(table)
    told = figure.layout.yaxis2.ticktext
    assert told[0] == "&lt;b&gt;cat&lt;/b&gt; · 5"
    assert told[1] == f"{'x' * 11}…{'x' * (LONGEST_NAME - 12)} · 5"
    assert "<b>" not in figure.data[0].customdata[0]
