"""How does one process of several keep a thing for itself?

It holds the lock of an open file. The system gives the lock back when the file is closed everywhere, and so when the
process has ended, however it ended. The lock is advisory (`flock`; one byte of the file on Windows): it keeps out only
those who ask for it as well.
"""

import errno
import math
import sys
import time
from typing import IO, Any

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

HELD_BY_ANOTHER = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}
"""What the system says of a lock that somebody else has."""
PAUSE_S = 0.01
"""Between two tries."""


def try_lock(file: IO[Any], *, shared: bool = False) -> bool:
    """Return whether the lock of an open file is now ours.

    Args:
        file: the same for all who want it.
        shared: others may have it as well, if they say so too; on Windows nobody can.

    Raises:
        OSError: the file system has no locks.
    """
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD_BY_ANOTHER:
            return False
        raise
    return True


def wait_for_lock(file: IO[Any], *, limit_s: float = math.inf, shared: bool = False) -> bool:
    """Wait until the lock of an open file is ours, and return whether it is; see `try_lock`."""
    deadline = time.monotonic() + limit_s
    while not try_lock(file, shared=shared):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True
