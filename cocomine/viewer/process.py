"""The viewer's process: `python -m cocomine.viewer.process FOLDER`, started by `cocomine.viewer.client`.

It writes to stdout, as JSON lines, how far it is: `database`, `importing`, `ready` (with its address and tokens) or
`failed`. It leaves when stdin ends, which any death of its parent brings about, on SIGTERM, and when its database
dies for the second time or with what it held; the first time it is started again and the App goes on. The last viewer
of a folder takes the shared `mongod` with it. Everything FiftyOne writes goes to FOLDER.
FiftyOne's server has one state for everyone, so each browser session gets a process, and a database name, of its own.
"""

import hashlib
import json
import logging
import os
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TextIO

import psutil

from cocomine.errors import ViewerError
from cocomine.system.extras import VIEWER
from cocomine.viewer.left_out import leave_out_plotting
from cocomine.viewer.mongod import ELSEWHERE, SharedMongod, reachable_uri
from cocomine.viewer.viewer_limit import acquire_slot, viewer_limit

DATASET = "images"
POLL_EVERY_S = 0.25
LEAVE_LIMIT_S = 4.0
MOST_LINES_LOGGED = 1000
"""Of refused requests, so that nobody can fill the disk with them."""

if TYPE_CHECKING:
    from cocomine.viewer.samples import SampleStore


class ViewerProcess:
    """The viewer from start to end; `leave` may be called at any time from any thread, once."""

    def __init__(self, folder: Path, status: TextIO) -> None:
        """Nothing is started yet; `status` takes the JSON lines."""
        self._folder = folder
        self._status = status
        self._started_s = time.monotonic()
        self._mongod = SharedMongod(folder / "mongod")
        self._leaving = threading.Lock()
        self._slot: TextIO | None = None
        self._store: SampleStore | None = None

    def run(self) -> NoReturn:
        """Serve until asked to leave."""
        threading.Thread(target=self._leave_at_end_of_input, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=self.leave).start())
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end we notice
        try:
            self._serve()
        except ViewerError as error:
            self._say("failed", str(error))
        except ImportError as error:
            self._say("failed", _import_message(error))
        except Exception as error:
            self._say(
                "failed",
                self._folder_message(error)
                or f"The image viewer stopped: {type(error).__name__}: {error}. {self._where()}",
            )
            sys.excepthook(*sys.exc_info())
        self.leave(code=1)

    def leave(self, code: int = 0) -> NoReturn:
        """Give the database back and end this process, whatever it is doing."""
        self._leaving.acquire()
        last_moment = threading.Timer(LEAVE_LIMIT_S, os._exit, [code])  # the database's keeper stops it then
        last_moment.daemon = True
        last_moment.start()
        try:
            if not self._mongod.release() and self._store is not None:
                from cocomine.viewer.fiftyone_internals import drop_database  # noqa: PLC0415 - see _serve

                drop_database()
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _serve(self) -> None:
        if sys.platform == "win32":
            raise ViewerError(f"The image viewer runs on Linux and macOS, and on Windows inside WSL. {ELSEWHERE}")
        if trouble := VIEWER.trouble:
            raise ViewerError(f"{trouble} {ELSEWHERE}")
        self._say("database", "Starting the image database.")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chdir(self._folder)  # the path of the database's socket must be short
        self._slot = acquire_slot(self._folder / "slots", viewer_limit())
        uri, name = self._reached_database(), _database_name()
        self._say("importing", "Loading FiftyOne.")
        _point_fiftyone_at(self._folder, uri, name)
        leave_out_plotting()
        # FiftyOne reads its settings when it is imported, and the import takes seconds.
        from cocomine.viewer import app, fiftyone_internals, samples  # noqa: PLC0415 - see above

        fiftyone_internals.require_names()
        fiftyone_internals.close_ways_to_code()
        _drop_databases_of_the_dead(name)
        store = self._store = samples.SampleStore(DATASET)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        address = {"port": port, "dataset": DATASET, "view": samples.VIEW_NAME}
        tokens = {"control_token": secrets.token_urlsafe(), "frame_token": secrets.token_urlsafe()}
        guarded = app.guarded_app(store, port=port, **tokens)
        self._say("ready", "The image viewer is ready.", **address, **tokens)
        app.serve_forever(guarded, listener)

    def _reached_database(self) -> str:
        uri = os.environ.get("FIFTYONE_DATABASE_URI")
        if uri:
            return reachable_uri(uri)
        uri = self._mongod.acquire()
        threading.Thread(target=self._watch_database, daemon=True).start()
        return uri

    def _watch_database(self) -> None:
        """Start the database again once; leave when it dies a second time, or came back without what it held."""
        self._wait_for_death_of_database()
        try:
            self._mongod.restart()
            is_whole = self._store is None or self._store.is_whole()
        except Exception as error:
            self._fail(f"The image viewer's database stopped and did not come back: {error}")
        if not is_whole:
            self._fail("The image viewer's database stopped and lost what it held.", can_be_replaced=True)
        self._wait_for_death_of_database()
        self._fail(f"The image viewer's database stopped twice. Try again. {self._where()}")

    def _wait_for_death_of_database(self) -> None:
        while self._mongod.is_running():
            time.sleep(POLL_EVERY_S)

    def _fail(self, message: str, **more: bool) -> NoReturn:
        self._say("failed", message, **more)
        self.leave(code=1)

    def _say(self, state: str, message: str, **more: str | int | bool) -> None:
        line = {"state": state, "message": message, "elapsed_s": round(time.monotonic() - self._started_s, 3), **more}
        try:
            print(json.dumps(line), file=self._status, flush=True)
        except BrokenPipeError:
            self.leave()

    def _leave_at_end_of_input(self) -> None:
        while os.read(0, 4096):
            pass
        self.leave()

    def _folder_message(self, error: Exception) -> str | None:
        """Return the message where a file of the folder is damaged, somebody else's or no file at all."""
        named = getattr(error, "filename", None)
        if named is None or not Path(os.fsdecode(named)).absolute().is_relative_to(self._folder):
            return None
        remedy = f"Move {self._folder} away, which is a cache, and try again."
        return f"The image viewer cannot use {named} ({getattr(error, 'strerror', error)}). {remedy} {ELSEWHERE}"

    def _where(self) -> str:
        return f"Details are in {self._folder / 'viewer.log'}. {ELSEWHERE}"


