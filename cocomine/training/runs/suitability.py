"""Can a network be trained on this export at all?

Answered from the manifest and the recipe alone, so that page and command line say it before anything starts. What
changes on the disk afterwards, a run finds out for itself.
"""

from collections.abc import Mapping
from typing import Any

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.reading import ExportEntry
from cocomine.mining.advice.readiness import ROLE_WORDS, Concern, cautions
from cocomine.mining.selection.recipe import MaskShape
from cocomine.system.extras import TRAINING

SIZE_STEP_PX = 32  # the encoder halves five times


def image_file_count(entry: ExportEntry, role: SplitRole) -> int:
    """Return how many images with an image file an export has for one use."""
    return sum(_file_count(split) for split in entry.manifest["splits"] if split["role"] == role)


def missing_file_count(entry: ExportEntry) -> int:
    """Return how many images of an export have no image file."""
    return sum(split["image_count"] - _file_count(split) for split in entry.manifest["splits"])


def _file_count(split: Mapping[str, Any]) -> int:
    """Return how many images of a split have an image file; all of them where an older manifest does not say it."""
    count: int = split.get("image_file_count", split["image_count"])
    return count


def has_masks(entry: ExportEntry) -> bool:
    """Return whether an export holds masks to train on."""
    return "masks" in entry.recipe.formats


def training_trouble(entry: ExportEntry) -> str | None:
    """Return why no network can be trained here on an export and what to do about it, None if one can."""
    if trouble := TRAINING.trouble:
        return trouble
    if not has_masks(entry):
        return f"{entry.folder}: the export has no label maps. Export again with the format “masks”."
    if entry.recipe.mask_shape is not MaskShape.SQUARE:
        return (
            f"{entry.folder}: training takes square label maps, and those of this export are "
            f"{entry.recipe.mask_shape}. Export again with a mask size of 128 px or another."
        )
    if trouble := size_trouble(entry.recipe.size_px):
        return f"{entry.folder}: {trouble}"
    for role in ROLE_WORDS:
        if not image_file_count(entry, role):
            return f"{entry.folder}: {_no_images(entry.manifest['splits'], role)}"
    return None


def training_cautions(entry: ExportEntry) -> list[str]:
    """Return a sentence for each thing that speaks against training on an export without preventing it."""
    blocking = {Concern.NO_SPLIT, Concern.EMPTY_SPLIT}
    sentences = [each.sentence for each in cautions(entry.manifest["splits"]) if each.concern not in blocking]
    return [*sentences, *missing_file_sentences(entry)]


def missing_file_sentences(entry: ExportEntry) -> list[str]:
    """Return a sentence for each split of which images have no image file."""
    return [
        f"{missing:,} of {split['image_count']:,} images of {split['split']} have no image file and are left out."
        for split in entry.manifest["splits"]
        if (missing := split["image_count"] - _file_count(split))
    ]


def size_trouble(size_px: int) -> str | None:
    """Return why the network cannot take label maps of this side, None if it can."""
    if size_px % SIZE_STEP_PX == 0:
        return None
    near = max(1, round(size_px / SIZE_STEP_PX)) * SIZE_STEP_PX
    return (
        f"its label maps are {size_px} px, but the network needs a multiple of {SIZE_STEP_PX} px. "
        f"Export again with {near} px."
    )


def _no_images(splits: list[Mapping[str, Any]], role: SplitRole) -> str:
    use = ROLE_WORDS[role]
    alike = [split["split"] for split in splits if split["role"] == role]
    if not alike:
        names = ", ".join(split["split"] for split in splits)
        return (
            f"no split is for {use}; there {'are' if len(splits) > 1 else 'is'} {names}, whose names do not say it. "
            f"Export again and say which it is (--role SPLIT={role})."
        )
    if any(split["image_count"] for split in splits if split["split"] in alike):
        return (
            f"{', '.join(alike)} has no image files for {use}. Export again with images as links or copies, from a "
            "dataset whose image folder was found."
        )
    return (
        f"{', '.join(alike)} has no images for {use}. Choose classes that occur there, or other classes beside them, "
        "and export again."
    )
