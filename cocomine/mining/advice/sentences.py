"""What does each suggestion come to, in one sentence with its numbers, as plain text?"""

from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import Advice, Step, Suggestion
from cocomine.mining.advice.fixes import Change, ConstraintViolation, Fix
from cocomine.mining.advice.quiet_advice import QuietAdvice, QuietChoice
from cocomine.mining.selection.other_classes_sentences import share_text
from cocomine.mining.selection.selection import Mode
from cocomine.wording import counted, join_names, size_words

MOST_NAMED = 4
"""So many classes are told by name in one sentence."""
_WORTH = {Step.EXCLUDE: "worth forbidding", Step.ADD: "worth adding"}
_NOT_WORTH = {
    Step.EXCLUDE: "No class is worth forbidding: without any one of them, dilution falls by less than a point.",
    Step.ADD: "No class is worth adding: with any one of them, dilution falls by less than a point.",
}


def suggestion_sentence(suggestion: Suggestion, mode: Mode) -> str:
    """Return what forbidding or adding the class gives."""
    before, after = suggestion.before, suggestion.after
    if suggestion.step is Step.ADD and mode is Mode.ONLY:
        more = after.image_count - before.image_count
        return f"{counted(more, 'image')} more, {after.image_count:,} in all, then hold your classes and nothing else."
    falls = f"Dilution falls from {share_text(before.dilution)} to {share_text(after.dilution)}"
    objects = counted(suggestion.object_count, "object")
    if suggestion.step is Step.EXCLUDE:
        lost, images = before.image_count - after.image_count, counted(before.image_count, "image")
        return f"{falls}. It costs {lost:,} of your {images}, with {objects} of {suggestion.name}."
    labelled = f"{falls}, with labels for {objects} of {suggestion.name}"
    return f"{labelled}. {_images_then(before.image_count, after.image_count)}"


def no_suggestion_sentence(step: Step, advice: Advice, constraints: Constraints, mode: Mode) -> str:
    """Return why nothing is suggested, and which constraint stands in the way."""
    if not advice.worth_count:
        if step is Step.ADD and mode is Mode.ONLY:
            return "No class is worth adding: with any one of them, no more images fit."
        return _NOT_WORTH[step]
    among = f"{counted(advice.worth_count, 'class')} {'is' if advice.worth_count == 1 else 'are'} {_WORTH[step]}"
    if advice.relaxation is None or advice.relaxed is None:
        return f"{among}, but none leaves what you ask for, nor anything close to it."
    return (
        f"{among}, but none while you {asking(constraints, advice.relaxation.constraints)}. "
        f"If you {asking(advice.relaxation.constraints, constraints)}, {advice.relaxed.name} is. "
        f"{suggestion_sentence(advice.relaxed, mode)}"
    )


def quiet_sentence(choice: QuietChoice) -> str:
    """Return how seldom the classes of a quiet set meet, and what it gives."""
    quiet, after = choice.quiet, choice.after
    often = f"Two of them meet {counted(quiet.meeting_count, 'time')}" if quiet.meeting_count else "No two of them meet"
    return (
        f"{counted(after.image_count, 'image')}, at least {after.fewest_images:,} of each class. "
        f"{often}, where chance would bring {counted(round(quiet.expected), 'time')}."
    )


def no_quiet_sentence(advice: QuietAdvice, constraints: Constraints) -> str:
    """Return why there is no quiet set, and which constraint stands in the way."""
    if advice.relaxation is None or advice.relaxed is None:
        return "No such set of classes meets less often than chance would bring them together."
    return (
        f"No quiet set while you {asking(constraints, advice.relaxation.constraints)}. "
        f"If you {asking(advice.relaxation.constraints, constraints)}: {join_names(advice.relaxed.quiet.names)}."
    )


def violation_sentence(violation: ConstraintViolation, constraints: Constraints) -> str:
    """Return which constraints a selection breaks, with what it gives."""
    told = []
    if violation.classes_with_too_few:
        few = [
            f"{name} has {counted(count, 'image') if count else 'no image'}"
            for name, count in violation.classes_with_too_few
        ]
        if len(few) > MOST_NAMED:
            few[MOST_NAMED - 1 :] = [f"{len(few) - MOST_NAMED + 1} more have too few"]
        asked = max(constraints.images_per_class, 1)
        told.append(f"{join_names(few)}; you ask for {asked:,} of each class.")
    if violation.is_too_large and constraints.size_bytes is not None:
        size = violation.counts.size_bytes
        takes = "What the pictures take is not known" if size is None else f"The pictures take {size_words(size)}"
        told.append(f"{takes}; you allow {size_words(constraints.size_bytes)}.")
    return " ".join(told)


def fix_label(fix: Fix, constraints: Constraints) -> str:
    """Return the fix as the words on a button."""
    names = join_names(fix.names) if 0 < len(fix.names) < MOST_NAMED else f"these {len(fix.names)} classes"
    labels = {
        Change.LEAVE_OUT: f"Leave out {names}",
        Change.ALLOW: f"Allow {names} again",
        Change.LICENCES: "Take images of every licence",
        Change.EXCLUDE: f"Forbid {names}",
    }
    asked = asking(fix.constraints, constraints)
    return labels.get(fix.change, asked[:1].upper() + asked[1:])


def asking(constraints: Constraints, other: Constraints) -> str:
    """Return the constraints by which these differ from the others: "ask for 40 images of each class"."""
    parts = []
    if constraints.images_per_class != other.images_per_class:
        parts.append(f"ask for {counted(max(constraints.images_per_class, 1), 'image')} of each class")
    if constraints.size_bytes != other.size_bytes and constraints.size_bytes is not None:
        parts.append(f"allow {size_words(constraints.size_bytes)}")
    return join_names(parts) if parts else "ask for nothing else"


def _images_then(before: int, after: int) -> str:
    if after > before:
        return f"{counted(after - before, 'image')} more, {after:,} in all."
    return f"{after:,} of your {counted(before, 'image')} have it too and stay." if after < before else "No image more."
