"""A checkpoint that does not fit the network says in what."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from trainings import built, prepared

from cocomine.errors import TrainingError
from cocomine.exporting.reading import read_export
from cocomine.training.checkpoint import Checkpoint, TrainState
from cocomine.training.checkpoint_fit import take_moments
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.uncompiled import UncompiledAdamW

pytestmark = pytest.mark.usefixtures("narrow_network")
DELETE = "Delete it in the run's folder to start over."


def told_of_network(tmp_path: Path, config: TrainingConfig, change: Callable[[dict[str, Any]], object]) -> str:
    """Build the network of a run from a checkpoint whose tensors were changed; return what is told."""
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    model = built(config, data)
    tensors = dict(model.network.state_dict())
    change(tensors)
    checkpoint = Checkpoint(
        config=config,
        provenance=data.provenance,
        images_sha256=data.images_sha256,
        state=TrainState(),
        metrics="",
        weights=model.weights,
        network=tensors,
        optimiser=model.optimiser.state_dict(),
    )
    with pytest.raises(TrainingError) as caught:
        built(config, data, checkpoint)
    return str(caught.value)


def test_the_first_tensors_that_are_missing_are_named_and_the_others_counted(
    tmp_path: Path, config: TrainingConfig
) -> None:
    count = 0

    def empty(tensors: dict[str, Any]) -> None:
        nonlocal count
        count = len(tensors)
        tensors.clear()

    told = told_of_network(tmp_path, config, empty)
    assert told == (
        "last.pt: does not fit the network: “encoder.conv1.weight” is missing; “encoder.bn1.weight” is missing; "
        f"“encoder.bn1.bias” is missing; {count - 3} more differences. {DELETE}"
    )


def test_shapes_are_told_and_names_that_the_network_does_not_have(tmp_path: Path, config: TrainingConfig) -> None:
    def change(tensors: dict[str, Any]) -> None:
        tensors["encoder.bn1.weight"] = torch.zeros(2, 3)
        tensors["encoder.bn1.num_batches_tracked"] = torch.zeros(4)
        tensors["neck.weight"] = torch.zeros(1)

    assert told_of_network(tmp_path, config, change) == (
        "last.pt: does not fit the network: “encoder.bn1.weight” is 2 × 3 instead of 64; "
        f"“encoder.bn1.num_batches_tracked” is 4 instead of one number; “neck.weight” is of another network. {DELETE}"
    )


def optimiser_of(*shapes: tuple[int, ...], groups: int = 1) -> torch.optim.Optimizer:
    """Return an optimiser after one step, its parameters all in each of some groups."""
    members = [[torch.zeros(shape, requires_grad=True) for shape in shapes] for _ in range(groups)]
    made = UncompiledAdamW([{"params": each, "initial_lr": 0.5} for each in members], lr=0.5)
    for parameter in (each for group in members for each in group):
        parameter.grad = torch.ones_like(parameter)
    made.step()
    return made


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        (optimiser_of((2,), (3,), groups=2).state_dict(), "the optimiser has 2 groups of parameters instead of 1"),
        (optimiser_of((2,)).state_dict(), "group 1 of the optimiser has 1 parameter instead of 2"),
        (
            optimiser_of((2,), (3, 4)).state_dict(),
            "“exp_avg” of parameter 1 of the optimiser is 3 × 4 instead of 3; "
            "“exp_avg_sq” of parameter 1 of the optimiser is 3 × 4 instead of 3",
        ),
        ({"state": {}}, "the optimiser's state is damaged (KeyError: 'param_groups')"),
        (None, "the optimiser's state is damaged (TypeError: 'NoneType' object is not subscriptable)"),
    ],
)
def test_an_optimiser_of_another_network_is_told(kept: Any, told: str) -> None:
    with pytest.raises(TrainingError) as caught:
        take_moments(optimiser_of((2,), (3,)), kept)
    assert str(caught.value) == f"last.pt: does not fit the network: {told}. {DELETE}"


def test_moments_are_taken_and_the_learning_rate_stays() -> None:
    before, now = optimiser_of((2,)), optimiser_of((2,))
    before.step()
    now.param_groups[0]["initial_lr"] = 0.25
    take_moments(now, before.state_dict())
    assert now.param_groups[0]["initial_lr"] == 0.25
    assert [each["step"].item() for each in now.state.values()] == [2]
