"""What happens between the start of the server and the first page?

Next to nothing, so that the browser opens soon and loads the page's own scripts. Meanwhile everything that pages need
is imported once, in one thread, and sessions wait for it (`server.preparing`): imports that several begin at the same
time find each other's modules half made. Then what killed exports left is cleared away. The address with the secret is
written to a file that only the person can read.
"""

import ast
import importlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from urllib.parse import urlencode

from streamlit import cli_util, config
from streamlit.starlette import App
from streamlit.web.server import server_util

from cocomine.server.asked_page import keep_asked_page
from cocomine.server.guard import SECRET, Admission, admission_from_environment, as_host
from cocomine.server.kept_images import keep_images
from cocomine.server.launching import FIRST_DATASET, app_folder
from cocomine.server.preparing import Preparation
from cocomine.workspace import workspace_from_environment

PUT_OFF = ("plotly.animation", "plotly.io._json", "plotly.offline", "plotly.tools", "pyarrow", "scipy.sparse.csgraph")
"""Modules with others below them that are imported late: by plotly, by Streamlit for tables, to group images."""
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - they name no server


def admission() -> Admission:
    """Return who is let in, as the environment and Streamlit's own settings say."""
    settings = {config.get_option("server.address"), config.get_option("browser.serverAddress")}
    named = {name.lower() for name in settings if name} - WILDCARDS
    return admission_from_environment(os.environ, names=frozenset(map(as_host, named)))


def opening(admitted: Admission, preparation: Preparation) -> Callable[[App], AbstractAsyncContextManager[None]]:
    """Return what the server does around its life.

    Args:
        admitted: holds the secret to write down.
        preparation: begun as the server starts.
    """

    @asynccontextmanager
    async def opened(_: App) -> AsyncIterator[None]:
        keep_asked_page()
        keep_images()
        preparation.begin()
        address = server_util.get_url(_browser_address())
        with _written_down(f"{address}/?{SECRET}={admitted.secret}"):
            first = _first_page(address)
            cli_util.print_to_cli(f"  CocoMine is open at {first}\n  Ctrl-C stops it.\n")
            if not config.get_option("server.headless"):
                cli_util.open_browser(first)
            yield

    return opened


def prepare_pages() -> None:
    """Import what pages need; what comes after that, nobody waits for."""
    import_pages()
    threading.Thread(target=_clear_away, daemon=True).start()


def _clear_away() -> None:
    exports = importlib.import_module("cocomine.exporting.task")  # pages have imported it
    exports.clear_killed_exports(workspace_from_environment())


def import_pages() -> None:
    """Import whatever a page imports, and what plotly and Streamlit put off until the first chart and table."""
    folder = app_folder()
    for script in (folder / "app.py", *sorted((folder / "pages").glob("*.py"))):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                importlib.import_module(node.module)
    for name in PUT_OFF:
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
