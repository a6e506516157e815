"""The FiftyOne App in a page: one viewer process for each browser session.

One spare viewer starts in the background with the server's first session, and the first session in which a class is
picked takes it over, so that it is usually ready when the person comes to look. A viewer ends with its session.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.errors import ViewerError
from cocomine.mining.selection.selection import ImageKey
from cocomine.ui.gallery.gallery import page_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import Opened, colours_of
from cocomine.viewer.client import Viewer, ViewerObject, ViewerSample, start_viewer
from cocomine.viewer.slots import is_switched_off

FRAME_HEIGHT_PX = 720
IMAGES_PER_VIEW = 50
PAGE_SIZES = (IMAGES_PER_VIEW, 200, 500)
TAKING_OUT = "To take images out, tick them in the App and press the button, or give them the tag **exclude** there."
ATTEMPT = "viewer_attempt"
REPLACED = "viewer_replaced"
RELOADS = "viewer_reloads"


class SpareViewer:
    """A viewer that waits for a session to take it over; once."""

    def __init__(self) -> None:
        """Start it in the background."""
        self._lock = threading.Lock()
        self._viewer: Viewer | None = start_viewer(state.workspace())

    def taken(self) -> Viewer | None:
        """Hand it over; None where another session has it, or it does not work."""
        with self._lock:
            viewer, self._viewer = self._viewer, None
        if viewer is not None and viewer.status.state in {"failed", "closed"}:
            viewer.close()
            return None
        return viewer

    def close(self) -> None:
        """End it, if nobody has it."""
        viewer = self.taken()
        if viewer is not None:
            viewer.close()


def warm_up() -> None:
    """Let the spare viewer start, in the first session of the server."""
    if not is_switched_off():
        _spare_viewer(state.workspace().viewer)


def session_viewer() -> Viewer:
    """Return the session's viewer; the first call starts it, or takes over the spare one, and returns at once.

    One that was killed is replaced, once; the next time it is for the person to try again.
    """
    viewer = _started_viewer(st.session_state.get(ATTEMPT, 0))
    if viewer.status.can_be_replaced and not st.session_state.get(REPLACED, False):
        another_viewer()
        st.session_state[REPLACED] = True
        viewer = _started_viewer(st.session_state[ATTEMPT])
    return viewer


def another_viewer() -> None:
    """Let a new viewer take the place of one that failed or ended."""
    st.session_state[ATTEMPT] = st.session_state.get(ATTEMPT, 0) + 1
    st.session_state[REPLACED] = False


@st.cache_resource(scope="session", max_entries=1, show_spinner=False, on_release=lambda viewer: viewer.close())
def _started_viewer(attempt: int) -> Viewer:
    spare = _spare_viewer(state.workspace().viewer).taken() if attempt == 0 and not is_switched_off() else None
    return spare or start_viewer(state.workspace())


@st.cache_resource(show_spinner=False, on_release=lambda spare: spare.close())
def _spare_viewer(folder: Path) -> SpareViewer:
    del folder  # only a key
    return SpareViewer()


def viewer_samples(dataset: Dataset, images: Sequence[ImageKey]) -> list[ViewerSample]:
    """Return images with all their objects for the viewer; those without a picture are left out."""
    samples = []
    for image in map(dataset.image, images):
        path = image.path
        if path is not None:
            objects = tuple(
                ViewerObject(
                    annotation_id=shape.annotation_id,
                    class_name=dataset.categories[shape.category_index].name,
                    is_crowd=shape.is_crowd,
                    area_px=shape.area_px,
                    box_xywh=shape.box_xywh,
                    segmentation=shape.segmentation,
                )
                for shape in image.shapes()
            )
            samples.append(
                ViewerSample(
                    image_id=image.image_id,
                    split=image.split.name,
                    image_path=path,
                    width=image.size.width,
                    height=image.size.height,
                    objects=objects,
                )
            )
    return samples


@st.fragment(run_every=1.0)
def wait_for_viewer(viewer: Viewer) -> None:
    """Show how far the viewer is, and run the page again when that is settled."""
    status = viewer.status
    if status.state in {"ready", "failed", "closed"}:
        st.rerun()
    with st.container(border=True, height=220, horizontal_alignment="center", vertical_alignment="center"):
        st.markdown(f":material/hourglass_top: {status.message} ({status.elapsed_s:.0f} s)")
        st.caption("The first start takes up to ten seconds. The gallery and the training masks are there meanwhile.")


def viewer_page(images: Sequence[ImageKey]) -> list[ImageKey]:
    """Offer how many images the App shows at once, and the pages that makes; return the images of this page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        per_page = st.segmented_control(
            "Images per page", PAGE_SIZES, default=IMAGES_PER_VIEW, required=True, key="viewer-per-page"
        )
        return page_of(images, per_page, key=f"viewer-page-{per_page}")


