"""What is needed to go on as if nothing had happened?

Weights, optimiser, the number of steps and the metrics so far; of the data only what it was, since a step's
batch follows from (seed, step). The file appears whole or not at all; a killed run has the one before.
"""

from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import msgspec
import torch

from cocomine.errors import TrainingError
from cocomine.system.files import atomic_file
from cocomine.system.space import writing_to
from cocomine.training.provenance import Provenance
from cocomine.training.runs.config import AMENDABLE, TrainingConfig, config_as_json, config_from_json
from cocomine.training.runs.records import EncoderWeights

_VERSION = 3
_FORMER_VERSION = 2  # the same values under other names
_FORMER_NAMES = {
    "position": "state",
    "stale_count": "evaluations_without_gain",
    "complete_parts": "complete_stages",
    "base_rate": "initial_lr",
}


@dataclass(slots=True, kw_only=True)
class TrainState:
    """How far a run is; the one thing of it that changes besides the tensors."""

    step: int = 0  # updates done
    evaluated_step: int | None = None  # step of the last evaluation
    best_step: int | None = None  # step whose class mIoU was best
    best_mean_iou: float = -1.0
    evaluations_without_gain: int = 0  # since then
    amendments: list[str] = field(default_factory=list)  # a sentence for each setting that changed on the way


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """All that a run goes on from."""

    config: TrainingConfig
    provenance: Provenance
    images_sha256: str  # which images it used, in which order
    state: TrainState
    metrics: str  # the text of metrics.jsonl
    weights: EncoderWeights
    network: dict[str, Any]  # tensors by name
    optimiser: dict[str, Any]  # as its `state_dict`
    average: dict[str, Any] | None = None  # running mean of the network's tensors


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write everything that `read_checkpoint` needs.

    Raises:
        StorageError: It cannot be written; the file that was there stays.
    """
    value = {
        "version": _VERSION,
        "config": config_as_json(checkpoint.config),
        "provenance": asdict(checkpoint.provenance),
        "images_sha256": checkpoint.images_sha256,
        "state": asdict(checkpoint.state),
        "metrics": checkpoint.metrics,
        "weights": msgspec.structs.asdict(checkpoint.weights),
        "network": checkpoint.network,
        "optimiser": checkpoint.optimiser,
        "average": checkpoint.average,
    }
    need_bytes = tensor_bytes([checkpoint.network, checkpoint.optimiser, checkpoint.average])
    with writing_to(path, need_bytes=need_bytes), atomic_file(path) as file:
        try:
            torch.save(value, file)
        except RuntimeError as error:  # what torch makes of an error of the file
            if isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


def read_checkpoint(path: Path, config: TrainingConfig) -> Checkpoint | None:
    """Return the checkpoint at `path`, None if there is none.

    Raises:
        TrainingError: It cannot be read, is of another version, or belongs to other settings.
    """
    if not path.exists():
        return None
    try:
        value = torch.load(path, map_location="cpu", weights_only=True)
        if value["version"] == _FORMER_VERSION:
            value = _with_present_names(value)
        version, settings = value["version"], value["config"]
    except Exception as error:  # torch.load raises pickle, zip and runtime errors alike for a damaged file
        first_line = str(error).partition("\n")[0]
        raise TrainingError(f"{path}: is damaged ({first_line}). Delete it to start the run over.") from error
    if version != _VERSION:
        raise TrainingError(
            f"{path}: was made by another version of CocoMine (its format is {version}, this one reads {_VERSION}). "
            "Go on with that version, or delete it to start the run over."
        )
    settings = _with_defaults(settings)
    if _fixed(settings) != _fixed(config_as_json(config)):
        raise TrainingError(f"{path}: was made with other settings than config.json. Delete it to start the run over.")
    try:
        if changes := _changes(settings, config):
            _note_changes(value, changes)
        return _checkpoint(value, config)
    except (KeyError, TypeError, AttributeError) as error:
        raise TrainingError(f"{path}: is damaged ({error!r}). Delete it to start the run over.") from error


def _with_defaults(kept: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a checkpoint; one that came later had its default."""
    defaults = {field.name: field.default for field in fields(TrainingConfig) if field.default is not MISSING}
    return defaults | kept


def _fixed(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that a run keeps for life."""
    return {name: each for name, each in settings.items() if name not in AMENDABLE}


def _changes(settings: dict[str, Any], config: TrainingConfig) -> list[str]:
    """Return what changed of the others, such as "batch 16 instead of 32"."""
    now = config_as_json(config)
    before = {name: settings.get(name, now[name]) for name in AMENDABLE}
    return [
        f"{words} {now[name]:g} instead of {before[name]:g}"
        for name, words in AMENDABLE.items()
        if now[name] != before[name]
    ]


def _note_changes(value: dict[str, Any], changes: list[str]) -> None:
    state = value["state"]
    sentence = f"From step {state['step']:,} on: {', '.join(changes)}."
    value["state"] = {**state, "amendments": [*state.get("amendments", []), sentence]}


def _with_present_names(value: dict[str, Any]) -> dict[str, Any]:
    """Return a checkpoint of the former version as one of this version, so that its run can be resumed."""
    config = config_as_json(config_from_json(value["config"]))
    return {**_renamed(value), "version": _VERSION, "config": config, "network": value["network"]}


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {_FORMER_NAMES.get(name, name): _renamed(each) for name, each in value.items()}
    return [_renamed(each) for each in value] if isinstance(value, list) else value


def _checkpoint(value: dict[str, Any], config: TrainingConfig) -> Checkpoint:
    return Checkpoint(
        config=config,
        provenance=Provenance(**value["provenance"]),
        images_sha256=value["images_sha256"],
        state=TrainState(**value["state"]),
        metrics=value["metrics"],
        weights=EncoderWeights(**value["weights"] | {"random": tuple(value["weights"]["random"])}),
        network=value["network"],
        optimiser=value["optimiser"],
        average=value.get("average"),
    )


def tensor_bytes(value: object) -> int:
    """Return how many bytes the tensors in nested dicts and lists have."""
    if isinstance(value, torch.Tensor):
        return value.nbytes
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return sum(map(tensor_bytes, inside))
