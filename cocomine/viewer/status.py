"""How far is the viewer's process, and why did it end?

A thread reads the messages of the process until that ends; a process that ended without a message was killed, and may
be replaced by another.
"""

import json
import subprocess
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal

from cocomine.errors import ViewerError
from cocomine.viewer.mongod import ELSEWHERE

State = Literal["database", "importing", "ready", "failed", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerStatus:
    """How far the viewer is; a `failed` message says what to do.

    `can_be_replaced` says that a failed one had worked, or was killed while starting: a new one may well work.
    """

    state: State
    message: str
    elapsed_s: float
    can_be_replaced: bool = False


class ProcessMonitor(threading.Thread):
    """Reads the process's messages until it ends; without a reference to the `Viewer`, which may thus be dropped."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        super().__init__(name="viewer-monitor", daemon=True)
        self.has_started_or_failed = threading.Event()
        self._process = process
        self._folder = folder
        self._started_s = time.monotonic()
        self._status = ViewerStatus(state="database", message="Starting the image viewer.", elapsed_s=0.0)
        self._last_message: dict[str, Any] = {}
        self._is_closing = False

    def status(self) -> ViewerStatus:
        """How far the process is, now."""
        status = self._status
        if self.has_started_or_failed.is_set():
            return status
        return replace(status, elapsed_s=time.monotonic() - self._started_s)

    def ready(self) -> dict[str, Any]:
        """Return the process's message when it was ready.

        Raises:
            ViewerError: it is not.
        """
        status = self.status()
        if status.state == "ready":
            return self._last_message
        if status.state == "failed":
            raise ViewerError(status.message)
        found = "is closed" if status.state == "closed" else f"is still starting ({status.elapsed_s:.0f} s)"
        raise ViewerError(f"The image viewer {found}. Start it, and wait until it is ready. {ELSEWHERE}")

    def where(self) -> str:
        """Return a sentence about where to read on."""
        return f"Details are in {self._folder / 'viewer.log'}. {ELSEWHERE}"

    def run(self) -> None:
        """Listen until the process has ended."""
        output: IO[bytes] = self._process.stdout  # type: ignore[assignment]  # it was opened as a pipe
        with output:
            for line in output:
                if line.endswith(b"\n"):  # it was not killed while it spoke
                    self._take(json.loads(line))
        code = self._process.wait()
        if self._status.state != "failed" and not self._is_closing:
            message = f"The image viewer ended unexpectedly (code {code}). {self.where()}"
            self._set_status("failed", message, can_be_replaced=True)

    def end(self, limit_s: float) -> None:
        """Wait until the process, whose input was closed, has ended; after `limit_s` it is killed."""
        self._is_closing = True
        self.join(limit_s)
        if self.is_alive():
            self._process.kill()
            self.join()
        self._set_status("closed", "The image viewer is closed.")

    def _take(self, message: dict[str, Any]) -> None:
        if message["state"] in ("ready", "failed"):
            self._last_message = message
            self._set_status(
                message["state"], message["message"], can_be_replaced=message.get("can_be_replaced", False)
            )
        else:
            self._status = replace(self._status, state=message["state"], message=message["message"])

    def _set_status(self, state: State, message: str, *, can_be_replaced: bool = False) -> None:
        elapsed_s = time.monotonic() - self._started_s
        self._status = ViewerStatus(state=state, message=message, elapsed_s=elapsed_s, can_be_replaced=can_be_replaced)
        self.has_started_or_failed.set()
