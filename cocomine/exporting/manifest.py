"""What does a manifest hold, and is this one?"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from cocomine.coco.split_role import SplitRole, role_of_name
from cocomine.errors import ExportError
from cocomine.exporting.layout import MANIFEST

EXPORT_VERSION = 1
SplitName = Annotated[str, msgspec.Meta(pattern=r"\A(?!\.{1,2}\Z)[^/\0]+\Z")]
InnerPath = Annotated[str, msgspec.Meta(pattern=r"\A(?!/)(?!(?:.*/)?\.\.(?:/|\Z))")]
"""Neither leads out of the export, whoever wrote its manifest."""
EARLIER_KEYS = {
    "pictures": "image_files",
    "picture_count": "image_file_count",
    "missing_picture_count": "missing_image_file_count",
}
"""Keys as they were in exports that are still about, with their names now."""


class _SplitEntry(msgspec.Struct):
    split: SplitName
    image_count: int
    annotation_count: int
    role: SplitRole | None = None
    image_file_count: int = 0
    missing_image_file_count: int = 0
    without_mask_count: int | None = None
    too_small_count: int | None = None
    instance_counts: dict[str, int] = {}
    crowd_counts: dict[str, int] = {}
    image_counts: dict[str, int] = {}
    outlinings: dict[str, int] | None = None
    boxes: dict[str, int] | None = None
    voc_entries: dict[str, int] | None = None


class _FileEntry(msgspec.Struct):
    path: InnerPath
    size: int | None
    sha256: str | None


class _Manifest(msgspec.Struct):
    """What a manifest must hold, and of which kind; older ones lack what has a value here."""

    splits: list[_SplitEntry]
    files: list[_FileEntry]
    is_complete: bool = True
    defects: list[str] = []
    warnings: list[str] = []


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest.

    Raises:
        ExportError: the folder is not a complete export.
    """
    try:
        data = (folder / MANIFEST).read_bytes()
    except FileNotFoundError as error:
        raise ExportError(f"{folder}: no complete export (its {MANIFEST} is missing). Export again.") from error
    except OSError as error:
        reason = error.strerror or error
        raise ExportError(f"{folder / MANIFEST}: cannot be read ({reason}). Export again.") from error
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{folder / MANIFEST}: damaged ({error}). Export again.") from error
    try:
        return checked_manifest(value)
    except ValueError as error:
        raise ExportError(f"{folder / MANIFEST}: {error}. Export again.") from error


def checked_manifest(value: object) -> dict[str, Any]:
    """Return what was read from a manifest, if it is one; keys of earlier versions have their present names.

    Raises:
        ValueError: it is of another version, or a field is missing or of another kind.
    """
    if not isinstance(value, dict) or value.get("cocomine_export") != EXPORT_VERSION:
        raise ValueError(f"not the manifest of an export of version {EXPORT_VERSION}")
    manifest: dict[str, Any] = _renamed(value)
    if isinstance(manifest.get("splits"), list):
        manifest["splits"] = [_renamed(each) for each in manifest["splits"]]
    try:
        msgspec.convert(manifest, _Manifest)
    except msgspec.ValidationError as error:
        raise ValueError(f"damaged ({error})") from error
    for entry in manifest["splits"]:
        entry["role"] = _role_in(entry)
    return manifest


def _role_in(entry: Mapping[str, Any]) -> SplitRole | None:
    """Return what a split is for; by its name where an earlier manifest does not say it."""
    role = entry["role"] if "role" in entry else role_of_name(entry["split"])
    return None if role is None else SplitRole(role)


def _renamed(entry: Any) -> Any:
    return {EARLIER_KEYS.get(key, key): value for key, value in entry.items()} if isinstance(entry, dict) else entry
