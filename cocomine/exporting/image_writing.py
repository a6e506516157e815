"""How are the files of images written, some images at a time?

Each function takes what other processes can be handed, and says what became of it.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cocomine.coco.image_address import ImageAddress, fetch_files
from cocomine.coco.images_on_disk import FileState, file_states
from cocomine.errors import ExportError
from cocomine.exporting.formats.image_files import (
    PlacedImage,
    Placement,
    allowed_folders,
    place_again,
    place_image,
    real_image_path,
)
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
        places: from the export's folder on; the first is where the COCO file looks for it.
        source: the file; None where there is none that may be used.
        leads_out: it is reached by a link out of the image folder.
        address: from where it is fetched when its turn comes, and copied; None where it is on this computer.
        name: below the address.
    """

    split: str
    places: tuple[Path, ...]
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
        files: by their path from the export's folder on.
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
    tallies, made, written = defaultdict[str, Counter[str]](Counter), set[Path](), dict[str, WrittenFile]()
    for files in label_files(batch.split, batch.names, batch.rules):
        for format_name, tally in files.tallies.items():
            tallies[format_name].update(tally)
        for path, data in files.data.items():
            _write_new(batch.folder / path, data, made)
            digest = hashlib.sha256(data).hexdigest()
            written[path.as_posix()] = WrittenFile(sha256=digest, shown=files.maps.get(path))
    return WrittenLabels(split=batch.split.name, tallies=dict(tallies), files=written)


def placing_tasks(plan: ExportPlan, folder: Path) -> Iterator[PlacingTask]:
    """Yield the image files of a plan, as many at a time as a batch has images."""
    rules = label_rules(plan)
    for part in plan.parts:
        states, allowed = file_states(part.split), allowed_folders(part.split)
        for start in range(0, len(part.image_index), IMAGES_AT_ONCE):
            files = []
            for index in part.image_index[start : start + IMAGES_AT_ONCE].tolist():
                places = tuple(image_places(part.split.name, exported_name(part.split, index), rules))
                source = None if part.split.address is not None else real_image_path(part.split, index, allowed)
                leads_out = source is None and bool(states[index] == FileState.LEADS_OUT)
                file = ImageFile(split=part.split.name, places=places, source=source, leads_out=leads_out)
                name = part.split.images.file_names[index]
                files.append(replace(file, address=part.split.address, name=name))
            yield PlacingTask(folder=folder, files=tuple(files), mode=plan.recipe.images)


def place_images(task: PlacingTask) -> list[PlacedImage]:
    """Put some image files into an export, in all places of each.

    Raises:
        ExportError: two images would share a file.
        AddressError: images at an address cannot be fetched; that one of them is not there is no error.
        OSError: a file cannot be written.
    """
    fetch_files([(file.address, file.name) for file in task.files if file.address is not None])
    made = set[Path]()
    return [_placed(file, task, made) for file in task.files]


def _placed(file: ImageFile, task: PlacingTask, made: set[Path]) -> PlacedImage:
    first, *others = (task.folder / place for place in file.places)
    source, mode = (file.source, task.mode) if file.address is None else (file.address.file(file.name), "copy")
    if file.leads_out:
        placement = Placement.LEADS_OUT
    else:
        placement = place_image(source, _path_for_new_image(first, made), mode=mode)
    for other in others if placement.is_there else ():
        place_again(first, _path_for_new_image(other, made), placement)
    return PlacedImage(
        split=file.split,
        path=file.places[0].as_posix(),
        source=source,
        placement=placement,
        fetched_sha256=file_sha256(source) if file.address is not None and source is not None else "",
        others=tuple(place.as_posix() for place in file.places[1:]),
    )


def _write_new(path: Path, data: bytes, made: set[Path]) -> None:
    _make_folder_of(path, made)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise _shared(path, KINDS[path.suffix]) from None


def _path_for_new_image(path: Path, made: set[Path]) -> Path:
    """Return a path whose folder exists and whose file does not: none is written over another."""
    _make_folder_of(path, made)
    if path.exists():
        raise _shared(path, "image file")
    return path


def _make_folder_of(path: Path, made: set[Path]) -> None:
    """Make the folder of a path, unless it is among those that are there, to which it is added."""
    folder = path.parent
    if folder not in made:
        folder.mkdir(parents=True, exist_ok=True)
        made.add(folder)


def _shared(path: Path, what: str) -> ExportError:
    return ExportError(f"{path.name}: two images would share this {what}. Rename one of them, or exclude it.")
