"""Work on the images of a dataset gives the same bytes for any number of processes, and a killed one is told."""

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from records import CAT, CUP, DOG, annotation, document, image, write_split
from trainings import exported
from watching import workers_of

from cocomine.coco.dataset import Dataset
from cocomine.coco.image_hash import image_hashes
from cocomine.coco.integrity import image_files
from cocomine.coco.integrity.image_files import image_file_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import CocomineError, DatasetError, TrainingError
from cocomine.exporting.reading import read_export
from cocomine.mining.interference import mask_overlap
from cocomine.mining.interference.mask_overlap import mask_counts
from cocomine.system.jobs import Progress
from cocomine.training.data import prepare_arrays, shuffled_images

COUNTS = (1, 2, 4)
IMAGES = 40

pytestmark = pytest.mark.slow


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """Of images in more batches than there are processes, some of their files damaged."""
    monkeypatch.setattr(mask_overlap, "IMAGES_AT_ONCE", 3)
    monkeypatch.setattr(image_files, "FILES_AT_ONCE", 3)
    records = [
        annotation(number * 3 + place, number, category)
        for number in range(1, IMAGES + 1)
        for place, category in enumerate((CAT, CUP, DOG)[: number % 4])
    ]
    path = write_split(tmp_path / "data", document([image(number) for number in range(1, IMAGES + 1)], records))
    dataset = open_dataset(path)
    paths = [dataset.splits[0].image_at(index).path for index in range(IMAGES)]
    for path_of_image in paths[::7]:
        assert path_of_image is not None
        path_of_image.write_bytes(b"no image")
    return dataset


def overlap(dataset: Dataset, _folder: Path, workers: int, progress: Progress) -> list[Any]:
    counts = mask_counts(dataset, progress, workers=workers)
    return [counts.image_count, *(each.tobytes() for each in (counts.pixels, counts.sides, counts.touching))]


def integrity(dataset: Dataset, _folder: Path, workers: int, progress: Progress) -> list[Any]:
    return list(image_file_report(dataset, progress, workers=workers))


def hashes(dataset: Dataset, _folder: Path, workers: int, progress: Progress) -> list[Any]:
    paths = [dataset.splits[0].image_at(index).path for index in range(IMAGES)] * 5
    return list(image_hashes(paths, progress, workers=workers))


def preparation(_dataset: Dataset, folder: Path, workers: int, progress: Progress) -> list[Any]:
    if not (folder / "export").exists():
        exported(folder)
    export = read_export(next(path.parent for path in folder.rglob("manifest.json")))
    split, made = export.train_split, folder / f"arrays-{workers}"
    images = shuffled_images(split)
    damaged = images[1].image_path
    damaged.unlink()
    damaged.write_bytes(b"no image")
    arrays = prepare_arrays(export, images, folder=made, split_name=split.name, progress=progress, workers=workers)
    files = sorted(path for path in made.rglob("*") if path.is_file())
    return [arrays.image_ids, arrays.unreadable, *((path.name, path.read_bytes()) for path in files)]


WORKS = [overlap, integrity, hashes, preparation]


@pytest.mark.parametrize("work", WORKS)
def test_any_number_of_processes_gives_the_same(work: Any, dataset: Dataset, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = [work(dataset, tmp_path, workers, lambda done, total: told.append((done, total))) for workers in COUNTS]
    assert found[0] == found[1] == found[2]
    assert told[-1][0] == told[-1][1] > 0
    assert not workers_of(os.getpid())


@pytest.mark.parametrize("work", WORKS)
def test_a_killed_process_is_told_and_leaves_nothing(work: Any, dataset: Dataset, tmp_path: Path) -> None:
    def kill(_done: int, _total: int) -> None:
        for worker in workers_of(os.getpid()):
            worker.send_signal(signal.SIGKILL)

    kind: type[CocomineError] = TrainingError if work is preparation else DatasetError
    with pytest.raises(kind, match=r"ended before its work was done\. If memory ran out"):
        work(dataset, tmp_path, 2, kill)
    assert not workers_of(os.getpid())
    assert not list(tmp_path.rglob("*.npy"))


def test_masks_of_all_images_are_counted(dataset: Dataset) -> None:
    counts = mask_counts(dataset, lambda *_: None, workers=1)
    assert counts.image_count == np.count_nonzero(np.arange(1, IMAGES + 1) % 4)
