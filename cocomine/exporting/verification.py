"""Is what was written what was meant?

The plan says which files there are and what each must hold; each is opened where whoever uses it looks for it, and
compared. Nothing is taken from the writing: what should be seen in a file follows from the columns of the source, and
where a file shows less, from masks decoded anew at the image's own size.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.exporting.formats.image_files import Brought, Picture
from cocomine.exporting.layout import annotation_path, read_manifest
from cocomine.exporting.planning.expected import Check, planned_labels
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.read_back import coco_flaws, document_checks
from cocomine.system.entries import is_file
from cocomine.system.files import file_sha256

MOST_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An export compared with its plan.

    Attributes:
        files: every file that the plan holds: path, size in bytes and SHA-256, both None where it is missing.
        defects: one sentence for each way in which files are not as the plan says; none means that all are.
    """

    files: tuple[dict[str, Any], ...]
    defects: tuple[str, ...]


def verified(
    plan: ExportPlan, folder: Path, pictures: Sequence[Picture], progress: Callable[[str, int, int], None]
) -> Verification:
    """Compare what lies in a folder with the plan.

    Args:
        plan: what was meant.
        folder: where it was written, but for the manifest.
        pictures: what became of each picture.
        progress: called after each file.
    """
    checks = list(_checks(plan, folder, pictures))
    files, flawed, totals = [], defaultdict[tuple[str, str], list[str]](list), defaultdict[str, int](int)
    for done, check in enumerate(checks, start=1):
        path = folder / check.path
        totals[check.kind] += 1
        is_there = path.is_file() and not path.is_symlink()
        for flaw in check.flaws(path) if is_there else ["missing"]:
            flawed[check.kind, flaw].append(check.path)
        size, sha256 = (path.stat().st_size, file_sha256(path)) if is_there else (None, None)
        files.append({"path": check.path, "size": size, "sha256": sha256})
        progress("Verification", done, len(checks))
    return Verification(
        files=tuple(sorted(files, key=lambda file: str(file["path"]))),
        defects=tuple(_sentence(kind, flaw, paths, totals[kind]) for (kind, flaw), paths in flawed.items()),
    )


def verified_sentence(manifest: Mapping[str, Any]) -> str:
    """Return how many files were compared with the plan, and how many ways there are in which they are not as meant."""
    count, defects = len(manifest["files"]), len(manifest.get("defects", []))
    told = f"{count:,} files verified against the plan"
    return f"{told}: {defects:,} defect{'' if defects == 1 else 's'}" if defects else told


def export_problems(folder: Path) -> list[str]:
    """Return one sentence for each file of a finished export that is not as its manifest says.

    Raises:
        ExportError: the folder is not a complete export.
    """
    manifest = read_manifest(folder)
    problems = list(manifest.get("defects", []))
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not is_file(path):
            problems.append(f"{entry['path']} is missing.")
        elif path.stat().st_size != entry["size"] or file_sha256(path) != entry["sha256"]:
            problems.append(f"{entry['path']} changed since it was written.")
    return problems


def _checks(plan: ExportPlan, folder: Path, pictures: Sequence[Picture]) -> Iterator[Check]:
    for part in plan.parts:
        path = annotation_path(folder, part.split.name).relative_to(folder).as_posix()
        yield Check(kind="COCO files", path=path, flaws=coco_flaws(plan, part))
    yield from planned_labels(plan)
    for picture in pictures:
        if picture.brought.is_there:
            yield Check(kind="Images", path=picture.path, flaws=_picture_flaws(picture))
    yield from document_checks(plan)


def _picture_flaws(picture: Picture) -> Callable[[Path], list[str]]:
    def flaws(path: Path) -> list[str]:
        source = picture.source
        if source is None or not source.is_file():
            return ["without the file that they came from"]
        if picture.brought is Brought.LINKED and path.samefile(source):
            return []
        is_same = path.stat().st_size == source.stat().st_size and file_sha256(path) == file_sha256(source)
        return [] if is_same else ["other than the file that they came from"]

    return flaws


def _sentence(kind: str, flaw: str, paths: Sequence[str], total: int) -> str:
    named = ", ".join(paths[:MOST_NAMED]) + (", …" if len(paths) > MOST_NAMED else "")
    return f"{kind}: {len(paths):,} of {total:,} {flaw} ({named})."
