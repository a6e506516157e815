"""What is looked at follows from the protocol, and every number from the counts."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
import pytest
from judged_claims import STEPS, Skill, made_counts, made_protocol, made_test_images

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts
from cocomine.claim.judging import images_of, judge, questions
from cocomine.claim.records import Difference, Protocol, Result, TestSet, encoded
from cocomine.claim.statistics import holm
from cocomine.errors import ClaimError

A, E, C, AGAIN = ArmName.SELECTED, ArmName.HALF, ArmName.ALL, ArmName.AGAIN


def judged(protocol: Protocol, skills: dict[ArmName, Skill] | None = None) -> Result:
    return judge(protocol, made_counts(protocol, skills or {}, np.random.default_rng(7)))


def found(result: Result, second: ArmName, test_set: TestSet, **wanted: Any) -> Difference:
    """The one difference of these arms with these fields; those of all images unless a rival is named."""
    fields = {"what": "mean", "rival": None, "with_rival": None, "class_name": None, "steps": STEPS} | wanted
    steps = fields.pop("steps")
    (one,) = [
        each
        for each in result.differences
        if (each.comparison.second, each.comparison.test_set, each.comparison.steps) == (second, test_set, steps)
        and all(getattr(each, name) == value for name, value in fields.items())
    ]
    return one


def mean_iou_by_hand(counts: ArmCounts, images: Sequence[int]) -> float:
    """Over seeds and classes, image after image, in points."""
    seeds, _, classes = counts.right.shape
    scores = []
    for seed in range(seeds):
        for index in range(classes):
            right = sum(int(counts.right[seed, image, index]) for image in images)
            false = sum(int(counts.predicted[seed, image, index]) for image in images) - right
            scores.append(100 * right / (sum(int(counts.true[image, index]) for image in images) + false))
    return sum(scores) / len(scores)


def test_the_primary_comparison_comes_first_and_is_not_corrected() -> None:
    result = judged(made_protocol())
    first, *others = result.differences
    assert (first.comparison.second, first.comparison.test_set, first.is_primary) == (E, "T2", True)
    assert first.p_corrected is None
    assert not any(each.is_primary for each in others)


def test_without_the_arm_of_halves_all_labels_is_the_primary_comparison() -> None:
    first, *others = judged(made_protocol(arms=(A, C))).differences
    assert (first.comparison.second, first.is_primary) == (C, True)
    assert not any(each.comparison == first.comparison and each.what == "mean" for each in others), "asked once"


def test_all_others_are_one_family_of_holm() -> None:
    _, *others = judged(made_protocol(classes=("apple", "pear"))).differences
    p_values = [each.p for each in others if each.p is not None]
    assert len(p_values) == len(others)
    assert [each.p_corrected for each in others] == pytest.approx(holm(p_values))


@pytest.mark.parametrize("test_set", ["T1", "T2"])
def test_a_difference_is_that_of_the_counts_by_hand(test_set: TestSet) -> None:
    protocol = made_protocol(classes=("apple", "pear"))
    counts = made_counts(protocol, {}, np.random.default_rng(7))
    images = [
        index
        for index, (has, natural) in enumerate(zip(protocol.test.has, protocol.test.is_natural, strict=True))
        if (any(has) if test_set == "T1" else natural)
    ]
    one = found(judge(protocol, counts), E, test_set)
    assert one.first == pytest.approx(mean_iou_by_hand(counts[A, STEPS], images))
    assert one.second == pytest.approx(mean_iou_by_hand(counts[E, STEPS], images))
    assert one.image_count == len(images)


def test_false_alarms_are_those_on_natural_images_without_a_class() -> None:
    protocol = made_protocol()
    counts = made_counts(protocol, {A: Skill(false_px=87)}, np.random.default_rng(7))
    images = [i for i in range(200) if not any(protocol.test.has[i])]
    one = found(judge(protocol, counts), E, "T0", what="false alarms")
    assert one.first == pytest.approx(counts[A, STEPS].predicted[:, images].sum() / 3 / len(images))
    assert one.image_count == len(images)


def test_the_sets_of_test_images_by_hand() -> None:
    test = made_test_images(image_count=10)  # natural are 0 to 4, with the class 0; of the others 6 and 8 have it
    assert np.flatnonzero(images_of(test, "T1")).tolist() == [0, 6, 8]
    assert np.flatnonzero(images_of(test, "T2")).tolist() == [0, 1, 2, 3, 4]
    assert np.flatnonzero(images_of(test, "T0")).tolist() == [1, 2, 3, 4]


def test_images_with_a_class_are_looked_at_with_and_without_each_rival() -> None:
    result = judged(made_protocol(test=made_test_images(rivals=("pear",))))
    both = [found(result, C, "T1", rival="pear", with_rival=is_there) for is_there in (True, False)]
    assert sum(each.image_count for each in both) == found(result, C, "T1").image_count
    assert both[0].value != both[1].value


def test_a_rival_that_is_never_with_a_class_has_no_halves() -> None:
    """The images without it are all images: the same question, asked twice."""
    test = made_test_images(rivals=("pear", "plum", "fig"))
    has = tuple((pear, False, any(classes)) for (pear, *_), classes in zip(test.has_rival, test.has, strict=True))
    result = judged(made_protocol(test=msgspec.structs.replace(test, has_rival=has)))
    assert {each.rival for each in result.differences} == {None, "pear"}


def test_classes_are_looked_at_one_by_one_where_there_are_several() -> None:
    result = judged(made_protocol(classes=("apple", "pear")))
    apple, pear = (found(result, E, "T1", what="class", class_name=name).value for name in ("apple", "pear"))
    assert (apple + pear) / 2 == pytest.approx(found(result, E, "T1").value)
    assert not any(each.what == "class" for each in judged(made_protocol()).differences)


def test_learning_speed_is_how_far_a_lead_shrinks() -> None:
    protocol = made_protocol()
    result = judged(protocol, {C: Skill(found=0.5, found_later=0.6)})
    early, late = found(result, C, "T1"), found(result, C, "T1", steps=3 * STEPS)
    speed = found(result, C, "T1", what="learning speed")
    assert (speed.first, speed.second) == pytest.approx((early.value, late.value))
    assert speed.is_told
    assert not any(each.what == "learning speed" for each in judged(made_protocol(is_trained_longer=False)).differences)


def test_a_check_of_a_former_version_was_trained_longer_in_every_arm_and_is_judged_as_it_was() -> None:
    """Its protocol names no steps by arm, and its bytes stay, which the result names by their hash."""
    now = made_protocol()
    arms = tuple(msgspec.structs.replace(arm, steps=None) for arm in now.arms)
    text = encoded(msgspec.structs.replace(now, arms=arms))
    former = msgspec.json.decode(text, type=Protocol)
    assert encoded(former) == text
    assert all(set(arm) >= {"arm", "seeds"} and "steps" not in arm for arm in msgspec.json.decode(text)["arms"])
    assert len(list(runs_of(former))) == 18
    assert len(list(runs_of(now))) == 15
    later = [each for each in judged(former).differences if each.comparison.steps == 3 * STEPS]
    assert {each.comparison.second for each in later} == {E, C}
    assert found(judged(former), E, "T2", steps=3 * STEPS).what == "mean"
    assert not any(q.comparison.second is E and q.comparison.steps == 3 * STEPS for q in questions(now))


def test_the_same_arm_with_other_seeds_and_policies_are_looked_at_where_they_take_part() -> None:
    arms = (A, E, AGAIN, ArmName.MERGED)
    seconds = {each.comparison.second for each in judged(made_protocol(arms=arms)).differences}
    assert seconds == {E, AGAIN, ArmName.MERGED}


def test_what_is_looked_at_is_known_before_the_first_run() -> None:
    protocol = made_protocol(classes=("apple", "pear"), test=made_test_images(2, rivals=("plum",)))
    asked = [(q.comparison, q.what, q.class_name, q.rival, q.with_rival) for q in questions(protocol)]
    answered = judged(protocol).differences
    assert asked == [(d.comparison, d.what, d.class_name, d.rival, d.with_rival) for d in answered]


def test_a_class_without_a_pixel_is_named_and_not_scored() -> None:
    test = made_test_images(2)
    lacking = msgspec.structs.replace(test, has=tuple((has, False) for has, _ in test.has))
    result = judged(made_protocol(classes=("apple", "boat"), test=lacking))
    assert result.absent_classes == ("boat",)
    assert found(result, E, "T2").value == found(result, E, "T2", what="class", class_name="apple").value
    assert not any(each.class_name == "boat" for each in result.differences)


@pytest.mark.parametrize("lacking", ["arm", "seed"])
def test_nothing_is_said_before_all_runs_are_in(lacking: str) -> None:
    protocol = made_protocol()
    counts = made_counts(protocol, {}, np.random.default_rng(7))
    if lacking == "arm":
        del counts[C, 3 * STEPS]
    else:
        few = made_counts(made_protocol(seed_count=2), {}, np.random.default_rng(7))
        counts[C, 3 * STEPS] = few[C, 3 * STEPS]
    with pytest.raises(ClaimError, match="C-450-2 there is no test result"):
        judge(protocol, counts)


def test_a_result_names_the_protocol_by_the_hash_of_its_file_and_survives_its_own() -> None:
    protocol = made_protocol()
    result = judged(protocol)
    assert result.protocol_sha256 == sha256(encoded(protocol)).hexdigest()
    assert msgspec.json.decode(encoded(result), type=Result) == result
    assert judged(protocol) == result
