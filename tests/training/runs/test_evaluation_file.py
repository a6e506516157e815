"""The counts of an evaluation come back from their file, and a damaged one is a sentence."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import ImageCounts, read_counts, write_counts

MATRICES = np.array([[[3, 0, 1], [0, 2, 0], [0, 0, 0]], [[0, 0, 0], [4, 0, 0], [0, 5, 6]]])
IMAGE_INDEX, CELL = np.nonzero(MATRICES.reshape(2, 9))
COUNTS = ImageCounts(
    step=40,
    image_ids=(7, 11),
    confusions=Confusions(
        label_count=3, image_count=2, image_index=IMAGE_INDEX, cell=CELL, pixels=MATRICES[MATRICES > 0]
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    write_counts(tmp_path / "counts.npz", COUNTS)
    return tmp_path / "counts.npz"


def test_the_file_gives_back_every_matrix(path: Path) -> None:
    stored = np.load(path)
    matrices = np.zeros((2, int(stored["label_count"]) ** 2), dtype=np.int64)
    matrices[stored["image_index"], stored["cell"]] = stored["pixels"]
    assert np.array_equal(matrices.reshape(2, 3, 3), MATRICES)

    found, problem = read_counts(path, 3)
    assert problem is None
    assert found is not None
    assert (found.step, found.image_ids) == (40, (7, 11))
    assert np.array_equal(found.confusions.total(), MATRICES.sum(0))
    assert np.array_equal(found.confusions.areas().true, MATRICES.sum(2))


def test_the_same_counts_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    write_counts(tmp_path / "again.npz", COUNTS)
    assert (tmp_path / "again.npz").read_bytes() == path.read_bytes()


def test_a_file_of_a_former_version_does_not_say_its_step(tmp_path: Path) -> None:
    write_counts(tmp_path / "former.npz", replace(COUNTS, step=None))
    found, problem = read_counts(tmp_path / "former.npz", 3)
    assert problem is None
    assert found is not None
    assert found.step is None


def test_where_there_is_no_file_nothing_is_wrong(tmp_path: Path) -> None:
    assert read_counts(tmp_path / "none.npz", 3) == (None, None)


def with_column(name: str, values: Any) -> Callable[[Path], None]:
    """Put other values in the place of a column."""

    def change(path: Path) -> None:
        stored = {**np.load(path), name: np.array(values)}
        np.savez(path, **stored)

    return change


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: path.write_bytes(b""), "No data left in file"),
        (lambda path: path.write_bytes(path.read_bytes()[:300]), "File is not a zip file"),
        (lambda path: path.write_bytes(b"no archive, but long enough to be read as one"), "pickled"),
        (with_column("label_count", 4), "it has 4 labels, not 3"),
        (with_column("label_count", [3, 3]), "only"),
        (with_column("cell", [[1]]), "cell is no column of whole numbers"),
        (with_column("cell", [0.5] * 6), "cell is no column of whole numbers"),
        (with_column("cell", [9] * 6), "it counts what cannot be"),
        (with_column("pixels", [0] * 6), "it counts what cannot be"),
        (with_column("pixels", [1] * 5), "its columns are of different lengths"),
        (with_column("image_index", [1, 0, 0, 0, 0, 0]), "its images are not in order"),
        (with_column("image_index", [0, 0, 0, 0, 0, 2]), "its images are not in order"),
        (with_column("image_ids", np.zeros(0, dtype=np.int64)), "it holds no image"),
        (lambda path: (path.unlink(), path.mkdir()), "Is a directory"),
    ],
)
def test_a_damaged_file_is_a_sentence(path: Path, damage: Callable[[Path], None], reason: str) -> None:
    damage(path)
    found, problem = read_counts(path, 3)
    assert found is None
    assert problem is not None
    assert problem.startswith("counts.npz is damaged and left out (")
    assert reason in problem


def test_a_missing_column_is_a_sentence(path: Path) -> None:
    stored = dict(np.load(path))
    np.savez(path, **{name: stored[name] for name in stored if name != "pixels"})
    assert "pixels" in str(read_counts(path, 3)[1])
