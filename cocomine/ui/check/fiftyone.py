"""The FiftyOne App in a page: one viewer process for each browser session.

A viewer takes hundreds of megabytes, so none starts before a person asks for FiftyOne. It ends with its session.
"""

from collections.abc import Sequence

import streamlit as st

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.errors import ViewerError
from cocomine.ui.gallery.gallery import page_of
from cocomine.ui.session import state
from cocomine.ui.session.jobs import run_by_itself
from cocomine.ui.session.view import View
from cocomine.viewer.client import Viewer, ViewerObject, ViewerSample, start_viewer

FRAME_HEIGHT_PX = 720
IMAGES_PER_VIEW = 50
PAGE_SIZES = (IMAGES_PER_VIEW, 200, 500)
EXCLUDING = "Select images in FiftyOne, then: **Exclude selected**. Or add the tag **exclude** there."
LOADING = "Loading images into FiftyOne …"
ATTEMPT = "viewer_attempt"
REPLACED = "viewer_replaced"
RELOADS = "viewer_reloads"
SHOWN = "viewer_shown"


def session_viewer() -> Viewer:
    """Return the session's viewer; the first call starts it and returns at once.

    One that was killed is replaced, once; the next time the person decides.
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
    del attempt  # only a key
    return start_viewer(state.workspace())


def viewer_samples(dataset: Dataset, images: Sequence[ImageKey]) -> list[ViewerSample]:
    """Return images with all their objects for the viewer; those without an image file are not shown."""
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
    """Show, where the App will be, how far the viewer is; run the page again when it is ready or has failed."""
    status = viewer.status
    if status.state in {"ready", "failed", "closed"}:
        run_by_itself()
    _waiting_box(f"{status.message} ({status.elapsed_s:.0f} s)")


def _waiting_box(message: str) -> None:
    with st.container(border=True, height=FRAME_HEIGHT_PX, horizontal_alignment="center", vertical_alignment="center"):
        st.markdown(f":material/hourglass_top: {message}", width="content")
        st.caption("This takes about ten seconds. Gallery and training masks can be used meanwhile.", width="content")


def viewer_page(images: Sequence[ImageKey]) -> list[ImageKey]:
    """Offer how many images the App shows at once, and the pages that makes; return the images of this page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        per_page = st.segmented_control(
            "Images per page", PAGE_SIZES, default=IMAGES_PER_VIEW, required=True, key="viewer-per-page"
        )
        return page_of(images, per_page, key=f"viewer-page-{per_page}")


def fiftyone_frame(viewer: Viewer, view: View, images: Sequence[ImageKey], classes: Sequence[str] | None) -> None:
    """Show images in the FiftyOne App, and above it how to exclude some of them.

    Args:
        viewer: ready.
        classes: classes whose objects are drawn; None draws all.
    """
    waiting, attempt = st.empty(), st.session_state.get(ATTEMPT, 0)
    if st.session_state.get(SHOWN) != attempt:  # later the App itself keeps the place
        with waiting:
            _waiting_box(LOADING)
    try:
        with st.spinner(LOADING, show_time=True):
            samples = viewer_samples(view.dataset, images)
            if not samples:
                waiting.empty()
                st.info("None of these images has an image file on disk.", icon=":material/image_not_supported:")
                return
            _bring_to_app(viewer, view, samples, classes)
        host = "localhost" if "//localhost" in (st.context.url or "") else "127.0.0.1"
        address = viewer.frame_url(theme=st.context.theme.type or "light", host=host)
    except ViewerError as error:
        waiting.empty()
        _wait_for_answer(viewer, str(error))
        return
    waiting.empty()
    st.session_state[SHOWN] = attempt
    with st.container(horizontal=True, vertical_alignment="center", key="viewer-tools"):
        st.caption(EXCLUDING, width="stretch")
        st.button("Exclude selected", icon=":material/block:", on_click=_exclude_selected, args=(viewer,))
    st.iframe(f"{address}&reload={st.session_state.get(RELOADS, 0)}", height=FRAME_HEIGHT_PX, alt="The FiftyOne App")


def _bring_to_app(viewer: Viewer, view: View, samples: Sequence[ViewerSample], classes: Sequence[str] | None) -> None:
    excluded = state.excluded()
    viewer.show(
        samples,
        colours=view.colours,
        image_folders=[
            folder
            for split in view.dataset.splits
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


def _exclude_selected(viewer: Viewer) -> None:
    try:
        selected = viewer.selected_images()
    except ViewerError as error:
        st.toast(str(error), icon=":material/error:")
        return
    if selected:
        state.set_excluded(dict.fromkeys(selected, True))
    else:
        st.toast(
            "No image is selected. Hover over an image and click the box in its corner.", icon=":material/check_box:"
        )


@st.fragment(run_every=2.0)
def _wait_for_answer(viewer: Viewer, message: str) -> None:
    """Show what the viewer failed to do, until it has ended or the person asks for another."""
    if viewer.status.state != "ready":
        run_by_itself()
    st.warning(message, icon=":material/grid_off:")
    if st.button("Restart FiftyOne", icon=":material/refresh:"):
        another_viewer()
        st.rerun()


@st.fragment(run_every=2.0)
def follow_exclusions(viewer: Viewer, images: Sequence[ImageKey]) -> None:
    """Take over which images carry the tag `exclude` in the App; those that it does not hold stay as they are."""
    if state.viewer_is_behind():
        return  # its tags are older than what is kept
    try:
        tags = viewer.exclusion_tags()
    except ViewerError:
        if viewer.status.state != "ready":
            run_by_itself()  # the page shows what is wrong, and the gallery instead
        return  # busy; asked again in two seconds
    if state.set_excluded({image: tags[image] for image in images if image in tags}, viewer_knows=True):
        run_by_itself()
