"""The least that constraints must give way, by hand."""

from cocomine.mining.advice.constraints import Constraints, Relaxation, cheapest_relaxation
from cocomine.mining.selection.counting import SubsetCounts

HARD = Constraints(images_per_class=10, size_bytes=200)


def gives(images: int, size_bytes: int) -> SubsetCounts:
    return SubsetCounts(
        image_count=images,
        object_count=images,
        other_object_count=0,
        images_per_class=(("cat", images),),
        size_bytes=size_bytes,
    )


def test_where_both_must_give_way_their_changes_are_added_up() -> None:
    assert cheapest_relaxation([gives(6, 250)], HARD) == Relaxation(
        constraints=Constraints(images_per_class=6, size_bytes=250),
        changed_count=2,
        relative_change=4 / 10 + 50 / 200,
        position=0,
    )


def test_without_a_limit_of_size_the_images_alone_give_way() -> None:
    assert cheapest_relaxation([gives(3, 900), gives(5, 900)], Constraints(images_per_class=10)) == Relaxation(
        constraints=Constraints(images_per_class=5), changed_count=1, relative_change=0.5, position=1
    )


def test_one_large_change_is_cheaper_than_two_small_ones() -> None:
    found = cheapest_relaxation([gives(9, 201), gives(10, 1000)], HARD)
    assert found is not None
    assert (found.position, found.changed_count, found.relative_change) == (1, 1, 4.0)


def test_to_ask_for_no_image_is_to_ask_for_one() -> None:
    assert Constraints(images_per_class=0) == Constraints(images_per_class=1) == Constraints()
    assert not Constraints(images_per_class=0).met_by(gives(0, 100))


def test_what_is_met_needs_no_change() -> None:
    assert cheapest_relaxation([gives(6, 250), gives(10, 200)], HARD) is None
    assert cheapest_relaxation([gives(10, 900)], Constraints(images_per_class=10)) is None


def test_without_a_class_no_change_is_enough() -> None:
    nothing = SubsetCounts(image_count=0, object_count=0, other_object_count=0, images_per_class=(), size_bytes=0)
    assert cheapest_relaxation([nothing], HARD) is None
