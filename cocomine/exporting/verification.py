"""Is what was written what was meant?

The plan says which files there are and what each must hold; each is opened where whoever uses it looks for it, and
compared. What should be seen in a file follows from the columns of the source, and where a file shows less, from masks
decoded anew at the image's own size.

A map is compared as it was painted where its file is, byte for byte, what was made of it; its hash says so. Where it is
not, and in the first of 16 images in any case, it is compared as Pillow reads it. Everything else is always read.
"""

import hashlib
import os
import stat
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cocomine.exporting.coco_file_checks import coco_file_checks
from cocomine.exporting.document_checks import document_checks
from cocomine.exporting.file_check import FileCheck
from cocomine.exporting.formats.image_files import PlacedImage, Placement
from cocomine.exporting.image_batches import ImageBatch, batch_ends, image_batches
from cocomine.exporting.image_writing import WrittenFile, WrittenLabels
from cocomine.exporting.label_file_checks import LabelCheck, label_checks
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.system.files import file_sha256
from cocomine.system.jobs import Progress
from cocomine.system.worker_pool import WorkerPool
from cocomine.wording import counted

MOST_NAMED = 3
OTHER_PLACES = "Images in other layouts"
OTHER_FILE = ("other than the file that they came from",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """An export compared with its plan.

    Attributes:
        files: every file that the plan holds: path, size in bytes and SHA-256, both None where it is missing.
        defects: one sentence for each way in which files are not as the plan says; none means that all are.
    """

    files: tuple[dict[str, Any], ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file of the plan, looked at.

    Attributes:
        flaws: in what it is not as planned; "missing" where it is not there.
        size: in bytes; None where it is missing, and so is the hash.
    """

    kind: str
    path: str
    flaws: tuple[str, ...]
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFiles:
    """The files of images, as the writing left them.

    Attributes:
        labels: batch by batch; none where no format has any.
        images: what became of each image file, in the order of the plan; none where they were not asked for.
    """

    labels: Sequence[WrittenLabels]
    images: Sequence[PlacedImage]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """Some images whose files are looked at."""

    batch: ImageBatch
    labels: Mapping[str, WrittenFile]
    images: Sequence[PlacedImage]


def verify_files(
    plan: ExportPlan, folder: Path, written: WrittenFiles, progress: Progress, pool: WorkerPool
) -> Verification:
    """Compare what lies in a folder with the plan.

    Args:
        folder: where it was written, but for the manifest.
        pool: shares the work.
    """
    files, ends = [_checked(check, folder) for check in _single_checks(plan, folder)], batch_ends(plan)
    tasks = _tasks(plan, folder, written)
    of_images = pool.results(_checked_images, tasks, lambda done: progress(ends[done], ends[-1]))
    files += [file for batch in of_images for file in batch]
    flawed, totals = defaultdict[tuple[str, str], list[str]](list), Counter(file.kind for file in files)
    for file in files:
        for flaw in file.flaws:
            flawed[file.kind, flaw].append(file.path)
    entries = [{"path": file.path, "size": file.size, "sha256": file.sha256} for file in files]
    return Verification(
        files=tuple(sorted(entries, key=lambda entry: str(entry["path"]))),
        defects=tuple(_sentence(kind, flaw, paths, totals[kind]) for (kind, flaw), paths in flawed.items()),
    )


def _tasks(plan: ExportPlan, folder: Path, written: WrittenFiles) -> Iterator[_Task]:
    starts = batch_ends(plan)
    for number, batch in enumerate(image_batches(plan, folder)):
        labels = written.labels[number].files if written.labels else {}
        images = written.images[starts[number] : starts[number + 1]]
        yield _Task(batch=batch, labels=labels, images=images)


def _checked_images(task: _Task) -> list[CheckedFile]:
    """Look at all files of some images."""
    batch, files = task.batch, list[CheckedFile]()
    for number, checks in enumerate(label_checks(batch.split, dict(enumerate(batch.names)), batch.rules)):
        for check in checks:
            files.append(_checked_label(check, batch.folder, task.labels.get(check.path), is_read=number == 0))
    there = [image for image in task.images if image.placement.is_there]
    return files + [file for image in there for file in _checked_image(image, batch.folder)]


def _checked_label(check: LabelCheck, folder: Path, written: WrittenFile | None, *, is_read: bool) -> CheckedFile:
    """Look at a label file.

    Args:
        written: as it was made; None where nobody says so.
        is_read: a map is read even where it is what was made.
    """
    path = f"{folder}/{check.path}"
    if _own_file(path) is None:
        return _missing(check.kind, check.path)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each takes as long again
        data = file.readall()
    digest = hashlib.sha256(data).hexdigest()
    if written is None or digest != written.sha256:
        flaws = check.flaws(data) or ["other than they were made"]
    elif written.shown is None or check.map_flaws is None or is_read:
        flaws = check.flaws(data)
    else:
        flaws = check.map_flaws(written.shown)
    return CheckedFile(kind=check.kind, path=check.path, flaws=tuple(flaws), size=len(data), sha256=digest)


def _checked_image(image: PlacedImage, folder: Path) -> Iterator[CheckedFile]:
    """Look at an image's file in all places; what is one file on the disk is read once."""
    if image.placement is Placement.SYMLINKED:
        yield from _checked_symlinks(image, folder)
        return
    first, read = _own_file(f"{folder}/{image.path}"), None
    for kind, place in (("Images", image.path), *((OTHER_PLACES, other) for other in image.others)):
        found = first if place == image.path else _own_file(f"{folder}/{place}")
        if found is None:
            yield _missing(kind, place)
        elif read is not None and first is not None and os.path.samestat(found, first):
            yield replace(read, kind=kind, path=place, flaws=())
        else:
            digest = file_sha256(Path(f"{folder}/{place}"))
            flaws = _image_flaws(image, found, digest)
            checked = CheckedFile(kind=kind, path=place, flaws=flaws, size=found.st_size, sha256=digest)
            read = checked if place == image.path else read
            yield checked


def _image_flaws(image: PlacedImage, found: os.stat_result, digest: str) -> tuple[str, ...]:
    """Say in what the file of an image is not the one that it came from.

    Args:
        found: what `stat` says of it.
        digest: its SHA-256, in hex.
    """
    if image.fetched_sha256:
        return () if digest == image.fetched_sha256 else OTHER_FILE
    if image.source is None or not image.source.is_file():
        return ("without the file that they came from",)
    source = image.source.stat()
    if image.placement is Placement.LINKED and os.path.samestat(found, source):
        return ()
    return () if found.st_size == source.st_size and digest == file_sha256(image.source) else OTHER_FILE


def _checked_symlinks(image: PlacedImage, folder: Path) -> Iterator[CheckedFile]:
    """Look at an image in all places, each of which must lead straight to its file; that is read once."""
    source = image.source
    is_there = source is not None and source.is_file()
    size, sha256 = (source.stat().st_size, file_sha256(source)) if source is not None and is_there else (None, None)
    for kind, path in (("Images", image.path), *((OTHER_PLACES, other) for other in image.others)):
        place = folder / path
        if not place.is_symlink() or not is_there:
            yield _missing(kind, path)
            continue
        leads_there = os.path.realpath(place) == str(source)
        flaws = () if leads_there else ("that lead to another file than the one that they came from",)
        yield CheckedFile(kind=kind, path=path, flaws=flaws, size=size, sha256=sha256)


def _checked(check: FileCheck, folder: Path) -> CheckedFile:
    path = folder / check.path
    found = _own_file(path)
    if found is None:
        return _missing(check.kind, check.path)
    flaws, digest = tuple(check.flaws(path)), file_sha256(path)
    return CheckedFile(kind=check.kind, path=check.path, flaws=flaws, size=found.st_size, sha256=digest)


def _missing(kind: str, path: str) -> CheckedFile:
    return CheckedFile(kind=kind, path=path, flaws=("missing",), size=None, sha256=None)


def _own_file(path: str | Path) -> os.stat_result | None:
    """Return what `stat` says of a regular file; None where there is none, as where there is a link."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def verified_sentence(manifest: Mapping[str, Any]) -> str:
    """Return how many files were compared with the plan, and how many ways there are in which they are not as meant."""
    sentence, defects = f"{counted(len(manifest['files']), 'file')} verified", len(manifest.get("defects", []))
    return f"{sentence}: {counted(defects, 'defect')}" if defects else sentence


def _single_checks(plan: ExportPlan, folder: Path) -> Iterator[FileCheck]:
    """Yield the files that are not of one image."""
    for part in plan.parts:
        yield from coco_file_checks(plan, part, folder)
    yield from document_checks(plan)


def _sentence(kind: str, flaw: str, paths: Sequence[str], total: int) -> str:
    named = ", ".join(paths[:MOST_NAMED]) + (", …" if len(paths) > MOST_NAMED else "")
    return f"{kind}: {len(paths):,} of {total:,} {flaw} ({named})."
