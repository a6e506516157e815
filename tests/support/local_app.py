"""The app, but for one thing: its downloads may reach the server of the tests.

Nothing in the app itself can be set so: a script of the test's own names other work for the task of a download.
"""

import shutil
from pathlib import Path

import local_download
from places import REPOSITORY

FIRST = "from starlette"
NAMING = """
from cocomine.ui.downloads import panel as download_panel_module

download_panel_module.WORK = {work!r}
"""


def local_app(folder: Path) -> Path:
    """Write such an app into a folder, and return it."""
    for name in (".streamlit", "pages"):
        shutil.copytree(REPOSITORY / name, folder / name)
    (folder / "cocomine").symlink_to(REPOSITORY / "cocomine")
    naming = NAMING.format(work=local_download.__name__)
    text = (REPOSITORY / "app.py").read_text(encoding="utf-8")
    (folder / "app.py").write_text(text.replace(FIRST, naming + FIRST, 1), encoding="utf-8")
    return folder


def support_path() -> str:
    """Return what lets a task's process find `local_download`."""
    return str(Path(local_download.__file__).parent)
