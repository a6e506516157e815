"""What does a side of the comparison get to work on?"""

import json
from dataclasses import dataclass
from pathlib import Path

LABEL_SIZE_PX = 128
TRAINING_BATCH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The same for both sides; paths are text, since it goes to other processes as JSON.

    Attributes:
        annotation_file: the large file.
        originals: the files that it was made of, their images beside them where there are any.
        index: folder in which CocoMine keeps columns for reopening.
        scratch: folder to write into.
        categories: the names of all.
        classes: the selected ones.
        label_map_count: how many images get a label map.
        training_steps: how many steps of a training are measured.
        exported_images: how many images a whole export has, about.
    """

    annotation_file: str
    originals: tuple[str, ...]
    index: str
    scratch: str
    categories: tuple[str, ...]
    classes: tuple[str, ...]
    label_map_count: int
    training_steps: int
    exported_images: int


def written_sizes(path: Path) -> list[int]:
    """Return what both sides' subset files must agree in: images, annotations, and the sums of their ids."""
    document = json.loads(path.read_bytes())
    parts = document["images"], document["annotations"], document["categories"]
    return [value for part in parts for value in (len(part), sum(record["id"] for record in part))]


def label_at(index: int) -> int:
    """Return the label of the category at a position, 1 to 254, and again from 1 where there are more."""
    return index % 254 + 1
