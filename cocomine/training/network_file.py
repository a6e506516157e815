"""What is in the file of a trained network, so that a copy of it works anywhere?

Its tensors by smp's names, and in the header, as JSON under "cocomine", what must be known to use them. Training writes
the file (`run_files`), prediction and ONNX read it.
"""

import json
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cocomine.errors import WeightsError
from cocomine.labels.table import Label, LabelTable
from cocomine.system.files import write_bytes
from cocomine.system.space import writing_to
from cocomine.training.linknet import LinkNet
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.records import Count, RunLabel

HEADER = "cocomine"
"""Where the description is in the header of the file."""


class NetworkDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the file says of the network."""

    step: Count
    encoder: str = "resnet50"
    """Files of former versions do not name it; they had no other."""
    size_px: Annotated[int, Meta(ge=32, le=4096, multiple_of=32)]
    labels: Annotated[list[RunLabel], Meta(min_length=1, max_length=255)]

    def __post_init__(self) -> None:
        if self.encoder not in ENCODERS:
            raise ValueError(f"there is no encoder '{self.encoder}'")
        if [each.label for each in self.labels] != list(range(len(self.labels))):
            raise ValueError("its labels are not numbered from 0")

    @property
    def table(self) -> LabelTable:
        """The labels as exports have them."""
        return LabelTable(
            labels=tuple(
                Label(label=each.label, name=each.name, category_ids=(), colour=each.colour, selected=each.selected)
                for each in self.labels
            )
        )


def write_network(path: Path, network: LinkNet, description: NetworkDescription) -> None:
    """Write a network; the file appears whole.

    Raises:
        StorageError: It cannot be written; the file that was there stays.
    """
    header = json.dumps(msgspec.to_builtins(description))
    data = save(network.state_dict(), metadata={HEADER: header})
    with writing_to(path, need_bytes=len(data)):
        write_bytes(path, data)


def read_network(path: Path) -> tuple[NetworkDescription, LinkNet]:
    """Return what a file says of its network, and the network on the CPU, ready to answer.

    Raises:
        WeightsError: The file cannot be read, or is not one that a run wrote.
    """
    description, tensors = _contents(path)
    network = LinkNet(ENCODERS[description.encoder], len(description.labels))
    try:
        network.load_state_dict(tensors)
    except RuntimeError as error:
        raise WeightsError(f"{path}: does not fit its own description ({_first_line(error)}).") from error
    return description, network.eval()


def _contents(path: Path) -> tuple[NetworkDescription, dict[str, Tensor]]:
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(HEADER)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{path}: cannot be read ({_first_line(error)}).") from error
    if header is None:
        raise WeightsError(f"{path}: this is not the best.safetensors of a run: it does not say what its labels are.")
    try:
        return msgspec.json.decode(header, type=NetworkDescription), tensors
    except msgspec.DecodeError as error:
        raise WeightsError(f"{path}: its description is damaged ({error}).") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
