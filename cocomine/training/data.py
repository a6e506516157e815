"""What does a training step read?

The images and label maps of a split become two arrays once, memory-mapped afterwards: reading a
JPEG costs more than a frozen network's step, reading a row of an array costs nothing. The arrays
are a cache under a key of everything that decides their bytes; deleting it is safe.

The images of a step are a pure function of (seed, step): a resumed run needs no reader's state.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import psutil
from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.errors import TrainingError, UnreadableImage
from cocomine.exporting.reading import Export, ExportImage, ExportSplit
from cocomine.system.files import write_json
from cocomine.system.jobs import Progress
from cocomine.system.space import require_space, writing_to
from cocomine.system.worker_pool import WorkerPool, worker_count
from cocomine.training.runs.masks import read_label_map

_RULE_VERSION = 3  # raise it when the same export must give other arrays
_IMAGES, _LABELS = "images.npy", "labels.npy"
_LEAST_IMAGES = 256  # so many are worth the second in which another process begins
_BYTES_PER_PIXEL = 4  # three of the image, one of the label map
_VALUES = 256  # of a pixel of a label map
_PRIOR_CELLS = 1 << 24  # places times values that are counted at once
_ORDER_SEED = 0  # which images a limit takes does not depend on the run's seed
UInt8Array = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitArrays:
    """The images and label maps of some images at training size, in one order."""

    images: UInt8Array  # (n, size, size, 3)
    labels: UInt8Array  # (n, size, size), 255 ignored
    image_ids: tuple[int, ...]
    unreadable: tuple[str, ...] = ()  # a sentence for each image that was left out because it cannot be read


def shuffled_images(split: ExportSplit, limit: int | None = None) -> tuple[ExportImage, ...]:
    """Return the images of `split` in a fixed random order, the first `limit` of them."""
    order = np.random.default_rng(_ORDER_SEED).permutation(len(split.images))
    return tuple(split.images[index] for index in order[:limit])


def square_image(path: Path, size_px: int) -> UInt8Array:
    """Read an image as RGB at `size_px` square, (size, size, 3); EXIF rotation is not applied, as COCO does not.

    Raises:
        UnreadableImage: It is missing, damaged or too large.
    """
    image = read_image(path, at_least=Size.square(size_px))
    return np.asarray(image.resize((size_px, size_px), Image.Resampling.BILINEAR))


def prepare_arrays(
    export: Export,
    images: Sequence[ExportImage],
    *,
    folder: Path,
    split_name: str,
    progress: Progress,
    workers: int | None = None,
) -> SplitArrays:
    """Return the arrays of `images`, made below `folder` if they are not there yet.

    Args:
        export: Its manifest and size are part of the key.
        images: In the order of the arrays; at least one.
        folder: The cache; several runs may share it, also at the same time.
        split_name: Also part of the key, since ids may repeat between splits.
        progress: Called with (done, total); what it raises ends the work and leaves no half arrays.
        workers: How many processes share the work; None takes what the images are worth. The arrays are the same.

    Returns:
        The arrays of the images that can be read; the others are named in `unreadable`.

    Raises:
        TrainingError: No image can be read, a label map cannot be used, or one of the processes died.
        StorageError: There is no room for them.
    """
    final = folder / _key(export, images, split_name)
    if not (final / "index.json").is_file():
        _make_arrays(export, images, final=final, progress=progress, workers=workers)
    index = json.loads((final / "index.json").read_text(encoding="utf-8"))
    return SplitArrays(
        images=np.load(final / _IMAGES, mmap_mode="r"),
        labels=np.load(final / _LABELS, mmap_mode="r"),
        image_ids=tuple(index["image_ids"]),
        unreadable=tuple(index["unreadable"]),
    )


def _key(export: Export, images: Sequence[ExportImage], split_name: str) -> str:
    digest = hashlib.sha256(export.manifest_sha256.encode())
    ids = [image.image_id for image in images]
    digest.update(json.dumps([_RULE_VERSION, split_name, export.size_px, ids]).encode())
    return digest.hexdigest()[:32]


def _make_arrays(
    export: Export, images: Sequence[ExportImage], *, final: Path, progress: Progress, workers: int | None
) -> None:
    _remove_leftovers(final)
    part = final.with_name(f"{final.name}.part-{os.getpid()}")
    part.mkdir(parents=True)
    need_bytes = len(images) * export.size_px**2 * _BYTES_PER_PIXEL
    require_space(final.parent, need_bytes, f"preparing {len(images):,} images")
    try:
        with writing_to(final, need_bytes=need_bytes):
            unreadable = _fill_arrays(export, images, folder=part, progress=progress, workers=workers)
        kept = [image.image_id for index, image in enumerate(images) if index not in unreadable]
        write_json(part / "index.json", {"image_ids": kept, "unreadable": list(unreadable.values())})
        if not final.exists():  # another run may have made the same arrays meanwhile
            part.rename(final)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _remove_leftovers(final: Path) -> None:
    """Remove what killed processes left of these arrays."""
    for part in final.parent.glob(f"{final.name}.part-*"):
        if not psutil.pid_exists(int(part.name.rpartition("-")[2])):
            shutil.rmtree(part, ignore_errors=True)


def _fill_arrays(
    export: Export, images: Sequence[ExportImage], *, folder: Path, progress: Progress, workers: int | None
) -> dict[int, str]:
    """Write the arrays; return why which images are not in them, by their index in `images`."""
    size = export.size_px
    shape = (len(images), size, size)
    pixels = _new_array(folder / _IMAGES, (*shape, 3))
    labels = _new_array(folder / _LABELS, shape)
    places = _Places(folder=folder, offsets=(pixels.offset, labels.offset), size_px=size, labels=len(export.labels))
    progress(0, len(images))
    with WorkerPool(workers or worker_count(len(images), _LEAST_IMAGES), lost=_preparation_lost) as pool:
        reasons = pool.results(partial(_fill, places), enumerate(images), lambda done: progress(done, len(images)))
    unreadable = {index: reason for index, reason in enumerate(reasons) if reason is not None}
    pixels.flush()
    labels.flush()
    if len(unreadable) == len(images):
        raise TrainingError(f"None of the {len(images):,} images can be read. The first: {unreadable[0]}")
    if unreadable:
        kept = [index for index in range(len(images)) if index not in unreadable]
        _keep_rows(folder / _IMAGES, pixels, kept)
        _keep_rows(folder / _LABELS, labels, kept)
    return unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Where the rows of the arrays are: a process for each core writes its own into both files."""

    folder: Path
    offsets: tuple[int, int]  # of the first row in each file, in bytes
    size_px: int
    labels: int


