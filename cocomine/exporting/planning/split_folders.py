"""What do formats with words of their own for training, validation and testing call each split?"""

import re
from collections.abc import Iterable, Mapping

from cocomine.coco.split_role import SplitRole

ROLE_WORDS: Mapping[str, Mapping[SplitRole, str]] = {
    "roboflow": {SplitRole.TRAIN: "train", SplitRole.VAL: "valid", SplitRole.TEST: "test"},
    "voc": {SplitRole.TRAIN: "train", SplitRole.VAL: "val", SplitRole.TEST: "test"},
    "hf": {SplitRole.TRAIN: "train", SplitRole.VAL: "validation", SplitRole.TEST: "test"},
}
"""What formats call a split of each role."""
NO_WORD = re.compile(r"\W+")


def split_folders(format_name: str, roles: Mapping[str, SplitRole | None]) -> dict[str, str]:
    """Return what a format calls each split, by its name: the format's word for its role, its own name without one.

    Where two splits have one role both keep their names, as does every split where two would share one.

    Args:
        format_name: one of `ROLE_WORDS`.
        roles: of all splits of an export, by their names.
    """
    words, taken = ROLE_WORDS[format_name], [*roles.values()]
    folders = {
        split: words[role] if role is not None and taken.count(role) == 1 else _plain_name(format_name, split)
        for split, role in roles.items()
    }
    return folders if len({*folders.values()}) == len(folders) else _own_names(format_name, roles)


def _own_names(format_name: str, splits: Iterable[str]) -> dict[str, str]:
    """Return the own name of each split as the format can have it, no two of them the same."""
    names: dict[str, str] = {}
    for split in splits:
        name = _plain_name(format_name, split)
        while name in names.values():
            name += "_"
        names[split] = name
    return names


def _plain_name(format_name: str, split: str) -> str:
    """Return a split's name as the format can have it: `datasets` takes letters, digits and underscores alone."""
    return NO_WORD.sub("_", split) if format_name == "hf" else split
