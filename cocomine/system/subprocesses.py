"""How does long work go on in a process of its own, and what do the two say to each other?

Work that holds Python's lock for long would stop all pages; a process can also be stopped
at any moment and gives all its memory back. It says lines of JSON on stdout: how far it is,
and at last its result or an error. It leaves when its stdin closes, so that it never outlives
the server.
"""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cocomine.errors import CocomineError, DatasetError
from cocomine.system.jobs import Progress

LONGEST_SILENCE_S = 0.5
"""After this the last progress is repeated: work can be cancelled while its process has nothing to say."""


def with_this_package(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which this package can be imported, from whatever folder the server was started in."""
    paths = [str(Path(__file__).parents[2]), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def run_in_subprocess(
    module: str,
    arguments: Sequence[str],
    progress: Progress,
    *,
    work: str,
    remedy: str,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """Run `python -m module` until its end and return what its `serve_parent` told; it is gone afterwards.

    Args:
        module: whose `main` calls `serve_parent`.
        arguments: for its command line.
        progress: gets how far it is, at least twice a second; what it raises stops the process.
        work: what it does, such as "Reading", for a sentence if it dies.
        remedy: what the person does about that, after closing other programs.
        environment: further variables.

    Raises:
        DatasetError: the work cannot be done, or the process died.
    """
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**with_this_package(os.environ), **environment},
        start_new_session=True,
    ) as process:
        lines: queue.Queue[bytes] = queue.Queue()
        listener = threading.Thread(target=_listen, args=(process, lines), daemon=True)
        listener.start()
        try:
            last_message = _followed(lines, progress)
            if last_message is None:
                raise DatasetError(
                    f"{work} stopped before its end ({_last_words(process)}). "
                    f"If memory ran out, close other programs and {remedy}."
                )
        finally:
            process.kill()
            listener.join()
    if "error" in last_message:
        raise DatasetError(last_message["error"])
    return last_message["result"]


def serve_parent(work: Callable[[Progress], Any]) -> None:
    """Do the work of this process, tell the one that started it, and leave with that one.

    Args:
        work: returns what JSON can hold; its `CocomineError` or `OSError` is told in its own words.
    """
    threading.Thread(target=_leave_with_the_server, daemon=True).start()
    try:
        result = work(lambda done, total: _say({"done": done, "total": total}))
    except (CocomineError, OSError) as error:
        _say({"error": str(error)})
    else:
        _say({"result": result})


def _listen(process: "subprocess.Popen[bytes]", lines: "queue.Queue[bytes]") -> None:
    """Hand on line by line what a process says, and at its end a line without anything."""
    assert process.stdout is not None  # noqa: S101 - for the type checker; it is a pipe
    for line in process.stdout:
        lines.put(line)
    lines.put(b"")


def _followed(lines: "queue.Queue[bytes]", progress: Progress) -> dict[str, Any] | None:
    """Pass on how far a process is, and return its last message, None where it died without one."""
    done = total = 0
    while True:
        try:
            line = lines.get(timeout=LONGEST_SILENCE_S)
        except queue.Empty:
            progress(done, total)  # where a cancelled job ends
            continue
        message: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        if message is None or "done" not in message:
            return message
        done, total = message["done"], message["total"]
        progress(done, total)


def _last_words(process: "subprocess.Popen[bytes]") -> str:
    assert process.stderr is not None  # noqa: S101 - for the type checker; it is a pipe
    said = process.stderr.read().decode(errors="replace").strip().splitlines()
    return said[-1] if said else "without a word"


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _leave_with_the_server() -> None:
    while os.read(sys.stdin.fileno(), 1):  # sys.stdin has a lock, which would break the end of a process that fails
        pass
    os._exit(0)
