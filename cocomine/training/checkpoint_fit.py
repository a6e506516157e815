"""Does what a checkpoint holds fit the network that is to go on from it, and where does it not?

PyTorch says this on as many lines as there are tensors, and of moments not at all before the first step; here the first
differences are named, with their shapes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

import torch
from torch import Tensor, nn

from cocomine.errors import TrainingError
from cocomine.training.runs.reading import CHECKPOINT
from cocomine.wording import counted

_NAMED = 3


def take_tensors(network: nn.Module, kept: object) -> None:
    """Fill a network with the tensors of a checkpoint, by name.

    Raises:
        TrainingError: They are not those of such a network.
    """
    if not isinstance(kept, Mapping):
        _refuse(["it holds no tensors"])
    if different := list(_differences(network.state_dict(), kept)):
        _refuse(different)
    network.load_state_dict(kept)


def take_moments(optimiser: torch.optim.Optimizer, kept: Any) -> None:
    """Load the state of an optimiser; its learning rates stay those of the settings, which may have changed.

    Raises:
        TrainingError: It is not that of such an optimiser.
    """
    initial = [group["initial_lr"] for group in optimiser.param_groups]
    try:
        _refuse_other_moments(optimiser, kept)
        optimiser.load_state_dict(kept)
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        _refuse([f"the optimiser's state is damaged ({type(error).__name__}: {error})"], error)
    for group, initial_lr in zip(optimiser.param_groups, initial, strict=True):
        group["initial_lr"] = initial_lr


def _differences(expected: Mapping[str, Tensor], kept: Mapping[str, Any]) -> Iterator[str]:
    """Yield in what the tensors kept are not those expected, in the order of the network."""
    for name, tensor in expected.items():
        if not isinstance(found := kept.get(name), Tensor):
            yield f"“{name}” is missing"
        elif found.shape != tensor.shape:
            yield f"“{name}” is {_shape(found)} instead of {_shape(tensor)}"
    for name in kept:
        if name not in expected:
            yield f"“{name}” is of another network"


def _refuse_other_moments(optimiser: torch.optim.Optimizer, kept: Any) -> None:
    groups = optimiser.param_groups
    if len(kept["param_groups"]) != len(groups):
        _refuse([f"the optimiser has {len(kept['param_groups'])} groups of parameters instead of {len(groups)}"])
    for number, (found, group) in enumerate(zip(kept["param_groups"], groups, strict=True), start=1):
        if len(found["params"]) != len(group["params"]):
            count = counted(len(found["params"]), "parameter")
            _refuse([f"group {number} of the optimiser has {count} instead of {len(group['params'])}"])
    parameters = [parameter for group in groups for parameter in group["params"]]  # numbered in this order
    different = [
        f"“{name}” of parameter {index} of the optimiser is {_shape(moment)} instead of {_shape(parameters[index])}"
        for index, moments in kept["state"].items()
        for name, moment in moments.items()
        if isinstance(moment, Tensor) and moment.ndim and moment.shape != parameters[index].shape
    ]
    if different:
        _refuse(different)


def _shape(tensor: Tensor) -> str:
    return " × ".join(map(str, tensor.shape)) or "one number"


def _refuse(different: Sequence[str], cause: Exception | None = None) -> NoReturn:
    more = len(different) - _NAMED
    named = [*different[:_NAMED], *([counted(more, "more difference")] if more > 0 else [])]
    raise TrainingError(
        f"{CHECKPOINT}: does not fit the network: {'; '.join(named)}. Delete it in the run's folder to start over."
    ) from cause
