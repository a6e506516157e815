import os
import re
import struct
from collections import Counter
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
import torch
from disks import small_disk
from PIL import Image
from records import FOUR_IMAGES
from trainings import exported

from cocomine.errors import StorageError, TrainingError
from cocomine.exporting.reading import Export, read_export
from cocomine.training import data
from cocomine.training.augmentation import training_batch
from cocomine.training.data import (
    SplitArrays,
    batch_indices,
    label_shares,
    prepare_arrays,
    shuffled_images,
    square_image,
)
from cocomine.training.runs.config import TrainingConfig, config_as_json, config_from_json, preset


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return read_export(exported(tmp_path))


def prepared(export: Export, folder: Path) -> SplitArrays:
    split = export.train_split
    return prepare_arrays(
        export, shuffled_images(split), folder=folder, split_name=split.name, progress=lambda _done, _all: None
    )


def label_of(export: Export, image_id: int) -> Path:
    return next(image.label_path for image in export.train_split.images if image.image_id == image_id)


@pytest.fixture
def arrays() -> SplitArrays:
    random = np.random.default_rng(0)
    return SplitArrays(
        images=random.integers(0, 256, (10, 32, 32, 3), dtype=np.uint8),
        labels=random.choice(np.array([0, 1, 2, 255], dtype=np.uint8), (10, 32, 32)),
        image_ids=tuple(range(10)),
    )


def test_arrays_hold_each_image_with_its_label_map(export: Export, tmp_path: Path) -> None:
    arrays = prepared(export, tmp_path / "arrays")
    assert arrays.images.shape == (4, 32, 32, 3)
    assert sorted(arrays.image_ids) == sorted(record["id"] for record in FOUR_IMAGES)
    image = {image.image_id: image for image in export.train_split.images}[arrays.image_ids[0]]
    with Image.open(image.label_path) as stored:
        assert np.array_equal(arrays.labels[0], np.asarray(stored))
    with Image.open(image.image_path) as opened:
        assert np.abs(arrays.images[0].mean((0, 1)) - np.asarray(opened).mean((0, 1))).max() < 2


def test_prepared_arrays_are_used_again(export: Export, tmp_path: Path) -> None:
    first = prepared(export, tmp_path / "arrays")
    for image in export.train_split.images:
        image.label_path.unlink()
    assert np.array_equal(prepared(export, tmp_path / "arrays").labels, first.labels)


