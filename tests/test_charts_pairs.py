"""The map of pairs says what the table holds: positions, ranges, order, colours."""

import numpy as np
import plotly.graph_objects as go
import pytest

from cocomine.charts.look import MIDDLE, UNKNOWN
from cocomine.charts.pairs import LARGEST_SVG_MAP, pair_map
from cocomine.mining.interference import PairTable, pair_table
from cocomine.mining.pair_words import pair_sentence

NAMES = ("a", "b", "c", "d")
ORDERS = [(0, 1, 2, 3), (3, 1, 0, 2), (2, 0)]


def table_of(seed: int = 0, names: tuple[str, ...] = NAMES) -> PairTable:
    return pair_table(np.random.default_rng(seed).random((200, len(names))) < 0.4, names)


def cells(figure: go.Figure) -> go.Heatmap:
    return figure.data[0]


def markers(figure: go.Figure) -> go.Scatter:
    return figure.data[1]


@pytest.mark.parametrize("order", ORDERS)
def test_a_marker_carries_the_positions_of_the_pair_it_lies_on(order: tuple[int, ...]) -> None:
    figure = pair_map(table_of(), measure="lift", order=order, theme="light")
    shown = markers(figure)
    assert len(shown.x) == len(order) ** 2
    for x, y, pair in zip(shown.x, shown.y, shown.customdata, strict=True):
        assert tuple(pair) == (order[y], order[x])


@pytest.mark.parametrize("order", ORDERS)
def test_a_marker_tells_its_pair_in_a_sentence(order: tuple[int, ...]) -> None:
    table = table_of()
    shown = markers(pair_map(table, measure="lift", order=order, theme="light"))
    assert list(shown.text) == [pair_sentence(table, *pair) for pair in shown.customdata]


@pytest.mark.parametrize("order", ORDERS)
def test_both_axes_name_the_categories_in_the_order_asked_for(order: tuple[int, ...]) -> None:
    figure = pair_map(table_of(), measure="lift", order=order, theme="light")
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        assert list(axis.ticktext) == [NAMES[index] for index in order]
        assert list(axis.tickvals) == list(range(len(order)))


@pytest.mark.parametrize("order", ORDERS)
def test_the_ranges_end_at_the_outer_cells_with_the_first_row_on_top(order: tuple[int, ...]) -> None:
    layout = pair_map(table_of(), measure="lift", order=order, theme="light").layout
    assert list(layout.xaxis.range) == [-0.5, len(order) - 0.5]
    assert list(layout.yaxis.range) == [len(order) - 0.5, -0.5]


@pytest.mark.parametrize("order", ORDERS)
def test_a_cell_of_lift_is_the_cautious_lift_of_its_pair(order: tuple[int, ...]) -> None:
    table = table_of()
    values = np.array(cells(pair_map(table, measure="lift", order=order, theme="light")).z, dtype=float)
    off_diagonal = ~np.eye(len(order), dtype=bool)
    expected = np.log2(table.cautious_lift[np.ix_(order, order)])
    np.testing.assert_allclose(values[off_diagonal], expected[off_diagonal])


@pytest.mark.parametrize("measure", ["lift", "counts"])
def test_the_diagonal_is_left_out(measure: str) -> None:
    values = np.array(cells(pair_map(table_of(), measure=measure, order=range(4), theme="light")).z, dtype=float)
    np.testing.assert_array_equal(np.isnan(values), np.eye(4, dtype=bool))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chance_has_the_neutral_colour_in_the_middle_of_the_scale(theme: str) -> None:
    map_of_lift = cells(pair_map(table_of(), measure="lift", order=range(4), theme=theme))
    assert map_of_lift.zmin + map_of_lift.zmax == 0  # log2 of lift 1
    assert dict(map_of_lift.colorscale)[0.5] == MIDDLE[theme]


def test_lift_beyond_16_is_drawn_as_16() -> None:
    matrix = np.zeros((4000, 2), dtype=bool)
    matrix[:40] = True
    shown = cells(pair_map(pair_table(matrix, ("a", "b")), measure="lift", order=(0, 1), theme="light"))
    assert (shown.z[0][1], shown.zmax) == (4, 4)


def test_counts_run_from_none_to_the_largest_pair() -> None:
    table = table_of()
    shown = cells(pair_map(table, measure="counts", order=range(4), theme="light"))
    largest = (table.counts - np.diag(table.counts.diagonal())).max()
    assert shown.zmax == pytest.approx(np.log10(largest))
    assert shown.colorbar.ticktext[-1] == f"{largest:,}"


@pytest.mark.parametrize("measure", ["lift", "counts"])
def test_a_single_category_has_a_map_of_one_empty_cell(measure: str) -> None:
    figure = pair_map(table_of(names=("a",)), measure=measure, order=(0,), theme="light")
    assert np.isnan(cells(figure).z[0][0])


def test_a_large_map_draws_its_markers_by_webgl() -> None:
    size = int(LARGEST_SVG_MAP**0.5) + 1
    table = table_of(names=tuple(f"c{index}" for index in range(size)))
    kinds = [markers(pair_map(table, measure="lift", order=range(n), theme="light")).type for n in (size - 1, size)]
    assert kinds == ["scatter", "scattergl"]


@pytest.mark.parametrize("measure", ["lift", "counts"])
def test_a_map_of_which_all_can_be_told_has_no_grey_cell(measure: str) -> None:
    assert len(pair_map(table_of(), measure=measure, order=range(4), theme="light").data) == 2


@pytest.mark.parametrize(("measure", "order"), [("lift", (2, 0, 1)), ("counts", (2, 0, 1)), ("counts", (1, 0, 2))])
def test_a_pair_that_no_image_was_looked_at_for_is_grey(measure: str, order: tuple[int, ...]) -> None:
    signs = np.array([list(image) for image in ("++?", "+-?", "-+?", "?++")])  # a and c were never looked for together
    table = pair_table(signs == "+", ("a", "b", "c"), checked=signs != "?")
    figure = pair_map(table, measure=measure, order=order, theme="dark")
    shown, _, grey = figure.data
    expected = [[{row, column} == {0, 2} for column in order] for row in order]
    np.testing.assert_array_equal(grey.z == 0, expected)
    np.testing.assert_array_equal(np.isnan(shown.z), expected | np.eye(3, dtype=bool))
    assert {colour for _, colour in grey.colorscale} == {UNKNOWN["dark"]}


def test_a_class_that_never_occurs_cannot_be_compared_but_counted() -> None:
    table = pair_table(np.array([[1, 1, 0], [1, 0, 0]], dtype=bool), ("a", "b", "c"))
    grey = pair_map(table, measure="lift", order=range(3), theme="light").data[2]
    np.testing.assert_array_equal(grey.z == 0, [[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    assert len(pair_map(table, measure="counts", order=range(3), theme="light").data) == 2


@pytest.mark.parametrize("measure", ["lift", "counts"])
def test_without_an_image_nothing_can_be_told(measure: str) -> None:
    table = pair_table(np.zeros((0, 2), dtype=bool), ("a", "b"))
    np.testing.assert_array_equal(
        pair_map(table, measure=measure, order=(0, 1), theme="light").data[2].z == 0, [[0, 1], [1, 0]]
    )
