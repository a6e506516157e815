"""What the Export page is set to, as one line in the URL: a reload, a bookmark and a second tab find it again.

Each setting is the value of a widget under its key in the session. What is as by default is left out of the line; what
a line names and no widget could have is passed over.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.planning.alike_images import Likeness
from cocomine.mining.selection.recipe import FORMATS
from cocomine.wording import entries_from_line, names_to_line

PREFIX = "export-"
IMAGES, MASK_SIZE = "export-images", "export-size"
SYMLINKS = "export-symlinks"
PLACE, NAME, FOLDER = "export-place", "export-name", "export-folder"
LINK, COPY, DOWNLOAD, NO_IMAGES = "link", "copy", "download", "none"
MASK_SIZES_PX = (64, 128, 256, 512)
DEFAULT_MASK_SIZE_PX = 128
TWO_SIDES, THREE_SIDES = "Training and validation", "Training, validation and testing"
LIBRARY, OTHER_FOLDER = "library", "folder"
MOST_FOLDS = 20
LARGEST_SEED = 2**53 - 1
"""That a browser's number field gives back as it was."""


def format_key(name: str) -> str:
    """Return the key of the tick of a format."""
    return f"{PREFIX}format-{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """Settings of one kind.

    Attributes:
        names: their keys without the prefix.
        read: a value from text; raises ValueError for what the widget cannot have.
        default: that is left out.
        is_of_dataset: it means something for one dataset alone.
    """

    names: str
    read: Callable[[str], object]
    default: object = None
    is_of_dataset: bool = False


def _one_of(values: Collection[object]) -> Callable[[str], object]:
    """Return what reads one of some values by its text."""
    by_text = {_text(value): value for value in values}

    def read(text: str) -> object:
        if text not in by_text:
            raise ValueError(text)
        return by_text[text]

    return read


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) > LARGEST_SEED:
        raise ValueError(text)
    return int(text)


_TICK = _one_of((True, False))
KINDS = (
    _Kind(names="images", read=_one_of((LINK, COPY, DOWNLOAD, NO_IMAGES)), default=LINK, is_of_dataset=True),
    _Kind(names="symlinks", read=_TICK, default=False, is_of_dataset=True),
    _Kind(names="size", read=_one_of(MASK_SIZES_PX), default=DEFAULT_MASK_SIZE_PX),
    _Kind(names="format-masks", read=_TICK, default=True),
    _Kind(names=f"format-({'|'.join(FORMATS)})", read=_TICK, default=False),
    _Kind(names="sides", read=_one_of((TWO_SIDES, THREE_SIDES)), default=TWO_SIDES),
    _Kind(names="val-share", read=_one_of(range(5, 51, 5)), default=20),
    _Kind(names="test-share", read=_one_of(range(5, 46, 5)), default=10),
    _Kind(names="seed", read=_seed, default=0),
    _Kind(names="uses-folds", read=_TICK, default=False),
    _Kind(names="folds", read=_one_of(range(2, MOST_FOLDS + 1)), default=5),
    _Kind(names="fold-of-[0-9]+", read=_one_of(range(MOST_FOLDS)), default=0),
    _Kind(names="likeness", read=_one_of(tuple(Likeness)), default=Likeness.NAMES),
    _Kind(names="role-.+", read=_one_of(tuple(SplitRole)), is_of_dataset=True),
    _Kind(names="val-from-.+", read=str, is_of_dataset=True),
    _Kind(names="place", read=_one_of((LIBRARY, OTHER_FOLDER)), default=LIBRARY, is_of_dataset=True),
    _Kind(names="name|folder", read=str, default="", is_of_dataset=True),
)
"""The settings that are kept; of two that fit a name, the first."""


def settings_in(line: str) -> dict[str, object]:
    """Return the settings of a line, by the keys of their widgets."""
    found: dict[str, object] = {}
    for entry in entries_from_line(line):
        name, _, text = entry.partition("=")
        kind = _kind_of(name)
        value = None if kind is None else _read(kind, text)
        if value is not None:
            found[PREFIX + name] = value
    return found


def settings_line(session: Mapping[str, object]) -> str:
    """Return the settings in a session as a line, "" where all are as by default.

    Args:
        session: values by key; those of other widgets are passed over.
    """
    entries = []
    for key in sorted(key for key in session if key.startswith(PREFIX)):
        name, value = key.removeprefix(PREFIX), session[key]
        kind = _kind_of(name)
        if kind is not None and value not in (None, kind.default) and _read(kind, _text(value)) == value:
            entries.append(f"{name}={_text(value)}")
    return names_to_line(entries)


def keys_of_dataset(session: Mapping[str, object]) -> list[str]:
    """Return the keys of the settings that mean something for the open dataset alone."""
    named = {key: _kind_of(key.removeprefix(PREFIX)) for key in session if key.startswith(PREFIX)}
    return [key for key, kind in named.items() if kind is not None and kind.is_of_dataset]


def _kind_of(name: str) -> _Kind | None:
    return next((kind for kind in KINDS if re.fullmatch(kind.names, name)), None)


def _read(kind: _Kind, text: str) -> object:
    """Return a value, None where no widget of the kind could have it."""
    try:
        return kind.read(text)
    except ValueError:
        return None
