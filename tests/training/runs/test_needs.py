"""Memory and disk of a run are said before it starts, and what makes them larger makes the numbers larger."""

from dataclasses import replace
from typing import Any

import pytest

from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.needs import MemoryNeed, disk_need, memory_need

QUICK = preset("quick", export="/export", encoder="resnet50")
WEIGHTS_BYTES = 4 * 31_178_041


def need(config: TrainingConfig = QUICK, *, size_px: int = 128, frozen_stages: int = 0) -> MemoryNeed:
    return memory_need(config, size_px=size_px, label_count=9, frozen_stages=frozen_stages)


def test_the_parts_of_memory_add_up() -> None:
    found = need()
    assert (found.weights, found.gradients, found.optimiser) == (3 * WEIGHTS_BYTES, WEIGHTS_BYTES, 2 * WEIGHTS_BYTES)
    assert found.total == found.program + found.weights + found.gradients + found.optimiser + found.images


def test_frozen_stages_need_neither_gradients_nor_what_is_kept_for_them() -> None:
    assert need(frozen_stages=5).gradients == need(frozen_stages=5).optimiser // 2 < need().gradients // 3
    assert need(frozen_stages=5).images < need().images


@pytest.mark.parametrize(("change", "factor"), [({"batch_size": 16}, 2), ({"batch_size": 4}, 0.5)])
def test_images_count_by_the_batch(change: dict[str, Any], factor: float) -> None:
    assert need(replace(QUICK, **change)).images == factor * need().images


def test_images_count_by_their_pixels() -> None:
    assert need(size_px=256).images == 4 * need().images


def test_sgd_without_momentum_keeps_no_numbers_and_a_mean_of_the_weights_is_one_more_network() -> None:
    assert need(preset("paper", export="/export")).optimiser == 0
    assert need(replace(QUICK, average_decay=0.9)).weights == 4 * WEIGHTS_BYTES


def test_the_disk_holds_arrays_two_checkpoints_and_the_best_weights() -> None:
    arrays = 100 * 128 * 128 * 4
    found = disk_need(QUICK, size_px=128, label_count=9, image_count=100)
    assert found == arrays + 2 * 3 * WEIGHTS_BYTES + WEIGHTS_BYTES
    paper = disk_need(preset("paper", export="/export"), size_px=128, label_count=9, image_count=0)
    assert paper == 3 * WEIGHTS_BYTES
    averaged = disk_need(replace(QUICK, average_decay=0.9), size_px=128, label_count=9, image_count=100)
    assert averaged == found + 2 * WEIGHTS_BYTES  # the mean of the weights is in both checkpoints