def test_a_preparation_tells_its_beginning_and_each_image(export: Export, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    prepare_arrays(
        export,
        shuffled_images(export.train_split),
        folder=tmp_path / "arrays",
        split_name="train2017",
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(done, 4) for done in range(5)]


def test_an_interrupted_preparation_leaves_nothing_behind(export: Export, tmp_path: Path) -> None:
    def interrupt(done: int, _all: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    split = export.train_split
    with pytest.raises(KeyboardInterrupt):
        prepare_arrays(export, split.images, folder=tmp_path / "arrays", split_name=split.name, progress=interrupt)
    assert list((tmp_path / "arrays").iterdir()) == []


def test_a_limit_takes_the_beginning_of_one_fixed_order(export: Export) -> None:
    assert shuffled_images(export.train_split, 3) == shuffled_images(export.train_split)[:3]


def test_an_image_that_cannot_be_read_is_left_out_and_named(export: Export, tmp_path: Path) -> None:
    path = export.train_split.images[1].image_path
    path.unlink()
    path.write_bytes(b"no image")
    arrays = prepared(export, tmp_path / "arrays")
    left = [image.image_id for image in shuffled_images(export.train_split) if image.image_path != path]
    assert list(arrays.image_ids) == left
    assert arrays.images.shape == (3, 32, 32, 3)
    assert len(arrays.unreadable) == 1
    assert re.search(rf"{path.name}: the image cannot be read", arrays.unreadable[0])
    again = prepared(export, tmp_path / "arrays")
    assert again.unreadable == arrays.unreadable
    with Image.open(label_of(export, arrays.image_ids[2])) as label_map:
        assert np.array_equal(arrays.labels[2], np.asarray(label_map))


@pytest.mark.parametrize(
    ("is_looked_at_first", "reason"), [(True, "preparing 4 images needs about 16 kB"), (False, "the disk is full")]
)
def test_a_disk_without_room_for_the_arrays_is_named(
    export: Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_looked_at_first: bool, reason: str
) -> None:
    """Also where it fills after the look, which would kill a process that writes into a mapped file."""
    if not is_looked_at_first:
        monkeypatch.setattr(data, "require_space", lambda *_: None)
    with small_disk(tmp_path / "small", "8k") as small:
        with pytest.raises(StorageError, match=rf"{small}.*{reason}"):
            prepared(export, small / "arrays")
        assert not list(small.rglob("*.npy"))


def test_without_a_readable_image_there_is_nothing_to_train_on(export: Export, tmp_path: Path) -> None:
    for image in export.train_split.images:
        image.image_path.unlink()
        image.image_path.write_bytes(b"no image")
    with pytest.raises(TrainingError, match=r"None of the 4 images can be read\. The first: "):
        prepared(export, tmp_path / "arrays")
    assert list((tmp_path / "arrays").iterdir()) == []


@pytest.mark.parametrize(
    ("label_map", "message"),
    [
        (np.zeros((16, 24), dtype=np.uint8), "is a L image of 24 x 16 px, not a palette of 32 x 32 px"),
        (np.full((32, 32), 9, dtype=np.uint8), r"holds label 9, but labels\.json ends at 2"),
        (np.tile(np.arange(3, 35, dtype=np.uint8), (32, 1)), r"holds label 3, but labels\.json ends at 2"),
    ],
)
def test_a_label_map_that_does_not_fit_is_named(
    export: Export, tmp_path: Path, label_map: np.ndarray, message: str
) -> None:
    Image.fromarray(label_map).save(export.train_split.images[0].label_path)
    with pytest.raises(TrainingError, match=message):
        prepared(export, tmp_path / "arrays")


def test_a_label_map_whose_header_says_a_monstrous_size_is_not_decoded(export: Export, tmp_path: Path) -> None:
    path = export.train_split.images[0].label_path
    data = path.read_bytes()
    head = data[12:16] + struct.pack(">II", 60_000, 60_000) + data[24:29]
    path.write_bytes(data[:12] + head + struct.pack(">I", crc32(head)) + data[33:])
    with pytest.raises(TrainingError, match=r"(60000 x 60000 px|the label map cannot be read).*Export again"):
        prepared(export, tmp_path / "arrays")


def test_shares_leave_ignored_pixels_out() -> None:
    labels = np.array([[[0, 0], [2, 255]], [[0, 255], [255, 255]]], dtype=np.uint8)
    assert label_shares(labels, 3) == [3 / 4, 0, 1 / 4]
    assert label_shares(np.full_like(labels, 255), 2) == [1 / 2, 1 / 2]


def test_every_pass_reads_every_image_once_whatever_the_batch_size() -> None:
    read = np.concatenate([batch_indices(10, 4, seed=3, step=step) for step in range(5)])
    assert Counter(read[:10].tolist()) == Counter(range(10)) == Counter(read[10:].tolist())
    assert read[:10].tolist() != read[10:].tolist()


@pytest.mark.parametrize("augment", [False, True])
def test_a_batch_is_a_function_of_seed_and_step_alone(arrays: SplitArrays, augment: bool) -> None:
    config = replace(preset("quick", export="x"), augment=augment, batch_size=4)
    device = torch.device("cpu")
    first = training_batch(arrays, config, step=7, device=device)
    training_batch(arrays, config, step=8, device=device)
    again = training_batch(arrays, config, step=7, device=device)
    other = training_batch(arrays, replace(config, seed=1), step=7, device=device)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("name", ["quick", "paper", "recommended"])
def test_settings_survive_json(name: str) -> None:
    config = preset(name, export="somewhere", steps=50, weights="none", seed=4)
    assert config_from_json(config_as_json(config)) == config
    assert config.export == str(Path("somewhere").absolute())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "'steps' is 0. It must be a number of at least 1"),
        ({"optimiser": "adam"}, "'optimiser' is 'adam'. It must be one of sgd, adamw"),
        ({"learning_rate": float("nan")}, "'learning_rate' is nan"),
        ({"steps": "many"}, "'steps' is 'many'. It must be int"),
        ({"colour": "red"}, "unknown setting 'colour'"),
        ({"weight": 1, "colour": "red"}, "unknown setting 'colour'"),
        ({"frozen_stages": 6}, "'frozen_stages' is 6. It must be a number from 0 to 5"),
    ],
)
def test_wrong_settings_are_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        config_from_json(config_as_json(preset("quick", export="x")) | change)


def test_an_unknown_preset_names_those_there_are() -> None:
    with pytest.raises(TrainingError, match=r"no preset 'fast'\. Choose one of quick, paper, recommended, overfit"):
        preset("fast", export="x")


def test_missing_settings_are_named() -> None:
    with pytest.raises(TrainingError, match=r"a setting is missing.*'steps'"):
        config_from_json({"export": "x", "preset": "quick", "batch_size": 2})


def test_leftovers_of_a_killed_preparation_are_removed(export: Export, tmp_path: Path) -> None:
    folder = tmp_path / "arrays"
    prepared(export, folder)
    [made] = folder.iterdir()
    dead, alive = made.with_name(f"{made.name}.part-{2**22 + 1}"), made.with_name(f"{made.name}.part-{os.getppid()}")
    made.rename(dead)
    alive.mkdir()
    prepared(export, folder)
    assert sorted(folder.iterdir()) == sorted([made, alive])


def test_the_paper_preset_is_what_the_paper_says() -> None:
    paper: TrainingConfig = preset("paper", export="x")
    assert (paper.optimiser, paper.learning_rate, paper.momentum) == ("sgd", 1e-4, 0)
    assert (paper.batch_size, paper.steps, paper.schedule, paper.warmup_steps) == (32, 30_000, "constant", 0)
    assert (paper.loss, paper.augment, paper.patience, paper.train_image_limit) == ("ce", False, 0, None)


def test_the_paper_preset_compares_weights_every_500_steps_on_500_images() -> None:
    """The paper does not say how; these two decide which weights are the best."""
    paper = preset("paper", export="x")
    assert (paper.evaluate_every, paper.eval_image_limit) == (500, 500)


def test_12_bits_in_16_are_trained_on_as_grey_and_not_as_white(tmp_path: Path) -> None:
    values = np.linspace(700, 3499, 32 * 32).reshape(32, 32).astype(np.uint16)
    Image.fromarray(values).save(tmp_path / "scan.png")
    grey = square_image(tmp_path / "scan.png", 16)
    assert grey.std() > 20
    assert 43 <= grey.min() < grey.max() <= 218
