"""The app, but for one thing that nothing in the app itself can set: lines of the test's own begin its script."""

import shutil
from pathlib import Path

from places import REPOSITORY

FIRST = "from starlette"
SUPPORT = str(Path(__file__).parent)
"""What lets a process of such an app find the modules of the tests, in `PYTHONPATH`."""


def local_app(folder: Path, lines: str) -> Path:
    """Write such an app into a folder, and return it."""
    for name in (".streamlit", "pages"):
        shutil.copytree(REPOSITORY / name, folder / name)
    (folder / "cocomine").symlink_to(REPOSITORY / "cocomine")
    text = (REPOSITORY / "app.py").read_text(encoding="utf-8")
    assert FIRST in text
    (folder / "app.py").write_text(text.replace(FIRST, f"{lines}\n{FIRST}", 1), encoding="utf-8")
    return folder
