"""What will go wrong when a network is trained on an export, and what mends it?

Some flaws prevent a run; others let one begin that cannot come to much. Each is a sentence, with what a page can offer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from cocomine.errors import ExportError
from cocomine.exporting.reading import ExportEntry
from cocomine.mining.advice.readiness import Concern, cautions
from cocomine.system.extras import TRAINING
from cocomine.training.runs.fingerprint import Fingerprint, mask_names
from cocomine.training.runs.suitability import missing_file_sentences, training_trouble
from cocomine.wording import counted, join_names, percent

RARE_SHARE = 0.001
"""Of the training pixels, below which a class is learned late, if at all."""
MOST_NAMED = 4


class Remedy(StrEnum):
    """What mends a flaw."""

    INSTALL = "install"
    """a command, which the sentence names"""
    EXPORT = "export"
    """another export of the selection"""
    SPLIT = "split"
    """another division into training and validation images"""
    DOWNLOAD = "download"
    """the images that are missing, then another export"""
    NOTHING = "nothing"
    """other images or classes alone"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong.

    Attributes:
        sentence: what, with its numbers, as plain text.
        is_blocking: no run can begin.
    """

    sentence: str
    remedy: Remedy
    is_blocking: bool = False


_REMEDIES = {
    Concern.NO_IMAGE: Remedy.SPLIT,
    Concern.NO_OBJECT: Remedy.SPLIT,
    Concern.NO_MASK: Remedy.NOTHING,
    Concern.TOO_SMALL: Remedy.EXPORT,
    Concern.TOO_FEW: Remedy.NOTHING,
}


def flaws_of(entry: ExportEntry, found: Fingerprint | None = None) -> list[Flaw]:
    """Return what is wrong with an export; one that prevents a run stands alone.

    Args:
        found: what was counted in its files, once that is known.
    """
    if trouble := training_trouble(entry):
        remedy = Remedy.INSTALL if TRAINING.trouble is not None else Remedy.EXPORT
        return [Flaw(sentence=trouble, remedy=remedy, is_blocking=True)]
    try:
        mask_names(entry.folder)
    except ExportError as error:
        return [Flaw(sentence=str(error), remedy=Remedy.EXPORT, is_blocking=True)]
    of_classes = [
        Flaw(sentence=each.sentence, remedy=_REMEDIES[each.concern])
        for each in cautions(entry.manifest["splits"])
        if each.concern in _REMEDIES
    ]
    of_files = [Flaw(sentence=each, remedy=Remedy.DOWNLOAD) for each in missing_file_sentences(entry)]
    return [*of_classes, *of_files, *([] if found is None else _of_pixels(found))]


def _of_pixels(found: Fingerprint) -> list[Flaw]:
    """Return which classes the masks show hardly or not at all."""
    absent = [name for name, share in found.pixel_shares.items() if not share]
    rare = {name: share for name, share in found.pixel_shares.items() if 0 < share < RARE_SHARE}
    flaws = []
    if absent:
        verb = "covers" if len(absent) == 1 else "cover"
        named = _named(absent)
        sentence = f"{named} {verb} no pixel of the {found.mask_count:,} training masks that were looked at."
        flaws.append(Flaw(sentence=sentence, remedy=Remedy.EXPORT))
    if rare:
        named = _named([f"{name} ({percent(share)})" for name, share in rare.items()])
        verb = "covers" if len(rare) == 1 else "cover"
        sentence = f"{named} {verb} less than {percent(RARE_SHARE)} of the training pixels: expect a low IoU."
        flaws.append(Flaw(sentence=sentence, remedy=Remedy.NOTHING))
    return flaws


def _named(classes: Sequence[str]) -> str:
    """Return classes as in a sentence, the first few by name and how many there are beside these."""
    rest = len(classes) - MOST_NAMED
    return join_names([*classes[:MOST_NAMED], *([counted(rest, "more class")] if rest > 0 else [])])
