"""How does a person see a folder of this computer in the program that they know for it?

Windows and macOS always have one. Elsewhere there must be a desktop, which a server without a screen has not; the
person then needs the path alone.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from cocomine.errors import StorageError

DESKTOPS = ("DISPLAY", "WAYLAND_DISPLAY")
"""Environment variables of which a desktop sets one."""


def file_manager(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> tuple[str, ...] | None:
    """Return the command that shows a folder, given behind it; None where there is no desktop."""
    if platform == "win32":
        return ("explorer",)
    if platform == "darwin":
        return ("open", "-a", "Finder")  # alone it would start a folder that is called like a program
    opener = shutil.which("xdg-open", path=environment.get("PATH"))
    return (opener,) if opener and any(environment.get(name) for name in DESKTOPS) else None


def show_folder(folder: Path) -> None:
    """Show a folder in the file manager, which goes on by itself.

    Raises:
        StorageError: the folder is gone, or there is no file manager.
    """
    command = file_manager()
    if command is None or not folder.is_dir():
        raise StorageError(f"{folder}: {'there is no desktop here' if folder.is_dir() else 'this folder is gone'}.")
    try:
        process = subprocess.Popen(
            [*command, str(folder.absolute())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise StorageError(f"{folder}: the file manager does not start ({error.strerror}). Copy the path.") from error
    threading.Thread(target=process.wait, daemon=True).start()  # or its end would be nobody's to note
