"""How do the pages use the FiftyOne viewer?

`start_viewer` returns at once; a page shows `status` until it is `ready`, then calls `show` and puts the address it
returns in a frame. The address of a theme never changes: the open App is told of a new view and follows without a
reload. FiftyOne's database is a cache, so a page keeps what `exclusion_tags` returns in its own store and hands it
back when it shows images to a new viewer. This module imports neither fiftyone nor streamlit.
"""

import http.client
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, Any, Literal
from urllib.parse import urlencode

from cocomine.errors import ViewerError
from cocomine.system.subprocesses import with_this_package
from cocomine.viewer.mongod import ELSEWHERE
from cocomine.viewer.protocol import (
    TOKEN_HEADER,
    SampleKey,
    ShowRequest,
    ViewerObject,
    ViewerSample,
    encoded,
    fingerprint,
)
from cocomine.viewer.status import ProcessMonitor, ViewerStatus
from cocomine.workspace import Workspace

__all__ = ["SampleKey", "Viewer", "ViewerObject", "ViewerSample", "ViewerStatus", "start_viewer"]

ANSWER_LIMIT_S = 120.0
CLOSE_LIMIT_S = 10.0
LOG_LIMIT_BYTES = 1_000_000


def start_viewer(workspace: Workspace) -> "Viewer":
    """Start a viewer in the background and return at once; a failure shows in its status."""
    command = [sys.executable, "-m", "cocomine.viewer.process", str(workspace.viewer.absolute())]
    with _opened_log(workspace.viewer) as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=with_this_package(os.environ),
            start_new_session=True,
        )
    return Viewer(process, workspace.viewer)


class Viewer:
    """One viewer process; dropping the last reference to it closes it."""

    def __init__(self, process: "subprocess.Popen[bytes]", folder: Path) -> None:
        """Follow `process`, which was just started; use `start_viewer`."""
        self._process = process
        self._monitor = ProcessMonitor(process, folder)
        self._lock = threading.Lock()
        self._held: dict[SampleKey, bytes] = {}
        self._shown: bytes | None = None
        self._monitor.start()
        self._let_go = weakref.finalize(self, _close_input, process)

    @property
    def status(self) -> ViewerStatus:
        """How far the viewer is, now."""
        return self._monitor.status()

    @property
    def process_id(self) -> int:
        """The number of its process."""
        return self._process.pid

    def wait_until_started(self, limit_s: float) -> ViewerStatus:
        """Wait until the viewer is ready or has failed, at most `limit_s`, and return its status."""
        self._monitor.has_started_or_failed.wait(limit_s)
        return self.status

    def show(
        self,
        samples: Sequence[ViewerSample],
        *,
        colours: Mapping[str, str],
        image_folders: Sequence[Path],
        classes: Sequence[str] | None = None,
        excluded: Collection[SampleKey] = (),
    ) -> str:
        """Show `samples`, in their order, in the App, and return the frame's address.

        Args:
            samples: with all their objects, also those of classes not shown; only samples that are new to the
                viewer, or have changed, are sent to it.
            colours: a CSS colour for each class name.
            image_folders: the dataset's, all of them: only files under these are served.
            classes: whose objects are drawn; None draws all, an empty sequence none.
            excluded: which images carry the tag `exclude` from the start. An image that the viewer
                holds already keeps the tags that the person gave it there.

        Raises:
            ViewerError: the viewer is not ready, or does not answer.
        """
        held = _fingerprints(samples)
        request = ShowRequest(
            order=tuple(held),
            samples=tuple({sample.key: sample for sample in samples}.values()),
            colours=dict(colours),
            image_folders=tuple(Path(os.path.normpath(folder.absolute())) for folder in image_folders),
            classes=None if classes is None else tuple(classes),
            excluded=tuple(sorted(excluded)),
        )
        with self._lock:
            try:
                self._send(request, held)
            except ViewerError:
                if self.status.state != "ready":
                    raise
                # The database may have died under it, and was started again meanwhile: bring everything once more.
                self._held, self._shown = {}, None
                self._send(request, held)
        return self.frame_url()

    def _send(self, full: ShowRequest, held: Mapping[SampleKey, bytes]) -> None:
        request = replace(full, samples=tuple(s for s in full.samples if self._held.get(s.key) != held[s.key]))
        view = encoded(replace(request, samples=(), excluded=()))
        if request.samples or view != self._shown:
            self._ask("POST", "show", encoded(request))
            self._held |= held
            self._shown = view

    def frame_url(self, *, theme: Literal["light", "dark"] = "light", host: str = "127.0.0.1") -> str:
        """Return the address for a frame.

        Args:
            theme: of the App.
            host: `127.0.0.1` or `localhost`, as in the address of the page around the frame: a browser sends
                the frame's cookie only if both are the same.
        """
        ready = self._monitor.ready()
        query = {"view": ready["view"], "token": ready["frame_token"], "theme": theme}
        return f"http://{host}:{ready['port']}/datasets/{ready['dataset']}?{urlencode(query)}"

    def exclusion_tags(self) -> dict[SampleKey, bool]:
        """Return, of each image that the viewer holds in the folders last shown, whether it has the tag `exclude`.

        Raises:
            ViewerError: the viewer is not ready, or does not answer.
        """
        return {(split, image_id): is_out for split, image_id, is_out in self._ask("GET", "excluded")}

    def selected_images(self) -> frozenset[SampleKey]:
        """Return split and image id of each image that is selected in the App now.

        Raises:
            ViewerError: the viewer is not ready, or does not answer.
        """
        return frozenset((split, image_id) for split, image_id in self._ask("GET", "selected"))

    def exclude(self, keys: Collection[SampleKey]) -> None:
        """Give the tag `exclude` to these images and take it from all others that the viewer holds.

        Raises:
            ViewerError: the viewer is not ready, or does not answer.
        """
        self._ask("POST", "excluded", encoded(sorted(keys)))

    def close(self) -> None:
        """End the process, and the database if nobody else uses it."""
        self._let_go()
        self._monitor.end(CLOSE_LIMIT_S)

    def _ask(self, method: str, route: str, body: bytes | None = None) -> Any:
        ready = self._monitor.ready()
        connection = http.client.HTTPConnection("127.0.0.1", ready["port"], timeout=ANSWER_LIMIT_S)
        try:
            connection.request(method, f"/cocomine/{route}", body, {TOKEN_HEADER: ready["control_token"]})
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ViewerError(f"The image viewer does not answer ({error}). Close and open it again.") from error
        finally:
            connection.close()
        if response.status != http.client.OK:
            raise ViewerError(f"The image viewer answered {response.status} to {route}. {self._monitor.where()}")
        return json.loads(answer)


def _fingerprints(samples: Sequence[ViewerSample]) -> dict[SampleKey, bytes]:
    try:
        return {sample.key: fingerprint(sample) for sample in samples}
    except (UnicodeEncodeError, OverflowError) as error:
        raise ViewerError(
            f"The image viewer cannot take these images: {error}. A file name, a class name or a number in their "
            f"annotation file is not valid text or does not fit 64 bits; correct it there. {ELSEWHERE}"
        ) from error


def _close_input(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()


def _opened_log(folder: Path) -> IO[bytes]:
    """Return the viewer's log; where none can be written, the viewer itself reports what is wrong with its folder."""
    path = folder / "viewer.log"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.unlink()
        return path.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")
