"""Which weights will the encoder start from, and how much of it do they fill?

Answered from the names and shapes of tensors alone, without PyTorch, so that the page can say before the start what a
run will do; the network in `linknet` is made from the same numbers. The ladder, without any network: the file the
person named; else, of the files in the workspace's weights folder and in the caches of torch and Hugging Face that fit,
the first that is whole, else the one that fills most; else random.

Names are torchvision's, with or without `fc`, also behind `encoder.` (smp) or `module.` (DataParallel).

Sources: the safetensors format (8 bytes of header length, then JSON); PyTorch's `.pth`, a pickle by itself or in a
zip, of which no code is run here: what is not a tensor's description comes back as nothing.
"""

import json
import os
import pickle  # only through _Outline, which calls nothing that a file names
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cocomine.errors import WeightsError
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS, Encoder, Shape

_SUFFIXES = (".safetensors", ".pth", ".pt")
_PREFIXES = ("module.", "encoder.")
_LEFT_OUT = ("fc.", "decoder.", "segmentation_head.")
_MOST_HEADER_BYTES = 100_000_000  # the safetensors format's own limit


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """A file that fits the encoder, and what of it it fills."""

    path: Path
    found: tuple[str, ...]  # encoder tensors in it
    missing: tuple[str, ...]  # encoder tensors that will start at random

    @property
    def complete_stages(self) -> int:
        """Encoder stages from the bottom that it fills; only these can be frozen."""
        for index, stage in enumerate(ENCODER_STAGES):
            prefixes = ("conv1.", "bn1.") if stage == "stem" else (f"{stage}.",)
            if any(name.startswith(prefixes) for name in self.missing):
                return index
        return len(ENCODER_STAGES)


def torch_hub_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in which torchvision keeps weights it downloaded."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    home = environment.get("TORCH_HOME") or str(Path(cache) / "torch")
    return Path(home).expanduser() / "hub" / "checkpoints"


def hugging_face_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the folder in which Hugging Face's programs keep what they downloaded."""
    cache = environment.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    home = environment.get("HF_HOME") or str(Path(cache) / "huggingface")
    return Path(environment.get("HF_HUB_CACHE") or str(Path(home) / "hub")).expanduser()


