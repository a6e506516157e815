"""How are all masks of a dataset measured while the pages go on, and once only?

By a process of its own, `python -m cocomine.workers.measure_overlap`, since a hundred thousand images take minutes.
What it counted is kept in a folder under a name that says of what: the content of the files, the splits in view, the
size and the version of the measure. A file there that is damaged is as good as none.
"""

import base64
import hashlib
import io
import json
import os
import sys
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import grouped
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError
from cocomine.mining.interference.mask_overlap import SIZE_PX, MaskCounts, OverlapTable, mask_counts, overlap_table
from cocomine.system.files import write_bytes
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import run_in_subprocess, serve_parent

VERSION = 1
"""Of the measure; to be raised with every change of what is counted."""
NICENESS = 5
"""The pages go first."""
DAMAGES = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged file may raise."""


def content_key(dataset: Dataset) -> str:
    """Return what is the same for the same annotations in the same splits, wherever they lie; in hex."""
    contents = sorted(split.source.sha256 for split in dataset.splits)
    groups = [groups_text(dataset.groups)] if dataset.groups else []
    key = json.dumps([VERSION, SIZE_PX, contents, dataset.category_names, *groups])
    return hashlib.sha256(key.encode()).hexdigest()


def kept_overlap(dataset: Dataset, folder: Path) -> OverlapTable | None:
    """Return what was measured on the splits in view before, None where that is not there or damaged."""
    try:
        counts = _decoded(_kept_at(folder, dataset).read_bytes(), len(dataset.categories))
    except DAMAGES:
        return None
    return overlap_table(counts, dataset.category_names, size_px=SIZE_PX)


def measure_overlap(dataset: Dataset, *, index: Path, folder: Path, progress: Progress) -> OverlapTable:
    """Measure the masks of the splits in view in a process of its own, and keep the result.

    Args:
        dataset: what is opened again there.
        index: the folder of columns, from which that is quick.
        folder: where the result is kept; where it cannot be written, it is only returned.
        progress: gets how far it is, in images; what it raises stops the process.

    Raises:
        DatasetError: a file changed or is gone, or the process died.
    """
    splits = [split.name for split in dataset.splits]
    arguments = [str(index), content_key(dataset), groups_text(dataset.groups), str(dataset.path), *splits]
    remedy = "measure them again"
    result = run_in_subprocess(
        "cocomine.workers.measure_overlap", arguments, progress, work="Measuring the masks", remedy=remedy
    )
    data = base64.b64decode(result)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(_kept_at(folder, dataset), data)
    return overlap_table(_decoded(data, len(dataset.categories)), dataset.category_names, size_px=SIZE_PX)


def _kept_at(folder: Path, dataset: Dataset) -> Path:
    return folder / f"{content_key(dataset)}.npz"


def _encoded(counts: MaskCounts) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        image_count=np.int64(counts.image_count),
        pixels=counts.pixels,
        sides=counts.sides,
        touching=counts.touching,
    )
    return buffer.getvalue()


def _decoded(data: bytes, k: int) -> MaskCounts:
    """Return the counts that `_encoded` wrote; raises one of `DAMAGES` where they are none of k classes."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        image_count, sides = int(arrays["image_count"]), arrays["sides"]
        pixels, touching = arrays["pixels"], arrays["touching"]
    if any(array.dtype != np.int64 for array in (pixels, sides, touching)):
        raise ValueError("these are no counts")
    if (pixels.shape, sides.shape, touching.shape) != ((k, k), (k,), (k, k)):
        raise ValueError("these are counts of other classes")
    return MaskCounts(image_count=image_count, pixels=pixels, sides=sides, touching=touching)


def groups_text(groups: Sequence[ClassGroup]) -> str:
    """Return groups as JSON in one line."""
    return json.dumps([[group.name, *group.members] for group in groups])


def groups_in_text(text: str) -> tuple[ClassGroup, ...]:
    """Return the groups that `groups_text` wrote."""
    return tuple(ClassGroup(name=name, members=tuple(members)) for name, *members in json.loads(text))


def _measured(dataset: Dataset, path: Path, key: str, progress: Progress) -> str:
    if content_key(dataset) != key:
        raise DatasetError(f"{path}: the dataset changed since it was opened. Open it again.")
    return base64.b64encode(_encoded(mask_counts(dataset, progress))).decode()


def main(arguments: Sequence[str]) -> None:
    """Measure the masks of a dataset and tell the counts: INDEX KEY GROUPS DATASET SPLIT ..."""
    index, key, groups, path, *splits = arguments
    os.nice(NICENESS)

    def measured(progress: Progress) -> str:
        dataset = open_dataset(Path(path), index=Path(index)).with_splits(splits)
        return _measured(grouped(dataset, groups_in_text(groups)), Path(path), key, progress)

    serve_parent(measured)


if __name__ == "__main__":
    main(sys.argv[1:])
