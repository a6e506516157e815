"""How do the pictures come along: by link, as copies, or not at all?"""

import shutil
from pathlib import Path


def bring_picture(source: Path, target: Path, *, way: str) -> None:
    """Put one picture into the export.

    A link is symbolic; where the system forbids it (Windows without developer mode), a hard link, else a copy.

    Args:
        source: the picture.
        target: its place in the export; its folder exists, the picture does not.
        way: "link" or "copy".

    Raises:
        OSError: it cannot be done.
    """
    if way == "link":
        try:
            target.symlink_to(source.resolve())
        except FileExistsError:
            raise  # a copy would be written through the link that is there, over somebody's original
        except OSError:
            _hard_link_or_copy(source, target)
    else:
        shutil.copyfile(source, target)


def _hard_link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        shutil.copyfile(source, target)
