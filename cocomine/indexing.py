"""How is a large file read while the pages go on?

By a process of its own, `python -m cocomine.indexing`, which puts the columns
into the index: decoding holds Python's lock for long, and a process can be
stopped at any moment and gives all its memory back. It says how far it is in
lines of JSON on stdout, and leaves when its stdin closes, so that it never
outlives the server.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cocomine.coco.index import indexed_contents
from cocomine.errors import CocomineError, DatasetError, NotInstancesError
from cocomine.jobs import Report
from cocomine.processes import with_this_package

FEWEST_BYTES_BETWEEN_REPORTS = 8 << 20


def index_files(files: Sequence[Path], index: Path, report: Report) -> None:
    """Put annotation files into an index, in a process of its own; what holds no instances is passed over.

    Args:
        files: what to read.
        index: the index's folder.
        report: told how far it is, in bytes of all files; what it raises stops the process.

    Raises:
        DatasetError: a file cannot be opened, or the process died.
    """
    command = [sys.executable, "-m", "cocomine.indexing", str(index), *map(str, files)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=with_this_package(os.environ),
        start_new_session=True,
    ) as process:
        try:
            _follow(process, report)
        finally:
            process.kill()


def _follow(process: "subprocess.Popen[bytes]", report: Report) -> None:
    assert process.stdout is not None  # noqa: S101 - for the type checker; it is a pipe
    for line in process.stdout:
        message: dict[str, Any] = json.loads(line)
        if "error" in message:
            raise DatasetError(message["error"])
        if "end" in message:
            return
        report(message["done"], message["total"])
    assert process.stderr is not None  # noqa: S101
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    raise DatasetError(
        f"Reading stopped before its end ({said[-1] if said else 'without a word'}). "
        "If memory ran out, close other programs and open the dataset again."
    )


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _leave_with_the_server() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # reading it says what is wrong


def _index(files: Sequence[Path], index: Path) -> None:
    sizes = [_size(file) for file in files]
    said = 0
    for number, file in enumerate(files):
        before = sum(sizes[:number])

        def tell(done: int, _: int, before: int = before) -> None:
            nonlocal said
            if before + done - said >= FEWEST_BYTES_BETWEEN_REPORTS:
                said = before + done
                _say({"done": said, "total": sum(sizes)})

        try:
            indexed_contents(file, index, tell)
        except NotInstancesError:
            continue  # the index knows why


def main(arguments: Sequence[str]) -> None:
    """Read files into an index: INDEX FILE ..."""
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    try:
        _index([Path(name) for name in arguments[1:]], Path(arguments[0]))
    except (CocomineError, OSError) as error:
        _say({"error": str(error)})
    else:
        _say({"end": True})


if __name__ == "__main__":
    main(sys.argv[1:])
