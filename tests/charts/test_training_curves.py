"""Curves say what was measured: values, reference lines, ranges."""

from cocomine.charts.training_curves import Curve, curve_chart


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
