"""What does each suggestion come to, in one sentence with its numbers, as plain text?"""

from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import Advice, Step, Suggestion
from cocomine.mining.advice.fixes import Change, ConstraintViolation, Fix
from cocomine.mining.advice.quiet_sets import QuietAdvice, QuietChoice
from cocomine.mining.selection.selection import Mode
from cocomine.wording import counted, join_names, percent, size_words

MOST_NAMED = 4
"""So many classes are named in one sentence."""
_NOTHING_WORTH_IT = {
    Step.EXCLUDE: "No suggestion: excluding any one class lowers the share of unselected objects by less than 1 point.",
    Step.ADD: "No suggestion: including any one class lowers the share of unselected objects by less than 1 point.",
}


def suggestion_sentence(suggestion: Suggestion, mode: Mode) -> str:
    """Return what excluding or adding the class gives."""
    before, after, name = suggestion.before, suggestion.after, suggestion.name
    objects = counted(suggestion.object_count, "object")
    images = f"{before.image_count - after.image_count:,} of {counted(before.image_count, 'image')}"
    drop = f"unselected objects drop from {percent(before.dilution)} to {percent(after.dilution)}"
    if suggestion.step is Step.EXCLUDE:
        return f"Excluding {name} ({objects}) removes {images}; {drop}."
    gained_count = after.image_count - before.image_count
    gained = "adds no image"
    if gained_count > 0:
        gained = f"adds {counted(gained_count, 'image')}, {after.image_count:,} in total"
    if mode is Mode.ONLY:
        return f"Including {name} {gained}."
    if mode is Mode.ALL and gained_count < 0:
        return f"Including {name} labels {objects} and removes {images}; {drop}."
    return f"Including {name} labels {objects} and {gained}; {drop}."


def no_suggestion_sentence(step: Step, advice: Advice, constraints: Constraints, mode: Mode) -> str:
    """Return why nothing is suggested, and which constraint limits it."""
    if not advice.worth_count:
        if step is Step.ADD and mode is Mode.ONLY:
            return "No suggestion: including any one class adds no image."
        return _NOTHING_WORTH_IT[step]
    if advice.relaxation is None or advice.relaxed is None:
        return f"No suggestion meets {_all_asked(constraints)}, and no lower limit would be enough."
    relaxed = advice.relaxation.constraints
    return (
        f"No suggestion meets “{constraint_words(constraints, relaxed)}”. "
        f"Best alternative with {constraint_words(relaxed, constraints)}: {suggestion_sentence(advice.relaxed, mode)}"
    )


def quiet_sentence(choice: QuietChoice) -> str:
    """Return how seldom the classes of a quiet set meet, and what it gives."""
    quiet, after = choice.quiet, choice.after
    return (
        f"{counted(after.image_count, 'image')}, at least {after.fewest_images:,} per class. "
        f"Pairwise co-occurrences: {quiet.meeting_count:,} ({quiet.expected:,.0f} expected)."
    )


def no_quiet_sentence(advice: QuietAdvice, constraints: Constraints) -> str:
    """Return why there is no quiet set, and which constraint limits it."""
    if advice.relaxation is None or advice.relaxed is None:
        return "No low-co-occurrence set found."
    relaxed = advice.relaxation.constraints
    return (
        f"No set meets “{constraint_words(constraints, relaxed)}”. "
        f"Best alternative with {constraint_words(relaxed, constraints)}: {join_names(advice.relaxed.quiet.names)}."
    )


def violation_sentence(violation: ConstraintViolation, constraints: Constraints) -> str:
    """Return which constraints a selection breaks, with what it gives."""
    sentences = []
    if violation.classes_with_too_few:
        few = [f"{name} has {counted(count, 'image')}" for name, count in violation.classes_with_too_few]
        if len(few) > MOST_NAMED:
            few[MOST_NAMED - 1 :] = [f"{len(few) - MOST_NAMED + 1} more have too few"]
        sentences.append(f"{join_names(few)}; minimum {constraints.images_per_class:,} per class.")
    if violation.is_too_large and constraints.size_bytes is not None:
        size = violation.counts.size_bytes
        takes = "The size of the image files is not known" if size is None else f"Image files: {size_words(size)}"
        sentences.append(f"{takes}; maximum {size_words(constraints.size_bytes)}.")
    return " ".join(sentences)


def fix_label(fix: Fix, constraints: Constraints) -> str:
    """Return the fix as the words on a button."""
    names = join_names(fix.names) if 0 < len(fix.names) < MOST_NAMED else f"these {len(fix.names)} classes"
    return {
        Change.RELAX: relaxation_label(fix.constraints, constraints),
        Change.REMOVE: f"Remove {names}",
        Change.ALLOW: f"Stop excluding {names}",
        Change.LICENCES: "Allow all licences",
        Change.EXCLUDE: f"Exclude {names}",
    }[fix.change]


def relaxation_label(relaxed: Constraints, constraints: Constraints) -> str:
    """Return asking for less as the words on a button: "Set min. 40 images per class"."""
    return f"Set {constraint_words(relaxed, constraints)}"


def constraint_words(constraints: Constraints, other: Constraints) -> str:
    """Return the constraints by which these differ from the others: "min. 40 images per class"."""
    parts = []
    if constraints.images_per_class != other.images_per_class:
        parts.append(_minimum(constraints))
    if constraints.size_bytes != other.size_bytes and constraints.size_bytes is not None:
        parts.append(_maximum(constraints.size_bytes))
    return join_names(parts) if parts else "no limit"


def _all_asked(constraints: Constraints) -> str:
    limit = [] if constraints.size_bytes is None else [_maximum(constraints.size_bytes)]
    return f"“{join_names([_minimum(constraints), *limit])}”"


def _minimum(constraints: Constraints) -> str:
    return f"min. {counted(constraints.images_per_class, 'image')} per class"


def _maximum(size_bytes: int) -> str:
    return f"max. {size_words(size_bytes)}"
