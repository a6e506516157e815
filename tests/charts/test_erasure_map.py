"""Only what can be told has a colour; what two few images show is grey."""

import numpy as np

from cocomine.charts.erasure_map import erasure_map, told_points
from cocomine.claim.erasure import Change, ErasedPair


def change(points: float, p: float = 0.001) -> Change:
    share = points / 100
    return Change(value=share, low=share - 0.01, high=share + 0.01, p=p, p_corrected=p)


PAIRS = [
    ErasedPair(erased="cup", measured="<b>", image_count=20, ring=change(-8), blur=change(-6)),
    ErasedPair(erased="cup", measured="boat", image_count=20, ring=change(3, p=0.5), blur=change(3, p=0.5)),
    ErasedPair(erased="boat", measured="<b>", image_count=3),
]


def test_a_cell_has_the_smaller_change_of_both_fillings_where_it_is_told_and_none_elsewhere() -> None:
    cells, grey, targets = erasure_map(PAIRS, theme="light").data

    np.testing.assert_allclose(cells.z, np.array([[0, -6], [np.nan, 0]]))
    assert cells.text.tolist() == [["", "-6"], ["", ""]]
    assert np.isnan(grey.z).tolist() == [[True, True], [False, False]]
    assert erasure_map(PAIRS, theme="light").layout.xaxis.ticktext == ("boat", "&lt;b&gt;")  # as the rows have it
    assert targets.text[1].startswith("&lt;b&gt; without cup, 20 images: can be told from chance<br>")
    assert "cannot be told" in targets.text[0]
    assert targets.text[3] == "&lt;b&gt; without boat: nothing can be told from 3 images with both"


def test_colours_reach_as_far_to_both_sides_and_small_changes_stay_pale() -> None:
    small = erasure_map(
        [ErasedPair(erased="a", measured="b", image_count=9, ring=change(1), blur=change(1))], theme="dark"
    )
    large = erasure_map(
        [*PAIRS, ErasedPair(erased="boat", measured="boat2", image_count=9, ring=change(40), blur=change(50))],
        theme="dark",
    )

    assert (small.data[0].zmin, small.data[0].zmax) == (-10, 10)
    assert (large.data[0].zmin, large.data[0].zmax) == (-40, 40)


def test_fillings_that_disagree_are_not_drawn() -> None:
    assert told_points(ErasedPair(erased="a", measured="b", image_count=9, ring=change(5), blur=change(-5))) == 0
