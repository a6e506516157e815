"""What does the process of a download do?

It opens the dataset and selects anew: so a request says what a person wants, not the names of a hundred thousand
images, and a download that was cancelled or died is continued by the same request.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from cocomine.background.reporting import Report
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.image_folders import with_images
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.downloading.downloads import download_images
from cocomine.downloading.image_store import ImageStore
from cocomine.downloading.permission import Permission
from cocomine.downloading.plan import DownloadPlan, plan_download
from cocomine.downloading.report import Conditions, DownloadReport, Watch
from cocomine.mining.selection.selection import select
from cocomine.mining.selection.serialisation import selection_of
from cocomine.workspace import workspace_from_environment

KIND = "download"
READING, DOWNLOADING = "Reading the annotations", "Downloading"


class SplitPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A split, and where its images are."""

    name: str
    folder: str
    linked_folders: tuple[str, ...] = ()


class DownloadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a download is to bring; all that JSON can hold."""

    dataset: str
    """What was opened, a folder or an annotation file."""
    splits: tuple[SplitPlace, ...]
    selection: dict[str, Any] | None = None
    """As in a recipe; None for all images."""
    excluded: tuple[ImageKey, ...] = ()
    """Images that a selection leaves out."""
    hosts: tuple[str, ...] = ()
    """As in `Permission`."""
    plain_hosts: tuple[str, ...] = ()
    """As in `Permission`."""
    root: str = ""
    """A folder that takes all wanted images, by split; "" for the places where the dataset's images are."""

    @property
    def permission(self) -> Permission:
        """What the person allowed."""
        return Permission(hosts=frozenset(self.hosts), plain_hosts=frozenset(self.plain_hosts))

    def arguments(self) -> dict[str, Any]:
        """Return the request as a task takes it."""
        value: dict[str, Any] = msgspec.to_builtins(self)
        return value


def request_of(arguments: dict[str, Any]) -> DownloadRequest:
    """Return the request in a task's arguments."""
    return msgspec.convert(arguments, DownloadRequest)


def with_permission(request: DownloadRequest, permission: Permission) -> DownloadRequest:
    """Return a request with what the person allowed since."""
    return msgspec.structs.replace(
        request,
        hosts=tuple(sorted(permission.hosts.union(request.hosts))),
        plain_hosts=tuple(sorted(permission.plain_hosts.union(request.plain_hosts))),
    )


def report_of(result: dict[str, Any]) -> DownloadReport:
    """Return the report in a task's result."""
    return msgspec.convert(result, DownloadReport)


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Download what a request asks for, and return what came of it.

    Raises:
        CocomineError: the dataset cannot be opened, or nothing can be written.
        JobCancelled: it is to end.
    """
    request = request_of(arguments)
    report.plan({READING: 1.0, DOWNLOADING: 20.0})
    report.phase(READING)
    plan = _plan(request)
    watch = Watch(
        images=report.phase(DOWNLOADING),
        received=report.count_bytes,
        failed=lambda count: report.say(f"{count:,} failed"),
    )
    store = ImageStore(workspace_from_environment().downloads)
    done = download_images(plan, store, Conditions(permission=request.permission), watch)
    return {**msgspec.to_builtins(done), "sentence": done.sentence, "is_well": done.is_complete}


def _plan(request: DownloadRequest) -> DownloadPlan:
    dataset, root = _dataset(request), Path(request.root) if request.root else None
    if request.selection is None:
        return plan_download(dataset, root=root)
    subset = select(dataset, selection_of(request.selection), request.excluded)
    return plan_download(dataset, {part.split.name: part.image_index for part in subset.parts}, root=root)


def _dataset(request: DownloadRequest) -> Dataset:
    """Return the dataset with its images where the request says."""
    index = workspace_from_environment().index
    dataset = open_dataset(Path(request.dataset), splits=[place.name for place in request.splits], index=index)
    places = [(dataset.split(place.name), place) for place in request.splits]
    splits = (with_images(split, Path(place.folder), tuple(map(Path, place.linked_folders))) for split, place in places)
    return replace(dataset, splits=tuple(splits))
