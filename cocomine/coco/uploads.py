"""An annotation file that came through the browser: kept in the workspace under a name that every system can hold.

Source of the name is the person's computer, so nothing of it but its last part is used. The same content under the same
name is kept once.
"""

import hashlib
import re
from contextlib import suppress
from pathlib import Path, PureWindowsPath

from cocomine.errors import DatasetError
from cocomine.system.file_names import is_portable
from cocomine.system.files import write_bytes

LARGEST_UPLOAD_MB = 50
LONGEST_STEM = 50
"""Characters; each takes four bytes at most."""
UNSAFE = re.compile(r"[^\w.-]+")


def keep_upload(folder: Path, name: str, content: bytes) -> Path:
    """Write an uploaded annotation file below a folder, and return where it is.

    Args:
        folder: of all uploads; it is made where it is missing.
        name: of the file on the person's computer.
        content: its bytes.

    Raises:
        DatasetError: it is too large, or cannot be written; nothing of it stays.
    """
    if len(content) > LARGEST_UPLOAD_MB << 20:
        raise DatasetError(
            f"{upload_name(name)}: larger than {LARGEST_UPLOAD_MB} MB. Enter its path instead of uploading it."
        )
    path = folder / hashlib.sha256(content).hexdigest()[:16] / upload_name(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_bytes(path, content)
    except OSError as error:
        _remove_empty(path.parent)
        raise DatasetError(
            f"{path}: the uploaded file cannot be written ({error.strerror}). Free some space, or start CocoMine with "
            "COCOMINE_HOME set to a folder of your own."
        ) from error
    return path


def drop_upload(path: Path) -> None:
    """Remove a file that `keep_upload` wrote; one that is gone, or cannot be removed, is left."""
    with suppress(OSError):
        path.unlink()
    _remove_empty(path.parent)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def upload_name(name: str) -> str:
    """Return a file name ending in ".json" that every system can hold, as near to `name` as that allows."""
    stem = UNSAFE.sub("-", PureWindowsPath(name).name)
    stem = stem.removesuffix(".json").strip("-.")[:LONGEST_STEM].strip("-.")
    safe = f"{stem or 'upload'}.json"
    return safe if is_portable(safe) else f"file-{safe}"
