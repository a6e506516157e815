"""Results that are kept between runs, for all sessions.

A result is computed once, whoever asks first, and kept while it is among the latest used of its kind. Everybody gets
the same object, so nobody may change it.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import streamlit as st

P = ParamSpec("P")
R = TypeVar("R")
MOST = 64
"""Results of one kind that are kept, where nothing else is said."""
Stamp = tuple[tuple[str, int, int], ...]
"""Name, size and time of files or folders: it changes when one of them does."""


class Keyed(Protocol):
    """A value that results are computed from."""

    @property
    def key(self) -> Hashable:
        """The same for values that give the same results."""


K = TypeVar("K", bound=Keyed)


@dataclass(slots=True)
class _Slot:
    """A place for one result.

    Attributes:
        lock: held while it is computed; who asks meanwhile waits.
        filled_s: when it was, on the monotonic clock; None before.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    filled_s: float | None = None
    value: Any = None

    def is_filled(self, longest_s: float | None) -> bool:
        if self.filled_s is None:
            return False
        return longest_s is None or time.monotonic() - self.filled_s < longest_s


_kinds: dict[str, OrderedDict[Hashable, _Slot]] = {}
"""Slots by kind and key; those of each kind in the order of their last use."""
_kinds_lock = threading.Lock()


def _slot(kind: str, key: Hashable, most: int) -> _Slot:
    """Return the slot of a key, a new one where there is none; those used longest ago make room."""
    with _kinds_lock:
        slots = _kinds.setdefault(kind, OrderedDict())
        slot = slots.setdefault(key, _Slot())
        slots.move_to_end(key)
        while len(slots) > most:
            slots.popitem(last=False)
        return slot


def cached(
    part: Callable[[K], K], *, most: int = MOST, longest_s: float | None = None, spinner: str = ""
) -> Callable[[Callable[Concatenate[K, P], R]], Callable[Concatenate[K, P], R]]:
    """Keep what a function returns, by the part of its first argument that it depends on and by its other arguments.

    The function is given that part alone, so that it cannot depend on more by mistake. What fails is not kept.

    Args:
        part: takes from the first argument what the result depends on.
        most: results of the function that are kept.
        longest_s: how long each is kept at most.
        spinner: said on the page while it is computed, "" for nothing.
    """

    def decorated(function: Callable[Concatenate[K, P], R]) -> Callable[Concatenate[K, P], R]:
        kind = kind_of(function)

        @wraps(function)
        def kept(whole: K, /, *args: P.args, **kwargs: P.kwargs) -> R:
            given = part(whole)
            slot = _slot(kind, (given.key, args, tuple(kwargs.items())), most)
            if not slot.is_filled(longest_s):
                with slot.lock, st.spinner(spinner) if spinner else nullcontext():
                    if not slot.is_filled(longest_s):
                        slot.value = function(given, *args, **kwargs)
                        slot.filled_s = time.monotonic()
            value: R = slot.value
            return value

        return kept

    return decorated


def forget(function: Callable[..., Any]) -> None:
    """Let every result of a cached function be computed anew."""
    with _kinds_lock:
        _kinds.pop(kind_of(function), None)


def kind_of(function: Callable[..., Any]) -> str:
    """Return the name under which the results of a function are kept."""
    return f"{function.__module__}.{function.__qualname__}"


@dataclass(frozen=True, slots=True)
class Files:
    """Files that a result is read from.

    Attributes:
        root: what was asked for, a file or a folder.
        stamp: name, size and time of each file.
    """

    root: Path
    stamp: Stamp = ()

    @property
    def key(self) -> tuple[Path, Stamp]:
        """The same while no file changes."""
        return self.root, self.stamp


def same_files(files: Files) -> Files:
    """Let a result depend on its files alone."""
    return files


def files_of(root: Path, paths: Iterable[Path]) -> Files:
    """Return files with their stamp; those that are gone are left out."""
    found = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_size, stat.st_mtime_ns))
    return Files(root=root, stamp=tuple(found))
