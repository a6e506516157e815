"""Groups and limits in one line read back as they were; what cannot be meant is left out."""

import pytest

from cocomine.coco.class_groups import ClassGroup
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.lines import groups_from_line, groups_to_line, limits_from_line, limits_to_line

PETS = ClassGroup(name="pets, small", members=("cat", 'do"g'))
CROCKERY = ClassGroup(name="crockery", members=("cup", "bowl"))


@pytest.mark.parametrize("groups", [(), (PETS,), (PETS, CROCKERY), (CROCKERY, PETS)])
def test_groups_read_back_as_they_were(groups: tuple[ClassGroup, ...]) -> None:
    assert groups_from_line(groups_to_line(groups)) == groups


def test_what_is_no_group_is_left_out_and_the_others_are_read() -> None:
    alone = ClassGroup(name="cup", members=("mug",))
    line = ",".join(['"cat,cat"', groups_to_line([CROCKERY]), '"nothing"', '"again,cup"', groups_to_line([alone])])
    assert groups_from_line(line) == (CROCKERY, alone)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(),
        Limits(min_area_px=32, crowd=Crowd.IGNORE),
        Limits(cap=500, balance=2.5, counted=Counted.OBJECTS, negatives=0.25, seed=7),
    ],
)
def test_limits_read_back_as_they_were(limits: Limits) -> None:
    assert limits_from_line(limits_to_line(limits)) == limits


@pytest.mark.parametrize("line", ["", "cap", "cap:0", "cap:many", "min_area_px:32,cap:-1", "nothing:1,cap:"])
def test_a_line_that_says_nothing_that_can_be_meant_sets_no_limit(line: str) -> None:
    assert limits_from_line(line) == Limits()
