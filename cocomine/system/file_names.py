r"""Can a file of this name be written, here and on other systems?

A name is flawed where no system, or not this one, can hold it below a given folder. It is unportable where other
systems cannot: Windows takes neither `:` nor a backslash in a name, and knows `CON` and `NUL` as devices.

Source: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
"""

import os
import posixpath
import re
from pathlib import PurePosixPath

LONGEST_PART_BYTES = 255
"""Of a name between two slashes, on the usual file systems."""
LABEL_SUFFIX_LENGTH = len(".png")
UNPORTABLE = re.compile(
    r"""[<>:"|?*\\\x00-\x1f]"""  # no sign in a name
    r"|(?: |[^/.]\.|\.\.)(?:/|\Z)"  # cut off at its end; a dot alone is the folder itself
    r"|(?:\A|/)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.[^/]*)?(?:/|\Z)",  # a device
    re.IGNORECASE,
)
BEGINS_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]")
"""Here or on Windows."""
OUTSIDE = re.compile(rf"{ABSOLUTE.pattern}|{BEGINS_WITH_SCHEME.pattern}")
CLIMBS = re.compile(r"(?:\A|/)\.\.(?:/|\Z)")
INVALID_HERE = re.compile(r'[<>:"|?*\x00-\x1f]' if os.name == "nt" else r"\0")


def is_address(text: str) -> bool:
    """Return whether a text is an address rather than a path."""
    return BEGINS_WITH_SCHEME.match(text) is not None


def is_absolute(name: str) -> bool:
    """Return whether a name begins at a root or a drive."""
    return ABSOLUTE.match(name) is not None


def leads_out(name: str) -> bool:
    """Return whether a name leads out of the folder that it is below, though it may lead back into it."""
    return OUTSIDE.match(name) is not None or (".." in name and CLIMBS.search(name) is not None)


def name_flaw(name: str) -> str | None:
    """Return why no file can have this name below a folder, as the end of a sentence; None where one can."""
    path = PurePosixPath(name.replace("\\", "/") if os.name == "nt" else name)
    if not path.name or name.endswith("/"):
        return "names no file"
    if path.is_absolute() or OUTSIDE.match(name) or posixpath.normpath(path.as_posix()).split("/")[0] == "..":
        return "leads out of the image folder"
    if ".." in path.parts:
        return "climbs back by “..”, which another system may follow elsewhere"
    if INVALID_HERE.search(name):
        return "holds a sign that no file name may have"
    try:
        lengths = [len(part.encode()) for part in (*path.parts, "x" * LABEL_SUFFIX_LENGTH + path.stem)]
    except UnicodeEncodeError:
        return "holds half a character, which no file name may"
    return None if max(lengths) <= LONGEST_PART_BYTES else f"is longer than {LONGEST_PART_BYTES} bytes"


def is_portable(name: str) -> bool:
    """Return whether Windows can hold a file of this name as well."""
    return UNPORTABLE.search(name) is None
