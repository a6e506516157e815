"""What lies where in an export, and how large is it? As a tree that stays short however many images there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

MOST_NAMED = 4
"""More files of one ending in a folder are told by their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """A folder, a file, or many files of one folder.

    Attributes:
        depth: of the folders that it is in, from 0.
        file_count: of a folder with all that are below it.
    """

    name: str
    depth: int
    file_count: int
    size_bytes: int
    is_folder: bool = False


def file_tree(files: Sequence[Mapping[str, Any]]) -> list[TreeRow]:
    """Return an export's files as rows, folders first.

    Args:
        files: of a manifest, each with `path` and `size`, None where it is missing.
    """
    sizes = {PurePosixPath(each["path"]): int(each["size"] or 0) for each in files}
    return _rows_in(PurePosixPath(), sizes)


def _rows_in(folder: PurePosixPath, sizes: Mapping[PurePosixPath, int]) -> list[TreeRow]:
    depth = len(folder.parts)
    below: dict[str, dict[PurePosixPath, int]] = {}
    own: dict[str, int] = {}
    for path, size in sizes.items():
        inner = path.parts[depth:]
        if len(inner) > 1:
            below.setdefault(inner[0], {})[path] = size
        else:
            own[inner[0]] = size
    rows: list[TreeRow] = []
    for name in sorted(below):
        count, size = len(below[name]), sum(below[name].values())
        rows.append(TreeRow(name=f"{name}/", depth=depth, file_count=count, size_bytes=size, is_folder=True))
        rows += _rows_in(folder / name, below[name])
    return rows + _file_rows(own, depth)


def _file_rows(own: Mapping[str, int], depth: int) -> list[TreeRow]:
    """Return the files of a folder, those of one ending as a row where there are many."""
    by_ending: dict[str, list[str]] = {}
    for name in sorted(own):
        by_ending.setdefault(PurePosixPath(name).suffix if depth else name, []).append(name)
    return [row for names in by_ending.values() for row in _alike_rows(names, own, depth)]


def _alike_rows(names: Sequence[str], own: Mapping[str, int], depth: int) -> list[TreeRow]:
    if len(names) <= MOST_NAMED:
        return [TreeRow(name=name, depth=depth, file_count=1, size_bytes=own[name]) for name in names]
    size = sum(own[name] for name in names)
    return [TreeRow(name=f"{names[0]} … {names[-1]}", depth=depth, file_count=len(names), size_bytes=size)]
