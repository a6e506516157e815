"""Which exports are there, and how are new ones named?"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.errors import ExportError, RecipeError
from cocomine.exporting.folder import MANIFEST, RECIPE, read_manifest
from cocomine.mining.recipe import Recipe, recipe_from_text, recipe_text

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
    if not folder.is_dir():
        return []
    manifests = sorted(folder.glob(f"*/{MANIFEST}"), key=lambda path: path.stat().st_mtime, reverse=True)
    entries = []
    for manifest in manifests:
        try:
            entries.append(read_entry(manifest.parent))
        except (ExportError, RecipeError):
            continue  # damaged or of another version: opening it by name says why
    return entries
