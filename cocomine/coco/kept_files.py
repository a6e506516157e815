"""Files that are kept within a bound: those that were used longest ago make room for new ones.

When a file was used is its time of access, which is set here: systems do not keep it by themselves. The time at which
it was changed stays, so that what was made of a file is not made anew.
"""

import os
import threading
import time
from pathlib import Path

from cocomine.system.files import write_bytes

MOST_BYTES = 4_000_000_000
FULL_SHARE = 0.9
"""To which share of the bound files are removed, so that not each new one counts them all."""
SHARE_BETWEEN_COUNTS = 0.05
_written: dict[Path, int] = {}
"""By folder how many bytes this process wrote since it counted last."""
_lock = threading.Lock()


class KeptFiles:
    """All files below one folder; several processes may share it."""

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Keep files below `folder`, which need not be there yet."""
        self._folder, self._most_bytes = folder, most_bytes

    def use(self, path: Path) -> bool:
        """Return whether a file is kept, which from now on was used just now."""
        try:
            os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        except OSError:  # not there, or removed by another process
            return False
        return True

    def add(self, path: Path, data: bytes) -> None:
        """Keep a file, whole or not at all.

        Raises:
            OSError: it cannot be written.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
        with _lock:
            before = _written.get(self._folder)
            _written[self._folder] = (before or 0) + len(data)
            if before is None or _written[self._folder] > self._most_bytes * SHARE_BETWEEN_COUNTS:
                _written[self._folder] = 0
                self._make_room(spared=path)

    def _make_room(self, *, spared: Path) -> None:
        found = []
        for folder, _, names in os.walk(self._folder):
            for name in names:
                path = Path(folder, name)
                try:
                    stat = path.stat()
                except OSError:  # another process made room
                    continue
                found.append((stat.st_atime_ns, path, stat.st_size))
        total = sum(size for _, _, size in found)
        if total <= self._most_bytes:
            return
        for _, path, size in sorted(found):
            if total <= self._most_bytes * FULL_SHARE:
                return
            if path != spared:
                path.unlink(missing_ok=True)
                total -= size
