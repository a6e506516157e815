"""The app for tests of pages, and a browser; tests of the core load no Streamlit."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest
from apps import home, open_app, path
from streamlit.components.v2 import manifest_scanner

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["home", "open_app", "path"]


@pytest.fixture(scope="session", autouse=True)
def _components_looked_for_once() -> Iterator[None]:
    """Let AppTest look into all installed packages once: for each app anew, that takes longer than most pages."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """One Chromium for all tests of a file."""
    from browsing import opened_browser

    with opened_browser() as browser:
        yield browser


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A page of a person who was never here before."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(60_000)  # a busy machine is no failure
    yield context.new_page()
    context.close()
