"""The confusion matrix as a map: shares of rows, right and wrong apart, each cell with its marker."""

import numpy as np
import pytest

from cocomine.charts.confusion_map import MOST_NUMBERED, confusion_map
from cocomine.charts.theme import UNKNOWN

PIXELS = np.array([[990, 8, 2], [30, 70, 0], [0, 0, 0]])
NAMES = ["background", "cat", "dog <b>"]


def test_cells_are_shares_of_the_row_with_right_ones_above_zero_and_confused_ones_below() -> None:
    cells = confusion_map(PIXELS, NAMES, theme="light").data[0]
    assert np.sign(cells.z[0]).tolist() == [1, -1, -1]
    assert np.square(cells.z[:2].astype(float)) == pytest.approx(
        np.array([[0.99, 0.008, 0.002], [0.3, 0.7, 0.0]]), rel=1e-5
    )
    assert (cells.zmin, cells.zmax) == (-1, 1)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_cells_of_few_labels_have_a_number_in_the_colour_that_is_legible_there(theme: str) -> None:
    dark, light = (trace.text for trace in confusion_map(PIXELS, NAMES, theme=theme).data[1:3])
    assert np.char.add(dark.astype(str), light.astype(str)).tolist() == [
        ["99", "1", "<1"],
        ["30", "70", ""],
        ["", "", ""],
    ]
    assert (dark[0][0], light[0][0]) == (("", "99") if theme == "light" else ("99", ""))  # on dark and on light blue
    assert (dark[0][1], light[0][1]) == (("1", "") if theme == "light" else ("", "1"))  # on nearly nothing


def test_cells_of_many_labels_have_no_number() -> None:
    many = np.eye(MOST_NUMBERED + 1, dtype=np.int64)
    figure = confusion_map(many, [f"c{index}" for index in range(len(many))], theme="dark")
    assert [trace.text for trace in figure.data] == [None, None]


def test_a_label_without_a_true_pixel_has_a_grey_row() -> None:
    grey = confusion_map(PIXELS, NAMES, theme="dark").data[4]
    assert np.isnan(grey.z).tolist() == [[True] * 3, [True] * 3, [False] * 3]
    assert {colour for _, colour in grey.colorscale} == {UNKNOWN["dark"]}
    assert len(confusion_map(PIXELS[:2, :2], NAMES[:2], theme="dark").data) == 4


def test_the_marker_of_a_cell_has_its_number_row_after_row() -> None:
    targets = confusion_map(PIXELS, NAMES, theme="light").data[3]
    for index, (x, y) in enumerate(zip(targets.x, targets.y, strict=True)):
        assert divmod(index, 3) == (y, x)
        assert targets.customdata[index][0] == PIXELS[y, x]
    assert targets.customdata[3].tolist() == pytest.approx([30, 30])


def test_rows_are_the_ground_truth_from_top_to_bottom_and_names_are_no_markup() -> None:
    layout = confusion_map(PIXELS, NAMES, theme="light").layout
    assert {each.text: each.textangle for each in layout.annotations} == {"prediction": None, "ground truth": -90}
    assert layout.yaxis.range == (2.5, -0.5)
    assert layout.yaxis.ticktext == layout.xaxis.ticktext == ("background", "cat", "dog &lt;b&gt;")


def test_eighty_labels_are_drawn_without_a_text_for_each_cell() -> None:
    figure = confusion_map(np.ones((81, 81), dtype=np.int64), [f"c{index}" for index in range(81)], theme="light")
    assert figure.data[1].marker.maxdisplayed == 1
    assert len(figure.to_json()) < 250_000
