"""How are the files of images written, some images at a time?

Each function takes what other processes can be handed, and says what became of it.
"""

import hashlib
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cocomine.coco.image_address import ImageAddress, fetch_files
from cocomine.errors import ExportError
from cocomine.exporting.formats.image_files import ImageSources, PlacedImage, Placement, place_again, place_image
from cocomine.exporting.image_batches import IMAGES_AT_ONCE, ImageBatch
from cocomine.exporting.label_files import image_places, label_files, label_rules
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.shown_map import ShownMap
from cocomine.system.files import file_sha256

KINDS = {".png": "label map", ".txt": "YOLO file", ".xml": "VOC file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFile:
    """An image file that is to come into an export.

    Attributes:
        places: the first is where the COCO file looks for it.
        source: the file; None where there is none that may be used.
        leads_out: it is reached by a link out of the image folder.
        address: from where it is fetched when its turn comes, and copied; None where it is on this computer.
        name: below the address.
    """

    split: str
    places: tuple[str, ...]
    source: Path | None
    leads_out: bool
    address: ImageAddress | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacingTask:
    """Some image files, and how they come into an export: see `place_image`."""

    folder: Path
    files: tuple[ImageFile, ...]
    mode: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A label file as it was made.

    Attributes:
        sha256: of its bytes, in hex.
        shown: in it, where it is a map.
    """

    sha256: str
    shown: ShownMap | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLabels:
    """The label files of some images of a split.

    Attributes:
        tallies: by format, how many annotations are in it how.
        files: by their place.
    """

    split: str
    tallies: dict[str, Counter[str]]
    files: dict[str, WrittenFile]


def write_labels(batch: ImageBatch) -> WrittenLabels:
    """Write the label files of some images.

    Raises:
        ExportError: two images would share a file.
        OSError: a file cannot be written.
    """
    tallies, made, written = defaultdict[str, Counter[str]](Counter), set[str](), dict[str, WrittenFile]()
    for files in label_files(batch.split, batch.names, batch.rules):
        for format_name, tally in files.tallies.items():
            tallies[format_name].update(tally)
        for place, data in files.data.items():
            _write_new(f"{batch.folder}/{place}", data, made)
            digest = hashlib.sha256(data).hexdigest()
            written[place] = WrittenFile(sha256=digest, shown=files.maps.get(place))
    return WrittenLabels(split=batch.split.name, tallies=dict(tallies), files=written)


def placing_tasks(plan: ExportPlan, folder: Path) -> Iterator[PlacingTask]:
    """Yield the image files of a plan, as many at a time as a batch has images."""
    rules = label_rules(plan)
    for part in plan.parts:
        sources = ImageSources(part.split)
        for start in range(0, len(part.image_index), IMAGES_AT_ONCE):
            files = []
            for index in part.image_index[start : start + IMAGES_AT_ONCE].tolist():
                source = None if part.split.address is not None else sources.file_of(index)
                file = ImageFile(
                    split=part.split.name,
                    places=tuple(image_places(part.split.name, exported_name(part.split, index), rules)),
                    source=source,
                    leads_out=source is None and sources.leads_out(index),
                    address=part.split.address,
                    name=part.split.images.file_names[index],
                )
                files.append(file)
            yield PlacingTask(folder=folder, files=tuple(files), mode=plan.recipe.images)


def place_images(task: PlacingTask) -> list[PlacedImage]:
    """Put some image files into an export, in all places of each.

    Raises:
        ExportError: two images would share a file.
        AddressError: images at an address cannot be fetched; that one of them is not there is no error.
        OSError: a file cannot be written.
    """
    fetch_files([(file.address, file.name) for file in task.files if file.address is not None])
    made = set[str]()
    return [_placed(file, task, made) for file in task.files]


def _placed(file: ImageFile, task: PlacingTask, made: set[str]) -> PlacedImage:
    first, *others = (Path(f"{task.folder}/{place}") for place in file.places)
    source, mode = (file.source, task.mode) if file.address is None else (file.address.file(file.name), "copy")
    placement = Placement.LEADS_OUT
    if not file.leads_out:
        with _alone(first, made, "image file"):
            placement = place_image(source, first, mode=mode)
    for other in others if placement.is_there else ():
        with _alone(other, made, "image file"):
            place_again(first, other, placement)
    return PlacedImage(
        split=file.split,
        path=file.places[0],
        source=source,
        placement=placement,
        fetched_sha256=file_sha256(source) if file.address is not None and source is not None else "",
        others=file.places[1:],
    )


def _write_new(path: str, data: bytes, made: set[str]) -> None:
    kind = KINDS[path[-4:]]
    with _alone(path, made, kind), open(path, "xb", buffering=0) as file:  # noqa: PTH123 - a Path takes as long again
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]


@contextmanager
def _alone(path: str | Path, made: set[str], kind: str) -> Iterator[None]:
    """Make the folder in which a file is put, and refuse one that is there: none is written over another.

    Args:
        made: folders that are there, to which that of the path is added.
        kind: of the file.

    Raises:
        ExportError: the block found a file there.
    """
    folder, name = os.path.split(path)
    if folder not in made:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - as above
        made.add(folder)
    try:
        yield
    except FileExistsError:
        raise ExportError(f"{name}: two images would share this {kind}. Rename one of them, or exclude it.") from None
