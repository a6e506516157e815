"""The weights of a small network at random, as a run writes its best ones."""

import json
from pathlib import Path

from safetensors.torch import save_file

from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.network_file import HEADER
from cocomine.training.runs.encoders import ENCODERS

LABELS = [
    {"label": 0, "name": "background", "colour": "#000000", "selected": False},
    {"label": 1, "name": "cat", "colour": "#ff0000", "selected": True},
    {"label": 2, "name": "cup", "colour": "#00ff00", "selected": True},
]
DESCRIPTION = {"step": 7, "encoder": "small", "size_px": 32, "labels": LABELS}


def write_small_weights(path: Path) -> Path:
    """Write them; return the path."""
    network = LinkNet(ENCODERS["small"], len(LABELS))
    initialise(network, seed=1)
    write_described(path, network, DESCRIPTION)
    return path


def write_described(path: Path, network: LinkNet, description: dict[str, object]) -> None:
    """Write a network with any description, also one that no run would write."""
    save_file(network.state_dict(), path, metadata={HEADER: json.dumps(description)})
