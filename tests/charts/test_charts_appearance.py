"""The figures of one class say what was counted, from the top left of the image to the widest shape."""

import numpy as np
import plotly.graph_objects as go
import pytest

from cocomine.charts.appearance import (
    SIZE_BOUNDS,
    SIZE_COLOURS,
    SIZE_TEXTS,
    area_share_figure,
    aspect_figure,
    location_figure,
    per_image_figure,
    size_figure,
)
from cocomine.charts.theme import MIDDLE
from cocomine.colours import rgb
from cocomine.mining.statistics.appearance import AREA_SHARE_BOUNDS, Appearance, LocationMap, appearance
from cocomine.mining.statistics.instances import SIZE_CLASSES, Instances

HISTOGRAMS = {"per_image": per_image_figure, "area_shares": area_share_figure, "log2_aspects": aspect_figure}
THEMES = ["light", "dark"]


def look_of(count: int = 40, seed: int = 0) -> Appearance:
    rng = np.random.default_rng(seed)
    boxes = rng.uniform(0, 50, (count, 4))
    return appearance(
        Instances(
            image_number=rng.integers(0, 10, count),
            image_widths=np.full(count, 200),
            image_heights=np.full(count, 100),
            areas_px=boxes[:, 2] * boxes[:, 3],
            boxes_xywh=boxes,
        ),
        input_size_px=128,
    )


def map_with(share: float) -> go.Heatmap:
    shares = np.zeros((4, 4))
    shares[0, 3] = share
    return location_figure(LocationMap(shares=shares, left_out_count=0), theme="light").data[0]


def test_the_first_row_of_the_map_is_on_top_and_its_last_column_at_the_right() -> None:
    figure = location_figure(LocationMap(shares=np.eye(4), left_out_count=0), theme="light")
    assert (list(figure.layout.xaxis.range), list(figure.layout.yaxis.range)) == ([0, 1], [1, 0])
    assert list(figure.data[0].x) == list(figure.data[0].y) == [0.125, 0.375, 0.625, 0.875]
    assert map_with(0.5).z[0][3] == 50  # per cent


@pytest.mark.parametrize("theme", THEMES)
def test_no_object_has_the_neutral_colour(theme: str) -> None:
    shown = location_figure(look_of().location, theme=theme).data[0]
    assert (shown.zmin, dict(shown.colorscale)[0]) == (0, MIDDLE[theme])


def test_the_strongest_colour_is_the_highest_share_even_where_there_is_none() -> None:
    assert [map_with(share).zmax for share in (0.5, 0.01, 0)] == [50, 1, 100]


def test_both_size_bars_fill_the_whole_where_there_are_objects() -> None:
    look = look_of()
    bars = size_figure(look, theme="light").data
    assert [bar.name for bar in bars] == list(SIZE_CLASSES)
    assert {tuple(bar.y) for bar in bars} == {("in the image", "at 128 px")}
    np.testing.assert_allclose(np.sum([bar.x for bar in bars], axis=0), [1, 1])
    np.testing.assert_allclose([bar.x[0] for bar in bars], look.image_sizes / 40)
    np.testing.assert_allclose([bar.x[1] for bar in bars], look.input_sizes / 40)


def test_size_bars_without_objects_are_empty() -> None:
    bars = size_figure(look_of(0), theme="light").data
    assert [list(bar.x) for bar in bars] == [[0, 0]] * 4


def test_a_number_is_written_only_where_it_fits() -> None:
    for bar in size_figure(look_of(), theme="light").data:
        assert [bool(text) for text in bar.text] == [share >= 0.1 for share in bar.x]


def test_a_size_class_is_told_with_its_bound_and_count() -> None:
    for bar, bound in zip(size_figure(look_of(), theme="light").data, SIZE_BOUNDS, strict=True):
        assert bound in bar.hovertemplate
    sizes = look_of().image_sizes
    told = [bar.customdata[0] for bar in size_figure(look_of(), theme="light").data]
    assert [text.split(" ")[0] for text in told] == [f"{count:,}" for count in sizes]


@pytest.mark.parametrize("theme", THEMES)
def test_the_numbers_on_the_bars_are_legible(theme: str) -> None:
    for ground, text in zip(SIZE_COLOURS[theme], SIZE_TEXTS[theme], strict=True):
        lighter, darker = sorted([luminance(ground), luminance(text)], reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, ground  # https://www.w3.org/TR/WCAG22/#contrast-minimum


def luminance(colour: str) -> float:
    shares = np.array(rgb(colour)) / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_a_histogram_shows_the_share_of_every_bin_in_the_class_s_colour(name: str) -> None:
    look = look_of()
    (bars,) = HISTOGRAMS[name](look, colour="#123456").data
    counts = getattr(look, name).counts
    np.testing.assert_allclose(bars.y, 100 * counts / counts.sum())
    assert (len(bars.text), bars.marker.color) == (len(counts), "#123456")


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_a_histogram_of_nothing_is_empty(name: str) -> None:
    (bars,) = HISTOGRAMS[name](look_of(0), colour="#123456").data
    assert not any(bars.y)
    assert {text.split(" ")[0] for text in bars.customdata} == {"0"}


def test_the_bins_of_a_histogram_are_named_by_what_they_hold() -> None:
    look = look_of()
    names = [list(figure(look, colour="#123456").data[0].text) for figure in HISTOGRAMS.values()]
    assert names[0] == ["1", "2", "3", "4", "5", "6–10", "11–20", "> 20"]
    assert names[1][:2] == ["< 0.01 %", "0.01–0.03 %"]
    assert names[1][-2:] == ["10–30 %", "> 30 %"]
    assert names[2][:7] == ["1:8", "1:5.7", "1:4", "1:2.8", "1:2", "1:1.4", "1:1"]
    assert names[2][7:] == ["1.4:1", "2:1", "2.8:1", "4:1", "5.7:1", "8:1"]


def test_a_tick_of_the_area_shares_stands_between_the_bins_it_divides() -> None:
    axis = area_share_figure(look_of(), colour="#123456").layout.xaxis
    for place, text in zip(axis.tickvals, axis.ticktext, strict=True):
        assert float(text.removesuffix(" %")) / 100 == pytest.approx(AREA_SHARE_BOUNDS[int(place - 0.5)])


def test_the_shapes_are_named_at_whole_doublings() -> None:
    axis = aspect_figure(look_of(), colour="#123456").layout.xaxis
    assert list(axis.ticktext) == ["1:8", "1:4", "1:2", "1:1", "2:1", "4:1", "8:1"]
