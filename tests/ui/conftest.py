"""The app for tests of pages; tests of the core load no Streamlit."""

from collections.abc import Iterator
from functools import cache

import pytest
from apps import home, open_app, path
from streamlit.components.v2 import manifest_scanner

__all__ = ["home", "open_app", "path"]


@pytest.fixture(scope="session", autouse=True)
def _components_looked_for_once() -> Iterator[None]:
    """Let AppTest look into all installed packages once: for each app anew, that takes longer than most pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield
