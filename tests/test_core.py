"""The tests of the core need no browser app: Streamlit is loaded for none of them."""

import os
import subprocess
import sys

from places import REPOSITORY

WITH_THE_APP = {"server", "support", "ui", "viewer"}
"""Folders whose tests serve CocoMine, or run its pages."""
CORE = sorted(path for path in (REPOSITORY / "tests").iterdir() if path.is_dir() and path.name not in WITH_THE_APP)
LOAD = """
import runpy
import sys

import pytest

for number, path in enumerate(sys.argv[1:]):
    try:
        runpy.run_path(path, run_name=f"file_{number}")
    except pytest.skip.Exception:
        pass
app = sorted({"streamlit", "playwright", "fiftyone"} & sys.modules.keys())
sys.exit(f"loaded: {app}" if app else 0)
"""
"""Runs files as pytest does to find their tests; for their many parameters it would take ten times as long."""


def test_no_test_of_the_core_loads_the_app() -> None:
    paths = [str(path) for folder in CORE for name in ("conftest.py", "test_*.py") for path in folder.rglob(name)]
    assert any("/mining/" in path.replace("\\", "/") for path in paths)
    shared = str(REPOSITORY / "tests" / "conftest.py")
    loaded = subprocess.run(
        [sys.executable, "-c", LOAD, shared, *paths],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests" / "support")))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
