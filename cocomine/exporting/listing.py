"""Which exports are there, and how are new ones named?"""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.errors import CocomineError, ExportError
from cocomine.exporting.layout import MANIFEST, RECIPE, read_manifest
from cocomine.mining.selection.recipe import Recipe, recipe_from_text, recipe_text

LONGEST_NAME = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEntry:
    """A complete export in a list."""

    folder: Path
    recipe: Recipe
    manifest: dict[str, Any]

    @property
    def image_count(self) -> int:
        """Images of all its splits."""
        return sum(entry["image_count"] for entry in self.manifest["splits"])


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedExport:
    """A folder with an export's manifest that cannot be read, and why."""

    folder: Path
    message: str


def export_name(recipe: Recipe) -> str:
    """Return a folder name that says the classes and differs for every other recipe."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(recipe.selection.classes).lower()).strip("-")[:LONGEST_NAME].strip("-")
    digest = hashlib.sha256(recipe_text(recipe).encode()).hexdigest()
    return f"{words or 'export'}-{recipe.selection.mode}-{digest[:6]}"


def read_entry(folder: Path) -> ExportEntry:
    """Return what a list shows of one export.

    Raises:
        ExportError: the folder is not a complete export, or its recipe cannot be read.
        RecipeError: its recipe is damaged.
    """
    manifest = read_manifest(folder)
    try:
        text = (folder / RECIPE).read_text(encoding="utf-8")
    except OSError as error:
        raise ExportError(f"{folder / RECIPE}: cannot be read ({error.strerror}). Export again.") from error
    except UnicodeDecodeError as error:
        raise ExportError(f"{folder / RECIPE}: cannot be read (not UTF-8 text). Export again.") from error
    return ExportEntry(folder=folder, recipe=recipe_from_text(text), manifest=manifest)


def exports_in(folder: Path) -> list[ExportEntry]:
    """Return the complete exports directly below a folder, the newest first; interrupted ones are left out."""
    return [entry for entry in _listed(folder) if isinstance(entry, ExportEntry)]


def damaged_in(folder: Path) -> list[DamagedExport]:
    """Return the exports directly below a folder that cannot be read, the newest first."""
    return [entry for entry in _listed(folder) if isinstance(entry, DamagedExport)]


def _listed(folder: Path) -> list[ExportEntry | DamagedExport]:
    try:
        with os.scandir(folder) as entries:
            places = [Path(entry.path) for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []  # not there, or nobody's but its owner's
    found = [(stamp, place) for place in places if (stamp := _manifest_stamp(place)) is not None]
    return [_entry_or_damage(place) for _, place in sorted(found, reverse=True)]


def _manifest_stamp(folder: Path) -> int | None:
    """Return when a folder's manifest was written, 0 where we may not look; None where there is none."""
    try:
        return (folder / MANIFEST).lstat().st_mtime_ns
    except PermissionError:
        return 0
    except OSError:
        return None


def _entry_or_damage(folder: Path) -> ExportEntry | DamagedExport:
    try:
        return read_entry(folder)
    except CocomineError as error:
        return DamagedExport(folder=folder, message=str(error))
