"""Curves say what was measured: values, reference lines, ranges."""

from cocomine.charts.training_curves import Curve, curve_chart


def test_a_curve_is_drawn_as_it_is_and_a_second_kind_is_dotted() -> None:
    curves = {"solid": Curve(steps=[0, 5], values=[0.1, 0.4]), "other": Curve(steps=[5], values=[1.0], is_dashed=True)}
    solid, other = curve_chart(curves, y_title="IoU").data
    assert (solid.name, list(solid.x), list(solid.y), solid.line.dash) == ("solid", [0, 5], [0.1, 0.4], "solid")
    assert other.line.dash == "dot"


def test_a_floor_is_a_line_with_its_name_at_its_value() -> None:
    curves = {"mIoU": Curve(steps=[0, 40], values=[0.1, 0.4])}
    _, line = curve_chart(curves, y_title="IoU", floors={"empty prediction": 0.27}).data
    assert (list(line.x), list(line.y), line.line.dash) == ([0, 40], [0.27, 0.27], "dash")
    assert line.name == "empty prediction"


def test_a_chart_without_floors_has_no_reference_line() -> None:
    assert len(curve_chart({"a": Curve(steps=[0], values=[0.0])}, y_title="loss").data) == 1


def test_a_live_chart_has_its_whole_x_axis_from_the_start() -> None:
    figure = curve_chart({"a": Curve(steps=[0], values=[0.0])}, y_title="IoU", highest=1, last_step=200)
    assert list(figure.layout.xaxis.range) == [0, 204]
    assert list(figure.layout.yaxis.range) == [0, 1]


def test_many_curves_reuse_the_colours_and_none_is_lost() -> None:
    curves = {str(index): Curve(steps=[0], values=[0.0]) for index in range(9)}
    assert [line.name for line in curve_chart(curves, y_title="IoU").data] == list(curves)


def test_a_curve_leaves_out_what_was_not_measured() -> None:
    assert Curve.of([(0, None), (5, 0.25)]) == Curve(steps=[5], values=[0.25])


def test_a_long_curve_is_drawn_by_means_of_neighbours_and_keeps_its_end() -> None:
    curve = Curve(steps=list(range(1, 8)), values=[float(step) for step in range(1, 8)])
    assert curve.thinned(7) is curve
    assert curve.thinned(3) == Curve(steps=[3, 6, 7], values=[2.0, 5.0, 7.0])
    assert len(Curve(steps=list(range(30_001)), values=[0.0] * 30_001).thinned(500).steps) <= 500
