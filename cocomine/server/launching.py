"""How does the browser app start, from wherever it is asked for?

Streamlit runs `app.py` with `pages/` and reads `.streamlit/config.toml`, all from one folder: the repository, or
`cocomine/_app` where the package is installed (`pyproject.toml` puts them there). It also reads settings and secrets,
which become environment variables, from a `.streamlit` in the current folder. That may be somebody else's dataset, so
the person's home becomes the current folder first.
"""

import os
import socket
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path

import click

from cocomine.errors import DatasetError, ServerError
from cocomine.system.folders import is_there
from cocomine.workspace import workspace_from_environment

PACKAGE = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
USUAL_PORT = 8501
FIRST_DATASET = "COCOMINE_DATA"
"""The environment variable that names the dataset to open first."""


def app_folder() -> Path:
    """Return the folder of `app.py`, `pages/` and `.streamlit/`."""
    installed = PACKAGE / "_app"
    return installed if installed.is_dir() else PACKAGE.parent


def port_trouble(port: int) -> OSError | None:
    """Return why the app cannot be served at a port, None if it can."""
    with socket.socket() as probe:
        if sys.platform != "win32":  # there it would share the port with whoever has it
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was in use a moment ago is free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            return error
    return None


def chosen_port(named: int | None) -> int:
    """Return the port that a person named, or the usual one, or the next one that is free.

    Raises:
        ServerError: the named port is taken.
    """
    if named is None:
        return next(port for port in count(USUAL_PORT) if port_trouble(port) is None)
    if trouble := port_trouble(named):
        raise ServerError(
            f"Port {named} cannot be used ({trouble.strerror}). If CocoMine runs there already, open "
            f"http://{HOST}:{named}; otherwise leave out --port, and a free port is chosen."
        )
    return named


def serve(*, port: int | None, dataset: Path | None, opens_browser: bool) -> None:
    """Serve the app in this process until it is stopped.

    Args:
        port: named by the person; None chooses one that is free.
        dataset: opened first, a folder or an annotation file; None begins with an empty page.
        opens_browser: whether the person's browser is opened.

    Raises:
        DatasetError: there is no such dataset.
        ServerError: the port is taken.
    """
    if dataset is not None:
        dataset = _expanded(dataset)
        if not is_there(dataset):
            raise DatasetError(f"{dataset}: there is no such file or folder. Check the spelling.")
    options = {
        "server.port": chosen_port(port),
        "server.headless": not opens_browser,
        "logger.hideWelcomeMessage": True,  # our own says the address when pages can be served
    }
    if dataset is not None:
        os.environ[FIRST_DATASET] = os.path.normpath(dataset.absolute())
    _go_home()
    flags = [f"--{name}={str(value).lower()}" for name, value in options.items()]
    from streamlit.web.cli import main  # noqa: PLC0415 - it takes a second that no other command needs

    with suppress(click.Abort):  # Ctrl-C is how the app is stopped
        main(["run", str(app_folder() / "app.py"), *flags], prog_name="streamlit", standalone_mode=False)


def _go_home() -> None:
    """Make the person's home the current folder, and keep what the environment names relative to the former one."""
    os.environ["COCOMINE_HOME"] = str(workspace_from_environment().root)
    if program := os.environ.get("COCOMINE_MONGOD"):
        os.environ["COCOMINE_MONGOD"] = str(Path(program).absolute())
    home = _expanded(Path("~"))
    os.chdir(home if home.is_dir() else app_folder())


def _expanded(path: Path) -> Path:
    """Return a path with the home that `~` or `~name` stands for; where nobody has that name, as it is."""
    return Path(os.path.expanduser(path))  # noqa: PTH111 - unlike Path's, it never refuses
