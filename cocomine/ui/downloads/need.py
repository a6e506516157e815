"""Which images are missing, how large are they, and from which hosts would they come?"""

from dataclasses import dataclass
from pathlib import Path

from cocomine.coco.arrays import Ints
from cocomine.downloading.permission import Permission
from cocomine.downloading.plan import ForeignHost, image_place, plan_download
from cocomine.downloading.refusals import Failure
from cocomine.downloading.task import DownloadRequest, SplitPlace
from cocomine.mining.selection.serialisation import selection_value
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import DATASETS, View, of_files, of_images


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a download would bring.

    Attributes:
        image_count: images that have an address.
        estimated_bytes: of these, by their pixels.
        foreign_hosts: that the person has to allow.
        folders: where the images will be.
        failures: images that cannot be fetched, as is known before.
    """

    image_count: int
    estimated_bytes: int
    foreign_hosts: tuple[ForeignHost, ...]
    folders: tuple[Path, ...]
    failures: tuple[Failure, ...]

    @property
    def missing_count(self) -> int:
        """All images that have no file on disk."""
        return self.image_count + len(self.failures)

    def allowed_count(self, permission: Permission) -> int:
        """Return how many of the images are on hosts that may be asked."""
        refused = (host.image_count for host in self.foreign_hosts if host.name not in permission.hosts)
        return self.image_count - sum(refused)


@cached(of_files, most=DATASETS, spinner="Looking for the images …")
def need_of_all(view: View, root: Path | None = None) -> Need:
    """Return what a download of all missing images in view would bring.

    Args:
        root: see `plan_download`; in a folder of their own, all images are missing that are not there.
    """
    return _need(view, None, root)


@cached(of_images, most=DATASETS, spinner="Looking for the images …")
def need_of_selection(view: View, root: Path | None = None) -> Need:
    """Return what a download of the missing images of the selection would bring; see `need_of_all`."""
    return _need(view, _selected(view), root)


def request_for(view: View, permission: Permission, *, takes_all: bool, root: Path | None = None) -> DownloadRequest:
    """Return a request for the missing images in view, of the selection or all, or for all that a root is to take."""
    places = (
        SplitPlace(
            name=split.name, folder=str(image_place(split)), linked_folders=tuple(map(str, split.linked_folders))
        )
        for split in view.dataset.splits
    )
    return DownloadRequest(
        dataset=str(view.dataset.path),
        splits=tuple(places),
        selection=None if takes_all else selection_value(view.selection),
        excluded=() if takes_all else tuple(sorted(view.excluded)),
        hosts=tuple(sorted(permission.hosts)),
        plain_hosts=tuple(sorted(permission.plain_hosts)),
        root="" if root is None else str(root),
    )


def _selected(view: View) -> dict[str, Ints]:
    return {part.split.name: part.image_index for part in view.subset.parts}


def _need(view: View, wanted: dict[str, Ints] | None, root: Path | None) -> Need:
    plan = plan_download(view.dataset, wanted, root=root)
    return Need(
        image_count=len(plan.images),
        estimated_bytes=plan.estimated_bytes,
        foreign_hosts=plan.foreign_hosts,
        folders=plan.folders,
        failures=plan.failures,
    )
