"""Curves say what was measured: values, reference lines, ranges."""

import json

import plotly.graph_objects as go

from cocomine.charts.training_curves import Axes, Band, Curve, Reference, curve_chart

IOU = Axes(y_title="IoU")


def test_plotly_which_is_not_asked_at_every_look_would_take_it_as_it_is() -> None:
    curve = Curve(steps=[5, 9], values=[0.1, 0.2], colour="#0102ff", smoothing=0.5)
    band = Band(low=curve, high=Curve(steps=[5, 9], values=[0.3, 0.5]), name="95 % interval")
    best = Curve(steps=[9], values=[0.2], colour="#0102ff")
    reference = Reference(floors={"empty prediction": 0.1}, band=band, best=best)
    for axes in (IOU, Axes(y_title="IoU", x_end=200, y_end=1, y_format=".0%")):
        figure = curve_chart({"a": curve, "b": Curve(steps=[1], values=[0.5], is_dashed=True)}, axes, reference)
        checked = go.Figure(figure.to_dict())
        assert json.loads(figure.to_json()) == json.loads(checked.to_json())


def test_a_curve_is_drawn_as_it_is_and_a_second_kind_is_dashed() -> None:
    curves = {"solid": Curve(steps=[0, 5], values=[0.1, 0.4]), "other": Curve(steps=[5], values=[1.0], is_dashed=True)}
    solid, other = curve_chart(curves, IOU).data
    assert (solid.name, list(solid.x), list(solid.y), solid.line.dash) == ("solid", [0, 5], [0.1, 0.4], "solid")
    assert other.line.dash == "dash"


def test_a_floor_is_a_line_with_its_name_at_its_value() -> None:
    curves = {"mIoU": Curve(steps=[0, 40], values=[0.1, 0.4])}
    _, line = curve_chart(curves, IOU, Reference(floors={"empty prediction": 0.27})).data
    assert (list(line.x), list(line.y), line.line.dash) == ([0, 40], [0.27, 0.27], "dot")
    assert line.name == "empty prediction"


def test_a_chart_without_reference_has_its_curves_alone() -> None:
    assert len(curve_chart({"a": Curve(steps=[0], values=[0.0])}, IOU).data) == 1


def test_an_interval_is_an_area_between_its_bounds_in_the_colour_of_its_curve() -> None:
    low = Curve(steps=[5, 9], values=[0.1, 0.2], colour="#0102ff")
    band = Band(low=low, high=Curve(steps=[5, 9], values=[0.3, 0.5]), name="95 % interval")
    area, line = curve_chart({"a": Curve(steps=[0], values=[0.0])}, IOU, Reference(band=band)).data
    assert (list(area.x), list(area.y)) == ([5, 9, 9, 5], [0.1, 0.2, 0.5, 0.3])
    assert (area.showlegend, line.showlegend) == (False, None)
    assert (area.fill, area.fillcolor, area.name) == ("toself", "rgba(1, 2, 255, 0.15)", "95 % interval")
    assert line.name == "a"


def test_the_best_is_a_star_at_its_step() -> None:
    best = Curve(steps=[9], values=[0.6], colour="#123456")
    _, star = curve_chart({"a": Curve(steps=[0], values=[0.0])}, IOU, Reference(best=best)).data
    assert (list(star.x), list(star.y), star.name) == ([9], [0.6], "best")
    assert star.showlegend is False
    assert (star.marker.symbol, star.marker.color, star.mode) == ("star", "#123456", "markers")


def test_a_live_chart_has_its_whole_x_axis_from_the_start() -> None:
    figure = curve_chart({"a": Curve(steps=[0], values=[0.0])}, Axes(y_title="IoU", x_end=200, y_end=1))
    assert list(figure.layout.xaxis.range) == [0, 204]
    assert list(figure.layout.yaxis.range) == [0, 1]


def test_more_rows_of_the_legend_leave_the_plot_its_height() -> None:
    usual, long = (curve_chart({}, Axes(y_title="IoU", legend_rows=rows)).layout.height for rows in (0, 3))
    assert (usual, long) == (320, 320 + 3 * 19)


def test_many_curves_reuse_the_colours_and_none_is_lost() -> None:
    curves = {str(index): Curve(steps=[0], values=[0.0]) for index in range(9)}
    assert [line.name for line in curve_chart(curves, IOU).data] == list(curves)


def test_a_curve_has_its_own_colour_where_it_names_one() -> None:
    [line] = curve_chart({"a": Curve(steps=[0], values=[0.0], colour="#abcdef")}, IOU).data
    assert line.line.color == "#abcdef"


def test_a_curve_may_be_of_another_weight_and_shade() -> None:
    [line] = curve_chart({"a": Curve(steps=[0], values=[0.0], width_px=1.5, opacity=0.5)}, IOU).data
    assert (line.line.width, line.opacity) == (1.5, 0.5)


def test_a_name_is_no_markup() -> None:
    [line] = curve_chart({"<b>a</b>": Curve(steps=[0], values=[0.0])}, IOU).data
    assert line.name == "&lt;b&gt;a&lt;/b&gt;"


def test_smoothing_is_exponential_from_the_first_value_on() -> None:
    assert Curve(steps=[1, 2, 3], values=[1.0, 0.0, 2.0], smoothing=0.75).smoothed_values() == [1.0, 0.75, 1.0625]
    assert Curve(steps=[1, 2], values=[1.0, 0.5]).smoothed_values() == [1.0, 0.5]


def test_a_smoothed_curve_leaves_the_curve_itself_visible_and_pale() -> None:
    pale, smooth = curve_chart({"a": Curve(steps=[1, 2], values=[1.0, 0.0], smoothing=0.5)}, IOU).data
    assert (list(pale.y), pale.opacity, pale.showlegend) == ([1.0, 0.0], 0.3, False)
    assert (list(smooth.y), smooth.name, smooth.opacity) == ([1.0, 0.5], "a, smoothed", 1.0)


def test_a_curve_leaves_out_what_was_not_measured() -> None:
    assert Curve.of([(0, None), (5, 0.25)]) == Curve(steps=[5], values=[0.25])


def test_a_long_curve_is_drawn_by_means_of_neighbours_and_keeps_its_end() -> None:
    curve = Curve(steps=list(range(1, 8)), values=[float(step) for step in range(1, 8)])
    assert curve.thinned(7) is curve
    assert curve.thinned(3) == Curve(steps=[3, 6, 7], values=[2.0, 5.0, 7.0])
    assert len(Curve(steps=list(range(30_001)), values=[0.0] * 30_001).thinned(500).steps) <= 500