def fiftyone_frame(viewer: Viewer, opened: Opened, images: Sequence[ImageKey], classes: Sequence[str] | None) -> None:
    """Show images in the FiftyOne App, and over it how to take some of them out.

    Args:
        viewer: ready.
        opened: the dataset.
        images: what to show, in order.
        classes: classes whose objects are drawn; None draws all.
    """
    samples = viewer_samples(opened.dataset, images)
    if not samples:
        st.info("None of these images has its picture on disk.", icon=":material/image_not_supported:")
        return
    try:
        _bring_to_app(viewer, opened, samples, classes)
        host = "localhost" if "//localhost" in (st.context.url or "") else "127.0.0.1"
        address = viewer.frame_url(theme=st.context.theme.type or "light", host=host)
    except ViewerError as error:
        _wait_for_answer(viewer, str(error))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="viewer-tools"):
        st.caption(TAKING_OUT, width="stretch")
        st.button("Take out the ticked", icon=":material/block:", on_click=_take_out_ticked, args=(viewer,))
    st.iframe(f"{address}&reload={st.session_state.get(RELOADS, 0)}", height=FRAME_HEIGHT_PX, alt="The FiftyOne App")


def _bring_to_app(
    viewer: Viewer, opened: Opened, samples: Sequence[ViewerSample], classes: Sequence[str] | None
) -> None:
    excluded = state.excluded()
    viewer.show(
        samples,
        colours=colours_of(opened.dataset),
        image_folders=[
            folder
            for split in opened.dataset.splits
            for folder in (split.image_folder, *split.linked_folders)
            if folder is not None
        ],
        classes=classes,
        excluded=[sample.key for sample in samples if sample.key in excluded],
    )
    if state.viewer_is_behind():
        viewer.exclude(excluded)
        state.note_viewer_told()
        st.session_state[RELOADS] = st.session_state.get(RELOADS, 0) + 1  # an open App keeps the tags it has drawn


def _take_out_ticked(viewer: Viewer) -> None:
    try:
        ticked = viewer.selected_images()
    except ViewerError as error:
        st.toast(str(error), icon=":material/error:")
        return
    if ticked:
        state.exclude(state.excluded() | ticked)
    else:
        st.toast("No image is ticked. Point at an image and click the box in its corner.", icon=":material/check_box:")


@st.fragment(run_every=2.0)
def _wait_for_answer(viewer: Viewer, message: str) -> None:
    """Say what the viewer failed to do, until it has ended or the person asks for another."""
    if viewer.status.state != "ready":
        st.rerun()
    st.warning(message, icon=":material/grid_off:")
    if st.button("Start it again", icon=":material/refresh:"):
        another_viewer()
        st.rerun()


@st.fragment(run_every=2.0)
def follow_exclusions(viewer: Viewer, images: Sequence[ImageKey]) -> None:
    """Take over which images carry the tag `exclude` in the App; of one that it does not hold nothing is known."""
    if state.viewer_is_behind():
        return  # its tags are older than what is kept
    try:
        marks = viewer.exclusion_tags()
    except ViewerError:
        if viewer.status.state != "ready":
            st.rerun()  # the page says what is wrong, and the gallery stands in
        return  # busy; asked again in two seconds
    shown = {image: marks[image] for image in images if image in marks}
    now = (state.excluded() - set(shown)) | {image for image, is_out in shown.items() if is_out}
    if now != state.excluded():
        state.exclude(now, viewer_knows=True)
        st.rerun()
