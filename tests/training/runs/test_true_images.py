"""Validation images of a run: their exact ground truth, and what its weights see in them."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from evaluated_runs import write_evaluated_run
from PIL import Image
from small_weights import write_small_weights

from cocomine.errors import CocomineError, TrainingError, UnreadableImage
from cocomine.exporting.reading import native_label_map, read_export
from cocomine.training.prediction import Predictor
from cocomine.training.runs.reading import BEST, LAST, read_run
from cocomine.training.runs.true_images import (
    image_paths,
    label_images,
    read_true_image,
    read_validation_split,
    weights_of_last_evaluation,
)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the four images; nothing may change it."""
    root = tmp_path_factory.mktemp("true")
    return write_evaluated_run(root, root / "run")


def enlarged(labels: np.ndarray) -> np.ndarray:
    """A label map of 20 x 10 pixels, 24 times as large."""
    return labels.repeat(24, axis=0).repeat(24, axis=1)


def test_an_image_has_its_exact_ground_truth(run_folder: Path) -> None:
    split = read_validation_split(read_run(run_folder, time.time()))
    paths = image_paths(split, [30, 7, 8])
    assert sorted(paths) == [7, 30]
    found = read_true_image(split, paths[30], 30)
    assert found.image.size == (480, 240)
    np.testing.assert_array_equal(found.truth, enlarged(native_label_map(split, 30)))


def test_an_image_that_is_gone_is_a_sentence(run_folder: Path) -> None:
    split = read_validation_split(read_run(run_folder, time.time()))
    with pytest.raises(UnreadableImage, match=r"gone\.jpg"):
        read_true_image(split, Path("gone.jpg"), 30)


def test_another_export_in_its_place_is_refused(tmp_path: Path) -> None:
    folder = write_evaluated_run(tmp_path, tmp_path / "run")
    manifest = tmp_path / "export" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(TrainingError, match="not the one that the run was trained on any more"):
        read_validation_split(read_run(folder, time.time()))
    manifest.unlink()
    with pytest.raises(CocomineError, match="export"):
        read_validation_split(read_run(folder, time.time()))


def test_the_weights_are_those_of_the_last_evaluation_where_the_run_is_done(tmp_path: Path) -> None:
    folder = write_evaluated_run(tmp_path, tmp_path / "run", steps=(0,))
    run = read_run(folder, time.time())
    assert weights_of_last_evaluation(run) is None
    (folder / BEST).touch()
    assert weights_of_last_evaluation(run) == folder / BEST
    (folder / LAST).touch()
    assert weights_of_last_evaluation(run) == folder / LAST


@pytest.mark.slow
def test_images_are_labelled_as_the_network_sees_them_and_one_that_is_torn_is_left_out(tmp_path: Path) -> None:
    weights = write_small_weights(tmp_path / BEST)
    pixels = np.random.default_rng(0).integers(0, 256, (10, 20, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"torn")
    found = label_images(weights, {5: tmp_path / "a.png", 6: tmp_path / "b.png"}, lambda _done, _total: None)
    assert (found.step, list(found.labels)) == (7, [5])
    np.testing.assert_array_equal(
        found.labels[5], enlarged(Predictor.read(weights).predict(Image.fromarray(pixels)).labels)
    )


def test_the_images_are_those_of_the_split_that_the_run_is_evaluated_on(run_folder: Path) -> None:
    run = read_run(run_folder, time.time())
    assert run.info is not None
    for split in read_export(Path(run.config.export)).splits:
        judged_on = replace(run, info=msgspec.structs.replace(run.info, val_split=split.name))
        assert read_validation_split(judged_on).name == split.name
    for other in ("0" * 64, "f" * 64):
        of_another = replace(run, info=msgspec.structs.replace(run.info, export_manifest_sha256=other))
        with pytest.raises(TrainingError, match="not the one that the run was trained on"):
            read_validation_split(of_another)
