"""Differences with intervals: dots where they are, hollow where nothing can be told."""

import pytest
from claims import difference, planted_result

from cocomine.charts.forest import forest_chart
from cocomine.charts.theme import FEWER, MORE
from cocomine.claim.records import Result
from cocomine.claim.tables import forest_rows, pairs

RESULT = planted_result("<b>apple")
ROWS = forest_rows(RESULT, pairs(RESULT)[0])


def test_each_column_has_its_own_test_images() -> None:
    on_classes, natural = forest_chart(ROWS, theme="light").data
    assert (on_classes.x, on_classes.y, on_classes.xaxis) == ((5.3, 4.4), (0, 1), "x")
    assert (natural.x, natural.y, natural.xaxis) == ((-39.9, -41.2, 0.6), (0, 1, 2), "x2")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_told_difference_is_filled_in_the_colour_of_its_direction_and_another_hollow(theme: str) -> None:
    on_classes, natural = forest_chart(ROWS, theme=theme).data
    assert set(on_classes.marker.color) == {MORE[theme]}
    assert natural.marker.symbol == ("circle", "circle", "circle-open")
    assert natural.marker.color[:2] == (FEWER[theme], FEWER[theme])
    assert natural.marker.color[2] not in {MORE[theme], FEWER[theme]}


def test_intervals_reach_from_low_to_high_and_all_are_on_the_axis() -> None:
    chart = forest_chart(ROWS, theme="light")
    mean = chart.data[1]
    assert (mean.x[0] - mean.error_x.arrayminus[0], mean.x[0] + mean.error_x.array[0]) == pytest.approx((-48.9, -30.9))
    assert chart.layout.xaxis.range == chart.layout.xaxis2.range
    assert chart.layout.xaxis.range[0] < -41.2 - 9.4
    assert chart.layout.xaxis.range[0] == -chart.layout.xaxis.range[1]


def test_one_seed_has_a_hollow_dot_and_no_interval() -> None:
    alone = difference(0.2, None, seed_count=1)
    result = Result(protocol_sha256="0" * 64, differences=(alone,), sentences=("x",))
    _, natural = forest_chart(forest_rows(result, pairs(result)[0]), theme="light").data
    assert (natural.error_x.array, natural.error_x.arrayminus) == ((0.0,), (0.0,))
    assert natural.marker.symbol == ("circle-open",)
    assert "no difference can be told" in natural.customdata[0]


def test_names_are_no_markup() -> None:
    chart = forest_chart(ROWS, theme="light")
    assert chart.layout.yaxis.ticktext[1] == "&lt;b&gt;apple"
    assert chart.data[0].customdata[1].startswith("&lt;b&gt;apple: +4.4 (+2.3 to +6.5) points")


def test_each_title_stands_over_the_middle_of_its_own_column() -> None:
    layout = forest_chart(ROWS, theme="light").layout
    middles = [sum(axis.domain) / 2 for axis in (layout.xaxis, layout.xaxis2)]
    assert [(each.x, each.xanchor) for each in layout.annotations] == [(middle, "center") for middle in middles]
