"""Images at an address come to this computer beside the page that shows them.

A page waits a moment for them and then draws what it has: an image that is on its way is an empty place with its
labels. When all have come that can, the page runs again by itself. What cannot be had is said in a sentence, and asked
for again by whoever looks at it later.
"""

import time
from collections.abc import Collection, Sequence

import streamlit as st

from cocomine.coco.dataset import DatasetImage, ImageKey
from cocomine.coco.image_address import LONGEST_S, fetch_files
from cocomine.errors import AddressError
from cocomine.system.bounded import within
from cocomine.system.jobs import Job
from cocomine.ui.session.jobs import POLL_S, background, existing_job, follow, forget_job
from cocomine.ui.session.view import View
from cocomine.wording import counted, plain

QUICK_S = 0.4
"""Images that come within this time show no placeholder."""
AGAIN_S = 30.0
"""How long what did not come is not asked for again: a page that runs often would ask each time."""


def fetch_beside(view: View, images: Collection[ImageKey]) -> bool:
    """Begin to bring images that are at an address, and say so while they come, or why some cannot be had.

    It takes no more than `QUICK_S`, and one place on the page.

    Returns:
        Whether some are still on their way; the page runs again when they are there.
    """
    at_address = [each for each in map(view.dataset.image, images) if each.split.address is not None]
    with st.container():  # whatever is said here, the rest of the page keeps its place
        if not _away(at_address):
            return False
        job = _job(at_address)
        if job.state == "running":
            _coming(job, f"{counted(len(_away(at_address)), 'image')} from {_address(at_address)}")
            return True
        trouble, _ = job.result()
        if trouble:
            st.warning(plain(trouble), icon=":material/cloud_off:")
        elif missing := _away(at_address):
            said = "One of these images is" if len(missing) == 1 else f"{len(missing)} of these images are"
            st.warning(plain(f"{said} not at {_address(missing)}."), icon=":material/cloud_off:")
        return False


def _job(images: Sequence[DatasetImage]) -> Job[tuple[str, float]]:
    """Return the job that brings images, begun again where its answer is old or it failed.

    Its result is why some cannot be had, "" where nothing hindered, and until when that is believed.
    """
    key = ("fetch", tuple((each.split.address, each.file_name) for each in images))
    job: Job[tuple[str, float]] | None = existing_job(key)
    if job is not None and (job.state == "failed" or (job.state == "done" and job.result()[1] < time.monotonic())):
        forget_job(key)
    return background(key, lambda _: (_fetched(images), time.monotonic() + AGAIN_S), wait_s=QUICK_S)


def _fetched(images: Sequence[DatasetImage]) -> str:
    """Bring images to this computer, within `LONGEST_S`; return why that failed, "" where it did not."""
    away = [(each.split.address, each.file_name) for each in _away(images) if each.split.address is not None]
    try:
        within(LONGEST_S, lambda: fetch_files(away))
    except TimeoutError:
        return f"{_address(images)}: not all images came within {LONGEST_S:.0f} s. Show them again to wait for more."
    except (AddressError, OSError) as error:  # a full disk among them
        return str(error)
    return ""


@st.fragment(run_every=POLL_S)
def _coming(job: Job[tuple[str, float]], what: str) -> None:
    follow(job)
    st.caption(f":material/cloud_download: Fetching {plain(what)} …")


def _away(images: Sequence[DatasetImage]) -> list[DatasetImage]:
    return [each for each in images if each.path is None]


def _address(images: Sequence[DatasetImage]) -> str:
    address = images[0].split.address
    return "" if address is None else address.address
