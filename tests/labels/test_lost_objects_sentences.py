"""What is lost in label maps, in words whose numbers can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.labels.conflict import ClaimedPixels
from cocomine.labels.lost_objects import (
    LabelMapReport,
    LostBecause,
    LostObjectCounts,
    MappedObject,
    by_class_sentence,
    label_map_sentence,
    lost_objects_sentence,
)

EMPTY = np.zeros((1, 1), dtype=np.uint8)


def an_object(loss: LostBecause | None) -> MappedObject:
    kept_px = 0 if loss else 1
    return MappedObject(annotation_id=1, category_id=1, label=1, drawn_px=1, kept_px=kept_px, lost_because=loss)


def a_report(*losses: LostBecause | None, foreground_px: int = 100, contested_px: int = 0) -> LabelMapReport:
    objects = tuple(map(an_object, losses))
    claimed = ClaimedPixels(foreground_px=foreground_px, contested_px=contested_px)
    return LabelMapReport(labels=EMPTY, objects=objects, claimed=claimed)


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
    ("report", "said"),
    [
        (a_report(), "No object has a class in this training mask."),
        (a_report(None), "Mask overlap between your classes: 0 %. 0 of 1 object lost."),
        (
            a_report(None, LostBecause.COVERED, contested_px=25),
            "Mask overlap between your classes: 25 %. 1 of 2 objects lost.",
        ),
        (
            a_report(LostBecause.TOO_SMALL, LostBecause.NO_MASK, foreground_px=0),
            "Mask overlap between your classes: 0 %. 2 of 2 objects lost.",
        ),
    ],
)
def test_an_image_is_told_with_its_numbers(report: LabelMapReport, said: str) -> None:
    assert label_map_sentence(report) == said


def test_a_subset_is_told_with_the_reasons() -> None:
    assert lost_objects_sentence(losses(contested_px=3, small=2, covered=1), 128) == (
        "2 images checked. Mask overlap between your classes: 1.5 %. "
        "3 of 14 objects lost: 2 too small for 128 px, 1 covered by other classes."
    )


def test_a_subset_without_a_loss_is_told_so() -> None:
    assert lost_objects_sentence(losses(), 64) == (
        "2 images checked. Mask overlap between your classes: 0 %. 0 of 14 objects lost."
    )


def test_the_classes_that_lose_most_come_first() -> None:
    names = {label: f"c{label}" for label in range(1, 9)}
    assert by_class_sentence(losses(by_label={1: 2, 2: 5, 3: 4}), names) == "Lost by class: c2 5, c3 4 and c1 2."
    many = {label: label for label in range(1, 8)}
    assert by_class_sentence(losses(by_label=many), names).endswith("c4 4, c3 3 and 2 more.")
    assert by_class_sentence(losses(by_label=dict.fromkeys(range(1, 6), 1)), names).endswith("c4 1 and c5 1.")
    assert by_class_sentence(losses(by_label={3: 2, 1: 2}), names) == "Lost by class: c1 2 and c3 2."


def test_one_class_alone_needs_no_list() -> None:
    assert by_class_sentence(losses(by_label={1: 2}), {1: "c1"}) == ""


@given(st.integers(0, 7), st.integers(0, 7))
def test_the_reasons_add_up_to_what_is_lost(small: int, covered: int) -> None:
    said = lost_objects_sentence(losses(small=small, covered=covered), 128)
    assert f"{small + covered} of 14 objects lost" in said
