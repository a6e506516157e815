"""What is needed to go on as if nothing had happened?

Weights, optimiser, the number of steps and where the metrics stood. Nothing of the data: a step's
batch follows from (seed, step). The file appears whole or not at all; a killed run has the one before.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import save

from cocomine.atomic import atomic_file, write_bytes
from cocomine.errors import TrainingError
from cocomine.training.config import TrainingConfig, config_as_json
from cocomine.training.linknet import LinkNet
from cocomine.training.weights import LoadedWeights

_VERSION = 1


@dataclass(slots=True, kw_only=True)
class Position:
    """How far a run is; the one thing of it that changes besides the tensors."""

    step: int = 0  # updates done
    evaluated_step: int | None = None  # step of the last evaluation
    best_step: int | None = None  # step whose class mIoU was best
    best_mean_iou: float = -1.0
    stale_count: int = 0  # evaluations since then
    metrics_size: int = 0  # bytes of metrics.jsonl


def write_checkpoint(
    path: Path,
    position: Position,
    *,
    config: TrainingConfig,
    weights: LoadedWeights,
    tensors: tuple[LinkNet, torch.optim.Optimizer],
) -> None:
    """Write everything that `read_checkpoint` needs."""
    network, optimiser = tensors
    value = {
        "version": _VERSION,
        "config": config_as_json(config),
        "position": asdict(position),
        "weights": asdict(weights),
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
    }
    with atomic_file(path) as file:
        torch.save(value, file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A read checkpoint."""

    position: Position
    weights: LoadedWeights
    network: dict[str, torch.Tensor]
    optimiser: dict[str, object]


def read_checkpoint(path: Path, config: TrainingConfig) -> Checkpoint | None:
    """Return the checkpoint at `path`, None if there is none.

    Raises:
        TrainingError: It cannot be read, or belongs to other settings.
    """
    if not path.exists():
        return None
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
        stored = value["version"], value["config"]
    except Exception as error:  # torch.load raises pickle, zip and runtime errors alike for a damaged file
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path}: cannot be read ({first_line}). Delete it to start the run over.") from error
    if stored != (_VERSION, config_as_json(config)):
        raise TrainingError(f"{path}: was made with other settings than config.json. Delete it to start the run over.")
    weights = value["weights"] | {"random": tuple(value["weights"]["random"])}
    return Checkpoint(
        position=Position(**value["position"]),
        weights=LoadedWeights(**weights),
        network=value["network"],
        optimiser=value["optimiser"],
    )


def write_network(path: Path, network: LinkNet, facts: dict[str, object]) -> None:
    """Write the weights alone, by smp's names, with `facts` as JSON under "cocomine" in the header."""
    write_bytes(path, save(network.state_dict(), metadata={"cocomine": json.dumps(facts)}))