def _database_name() -> str:
    """Return a name that says which process of which machine it belongs to: `cocomine_<machine>_<pid>_<random>`."""
    machine = hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
    return f"cocomine_{machine}_{os.getpid()}_{secrets.token_hex(4)}"


def _drop_databases_of_the_dead(own_name: str) -> None:
    """Drop what killed viewers of this machine left in a MongoDB that outlived them."""
    from cocomine.viewer.fiftyone_internals import database_names, drop_database  # noqa: PLC0415 - see _serve

    prefix = own_name.rsplit("_", 2)[0] + "_"
    for name in database_names():
        owner_pid = name.removeprefix(prefix).partition("_")[0]
        if name.startswith(prefix) and owner_pid.isdigit() and not psutil.pid_exists(int(owner_pid)):
            drop_database(name)


def _import_message(error: ImportError) -> str:
    """Return the message where FiftyOne is another than the viewer was made for, or lacks a package of its own."""
    return f"The image viewer does not fit this FiftyOne: {error}. Run `{VIEWER.command}`. {ELSEWHERE}"


def _point_fiftyone_at(folder: Path, uri: str, database_name: str) -> None:
    """Set what FiftyOne reads when it is imported; HOME too, since some of its paths have no setting.

    It reads no file of settings, which could name modules that it is to import.
    """
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    os.environ |= {
        "HOME": str(home),
        "FIFTYONE_DATABASE_URI": uri,
        "FIFTYONE_DATABASE_NAME": database_name,
        "FIFTYONE_DATABASE_VALIDATION": "false",
        "FIFTYONE_DATABASE_DIR": str(folder / "mongod" / "database"),
        "FIFTYONE_CONFIG_PATH": os.devnull,
        "FIFTYONE_APP_CONFIG_PATH": os.devnull,
        "FIFTYONE_ANNOTATION_CONFIG_PATH": os.devnull,
        "FIFTYONE_EVALUATION_CONFIG_PATH": os.devnull,
        "FIFTYONE_DEFAULT_DATASET_DIR": str(home / "datasets"),
        "FIFTYONE_DATASET_ZOO_DIR": str(home / "datasets"),
        "FIFTYONE_MODEL_ZOO_DIR": str(home / "models"),
        "FIFTYONE_PLUGINS_DIR": str(home / "plugins"),
        "FIFTYONE_DO_NOT_TRACK": "true",
        "FIFTYONE_SHOW_PROGRESS_BARS": "false",
        "FIFTYONE_EXECUTION_STORE_NOTIFICATION_SERVICE_DISABLED": "true",
        "FIFTYONE_SERVER": "1",
    }


def _log_refusals() -> None:
    """Write to stderr, which is `viewer.log`, the messages of our own modules about requests."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    lines = iter(range(MOST_LINES_LOGGED))
    handler.addFilter(lambda _: next(lines, None) is not None)
    logger = logging.getLogger("cocomine")
    logger.addHandler(handler)
    logger.propagate = False


def main() -> NoReturn:
    """Keep stdout for the status lines, send everybody else's output to stderr, and run."""
    status = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _log_refusals()
    ViewerProcess(Path(sys.argv[1]), status).run()


if __name__ == "__main__":
    main()
