"""How do many images come at once, so that each is whole and sound under its name, or listed with the reason?

An image that is there already is not fetched; one that is kept from an earlier download is given out again. What failed
is a list of values: a second download of the same plan fetches what is missing and nothing else.
"""

import threading
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from cocomine.coco.image_file import image_size
from cocomine.downloading.connections import Connections
from cocomine.downloading.image_store import ImageStore, check_image, give_out, is_sound
from cocomine.downloading.permission import WebAddress
from cocomine.downloading.plan import DownloadPlan, WantedImage
from cocomine.downloading.refusals import Refused, failure
from cocomine.downloading.report import Conditions, DownloadReport, Outcome, Watch
from cocomine.downloading.transfer import Transfer, WebFile
from cocomine.downloading.waiting import Ending
from cocomine.errors import StorageError, UnreadableImage
from cocomine.system.folders import is_there
from cocomine.system.space import require_space, writing_to

TOLD_EVERY_S = 0.1
LEAVE_S = 5.0
"""So long a cancelled download waits for its connections; one that hangs ends by itself and writes nothing any more."""
WATCH = Watch()


def download_images(
    plan: DownloadPlan, store: ImageStore, conditions: Conditions, watch: Watch = WATCH
) -> DownloadReport:
    """Bring the images of a plan to their places.

    Args:
        plan: which images; the same one again continues a download that failed in part.
        store: where images are kept for other exports.
        conditions: under which they are fetched.
        watch: who is told how far it is, and may pause and end it.

    Raises:
        StorageError: the disk is full, or a folder may not be written to.
        JobCancelled: it was cancelled; what has come stays.
    """
    for folder in (store.folder, *plan.folders):
        require_space(folder, plan.estimated_bytes, "The download")
    return _Download(plan, store, conditions, watch).run()


