"""Can a network learn each class from a subset, and be judged on it? What speaks against it is said beforehand.

A class is learnt from objects, so crowd regions do not count; one that is in no validation image has no IoU. The same
sentences stand on Choose, Export and Train, on the command line and in an export's manifest. They are derived from what
each split holds: the `splits` of a manifest, those of a plan (`split_entries`), or `Subset.contents_of` each part while
the person still chooses.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cocomine.coco.split_role import SplitRole
from cocomine.wording import counted, join_names

MOST_NAMED = 4
"""So many classes are named in a sentence."""
ROLE_WORDS = {SplitRole.TRAIN: "training", SplitRole.VAL: "validation"}
SplitEntry = Mapping[str, Any]
"""What a split holds, as in a manifest: `split`, `role`, `image_count`, `image_counts` and `instance_counts` by class.

The last two are missing in old manifests; `without_mask_count` and `too_small_count` are None where no label maps are
made.
"""


class Concern(StrEnum):
    """What speaks against a subset."""

    NO_SPLIT = "no split"
    """none is for training, or none for validation"""
    EMPTY_SPLIT = "empty split"
    """the splits for a use hold no image"""
    NO_IMAGE = "no image"
    """a class is in no image, or in none for a use"""
    NO_OBJECT = "no object"
    """a class has crowd regions alone"""
    TOO_FEW = "too few"
    """a class has fewer images than the person asked for"""
    NO_MASK = "no mask"
    """objects have a box alone, where label maps are asked for"""
    TOO_SMALL = "too small"
    """objects are less than a pixel of a label map"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """One thing that speaks against a subset.

    Attributes:
        sentence: with its numbers, as plain text.
        classes: those that it is about; none where it is about all of the subset.
        min_images: of these classes, where there are fewer than asked for.
    """

    concern: Concern
    sentence: str
    classes: tuple[str, ...] = ()
    min_images: int | None = None


def cautions(splits: Sequence[SplitEntry], *, min_images: int = 1, is_divided: bool = False) -> list[Caution]:
    """Return what speaks against training on a subset; nothing where all is well.

    Args:
        min_images: what the person asks for of each class.
        is_divided: the one split will be divided into training and validation.
    """
    everywhere = _of_classes(splits)
    covered = {name for each in everywhere for name in each.classes}
    of_uses = [*_without_split(splits), *(each for role in ROLE_WORDS for each in _of_use(splits, role, covered))]
    return [
        *everywhere,
        *(_of_division(splits, covered) if is_divided else of_uses),
        *_too_few(splits, min_images, covered),
        *_without_mask(splits),
        *_too_small(splits),
    ]


def _of_division(splits: Sequence[SplitEntry], covered: set[str]) -> list[Caution]:
    """Return which classes cannot be on both sides of a split that is divided by image."""
    single = [name for name, count in _totals(splits, "image_counts").items() if count == 1 and name not in covered]
    return _told(
        Concern.NO_IMAGE,
        single,
        lambda named, has: f"{named} {has} 1 image, which cannot be in both training and validation.",
    )


def _without_split(splits: Sequence[SplitEntry]) -> list[Caution]:
    """Return for which use there is no split."""
    roles = [entry["role"] for entry in splits]
    lacking = [words for role, words in ROLE_WORDS.items() if role not in roles]
    found = ", ".join(f"{entry['split']} ({role or 'no role'})" for entry, role in zip(splits, roles, strict=True))
    sentence = f"No split is for {' and none for '.join(lacking)}: {found}."
    return [Caution(concern=Concern.NO_SPLIT, sentence=sentence)] if lacking else []


def _of_use(splits: Sequence[SplitEntry], role: SplitRole, covered: set[str]) -> list[Caution]:
    """Return what the splits for one use lack, if there are any."""
    use, alike = ROLE_WORDS[role], [entry for entry in splits if entry["role"] == role]
    names = ", ".join(entry["split"] for entry in alike)
    if not alike:
        return []
    if not sum(entry["image_count"] for entry in alike):
        return [Caution(concern=Concern.EMPTY_SPLIT, sentence=f"No {use} image: {names} has none of these images.")]
    absent, crowded = _lacking(alike, covered)
    return [
        *_told(Concern.NO_IMAGE, absent, lambda named, has: f"{named} {has} no {use} image ({names})."),
        *_told(
            Concern.NO_OBJECT,
            crowded,
            lambda named, has: f"{named} {has} only crowd regions for {use} ({names}), no object.",
        ),
    ]


def _of_classes(splits: Sequence[SplitEntry]) -> list[Caution]:
    """Return what classes lack in all splits together."""
    absent, crowded = _lacking(splits, set())
    if crowded and len(crowded) == len(_totals(splits, "image_counts")):
        sentence = "All annotations of these classes are crowd regions: there is no object to learn from."
        return [Caution(concern=Concern.NO_OBJECT, sentence=sentence, classes=tuple(crowded))]
    return [
        *_told(Concern.NO_IMAGE, absent, lambda named, has: f"{named} {has} no image in this subset."),
        *_told(
            Concern.NO_OBJECT, crowded, lambda named, has: f"{named} {has} only crowd regions, no object to learn from."
        ),
    ]


def _lacking(splits: Sequence[SplitEntry], covered: set[str]) -> tuple[list[str], list[str]]:
    """Return the classes without an image, and those with crowd regions alone, that no earlier sentence covers."""
    images, objects = _totals(splits, "image_counts"), _totals(splits, "instance_counts")
    named = [name for name in images if name not in covered]
    absent = [name for name in named if not images[name]]
    return absent, [name for name in named if images[name] and not objects.get(name)]


def _too_few(splits: Sequence[SplitEntry], min_images: int, covered: set[str]) -> list[Caution]:
    images = {name: count for name, count in _totals(splits, "image_counts").items() if name not in covered}
    few = {name: count for name, count in images.items() if count < min_images}
    if not few:
        return []
    rising = sorted(few, key=lambda name: few[name])
    numbers = [f"{name} has {few[name]:,}" for name in rising[:MOST_NAMED]]
    numbers[0] += " images" if few[rising[0]] != 1 else " image"
    more = [f"{counted(len(few) - MOST_NAMED, 'more class')} too few"] if len(few) > MOST_NAMED else []
    sentence = f"{join_names([*numbers, *more])}: you asked for at least {min_images:,} of each class."
    return [Caution(concern=Concern.TOO_FEW, sentence=sentence, classes=tuple(rising), min_images=few[rising[0]])]


def _without_mask(splits: Sequence[SplitEntry]) -> list[Caution]:
    bare = sum(entry.get("without_mask_count") or 0 for entry in splits)
    objects = sum(_totals(splits, "instance_counts").values())
    if not bare:
        return []
    if bare >= objects:
        sentence = "No object has a mask that can be drawn: label maps show background alone."
    else:
        has = "has" if bare == 1 else "have"
        sentence = f"{counted(bare, 'object')} {has} no mask that can be drawn: background in label maps."
    return [Caution(concern=Concern.NO_MASK, sentence=sentence)]


def _too_small(splits: Sequence[SplitEntry]) -> list[Caution]:
    small = sum(entry.get("too_small_count") or 0 for entry in splits)
    objects = sum(_totals(splits, "instance_counts").values())
    if not small:
        return []
    if small >= objects:
        sentence = (
            "Every object is less than a pixel of its label map, which shows background alone. Look at what check says "
            "about boxes and areas, or choose larger label maps."
        )
    else:
        verb = "is" if small == 1 else "are"
        sentence = f"{counted(small, 'object')} {verb} less than a pixel of the label map: little or nothing is seen."
    return [Caution(concern=Concern.TOO_SMALL, sentence=sentence)]


def _told(concern: Concern, classes: Sequence[str], sentence: Callable[[str, str], str]) -> list[Caution]:
    """Return one caution about these classes, where there are any.

    Args:
        sentence: from the names, as in a sentence, and "has" or "have".
    """
    if not classes:
        return []
    rest = len(classes) - MOST_NAMED
    named = [*classes[:MOST_NAMED], *([counted(rest, "more class")] if rest > 0 else [])]
    has = "has" if len(classes) == 1 else "have"
    return [Caution(concern=concern, sentence=sentence(join_names(named), has), classes=tuple(classes))]


def _totals(splits: Sequence[SplitEntry], what: str) -> dict[str, int]:
    """Return a count by class over several splits."""
    totals: dict[str, int] = {}
    for entry in splits:
        for name, count in entry.get(what, {}).items():
            totals[name] = totals.get(name, 0) + count
    return totals
