"""What is said of suggestions, constraints and fixes, by hand."""

from dataclasses import replace

import pytest

from cocomine.mining.advice.constraints import Constraints, Relaxation
from cocomine.mining.advice.exclude_or_add import Advice, Step, Suggestion
from cocomine.mining.advice.fixes import Change, ConstraintViolation, Fix
from cocomine.mining.advice.quiet_sets import QuietAdvice, QuietChoice, QuietSet
from cocomine.mining.advice.sentences import (
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
            "Excluding knife (35 objects) removes 18 of 258 images; unselected objects drop from 61 % to 57 %.",
        ),
        (
            Step.ADD,
            gives(1286, 74, 26),
            Mode.ANY,
            "Including knife labels 35 objects and adds 1,028 images, 1,286 in total; "
            "unselected objects drop from 61 % to 26 %.",
        ),
        (
            Step.ADD,
            gives(258, 74, 26),
            Mode.ANY,
            "Including knife labels 35 objects and adds no image; unselected objects drop from 61 % to 26 %.",
        ),
        (
            Step.ADD,
            gives(18, 74, 26),
            Mode.ALL,
            "Including knife labels 35 objects and removes 240 of 258 images; "
            "unselected objects drop from 61 % to 26 %.",
        ),
        (
            Step.ADD,
            gives(258, 74, 26),
            Mode.ALL,
            "Including knife labels 35 objects and adds no image; unselected objects drop from 61 % to 26 %.",
        ),
        (
            Step.ADD,
            gives(259, 74, 0),
            Mode.ONLY,
            "Including knife adds 1 image, 259 in total.",
        ),
    ],
)
def test_a_suggestion_is_a_sentence_with_its_numbers(step: Step, after: SubsetCounts, mode: Mode, said: str) -> None:
    assert suggestion_sentence(suggestion(step, after), mode) == said


def test_where_nothing_is_worth_it_that_is_said() -> None:
    nothing = Advice(suggestions=(), worth_count=0, relaxation=None, relaxed=None)
    assert "excluding any one class lowers" in no_suggestion_sentence(Step.EXCLUDE, nothing, HARD, Mode.ANY)
    assert "including any one class lowers" in no_suggestion_sentence(Step.ADD, nothing, HARD, Mode.ANY)
    assert no_suggestion_sentence(Step.ADD, nothing, HARD, Mode.ONLY).endswith("adds no image.")


def test_the_constraint_in_the_way_of_suggestions_is_named_with_the_cheapest_relaxation() -> None:
    relaxed = suggestion(Step.EXCLUDE, gives(240, 43, 57))
    advice = Advice(suggestions=(), worth_count=2, relaxation=relaxation(images_per_class=430), relaxed=relaxed)
    assert no_suggestion_sentence(Step.EXCLUDE, advice, HARD, Mode.ANY) == (
        "No suggestion meets “min. 500 images per class”. Best alternative with min. 430 images per class: "
        "Excluding knife (35 objects) removes 18 of 258 images; unselected objects drop from 61 % to 57 %."
    )
    hopeless = Advice(suggestions=(), worth_count=1, relaxation=None, relaxed=None)
    assert no_suggestion_sentence(Step.ADD, hopeless, HARD, Mode.ANY) == (
        "No suggestion meets “min. 500 images per class and max. 1.0 GB”, and no lower limit would be enough."
    )


def quiet(meeting_count: int) -> QuietChoice:
    found = QuietSet(names=("bus", "cup", "kite"), meeting_count=meeting_count, expected=9.4)
    return QuietChoice(quiet=found, after=gives(1121, 50, 20, bus=400, cup=20, kite=701))


def test_a_quiet_set_is_a_sentence_with_its_numbers() -> None:
    begin = "1,121 images, at least 20 per class. "
    assert quiet_sentence(quiet(0)) == f"{begin}Pairwise co-occurrences: 0 (9 expected)."
    assert quiet_sentence(quiet(1)) == f"{begin}Pairwise co-occurrences: 1 (9 expected)."


def test_where_there_is_no_quiet_set_the_constraint_in_the_way_is_named() -> None:
    advice = QuietAdvice(choices=(), relaxation=relaxation(size_bytes=1_500_000_000), relaxed=quiet(1))
    assert (
        no_quiet_sentence(advice, HARD)
        == "No set meets “max. 1.0 GB”. Best alternative with max. 1.5 GB: bus, cup and kite."
    )
    assert no_quiet_sentence(QuietAdvice(choices=()), HARD) == "No low-co-occurrence set found."


def test_a_violation_names_each_constraint_with_what_there_is() -> None:
    lacking = (("cup", 0), ("bus", 1), ("car", 43))
    found = ConstraintViolation(classes_with_too_few=lacking, is_too_large=True, counts=gives(44, 9, 9), fixes=())
    assert violation_sentence(found, HARD) == (
        "cup has 0 images, bus has 1 image and car has 43 images; minimum 500 per class. "
        "Image files: 2.3 GB; maximum 1.0 GB."
    )


def test_of_many_classes_that_lack_images_those_with_the_fewest_are_named() -> None:
    lacking = tuple((f"c{number}", number) for number in range(9))
    found = ConstraintViolation(classes_with_too_few=lacking, is_too_large=False, counts=gives(44, 9, 9), fixes=())
    assert violation_sentence(found, HARD) == (
        "c0 has 0 images, c1 has 1 image, c2 has 2 images and 6 more have too few; minimum 500 per class."
    )
    all_named = replace(found, classes_with_too_few=lacking[:4])
    assert violation_sentence(all_named, HARD).startswith(
        "c0 has 0 images, c1 has 1 image, c2 has 2 images and c3 has 3"
    )


def test_a_fix_is_the_words_on_a_button() -> None:
    def label(change: Change, wanted: Constraints = HARD, *names: str) -> str:
        fix = Fix(change=change, names=names, constraints=wanted, selection=Selection(), after=gives(1, 1, 1))
        return fix_label(fix, HARD)

    both = Constraints(images_per_class=43, size_bytes=2_340_000_000)
    assert label(Change.RELAX, both) == "Set min. 43 images per class and max. 2.3 GB"
    assert label(Change.RELAX, replace(HARD, images_per_class=0)) == "Set min. 1 image per class"
    assert label(Change.REMOVE, HARD, "cup", "bus") == "Remove cup and bus"
    assert label(Change.REMOVE, HARD, *"abcd") == "Remove these 4 classes"
    assert label(Change.ALLOW, HARD, "dog") == "Stop excluding dog"
    assert label(Change.LICENCES) == "Allow all licences"
    assert label(Change.EXCLUDE, HARD, "dog") == "Exclude dog"
