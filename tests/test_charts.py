"""Figures say what the tables hold: positions, ranges, order, reference lines, missing values."""

import numpy as np
import plotly.graph_objects as go
import pytest
from conftest import MakeDataset
from records import CAT, CUP, annotation, image

from cocomine.charts import (
    LARGEST_SVG_MAP,
    MIDDLE,
    Curve,
    category_bars,
    curve_chart,
    pair_map,
    ranked_bars,
    share_bars,
)
from cocomine.coco.dataset import Dataset
from cocomine.mining.interference import PairTable, pair_sentence, pair_table
from cocomine.mining.statistics import category_statistics

NAMES = ("a", "b", "c", "d")
ORDERS = [(0, 1, 2, 3), (3, 1, 0, 2), (2, 0)]
COLOURS = {"cat": "#111111", "dog": "#222222", "cup": "#333333"}


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


def test_a_curve_is_drawn_as_it_is_and_a_second_kind_is_dotted() -> None:
    curves = {"solid": Curve(steps=[0, 5], values=[0.1, 0.4]), "other": Curve(steps=[5], values=[1.0], is_dashed=True)}
    solid, other = curve_chart(curves, y_title="IoU").data
    assert (solid.name, list(solid.x), list(solid.y), solid.line.dash) == ("solid", [0, 5], [0.1, 0.4], "solid")
    assert other.line.dash == "dot"


def test_a_floor_is_a_line_with_its_name_at_its_value() -> None:
    figure = curve_chart({}, y_title="IoU", floors={"predict nothing": 0.27})
    (line,), (note,) = figure.layout.shapes, figure.layout.annotations
    assert (line.y0, line.y1, line.line.dash) == (0.27, 0.27, "dash")
    assert (note.y, note.text) == (0.27, "predict nothing")


def test_a_chart_without_floors_has_no_reference_line() -> None:
    assert not curve_chart({"a": Curve(steps=[0], values=[0.0])}, y_title="loss").layout.shapes


def test_a_live_chart_has_its_whole_x_axis_from_the_start() -> None:
    figure = curve_chart({"a": Curve(steps=[0], values=[0.0])}, y_title="IoU", highest=1, last_step=200)
    assert list(figure.layout.xaxis.range) == [0, 204]
    assert list(figure.layout.yaxis.range) == [0, 1]


def test_many_curves_reuse_the_colours_and_none_is_lost() -> None:
    curves = {str(index): Curve(steps=[0], values=[0.0]) for index in range(9)}
    assert [line.name for line in curve_chart(curves, y_title="IoU").data] == list(curves)


def test_ranked_bars_stay_in_the_order_given_from_the_top() -> None:
    figure = ranked_bars({"cup": 1200, "cat": 7}, unit="images", colours=COLOURS)
    (bars,) = figure.data
    assert (list(bars.y), list(bars.text)) == (["cup", "cat"], ["1,200", "7"])
    assert figure.layout.yaxis.autorange == "reversed"


def test_a_share_that_is_not_known_says_so_and_has_no_bar() -> None:
    (bars,) = share_bars({"cat": 0.256, "cup": None, "dog": 0.0}, title="IoU", colours=COLOURS).data
    assert list(bars.text) == ["25.6%", "no pixels to judge", "0.0%"]
    assert list(bars.x) == [0.256, 0, 0]


def test_share_bars_run_from_0_to_100_percent() -> None:
    axis = share_bars({"cat": 0.01}, title="IoU", colours=COLOURS).layout.xaxis
    assert axis.range[0] == 0
    assert axis.range[1] >= 1
