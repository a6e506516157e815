"""Where is it kept which images were excluded from a dataset by hand?

In one small JSON file for each dataset, `exclusions/<name>-<digest>.json` in the workspace. The dataset is told by the
path that was opened, with links resolved: a folder and an annotation file in it are two datasets, and one that moves
begins a new list. A change reads the file, edits it and replaces it while it holds the lock of the folder, so that of
two windows or two running CocoMines neither loses what the other wrote; whoever is killed leaves the old file.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cocomine.exclusions.edits import Edit, Exclusions
from cocomine.system.files import write_json
from cocomine.system.locks import wait_for_lock

FILE_VERSION = 1
LONGEST_NAME = 48
LOCK_LIMIT_S = 5.0


class _Entry(msgspec.Struct):
    split: str
    image_id: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    reason: str = ""


class _Document(msgspec.Struct):
    cocomine_exclusions: Literal[1]
    dataset: str
    excluded: list[_Entry]


def exclusion_file(folder: Path, dataset_path: Path) -> Path:
    """Return the file for a dataset; it need not exist.

    Args:
        folder: where all these files are.
        dataset_path: what was opened, a folder or an annotation file.
    """
    resolved = _resolved(dataset_path)
    words = re.sub(r"[^A-Za-z0-9._]+", "-", resolved.name).strip("-.")[:LONGEST_NAME]
    return folder / f"{words or 'dataset'}-{hashlib.sha256(os.fsencode(resolved)).hexdigest()[:12]}.json"


def exclusions_in(file: Path) -> Exclusions:
    """Return the excluded images, sorted, each with its reason; none where there is no file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged; the message says where.
    """
    try:
        document = msgspec.json.decode(file.read_bytes(), type=_Document)
    except FileNotFoundError:
        return {}
    except RecursionError as error:
        raise ValueError("JSON is nested too deeply") from error
    return dict(sorted({(entry.split, entry.image_id): entry.reason for entry in document.excluded}.items()))


def change_exclusions(file: Path, dataset_path: Path, edit: Edit) -> tuple[Exclusions, Exclusions]:
    """Make an edit on the list as it is by now; return the list before and after it.

    Raises:
        OSError: the file cannot be read or written, or another CocoMine does not let go of it; nothing was changed.
        ValueError: the file is damaged; nothing was changed.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with _locked(file.parent):
        before = exclusions_in(file)
        after = dict(sorted(edit(before).items()))
        if after != before:
            write_json(file, _value(dataset_path, after))
    return before, after


def set_aside_if_damaged(file: Path) -> None:
    """Give a damaged file another name, so that nothing writes over it.

    Raises:
        OSError: it cannot be read or renamed.
    """
    with _locked(file.parent):
        try:
            exclusions_in(file)
        except ValueError:
            names = (file.with_name(f"{file.stem}.damaged{number}.json") for number in count(1))
            os.replace(file, next(name for name in names if not name.exists()))


def last_set_aside(file: Path) -> Path | None:
    """Return the damaged file that was set aside last; None where there is none."""
    aside = file.parent.glob(f"{file.stem}.damaged*.json")
    return max(aside, key=lambda path: path.lstat().st_mtime_ns, default=None)


def _value(dataset_path: Path, reasons: Exclusions) -> dict[str, object]:
    return {
        "cocomine_exclusions": FILE_VERSION,
        "dataset": os.fsencode(_resolved(dataset_path)).decode(errors="replace"),
        "excluded": [
            {"split": split, "image_id": image_id, "reason": reason} for (split, image_id), reason in reasons.items()
        ],
    }


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(os.path.expanduser(path)))  # noqa: PTH111 - unlike Path's, neither ever refuses


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    lock = folder / "lock"
    with lock.open("ab") as file:
        if not wait_for_lock(file, limit_s=LOCK_LIMIT_S):
            raise TimeoutError(errno.ETIMEDOUT, "another CocoMine does not let go of it", str(lock))
        yield  # closing the file lets go, and so does the system when the process is killed