def weights_candidates(workspace_folder: Path, environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Return the files to look into when none was named: the workspace's, then torch's and Hugging Face's."""
    own = [path for path in _files(workspace_folder) if path.suffix in _SUFFIXES]
    hub = [path for path in _files(torch_hub_folder(environment)) if path.suffix == ".pth"]
    named = [path for path in hub if path.name.startswith(tuple(f"{name}-" for name in ENCODERS))]
    return (*own, *named, *_hugging_face_files(hugging_face_folder(environment)))


def _hugging_face_files(folder: Path) -> list[Path]:
    """Return the weights of repositories that are named after an encoder, such as `smp-hub/resnet50.imagenet`.

    Source: https://huggingface.co/docs/huggingface_hub/guides/manage-cache (models--owner--name/snapshots/revision)
    """
    try:
        return sorted(
            path
            for name in ENCODERS
            for path in folder.glob(f"models--*--{name}.*/snapshots/*/model.safetensors")
            if path.is_file()
        )
    except OSError:
        return []  # not ours to read: there is nothing to find


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError:
        return []  # not there, or not ours to read: there is nothing to find


def usable_files(candidates: tuple[Path, ...], encoder: Encoder) -> list[WeightsFile]:
    """Return the files that fit the encoder, best first: whole ones, then those that fill most, each as they came."""
    fitting = []
    for path in candidates:
        try:
            fitting.append(inspected(path, encoder))
        except WeightsError:
            continue  # the ladder goes on: nobody asked for this very file
    return sorted(fitting, key=lambda file: len(file.missing))


def frozen_stage_count(config: TrainingConfig, complete_stages: int) -> int:
    """Return how many encoder stages from the bottom a run freezes: none whose weights start at random."""
    return min(config.frozen_stages, complete_stages)


def inspected(path: Path, encoder: Encoder) -> WeightsFile:
    """Return what a weights file fills of an encoder.

    Raises:
        WeightsError: It is missing, unreadable, of another network, or has nothing for the encoder.
    """
    given = {plain_name(name): shape for name, shape in _shapes_in(path).items()}
    expected = encoder.shapes()
    _check_fit(path, given, encoder)
    return WeightsFile(
        path=path,
        found=tuple(name for name in expected if name in given),
        missing=tuple(name for name in expected if name not in given),
    )


def plain_name(name: str) -> str:
    """Return torchvision's name of a tensor, without what other programs put before it."""
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _check_fit(path: Path, given: Mapping[str, Shape], encoder: Encoder) -> None:
    expected, remedy = encoder.shapes(), f"Give weights of a {encoder.title}, or choose 'none'."
    for name, shape in expected.items():
        if given.get(name, shape) != shape:
            raise WeightsError(f"{path}: '{name}' has the shape {given[name]}, a {encoder.title} has {shape}. {remedy}")
    if "conv1.weight" not in given:
        example = next(iter(given), "no tensor at all")
        raise WeightsError(
            f"{path}: has no 'conv1.weight' (its first entry is '{example}'), so it is no {encoder.title} encoder. "
            f"{remedy}"
        )
    strange = [
        name
        for name in given
        if name not in expected and not name.startswith(_LEFT_OUT) and not name.endswith("num_batches_tracked")
    ]
    if strange:
        raise WeightsError(
            f"{path}: '{strange[0]}' (one of {len(strange)}) is not in a {encoder.title}, so this is another network. "
            f"{remedy}"
        )


def _shapes_in(path: Path) -> dict[str, Shape]:
    if not path.is_file():
        raise WeightsError(f"{path}: there is no such weights file. Check the path, or choose 'none'.")
    read = _safetensors_shapes if path.suffix == ".safetensors" else _pickled_shapes
    try:
        with path.open("rb") as file:
            return read(file)
    except Exception as error:  # zip and pickle raise nearly anything for a file that is not theirs
        remedy = "cannot be read as safetensors" if read is _safetensors_shapes else "is no plain PyTorch weights file"
        raise WeightsError(
            f"{path}: {remedy} ({str(error) or type(error).__name__}). Download it again, or give a state dict as "
            ".safetensors or .pth."
        ) from error


def _safetensors_shapes(file: BinaryIO) -> dict[str, Shape]:
    size = int.from_bytes(file.read(8), "little")
    if size > _MOST_HEADER_BYTES:
        raise ValueError("its header has no length that can be")
    header = json.loads(file.read(size))
    end = 8 + size + max((entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"))
    if file.seek(0, os.SEEK_END) < end:
        raise ValueError("it is cut short")
    return {name: tuple(entry["shape"]) for name, entry in header.items() if name != "__metadata__"}


def _pickled_shapes(file: BinaryIO) -> dict[str, Shape]:
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            name = next(name for name in archive.namelist() if name.endswith("data.pkl"))
            with archive.open(name) as pickled:
                value = _Outline(pickled).load()
    else:
        file.seek(0)
        for _ in range(3):  # a magic number, the protocol's version, and how the system stores numbers
            _Outline(file).load()
        value = _Outline(file).load()
    if isinstance(value, dict) and isinstance(value.get("state_dict"), dict):
        value = value["state_dict"]
    if not isinstance(value, dict):
        raise TypeError(f"it holds a {type(value).__name__}, not weights by name")
    return {str(name): each.shape for name, each in value.items() if isinstance(each, _Tensor)}


@dataclass(frozen=True, slots=True)
class _Tensor:
    shape: Shape


_BUILDERS: dict[tuple[str, str], Callable[..., Any]] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): lambda _storage, _offset, shape, *_: _Tensor(tuple(shape)),
    ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
}
"""What stands for the classes and functions that a pickle of tensors names."""


class _Outline(pickle.Unpickler):
    """Reads what a pickle of tensors is made of; classes and functions that it names are never looked up."""

    def find_class(self, module: str, name: str) -> Callable[..., Any]:
        if builder := _BUILDERS.get((module, name)):
            return builder
        if module == "torch" and name.endswith("Storage"):
            return object  # never called: it is part of a reference to a storage, and these are not followed
        raise pickle.UnpicklingError(f"it names {module}.{name}, which weights do not need")

    def persistent_load(self, _reference: Any) -> None:
        return None
