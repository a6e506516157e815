"""What is an image called in Pascal VOC, which has one folder for all splits?

As in the export; where two splits have a name in common, but for the ending, the split's name comes before it in all.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

from cocomine.exporting.planning.image_names import exported_name
from cocomine.mining.selection.selection import SubsetSplit


def voc_names_splits(parts: Sequence[SubsetSplit]) -> bool:
    """Return whether two splits have a name in common, so that the names must say the split."""
    if len(parts) < 2:
        return False
    taken = set[PurePosixPath]()
    for part in parts:
        own = {PurePosixPath(exported_name(part.split, index)).with_suffix("") for index in part.image_index.tolist()}
        if own & taken:
            return True
        taken |= own
    return False


def voc_name(split: str, name: str, *, names_splits: bool) -> str:
    """Return the name of an image in Pascal VOC's folders.

    Args:
        name: in the export.
        names_splits: see `voc_names_splits`.
    """
    return f"{split}/{name}" if names_splits else name
