"""The tests of the core need no browser app: Streamlit is loaded for none of them."""

import subprocess
import sys

from places import REPOSITORY

WITH_THE_APP = {"server", "support", "ui", "viewer"}
"""Folders whose tests serve CocoMine, or run its pages."""
CORE = sorted(path for path in (REPOSITORY / "tests").iterdir() if path.is_dir() and path.name not in WITH_THE_APP)
COLLECT = """
import sys

import pytest

code = pytest.main(["--collect-only", "-qq", "-p", "no:cacheprovider", *sys.argv[1:]])
app = sorted({"streamlit", "playwright", "fiftyone"} & sys.modules.keys())
sys.exit(f"loaded: {app}" if app else code)
"""


def test_no_test_of_the_core_loads_the_app() -> None:
    folders = [str(path) for path in CORE if any(path.rglob("test_*.py"))]
    collected = subprocess.run(
        [sys.executable, "-c", COLLECT, *folders], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert collected.returncode == 0, collected.stdout + collected.stderr
    assert "tests/mining/" in collected.stdout.replace("\\", "/")
