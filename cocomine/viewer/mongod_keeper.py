"""Runs one `mongod` for as long as a viewer uses it, and not a moment longer.

`python mongod_keeper.py FOLDER MONGOD`, started by `cocomine.viewer.mongod`. It waits for the lock that living
viewers share (`users.lock`), which the kernel gives it when the last of them has ended in whatever way, and then stops
`mongod` and removes its data. On Linux `mongod` in turn does not outlive its keeper: the kernel is told so before it
starts, from the one thread that the keeper has. So nothing is left, whichever of them is killed, or all at once.
It is a program of its own and imports nothing but Python's own modules: it is there for hours and is to stay small.
"""

import ctypes
import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import NoReturn

USERS, STARTING, SOCKET, DATA, LOG = "users.lock", "start.lock", "mongod.sock", "database", "mongod.log"
"""Names in the folder."""
CANNOT_RUN = 126
PR_SET_PDEATHSIG = 1  # prctl(2)


def mongod_command(folder: Path, executable: str) -> list[str]:
    """Return how `mongod` is started: it listens on a socket in the folder, and at no address that others reach."""
    return [
        *(executable, "--dbpath", str(folder / DATA), "--logpath", str(folder / LOG)),
        *("--bind_ip", f"./{SOCKET}", "--nounixsocket", "--filePermissions", "0700"),  # nounixsocket: none in /tmp
        *("--noscripting", "--wiredTigerCacheSizeGB", "0.25"),  # a query may bring no JavaScript
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    ]


def main() -> NoReturn:
    """Start, wait, stop."""
    folder, executable = Path(sys.argv[1]), sys.argv[2]
    os.chdir(folder)  # a socket's path must be short, that of the folder may be long
    Path(SOCKET).unlink(missing_ok=True)
    keeper, child = os.getpid(), os.fork()
    if child == 0:
        _become(mongod_command(folder, executable), keeper)
    signal.signal(signal.SIGCHLD, lambda *_: _leave_with(child))
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    _leave_with(child)
    while not _is_unused(child):
        pass
    os._exit(0)


def _become(command: list[str], keeper: int) -> NoReturn:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        if os.getppid() == keeper:
            os.execv(command[0], command)  # noqa: S606 - the program that the person, or FiftyOne, named
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error}\n")
    os._exit(CANNOT_RUN)


def _leave_with(child: int) -> None:
    """End, with its code, if `mongod` has ended."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        os._exit(abs(os.waitstatus_to_exitcode(status)))


def _is_unused(child: int) -> bool:
    """Wait until no viewer lives, and stop `mongod` unless a new one has come meanwhile."""
    try:
        with Path(USERS).open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)
        with Path(STARTING).open("a") as starting, Path(USERS).open("a") as users:
            fcntl.flock(starting, fcntl.LOCK_EX)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _stop(child)
    except BlockingIOError:
        return False
    except OSError:
        _stop(child)  # somebody took the folder away
    return True


def _stop(child: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.kill(child, signal.SIGKILL)  # its data goes with it
    os.waitpid(child, 0)
    shutil.rmtree(DATA, ignore_errors=True)


if __name__ == "__main__":
    main()
