"""Which path does a person mean who types or pastes a path?

People paste what a file manager, a terminal or a browser gave them: in quotes, as `file://` with `%20`, with `~`, with
blanks around it. A path of Windows is taken to where WSL has that drive, or explained.
"""

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cocomine.errors import DatasetError

DRIVE = re.compile(r"\A([A-Za-z]):[\\/]*(.*)\Z", re.DOTALL)
QUOTES = ('""', "''", "“”", "‘’", "«»", "<>")


def typed_path(text: str, *, is_windows: bool = os.name == "nt", drives: Path = Path("/mnt")) -> Path:
    """Return the path that a text means, absolute; whether something is there is not asked.

    Args:
        text: as typed.
        is_windows: of the computer on which this runs.
        drives: where Linux under Windows has the drives.

    Raises:
        DatasetError: the text is empty, an address of the web, or a path of Windows that is nowhere here.
    """
    plain = _unquoted(text)
    if not plain:
        raise DatasetError("No path was typed. Type the path of a folder or a file, or browse to it.")
    if plain.lower().startswith("file:"):
        plain = _of_file_address(plain, is_windows=is_windows)
    elif re.match(r"\A[A-Za-z][A-Za-z0-9+.-]+://", plain):
        raise DatasetError(f"{plain}: this is an address of the web. Fetch it first, and open the folder it is in.")
    if not is_windows:
        plain = _not_of_windows(plain, drives)
    try:
        return Path(os.path.normpath(Path(plain).expanduser().absolute()))
    except RuntimeError as error:
        raise DatasetError(f"{plain}: there is no person of that name here. Type the whole path.") from error


def _unquoted(text: str) -> str:
    plain = text.strip()
    while len(plain) >= 2 and plain[0] + plain[-1] in QUOTES:
        plain = plain[1:-1].strip()
    return plain


def _of_file_address(address: str, *, is_windows: bool) -> str:
    """Return the path of `file:///a%20b`; a host other than this computer is a share."""
    parts = urlsplit(address)
    path = unquote(parts.path)
    if parts.netloc not in {"", "localhost"}:
        return rf"\\{parts.netloc}" + path.replace("/", "\\")
    return path.removeprefix("/") if is_windows or DRIVE.match(path.removeprefix("/")) else path


def _not_of_windows(plain: str, drives: Path) -> str:
    drive = DRIVE.match(plain)
    if drive:
        inside = drives / drive[1].lower()
        if inside.is_dir():
            return str(inside / drive[2].replace("\\", "/"))
        raise DatasetError(
            f"{plain}: this is a path of Windows, and the computer that CocoMine runs on has no drive "
            f"{drive[1].upper()}:. Type the path as it is there, such as /home/me/coco, or browse to it."
        )
    if plain.startswith("\\\\"):
        raise DatasetError(
            f"{plain}: this is a network share as Windows writes it. Type the path where the share is mounted on the "
            "computer that CocoMine runs on, such as /mnt/share/coco, or browse to it."
        )
    return plain
