"""Where does CocoMine keep its own things?

One folder, `COCOMINE_HOME` or `~/.cocomine`, with a subfolder for each kind.
Nothing is written outside it except an export or a run to a folder the person names.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cocomine.system.files import write_text
from cocomine.system.folders import is_there


class _Subfolder:
    """The folder in a workspace that has the name of this attribute."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, workspace: "Workspace", owner: type) -> Path:
        return workspace.root / self._name


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The folders below one root; none is created by naming it."""

    root: Path

    demo = _Subfolder()
    """The built-in demo dataset."""
    coco = _Subfolder()
    """COCO's own annotations of 2017, with the images that were downloaded for them."""
    uploads = _Subfolder()
    """Annotation files that came through the browser, each in a folder named by its content."""
    index = _Subfolder()
    """The columns of files that were read: a cache, safe to delete."""
    thumbnails = _Subfolder()
    """Small images of classes: a cache, safe to delete."""
    overlap = _Subfolder()
    """What was counted on the masks of whole datasets: a cache, safe to delete."""
    downloads = _Subfolder()
    """Images that were downloaded, each kept once for all exports: a cache, safe to delete."""
    exclusions = _Subfolder()
    """Which images the person excluded, a file for each dataset: not a cache, the person's work."""
    image_folders = _Subfolder()
    """Which folders were named for a dataset's images, a file for each dataset."""
    fetched_images = _Subfolder()
    """Images that were read from an address, within a bound: a cache, safe to delete."""
    exports = _Subfolder()
    """One folder for each export made without naming a folder."""
    trash = _Subfolder()
    """Exports that were deleted, until it is emptied."""
    runs = _Subfolder()
    """One folder for each training run made without naming a folder."""
    deleted_runs = _Subfolder()
    """Runs that were deleted, until they are deleted for good."""
    claims = _Subfolder()
    """One folder for each claim check, with its exports, runs and report."""
    deleted_claims = _Subfolder()
    """Claim checks that were deleted, until they are deleted for good."""
    cards = _Subfolder()
    """Cards of published numbers that the person added: not a cache, the person's work."""
    tasks = _Subfolder()
    """One folder for each piece of long work, the last twenty that ended among them."""
    speeds = _Subfolder()
    """How long training takes here, as measured: a cache, safe to delete."""
    weights = _Subfolder()
    """Pretrained encoder files that the person put there or had downloaded."""
    viewer = _Subfolder()
    """The viewer's database and logs: a cache, safe to delete while the app is down."""


def workspace_from_environment(environment: Mapping[str, str] = os.environ) -> Workspace:
    """Return the workspace that `COCOMINE_HOME` names, by default `~/.cocomine`."""
    named = environment.get("COCOMINE_HOME")
    return Workspace(root=Path(named).expanduser().absolute() if named else Path.home() / ".cocomine")


RECENT_LENGTH = 8
KNOWN_LENGTH = 64


def recent_datasets(workspace: Workspace) -> list[Path]:
    """Return the datasets opened last, the newest first; those that are gone are left out."""
    return _opened_datasets(workspace)[:RECENT_LENGTH]


def known_datasets(workspace: Workspace) -> list[Path]:
    """Return where datasets are, as far as is known: those opened last, the demo, and what was uploaded."""
    uploads = sorted(workspace.uploads.glob("*/*.json"))
    return list(dict.fromkeys([*_opened_datasets(workspace), *filter(is_there, [workspace.demo]), *uploads]))


def _opened_datasets(workspace: Workspace) -> list[Path]:
    try:
        paths = json.loads((workspace.root / "recent.json").read_bytes())
    except (OSError, ValueError):
        return []  # no list yet, or a damaged one: it is only a convenience
    listed = paths if isinstance(paths, list) else []
    return [Path(path) for path in listed if isinstance(path, str) and is_there(Path(path))]


def remember_dataset(workspace: Workspace, path: Path) -> None:
    """Put a dataset on top of the list of recent ones; where it is already, nothing is written."""
    recent = _opened_datasets(workspace)
    if recent[:1] == [path]:
        return
    paths = [path, *(other for other in recent if other != path)]
    with suppress(OSError):  # a read-only workspace or a full disk: the list is only a convenience
        workspace.root.mkdir(parents=True, exist_ok=True)
        text = json.dumps([str(each) for each in paths[:KNOWN_LENGTH]], indent=2)  # ASCII: not every name is UTF-8
        write_text(workspace.root / "recent.json", text + "\n")
