"""Which weights does the encoder start from?

The ladder, without any network: the file the person named; else the first usable file in the
workspace's weights folder; else the torch-hub cache; else random. Names are torchvision's, with or
without `fc`, also behind `encoder.` (smp) or `module.` (DataParallel). A file may hold only a part
of the network: what it lacks stays random, and `LoadedWeights` says so. Which start a run had goes
into its record: runs with differing starts cannot be compared without it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from cocomine.atomic import file_sha256
from cocomine.errors import WeightsError
from cocomine.training.linknet import ENCODER_PARTS, LinkNet

_SUFFIXES = (".safetensors", ".pth", ".pt")
_PREFIXES = ("module.", "encoder.")
_LEFT_OUT = ("fc.", "decoder.", "segmentation_head.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedWeights:
    """Where the encoder's first weights come from."""

    source: str  # a file, or "random"
    sha256: str | None  # of the file
    loaded_count: int  # encoder tensors taken from the file
    random: tuple[str, ...]  # encoder tensors that start at random, by name
    complete_parts: int  # encoder parts from the bottom without any random tensor; only these can be frozen

    @property
    def notice(self) -> str | None:
        """What a person must know about this start for as long as the run is looked at; None if complete."""
        if self.source == "random":
            return (
                "Random start: no pretrained encoder weights are used, so nothing is frozen, and after a few hundred "
                "steps the network is hardly better than predicting nothing. Give it thousands of steps or a weights "
                "file, and do not compare its results with a pretrained encoder's."
            )
        if self.random:
            parts = ", ".join(ENCODER_PARTS[self.complete_parts :])
            return (
                f"Partly pretrained: {Path(self.source).name} filled {self.loaded_count} encoder tensors; "
                f"{len(self.random)} start at random (in {parts})."
            )
        return None


def torch_hub_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in which torchvision keeps weights it downloaded."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    home = environment.get("TORCH_HOME") or str(Path(cache) / "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def weights_candidates(workspace_folder: Path, hub_folder: Path) -> tuple[Path, ...]:
    """Return the files to try when none was named, best first: the workspace's, then torch-hub's."""
    own = [path for path in _files(workspace_folder) if path.suffix in _SUFFIXES]
    hub = [path for path in _files(hub_folder) if path.name.startswith("resnet50-") and path.suffix == ".pth"]
    return (*own, *hub)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def load_encoder(network: LinkNet, choice: str, candidates: tuple[Path, ...] = ()) -> LoadedWeights:
    """Fill the encoder of `network` as the setting `weights` asks.

    Args:
        network: Keeps what it has wherever the file has nothing.
        choice: "none", "auto" (the first of `candidates` that fits), or a file.
        candidates: See `weights_candidates`.

    Raises:
        WeightsError: The file that was named is missing, unreadable or does not fit.
    """
    if choice == "none":
        return _random_start(network)
    if choice != "auto":
        return load_file_into_encoder(network, Path(choice))
    for path in candidates:
        try:
            return load_file_into_encoder(network, path)
        except WeightsError:
            continue  # the ladder goes on: nobody asked for this very file
    return _random_start(network)


def _random_start(network: LinkNet) -> LoadedWeights:
    names = tuple(_wanted(network))
    return LoadedWeights(source="random", sha256=None, loaded_count=0, random=names, complete_parts=0)


def _wanted(network: LinkNet) -> dict[str, Tensor]:
    """Return the encoder's tensors; BatchNorm's step counters play no role in what it computes."""
    state = network.encoder.state_dict()
    return {name: tensor for name, tensor in state.items() if not name.endswith("num_batches_tracked")}


def load_file_into_encoder(network: LinkNet, path: Path) -> LoadedWeights:
    """Copy every encoder tensor that the file has into `network`.

    Raises:
        WeightsError: The file is missing, unreadable, of another network, or has nothing for the encoder.
    """
    given = {_plain_name(name): tensor for name, tensor in _read_tensors(path).items()}
    wanted = _wanted(network)
    fitting = {name: given[name] for name in wanted if name in given}
    _check_fit(path, given, wanted, fitting)
    with torch.no_grad():
        for name, tensor in fitting.items():
            wanted[name].copy_(tensor)  # also from fp16
    missing = tuple(name for name in wanted if name not in fitting)
    return LoadedWeights(
        source=str(path.absolute()),
        sha256=file_sha256(path),
        loaded_count=len(fitting),
        random=missing,
        complete_parts=_complete_parts(missing),
    )


def _plain_name(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _read_tensors(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such weights file. Check the path, or choose 'none'.")
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        value = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be read ({error}). Download it again.") from error
    except Exception as error:  # torch.load raises pickle, zip and runtime errors alike for a file that is not its own
        first_line = str(error).partition("\n")[0]
        raise WeightsError(
            f"{path}: is no plain PyTorch weights file ({first_line}). Give a state dict as .safetensors or .pth."
        ) from error
    if isinstance(value, dict) and isinstance(value.get("state_dict"), dict):
        value = value["state_dict"]
    if not isinstance(value, dict):
        raise WeightsError(f"{path}: holds a {type(value).__name__}, not weights by name. Give a state dict.")
    return {name: tensor for name, tensor in value.items() if isinstance(tensor, Tensor)}


def _check_fit(path: Path, given: Mapping[str, Tensor], wanted: dict[str, Tensor], fitting: dict[str, Tensor]) -> None:
    for name, tensor in fitting.items():
        if tensor.shape != wanted[name].shape:
            raise WeightsError(
                f"{path}: '{name}' has the shape {tuple(tensor.shape)}, a ResNet-50 has {tuple(wanted[name].shape)}. "
                "Give weights of a ResNet-50."
            )
        if not torch.isfinite(tensor).all():
            raise WeightsError(f"{path}: '{name}' holds values that are no numbers. Download the file again.")
    if "conv1.weight" not in fitting:
        example = next(iter(given), "no tensor at all")
        raise WeightsError(
            f"{path}: has no 'conv1.weight' (its first entry is '{example}'), so it is no ResNet-50 encoder. "
            "Give torchvision's resnet50 weights, or choose 'none'."
        )
    strange = [
        name
        for name in given
        if name not in wanted and not name.startswith(_LEFT_OUT) and not name.endswith("num_batches_tracked")
    ]
    if strange:
        raise WeightsError(
            f"{path}: '{strange[0]}' (one of {len(strange)}) is not in a ResNet-50, so this is another network. "
            "Give torchvision's resnet50 weights, or choose 'none'."
        )


def _complete_parts(missing: tuple[str, ...]) -> int:
    for index, part in enumerate(ENCODER_PARTS):
        prefixes = ("conv1.", "bn1.") if part == "stem" else (f"{part}.",)
        if any(name.startswith(prefixes) for name in missing):
            return index
    return len(ENCODER_PARTS)
