"""The map of pairs says what the table holds: positions, ranges, order, colours."""

import re
from urllib.parse import unquote

import numpy as np
import plotly.graph_objects as go
import pytest

from cocomine.charts.heat_map import LONGEST_LINE, pair_map, pair_of_marker
from cocomine.charts.map_layout import LONGEST_LABEL
from cocomine.charts.theme import MIDDLE, UNKNOWN
from cocomine.mining.interference.co_occurrence import Measure, PairTable, pair_table
from cocomine.mining.interference.pair_measure import PairMeasure, mask_measure, pair_measure
from cocomine.mining.interference.sentences import measure_sentence

NAMES = ("a", "b", "c", "d")
AXES = [
    ((0, 1, 2, 3), (0, 1, 2, 3)),
    ((3, 1, 0, 2), (3, 1, 0, 2)),
    ((2, 0), (2, 0)),
    ((2, 0), (1, 3)),
    ((1,), (3, 0, 2)),
]
SHARES = (Measure.CONDITIONAL, Measure.JACCARD, Measure.OVERLAP, Measure.CONTACT)


def table_of(seed: int = 0, names: tuple[str, ...] = NAMES) -> PairTable:
    return pair_table(np.random.default_rng(seed).random((200, len(names))) < 0.4, names)


def view_of(measure: Measure = Measure.LIFT, table: PairTable | None = None, *, fewest_images: int = 0) -> PairMeasure:
    table = table or table_of()
    if measure in {Measure.OVERLAP, Measure.CONTACT}:
        shares = np.random.default_rng(1).random((len(table.names), len(table.names)))
        return mask_measure(table, measure, shares, is_estimate=False, fewest_images=fewest_images)
    return pair_measure(table, measure, fewest_images=fewest_images)


def whole_map(view: PairMeasure, theme: str = "light") -> go.Figure:
    positions = range(len(view.table.names))
    return pair_map(view, rows=positions, columns=positions, theme=theme)


def cells(figure: go.Figure) -> go.Heatmap:
    return figure.data[0]


def markers(figure: go.Figure) -> go.Scatter:
    return figure.data[1]


