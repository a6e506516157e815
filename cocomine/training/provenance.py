"""On what exactly was a checkpoint trained, and is that still what the export holds?

A run goes on only with the data that it began with: the export's manifest, which names every file with its SHA-256,
and the images that were there and readable. Of the files themselves only the sizes are compared with the manifest at
each start, which takes a moment; a file that was changed into another of the same size is not noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.exporting.layout import LABELS
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import Export

_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What of an export decides the numbers of a run."""

    manifest_sha256: str
    size_px: int
    labels: tuple[str, ...]  # names by mask value
    splits: tuple[str, str]  # names of the training and the validation split
    image_counts: tuple[int, int]  # of the images that are there


def provenance_of(export: Export) -> Provenance:
    """Return what a run on this export depends on.

    Raises:
        ExportError: It has no images to train on or to validate on.
    """
    splits = export.train_split, export.val_split
    return Provenance(
        manifest_sha256=export.manifest_sha256,
        size_px=export.size_px,
        labels=tuple(label.name for label in export.labels),
        splits=(splits[0].name, splits[1].name),
        image_counts=(len(splits[0].images), len(splits[1].images)),
    )


def differences(before: Provenance, now: Provenance) -> list[str]:
    """Return what changed, each as the end of a sentence that begins with "the export"; nothing if nothing did."""
    if before == now:
        return []
    return [
        *_changed_labels(before.labels, now.labels),
        *_changed("label maps", f"{before.size_px} px", f"{now.size_px} px"),
        *_changed("splits", ", ".join(before.splits), ", ".join(now.splits)),
        *_changed("training images", before.image_counts[0], now.image_counts[0]),
        *_changed("validation images", before.image_counts[1], now.image_counts[1]),
    ] or ["its files are others (the SHA-256 of manifest.json differs)"]


def _changed(what: str, before: object, now: object) -> list[str]:
    return [] if before == now else [f"{what} were {before} and are {now}"]


def _changed_labels(before: Sequence[str], now: Sequence[str]) -> list[str]:
    what = "the order of the labels was" if sorted(before) == sorted(now) else "the labels were"
    return [] if before == now else [f"{what} {', '.join(before)} and is now {', '.join(now)}"]


def check_sizes(export: Export) -> None:
    """Compare the files that training reads with the manifest by their sizes; images that are gone are left alone.

    Raises:
        TrainingError: One was changed, or is gone and is no image.
    """
    wrong = [
        f"{entry['path']} ({entry['size']:,} bytes in the manifest, {'missing' if size is None else f'{size:,} found'})"
        for entry in read_manifest(export.folder)["files"]
        if _is_read(entry["path"]) and (size := _size_of(export.folder / entry["path"])) != entry["size"]
        if size is not None or not entry["path"].startswith("images/")
    ]
    if wrong:
        raise TrainingError(
            f"{export.folder}: {len(wrong):,} of its files changed since it was written: {'; '.join(wrong[:_NAMED])}"
            f"{' and others' if len(wrong) > _NAMED else ''}. Put them back, or export again."
        )


def _is_read(path: str) -> bool:
    is_label_map = path.startswith("labels/") and path.endswith(".png")
    return is_label_map or path == LABELS or path.startswith(("annotations/", "images/"))


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