class _Download:
    """One download, with the threads that share its work."""

    def __init__(self, plan: DownloadPlan, store: ImageStore, conditions: Conditions, watch: Watch) -> None:
        self._plan, self._store, self._conditions, self._watch = plan, store, conditions, watch
        self._ending = Ending()
        self._connections = Connections(
            conditions.network,
            conditions.permission,
            kept=conditions.connection_count,
            patience_s=conditions.patience.silence_s,
        )
        self._transfer = Transfer(self._connections, conditions.patience, self._ending, self._receive)
        self._waiting, self._lock = iter(plan.images), threading.Lock()
        self._outcomes = dict.fromkeys(Outcome, 0)
        self._failures = list(plan.failures)
        self._done = self._received_bytes = 0
        self._fault: BaseException | None = None

    def run(self) -> DownloadReport:
        count = min(self._conditions.connection_count, len(self._plan.images))
        threads = [threading.Thread(target=self._work, daemon=True, name="cocomine-download") for _ in range(count)]
        try:
            for thread in threads:
                thread.start()
            self._follow(threads)
        except BaseException:
            self._ending.begin()
            _join(threads)
            raise
        finally:
            self._connections.close()
        return self._report()

    def _follow(self, threads: list[threading.Thread]) -> None:
        """Tell how far it is until all threads have ended, and raise what ended them early."""
        for thread in threads:
            while thread.is_alive():
                self._watch.images(self._done, len(self._plan.images))
                thread.join(TOLD_EVERY_S)
        if self._fault is not None:
            raise self._fault
        self._watch.images(self._done, len(self._plan.images))

    def _work(self) -> None:
        try:
            while (wanted := self._next()) is not None:
                self._receive(0)  # is held here while the download is to pause, whatever this image needs
                self._ending.check()
                self._finish(wanted)
        except BaseException as error:  # kept for `_follow`, which raises it where somebody looks
            with self._lock:
                is_first = self._fault is None
                self._fault = error if is_first else self._fault
            self._ending.begin()

    def _receive(self, size_bytes: int) -> None:
        with self._lock:
            self._received_bytes += size_bytes
            received = self._received_bytes
        self._watch.received(received)

    def _next(self) -> WantedImage | None:
        with self._lock:
            return next(self._waiting, None)

    def _finish(self, wanted: WantedImage) -> None:
        """Bring one image to its place, or list why not."""
        try:
            outcome = self._bring(wanted)
        except Refused as error:
            self._give_up(wanted, error)
        else:
            with self._lock:
                self._outcomes[outcome] += 1
                self._done += 1

    def _give_up(self, wanted: WantedImage, error: Refused) -> None:
        with self._lock:
            self._failures.append(failure(wanted.name, error))
            self._done += 1
            failed = len(self._failures)
        self._watch.failed(failed)

    def _bring(self, wanted: WantedImage) -> Outcome:
        if is_there(wanted.target):
            _refuse_other(wanted)
            return Outcome.THERE
        _make_folder(wanted)
        forms = self._conditions.permission.forms(wanted.url)
        outcome = Outcome.KEPT if (path := self._kept(forms, wanted)) else Outcome.FETCHED
        path = path or self._fetched(forms, wanted)
        try:
            give_out(path, wanted.target)
        except FileExistsError:
            _refuse_other(wanted)
        return outcome

    def _kept(self, forms: Iterable[WebAddress], wanted: WantedImage) -> Path | None:
        """Return an image from an earlier download, if it is still sound."""
        paths = (self._store.path_of(url) for url in forms)
        return next((path for path in paths if is_sound(path, wanted.size)), None)

    def _fetched(self, forms: Iterable[WebAddress], wanted: WantedImage) -> Path:
        """Return the image from the first form of its address that brings it, or tell why the first did not."""
        errors = list[Refused]()
        for url in forms:
            try:
                return self._fetch(url, wanted)
            except Refused as error:
                errors.append(error)
        raise self._with_offer(errors[0], wanted.url)

    def _with_offer(self, error: Refused, url: WebAddress) -> Refused:
        """Return an error that names the host that may answer without encryption, where the dataset says so."""
        may_help = url.scheme == "http" and url.authority not in self._conditions.permission.plain_hosts
        return Refused(error.reason, wants_plain_host=url.authority) if error.is_unspoken and may_help else error

    def _fetch(self, url: WebAddress, wanted: WantedImage) -> Path:
        path = self._store.path_of(url)
        with self._store.alone_with(path, self._ending):
            if not is_sound(path, wanted.size):  # another process may have fetched it meanwhile
                check = partial(check_image, size=wanted.size)
                file = WebFile(url=url, target=path, most_bytes=self._conditions.most_bytes, check=check)
                self._transfer.fetch(file)
        return path

    def _report(self) -> DownloadReport:
        return DownloadReport(
            fetched=self._outcomes[Outcome.FETCHED],
            kept=self._outcomes[Outcome.KEPT],
            there=self._outcomes[Outcome.THERE],
            failures=tuple(sorted(self._failures, key=lambda each: each.name)),
            received_bytes=self._received_bytes,
        )


def _join(threads: Iterable[threading.Thread]) -> None:
    """Wait for threads that were told to end, for `LEAVE_S` in all."""
    deadline_s = time.monotonic() + LEAVE_S
    for thread in threads:
        if thread.ident is not None:  # it began
            thread.join(max(deadline_s - time.monotonic(), 0))


def _make_folder(wanted: WantedImage) -> None:
    """Make the folder of an image; a link below the target folder that leads out of it is not followed."""
    try:
        with writing_to(wanted.target):
            wanted.target.parent.mkdir(parents=True, exist_ok=True)
    except StorageError as error:
        if isinstance(error.__cause__, FileExistsError | NotADirectoryError):
            raise Refused("a file is where its folder would be; move it away, and download again") from error
        raise
    if not wanted.target.parent.resolve().is_relative_to(wanted.folder.resolve()):
        raise Refused("a link in the target folder leads out of it")


def _refuse_other(wanted: WantedImage) -> None:
    """Let only an image of the size that the dataset says count as there; another file is never overwritten."""
    try:
        found = image_size(wanted.target)
    except UnreadableImage as error:
        raise Refused("a file that is no sound image has its name; move it away, and download again") from error
    if found != wanted.size:
        raise Refused("an image of another size has its name; move it away, and download again")
