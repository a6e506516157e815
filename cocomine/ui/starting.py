"""What happens between the start of the server and the first page?

Next to nothing, so that the browser opens soon and loads the page's own scripts. Meanwhile what the first page needs is
imported, and what the others need once that one is drawn; who needs it waits (`server.preparing`). Then what killed
exports left is cleared away. The address with the secret is written to a file that only the person can read.
"""

import ast
import importlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from itertools import chain
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st
from streamlit import cli_util, config
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App
from streamlit.web.server import server_util

from cocomine.server.asked_page import keep_asked_page
from cocomine.server.guard import SECRET, Admission, admission_from_environment, as_host
from cocomine.server.kept_images import keep_images
from cocomine.server.launching import FIRST_DATASET, app_folder
from cocomine.server.preparing import PREPARATION
from cocomine.workspace import workspace_from_environment

FIRST = ("app.py", "pages/data.py")
"""The scripts that the first page runs."""
PUT_OFF_FIRST = ("pandas", "pyarrow", "pyarrow.pandas_compat", "pyarrow.vendored.version")
"""Modules with others below them that Streamlit imports for the first table."""
PUT_OFF = (
    "cocomine.demo.annotations",
    "cocomine.demo.scenes",
    "plotly.animation",
    "plotly.io._json",
    "plotly.offline",
    "plotly.tools",
    "scipy.sparse.csgraph",
)
"""The same on other pages: to draw the demo, by plotly, to group images."""
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - they name no server


def admission() -> Admission:
    """Return who is let in, as the environment and Streamlit's own settings say."""
    settings = {config.get_option("server.address"), config.get_option("browser.serverAddress")}
    named = {name.lower() for name in settings if name} - WILDCARDS
    return admission_from_environment(os.environ, names=frozenset(map(as_host, named)))


def opening(admitted: Admission) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """Return what the server does around its life.

    Args:
        admitted: holds the secret to write down.
    """

    @asynccontextmanager
    async def opened(_: App) -> AsyncIterator[None]:
        run_pages_through_app()
        keep_asked_page()
        keep_images()
        PREPARATION.begin(import_first_page, prepare_other_pages)
        address = server_util.get_url(_browser_address())
        with _written_down(f"{address}/?{SECRET}={admitted.secret}"):
            first = _first_page(address)
            cli_util.print_to_cli(f"  CocoMine is open at {first}\n  Ctrl-C stops it.\n")
            if not config.get_option("server.headless"):
                cli_util.open_browser(first)
            yield

    return opened


def run_pages_through_app() -> None:
    """Let each visit run `app.py`, which runs its page.

    Until the first `st.navigation` of a process, Streamlit 1.67 takes a folder `pages` for its old automatic pages
    (`uses_pages_directory` in its runtime/pages_manager.py). A deep link as the first visit after a start, such as
    the reload of a page, would thus skip `app.py`. To go when Streamlit lets an app say that it uses navigation.
    """
    PagesManager.uses_pages_directory = False


def prepare_other_pages() -> None:
    """Import what they need; what comes after that, nobody waits for."""
    import_other_pages()
    threading.Thread(target=_clear_away, daemon=True).start()


def _clear_away() -> None:
    exports = importlib.import_module("cocomine.exporting.task")  # pages have imported it
    exports.clear_killed_exports(workspace_from_environment())


def wait_for_other_pages() -> None:
    """Let a page other than the first wait until all that it imports is there; else it would find parts half made."""
    if not PREPARATION.is_complete:
        with st.spinner("Loading this page …"):
            PREPARATION.wait_in_run()


def import_first_page() -> None:
    """Import whatever the first page can need, and what Streamlit puts off until the first table."""
    folder = app_folder()
    _import(_imported_by(*(folder / name for name in FIRST)), PUT_OFF_FIRST)


def import_other_pages() -> None:
    """Import whatever a page imports, and what plotly and others put off until the first chart."""
    _import(_imported_by(*sorted((app_folder() / "pages").glob("*.py"))), PUT_OFF)


def _imported_by(*scripts: Path) -> Iterator[str]:
    for script in scripts:
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield node.module


def _import(*names: Iterable[str]) -> None:
    for name in chain(*names):
        importlib.import_module(name)


def _first_page(address: str) -> str:
    """Return the address that opens the dataset named at the start, or the empty app's."""
    dataset = os.environ.get(FIRST_DATASET)
    return f"{address}/?{urlencode({'data': dataset})}" if dataset else address


def _browser_address() -> str:
    named = "browser.serverAddress" if config.is_manually_set("browser.serverAddress") else "server.address"
    return as_host(server_util.get_display_address(config.get_option(named) or "localhost"))


@contextmanager
def _written_down(address: str) -> Iterator[None]:
    """Keep an address in a file that nobody else can read, and say where; a workspace may not be writable."""
    path = workspace_from_environment().root / f"address-{config.get_option('server.port')}.txt"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        cli_util.print_to_cli(f"  No other browser than your own on this computer can open it ({error}).\n")
        yield
        return
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open
        file.write(f"{address}\n")
    cli_util.print_to_cli(f"  Another browser than your own on this computer needs the address in {path}\n")
    yield
    path.unlink(missing_ok=True)
