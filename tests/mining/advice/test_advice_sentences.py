"""What is said of suggestions, constraints and fixes, by hand."""

import pytest

from cocomine.mining.advice.constraints import Constraints, Relaxation
from cocomine.mining.advice.exclude_or_add import Advice, Step, Suggestion
from cocomine.mining.advice.fixes import Change, ConstraintViolation, Fix
from cocomine.mining.advice.quiet_advice import QuietAdvice, QuietChoice
from cocomine.mining.advice.quiet_sets import QuietSet
from cocomine.mining.advice.sentences import (
    asking,
    fix_label,
    no_quiet_sentence,
    no_suggestion_sentence,
    quiet_sentence,
    suggestion_sentence,
    violation_sentence,
)
from cocomine.mining.selection.counting import SubsetCounts
from cocomine.mining.selection.selection import Mode, Selection

HARD = Constraints(images_per_class=500, size_bytes=1_000_000_000)


def gives(images: int, own: int, others: int, **more: int) -> SubsetCounts:
    return SubsetCounts(
        image_count=images,
        object_count=own,
        other_object_count=others,
        images_per_class=tuple(more.items()),
        size_bytes=2_340_000_000,
    )


def suggestion(step: Step, after: SubsetCounts) -> Suggestion:
    return Suggestion(step=step, name="knife", before=gives(258, 39, 61), after=after, object_count=35)


def relaxation(**more: int) -> Relaxation:
    wanted = Constraints(**({"images_per_class": 500, "size_bytes": 1_000_000_000} | more))
    return Relaxation(constraints=wanted, changed_count=1, relative_change=0.1, position=0)


@pytest.mark.parametrize(
    ("step", "after", "mode", "said"),
    [
        (
            Step.EXCLUDE,
            gives(240, 43, 57),
            Mode.ANY,
            "Dilution falls from 61 % to 57 %. It costs 18 of your 258 images, with 35 objects of knife.",
        ),
        (
            Step.ADD,
            gives(1286, 74, 26),
            Mode.ANY,
            "Dilution falls from 61 % to 26 %, with labels for 35 objects of knife. 1,028 images more, 1,286 in all.",
        ),
        (
            Step.ADD,
            gives(258, 74, 26),
            Mode.ANY,
            "Dilution falls from 61 % to 26 %, with labels for 35 objects of knife. No image more.",
        ),
        (
            Step.ADD,
            gives(18, 74, 26),
            Mode.ALL,
            "Dilution falls from 61 % to 26 %, with labels for 35 objects of knife. 18 of your 258 images have it too "
            "and stay.",
        ),
        (
            Step.ADD,
            gives(259, 74, 0),
            Mode.ONLY,
            "1 image more, 259 in all, then hold your classes and nothing else.",
        ),
    ],
)
def test_a_suggestion_is_a_sentence_with_its_numbers(step: Step, after: SubsetCounts, mode: Mode, said: str) -> None:
    assert suggestion_sentence(suggestion(step, after), mode) == said


def test_where_nothing_is_worth_it_that_is_said() -> None:
    nothing = Advice(suggestions=(), worth_count=0, relaxation=None, relaxed=None)
    assert "worth forbidding" in no_suggestion_sentence(Step.EXCLUDE, nothing, HARD, Mode.ANY)
    assert "worth adding" in no_suggestion_sentence(Step.ADD, nothing, HARD, Mode.ANY)
    assert no_suggestion_sentence(Step.ADD, nothing, HARD, Mode.ONLY).endswith("no more images fit.")


def test_the_constraint_in_the_way_of_suggestions_is_named_with_the_cheapest_relaxation() -> None:
    relaxed = suggestion(Step.EXCLUDE, gives(240, 43, 57))
    advice = Advice(suggestions=(), worth_count=2, relaxation=relaxation(images_per_class=430), relaxed=relaxed)
    assert no_suggestion_sentence(Step.EXCLUDE, advice, HARD, Mode.ANY) == (
        "2 classes are worth forbidding, but none while you ask for 500 images of each class. If you ask for 430 "
        "images of each class, knife is. Dilution falls from 61 % to 57 %. It costs 18 of your 258 images, with 35 "
        "objects of knife."
    )
    hopeless = Advice(suggestions=(), worth_count=1, relaxation=None, relaxed=None)
    assert no_suggestion_sentence(Step.ADD, hopeless, HARD, Mode.ANY).startswith("1 class is worth adding, but none")


def quiet(meeting_count: int) -> QuietChoice:
    found = QuietSet(
        names=("bus", "cup", "kite"), meeting_count=meeting_count, expected=9.4, max_lift=0.3, max_lift_bound=2.0
    )
    return QuietChoice(quiet=found, after=gives(1121, 50, 20, bus=400, cup=20, kite=701))


def test_a_quiet_set_is_a_sentence_with_its_numbers() -> None:
    begin = "1,121 images, at least 20 of each class. "
    assert quiet_sentence(quiet(0)) == f"{begin}No two of them meet, where chance would bring 9 times."
    assert quiet_sentence(quiet(1)) == f"{begin}Two of them meet 1 time, where chance would bring 9 times."


def test_where_there_is_no_quiet_set_the_constraint_in_the_way_is_named() -> None:
    advice = QuietAdvice(choices=(), relaxation=relaxation(size_bytes=1_500_000_000), relaxed=quiet(1))
    assert (
        no_quiet_sentence(advice, HARD)
        == "No quiet set while you allow 1.0 GB. If you allow 1.5 GB: bus, cup and kite."
    )
    assert no_quiet_sentence(QuietAdvice(choices=()), HARD).startswith("No such set")


def test_a_breach_names_each_constraint_with_what_there_is() -> None:
    lacking = (("cup", 0), ("bus", 1), ("car", 43))
    found = ConstraintViolation(classes_with_too_few=lacking, is_too_large=True, counts=gives(44, 9, 9), fixes=())
    assert violation_sentence(found, HARD) == (
        "cup has no image, bus has 1 image and car has 43 images; you ask for 500 of each class. "
        "The pictures take 2.3 GB; you allow 1.0 GB."
    )


def test_of_many_classes_that_lack_images_those_with_the_fewest_are_named() -> None:
    lacking = tuple((f"c{number}", number) for number in range(9))
    found = ConstraintViolation(classes_with_too_few=lacking, is_too_large=False, counts=gives(44, 9, 9), fixes=())
    assert violation_sentence(found, HARD) == (
        "c0 has no image, c1 has 1 image, c2 has 2 images and 6 more have too few; you ask for 500 of each class."
    )


def test_a_remedy_is_the_words_on_a_button() -> None:
    def label(change: Change, wanted: Constraints = HARD, *names: str) -> str:
        fix = Fix(change=change, names=names, constraints=wanted, selection=Selection(), after=gives(1, 1, 1))
        return fix_label(fix, HARD)

    both = Constraints(images_per_class=43, size_bytes=2_340_000_000)
    assert label(Change.RELAX, both) == "Ask for 43 images of each class and allow 2.3 GB"
    assert label(Change.LEAVE_OUT, HARD, "cup", "bus") == "Leave out cup and bus"
    assert label(Change.LEAVE_OUT, HARD, *"abcd") == "Leave out these 4 classes"
    assert label(Change.ALLOW, HARD, "dog") == "Allow dog again"
    assert label(Change.LICENCES) == "Take images of every licence"
    assert label(Change.EXCLUDE, HARD, "dog") == "Forbid dog"
    assert asking(HARD, HARD) == "ask for nothing else"