def _fill(places: _Places, numbered: tuple[int, ExportImage]) -> str | None:
    """Write one row of both arrays; return why not where its image cannot be read."""
    index, image = numbered
    label_map = read_label_map(image.label_path, places.size_px, places.labels)
    try:
        pixels = square_image(image.image_path, places.size_px)
    except UnreadableImage as error:
        return str(error)
    for name, offset, row in zip((_IMAGES, _LABELS), places.offsets, (pixels, label_map), strict=True):
        with (places.folder / name).open("r+b") as file:
            file.seek(offset + index * row.nbytes)
            file.write(row.tobytes())
    return None


def _preparation_lost() -> TrainingError:
    return TrainingError(
        "A process that prepared images ended before its work was done. If memory ran out, close other programs and "
        "train again."
    )


def _new_array(path: Path, shape: tuple[int, ...]) -> "np.memmap[Any, np.dtype[np.uint8]]":
    """Return an array on the disk with its room taken: a full disk is an error here, and would kill the process later.

    A mapped file is sparse until it is written to, and where a page of it finds no room, the system ends the process.
    """
    array = np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return array


def _keep_rows(path: Path, array: UInt8Array, rows: Sequence[int]) -> None:
    """Replace the array at `path`, which is `array`, by these rows of it, in their order."""
    shorter = _new_array(path.with_suffix(".kept"), (len(rows), *array.shape[1:]))
    for index, row in enumerate(rows):
        shorter[index] = array[row]
    path.with_suffix(".kept").replace(path)


def label_shares(labels: UInt8Array, label_count: int) -> list[float]:
    """Return the share of each label in the pixels that are not ignored; equal shares where there are none."""
    counts = sum((np.bincount(map_.ravel(), minlength=256) for map_ in labels), np.zeros(256, dtype=np.int64))
    counted = counts[:label_count]
    if not counted.sum():
        return [1 / label_count] * label_count
    return [float(share) for share in counted / counted.sum()]


def prior_mask(labels: UInt8Array, label_count: int) -> UInt8Array:
    """Return the most frequent label of each place in label maps (n, size, size), (size, size); of a tie, the lowest.

    Pixels labelled 255 do not count; where there are no others, it is 0.
    """
    _, height, width = labels.shape
    row_count = max(1, _PRIOR_CELLS // (_VALUES * width))
    rows = [_most_frequent(labels[:, start : start + row_count], label_count) for start in range(0, height, row_count)]
    return np.concatenate(rows)


def _most_frequent(labels: UInt8Array, label_count: int) -> UInt8Array:
    _, height, width = labels.shape
    row, column = np.arange(height)[:, np.newaxis], np.arange(width)
    counts = np.zeros((_VALUES, height, width), dtype=np.int32)
    for map_ in labels:
        counts[map_, row, column] += 1
    frequent: UInt8Array = counts[:label_count].argmax(0).astype(np.uint8)
    return frequent


@lru_cache(maxsize=2)
def _epoch_order(image_count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    return np.random.default_rng((seed, epoch)).permutation(image_count)


def batch_indices(image_count: int, batch_size: int, *, seed: int, step: int) -> npt.NDArray[np.int64]:
    """Return which images step `step` (from 0) reads: every image once in each pass, each pass in its own order.

    A batch may reach over the end of a pass, so that no image is ever left out.
    """
    reads = range(step * batch_size, (step + 1) * batch_size)  # counted over all passes
    return np.array([_epoch_order(image_count, seed, n // image_count)[n % image_count] for n in reads])
