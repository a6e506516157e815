"""How may the name of one and the same file be written otherwise?

With backslashes, as on Windows; below folders of another computer; behind the address of a server; in the other Unicode
form, as macOS writes it; with `%20`; in other letters' case. None of these says another file, so a file found like that
is taken if it is the only one. Another ending (`x.png` for `x.jpg`), or what Label Studio puts before a name and
Roboflow behind it, may be another image, and is only offered.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import unquote

from cocomine.system.file_names import is_address

PUT_TO_NAMES = re.compile(r"\A[0-9a-f]{8}-|_(?:jpe?g|png|bmp|webp|tiff?)\.rf\.[0-9a-z]+\Z")
"""In small letters, of a name without its ending: `1a2b3c4d-x`, `x_jpg.rf.1a2b`."""
MOST_TAILS = 4
"""Parts at the end of a long path that are tried as a path of their own."""


def tails(name: str) -> Iterator[str]:
    """Return a path with all its folders, then with fewer and fewer in front, down to the bare file name.

    An address ends at its query, as of links that a store has signed.
    """
    path = name.partition("?")[0] if is_address(name) else name
    parts = [part for part in path.replace("\\", "/").split("/") if part not in {"", ".", ".."}]
    for first in range(max(0, len(parts) - MOST_TAILS), len(parts)):
        yield "/".join(parts[first:])


def spellings(name: str) -> Iterator[str]:
    """Return how a file's path may be written on disk, as it is written first; a few that are likely, not all."""
    for tail in tails(name):
        stem, dot, ending = tail.rpartition(".")
        plain = unquote(tail)
        endings = (stem + dot + ending.lower(), stem + dot + ending.upper())
        yield from dict.fromkeys((tail, plain, _normal("NFC", plain), _normal("NFD", plain), *endings))


def found_names(names: Sequence[str], files_in: Callable[[str], Sequence[str]]) -> dict[int, str]:
    """Return under which other name a file is there, by the position of its name; only where there is just one.

    Args:
        names: as they are written, below a root.
        files_in: gives the file names of a folder below the root, "" for the root itself; none for "/" and others
            outside it.
    """
    folder_of = cache(lambda folder: _Folder(files_in(folder)))
    top = folder_of("").names
    as_written = {name for name in names if name in top or _has(folder_of, name)}
    if len(as_written) == len(names):
        return {}
    others = {at: _found(folder_of, name) for at, name in enumerate(names) if name not in as_written}
    claims = Counter(others.values())
    return {at: found for at, found in others.items() if found and claims[found] == 1 and found not in as_written}


def near_names(names: Sequence[str], files_in: Callable[[str], Sequence[str]]) -> dict[str, str]:
    """Return the one file that differs from a missing name in its ending, or in what tools put to names, by name."""
    folder_of = cache(lambda folder: _Folder(files_in(folder)))
    near: dict[str, str] = {}
    for name in names:
        for tail in tails(name):
            folder, _, last = tail.rpartition("/")
            alike = folder_of(folder).by_stem.get(_bare_stem(last), [])
            if len(alike) == 1:
                near[name] = f"{folder}/{alike[0]}" if folder else alike[0]
                break
    return near


class _Folder:
    """The files of one folder, by name and by what its spellings have in common."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = frozenset(names)

    @cached_property
    def by_key(self) -> Mapping[str, list[str]]:
        return _grouped(self.names, _key)

    @cached_property
    def by_stem(self) -> Mapping[str, list[str]]:
        return _grouped(self.names, _bare_stem)


FolderOf = Callable[[str], _Folder]


def _has(folder_of: FolderOf, name: str) -> bool:
    folder, slash, last = name.rpartition("/")
    return last in folder_of(folder or slash).names


def _found(folder_of: FolderOf, name: str) -> str | None:
    for tail in tails(name):
        folder, _, last = tail.rpartition("/")
        there = folder_of(folder)
        alike = [last] if last in there.names else there.by_key.get(_key(last), [])
        if len(alike) == 1:
            return f"{folder}/{alike[0]}" if folder else alike[0]
    return None


def _key(name: str) -> str:
    return _normal("NFC", unquote(name)).casefold()


def _bare_stem(name: str) -> str:
    return PUT_TO_NAMES.sub("", _key(PurePosixPath(name).stem))


def _normal(form: Literal["NFC", "NFD"], text: str) -> str:
    return text if text.isascii() else unicodedata.normalize(form, text)


def _grouped(names: frozenset[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(key(name), []).append(name)
    return groups
