"""Which selections are offered ready-made?"""

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.selection import Selection

PRESETS: dict[str, Selection] = {"Paper, Fig. 4": Selection(classes=("giraffe", "bus", "broccoli", "laptop"))}
"""Named selections. Source: the four classes that Fig. 4 of the paper shows mined from COCO."""


def presets_of(dataset: Dataset) -> dict[str, Selection]:
    """Return the presets whose classes the dataset has."""
    names = set(dataset.category_names)
    return {title: preset for title, preset in PRESETS.items() if names.issuperset(preset.classes)}