@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_a_marker_carries_the_positions_of_the_pair_it_lies_on(rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    shown = markers(pair_map(view_of(), rows=rows, columns=columns, theme="light"))
    assert len(shown.x) == len(rows) * len(columns)
    for x, y, number in zip(shown.x, shown.y, shown.customdata.tolist(), strict=True):
        assert pair_of_marker(number, len(NAMES)) == (rows[y], columns[x])


@pytest.mark.parametrize("measure", list(Measure))
@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_a_marker_tells_its_pair_in_a_sentence_of_the_measure(
    measure: Measure, rows: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    view = view_of(measure)
    shown = markers(pair_map(view, rows=rows, columns=columns, theme="light"))
    assert list(shown.text) == [
        measure_sentence(view, *pair_of_marker(number, len(NAMES))) for number in shown.customdata.tolist()
    ]


@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_the_axes_name_the_categories_in_the_order_asked_for(rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    layout = pair_map(view_of(), rows=rows, columns=columns, theme="light").layout
    for axis, positions in ((layout.xaxis, columns), (layout.yaxis, rows)):
        assert list(axis.ticktext) == [NAMES[index] for index in positions]
        assert list(axis.tickvals) == list(range(len(positions)))


@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_the_ranges_end_at_the_outer_cells_with_the_first_row_on_top(
    rows: tuple[int, ...], columns: tuple[int, ...]
) -> None:
    layout = pair_map(view_of(), rows=rows, columns=columns, theme="light").layout
    assert list(layout.xaxis.range) == [-0.5, len(columns) - 0.5]
    assert list(layout.yaxis.range) == [len(rows) - 0.5, -0.5]


def test_the_nearest_marker_takes_a_click_however_large_the_cell() -> None:
    figure = whole_map(view_of())
    assert figure.layout.hoverdistance == -1
    assert markers(figure).marker.size < 6  # a cell of the largest map is wider


@pytest.mark.parametrize(("rows", "columns"), AXES)
def test_a_cell_of_lift_is_the_cautious_lift_of_its_pair(rows: tuple[int, ...], columns: tuple[int, ...]) -> None:
    view = view_of()
    values = np.array(cells(pair_map(view, rows=rows, columns=columns, theme="light")).z, dtype=np.float64)
    is_pair = np.not_equal.outer(np.array(rows), np.array(columns))
    expected = np.log2(view.table.cautious_lift[np.ix_(rows, columns)])
    np.testing.assert_allclose(values[is_pair], expected[is_pair])


@pytest.mark.parametrize("measure", SHARES)
def test_a_share_is_coloured_by_its_root_from_none_to_the_largest(measure: Measure) -> None:
    view = view_of(measure)
    shown = cells(whole_map(view))
    is_pair = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(np.array(shown.z, dtype=np.float64)[is_pair] ** 2, view.values[is_pair])
    assert (shown.zmin, shown.zmax) == (0, np.nanmax(np.sqrt(view.shown)))
    assert dict(shown.colorscale)[0] == MIDDLE["light"]
    assert shown.colorbar.ticktext[0] == "none"


@pytest.mark.parametrize("measure", list(Measure))
def test_the_diagonal_is_left_out(measure: Measure) -> None:
    values = np.array(cells(whole_map(view_of(measure))).z, dtype=np.float64)
    np.testing.assert_array_equal(np.isnan(values), np.eye(4, dtype=bool))


@pytest.mark.parametrize("measure", [Measure.LIFT, Measure.NPMI])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_chance_has_the_neutral_colour_in_the_middle_of_the_scale(measure: Measure, theme: str) -> None:
    shown = cells(whole_map(view_of(measure), theme))
    assert shown.zmin + shown.zmax == 0  # log2 of lift 1, and NPMI 0
    assert dict(shown.colorscale)[0.5] == MIDDLE[theme]


def test_lift_beyond_16_is_drawn_as_16() -> None:
    matrix = np.zeros((4000, 2), dtype=bool)
    matrix[:40] = True
    shown = cells(whole_map(view_of(table=pair_table(matrix, ("a", "b")))))
    assert (shown.z[0][1], shown.zmax) == (4, 4)


def test_counts_run_from_none_to_the_largest_pair() -> None:
    table = table_of()
    shown = cells(whole_map(view_of(Measure.COUNTS, table)))
    largest = (table.counts - np.diag(table.counts.diagonal())).max()
    assert shown.zmax == pytest.approx(np.log10(largest))
    assert shown.colorbar.ticktext[-1] == f"{largest:,}"


@pytest.mark.parametrize("measure", list(Measure))
def test_a_single_category_has_a_map_of_one_empty_cell(measure: Measure) -> None:
    figure = whole_map(view_of(measure, table_of(names=("a",))))
    assert np.isnan(cells(figure).z[0][0])
    assert len(figure.data) == 2


def test_of_the_markers_one_is_drawn_and_no_map_needs_webgl() -> None:
    view = view_of(table=table_of(names=tuple(f"c{index}" for index in range(80))))
    found = markers(pair_map(view, rows=range(80), columns=range(80), theme="light"))
    assert (found.type, found.marker.maxdisplayed, len(found.x)) == ("scatter", 1, 6400)


# What cannot be told, and what there is too little of


@pytest.mark.parametrize("measure", list(Measure))
def test_a_map_of_which_all_can_be_told_has_no_grey_and_no_hatched_cell(measure: Measure) -> None:
    figure = whole_map(view_of(measure))
    assert (len(figure.data), len(figure.layout.images)) == (2, 0)


@pytest.mark.parametrize("measure", [Measure.LIFT, Measure.COUNTS, Measure.CONDITIONAL, Measure.JACCARD, Measure.NPMI])
@pytest.mark.parametrize("order", [(2, 0, 1), (1, 0, 2)])
def test_a_pair_that_no_image_was_looked_at_for_is_grey(measure: Measure, order: tuple[int, ...]) -> None:
    signs = np.array([list(image) for image in ("++?", "+-?", "-+?", "?++")])  # a and c were never looked for together
    table = pair_table(signs == "+", ("a", "b", "c"), examined=signs != "?")
    figure = pair_map(view_of(measure, table), rows=order, columns=order, theme="dark")
    shown, _, grey = figure.data
    expected = [[{row, column} == {0, 2} for column in order] for row in order]
    np.testing.assert_array_equal(grey.z == 0, expected)
    np.testing.assert_array_equal(np.isnan(shown.z), expected | np.eye(3, dtype=bool))
    assert {colour for _, colour in grey.colorscale} == {UNKNOWN["dark"]}


def test_a_class_that_never_occurs_cannot_be_compared_but_counted() -> None:
    table = pair_table(np.array([[1, 1, 0], [1, 0, 0]], dtype=bool), ("a", "b", "c"))
    np.testing.assert_array_equal(whole_map(view_of(table=table)).data[2].z == 0, [[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    assert len(whole_map(view_of(Measure.COUNTS, table)).data) == 2


@pytest.mark.parametrize("measure", [Measure.LIFT, Measure.COUNTS, Measure.NPMI])
def test_without_an_image_nothing_can_be_told(measure: Measure) -> None:
    table = pair_table(np.zeros((0, 2), dtype=bool), ("a", "b"))
    np.testing.assert_array_equal(whole_map(view_of(measure, table)).data[2].z == 0, [[0, 1], [1, 0]])


def three_of_which_one_is_rare() -> PairTable:
    matrix = np.zeros((100, 3), dtype=bool)
    matrix[:60, 0] = matrix[40:, 1] = matrix[:2, 2] = True
    return pair_table(matrix, ("a", "b", "rare"))


def test_pairs_with_too_few_images_are_hatched_and_not_coloured() -> None:
    figure = pair_map(
        view_of(table=three_of_which_one_is_rare(), fewest_images=5), rows=(0, 1, 2), columns=(0, 1, 2), theme="light"
    )
    blank = [[1, 0, 1], [0, 1, 1], [1, 1, 1]]
    np.testing.assert_array_equal(np.isnan(np.array(cells(figure).z, dtype=np.float64)), blank)
    (picture,) = figure.layout.images
    source = unquote(picture.source)
    assert re.findall(r"M(\d+) (\d+)h(\d+)", source) == [("24", "0", "12"), ("24", "12", "12"), ("0", "24", "24")]
    assert (picture.x, picture.y, picture.sizex, picture.sizey) == (-0.5, -0.5, 3, 3)
    assert len(figure.data) == 2  # none is grey as well


def test_the_hatches_lie_in_the_order_of_the_axes() -> None:
    view = view_of(table=three_of_which_one_is_rare(), fewest_images=5)
    (picture,) = pair_map(view, rows=(2, 0), columns=(1, 2), theme="dark").layout.images
    assert re.findall(r"M(\d+) (\d+)h(\d+)", unquote(picture.source)) == [("0", "0", "12"), ("12", "12", "12")]


def test_lines_are_drawn_before_each_group() -> None:
    shapes = pair_map(view_of(), rows=range(4), columns=range(4), theme="light", breaks=(1, 3)).layout.shapes
    assert [(line.x0, line.x1, line.y0, line.y1) for line in shapes] == [
        (0.5, 0.5, -0.5, 3.5),
        (-0.5, 3.5, 0.5, 0.5),
        (2.5, 2.5, -0.5, 3.5),
        (-0.5, 3.5, 2.5, 2.5),
    ]


# Names are what their dataset says


@pytest.mark.parametrize("name", ["<b>bold</b>", "a & b", "<a href='javascript:1'>x</a>", "%{x}", "two\nlines"])
def test_a_name_is_shown_as_it_is(name: str) -> None:
    figure = whole_map(view_of(table=table_of(names=(name, "b"))))
    for text in (figure.layout.xaxis.ticktext[0], markers(figure).text[1]):
        assert "<" not in text
        assert "&" not in re.sub("&(amp|lt|gt);", "", text)


def test_a_long_name_is_cut_on_the_axis_and_told_in_lines() -> None:
    figure = whole_map(view_of(table=table_of(names=("longname" * 20, "b"))))
    label = figure.layout.yaxis.ticktext[0]
    assert "…" in label
    assert LONGEST_LABEL - 2 <= len(label) <= LONGEST_LABEL  # a blank beside the mark is left out
    assert "<br>" in markers(figure).text[1]
    assert max(map(len, markers(figure).text[1].split("<br>"))) <= LONGEST_LINE
