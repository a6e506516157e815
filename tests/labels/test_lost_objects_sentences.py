"""What is lost in label maps, in words whose numbers can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.labels.lost_objects import LabelMapReport, LostBecause, LostObjectCounts, MappedObject
from cocomine.labels.lost_objects_sentences import by_class_sentence, label_map_sentence, lost_objects_sentence

EMPTY = np.zeros((1, 1), dtype=np.uint8)


def an_object(loss: LostBecause | None) -> MappedObject:
    kept_px = 0 if loss else 1
    return MappedObject(annotation_id=1, category_id=1, label=1, drawn_px=1, kept_px=kept_px, lost_because=loss)


def an_account(*losses: LostBecause | None, foreground_px: int = 100, contested_px: int = 0) -> LabelMapReport:
    objects = tuple(map(an_object, losses))
    return LabelMapReport(labels=EMPTY, objects=objects, foreground_px=foreground_px, contested_px=contested_px)


def losses(
    *, contested_px: int = 0, small: int = 0, covered: int = 0, by_label: dict[int, int] | None = None
) -> LostObjectCounts:
    """Two images with 100 claimed pixels and 7 objects each; what is lost is lost in the first."""
    counts = {LostBecause.TOO_SMALL: small, LostBecause.COVERED: covered, LostBecause.NO_MASK: 0}
    return LostObjectCounts(
        foreground_px=np.array([100, 100]),
        contested_px=np.array([contested_px, 0]),
        object_counts=np.array([7, 7]),
        lost_counts={reason: np.array([count, 0]) for reason, count in counts.items()},
        lost_by_label=by_label or {},
    )


@pytest.mark.parametrize(
    ("account", "said"),
    [
        (an_account(), "No object gets a class in this label map."),
        (
            an_account(None),
            "In this image no pixel is claimed by two of your classes, and every object has at least one pixel.",
        ),
        (
            an_account(None, LostBecause.COVERED, contested_px=25),
            "In this image 25 % of the pixels of your classes are claimed by two or more of them, "
            "and 1 of 2 objects has no pixel left.",
        ),
        (
            an_account(LostBecause.TOO_SMALL, LostBecause.NO_MASK, foreground_px=0),
            "In this image no pixel is claimed by two of your classes, and 2 of 2 objects have no pixel left.",
        ),
    ],
)
def test_an_image_is_told_in_one_sentence(account: LabelMapReport, said: str) -> None:
    assert label_map_sentence(account) == said


def test_a_subset_is_told_with_the_reasons() -> None:
    assert lost_objects_sentence(losses(contested_px=3, small=2, covered=1), 128) == (
        "In 2 images 1.5 % of the pixels of your classes are claimed by two or more of them, "
        "and 3 of 14 objects have no pixel left: 2 too small for 128 px, 1 covered by other classes."
    )


def test_a_subset_without_a_loss_is_told_so() -> None:
    assert lost_objects_sentence(losses(), 64).endswith(
        "no pixel is claimed by two of your classes, and every object has at least one pixel."
    )


def test_the_classes_that_lose_most_come_first() -> None:
    names = {label: f"c{label}" for label in range(1, 9)}
    assert by_class_sentence(losses(by_label={1: 2, 2: 5}), names) == "Vanished by class: c2 5, c1 2."
    many = {label: label for label in range(1, 8)}
    assert by_class_sentence(losses(by_label=many), names).endswith("c4 4, c3 3 and 2 more classes.")


def test_one_class_alone_needs_no_list() -> None:
    assert by_class_sentence(losses(by_label={1: 2}), {1: "c1"}) == ""


@given(st.integers(0, 7), st.integers(0, 7))
def test_the_reasons_add_up_to_what_vanished(small: int, covered: int) -> None:
    said = lost_objects_sentence(losses(small=small, covered=covered), 128)
    assert (f"{small + covered} of 14 objects" in said) == (small + covered > 0)
