"""The weights of a small network at random, as a run writes its best ones."""

from pathlib import Path

from cocomine.training.checkpoint import write_network
from cocomine.training.linknet import LinkNet, initialise
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
    write_network(path, network, DESCRIPTION)
    return path
