"""The FiftyOne App in a page: one viewer process for each browser session.

The viewer starts in the background as soon as a class is picked, so that it is
usually ready when the person comes to look. It ends with the session.
"""

from collections.abc import Sequence

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.coco.segmentation import shapes_of_image
from cocomine.errors import ViewerError
from cocomine.mining.selection import ImageKey
from cocomine.preview.client import Viewer, ViewerObject, ViewerSample, start_viewer
from cocomine.ui import state
from cocomine.ui.cached import Opened, colours_of

FRAME_HEIGHT_PX = 720
IMAGES_PER_VIEW = 50
ATTEMPT = "viewer_attempt"
RELOADS = "viewer_reloads"


def session_viewer() -> Viewer:
    """Return the session's viewer; the first call starts it in the background and returns at once."""
    return _started_viewer(st.session_state.get(ATTEMPT, 0))


def another_viewer() -> None:
    """Let a new viewer take the place of one that failed or ended."""
    st.session_state[ATTEMPT] = st.session_state.get(ATTEMPT, 0) + 1


@st.cache_resource(scope="session", max_entries=1, show_spinner=False, on_release=lambda viewer: viewer.close())
def _started_viewer(attempt: int) -> Viewer:
    del attempt  # only a key
    return start_viewer(state.workspace())


def viewer_samples(dataset: Dataset, images: Sequence[ImageKey]) -> list[ViewerSample]:
    """Return images with all their objects for the viewer; those without a picture are left out."""
    category_ids = [category.category_id for category in dataset.categories]
    samples = []
    for split_name, image_id in images:
        split = dataset.split(split_name)
        index = split.image_index_of(image_id)
        path = split.image_path(index)
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
                for shape in shapes_of_image(split, index, category_ids=category_ids)
            )
            samples.append(
                ViewerSample(
                    image_id=image_id,
                    split=split_name,
                    image_path=path,
                    width=int(split.images.widths[index]),
                    height=int(split.images.heights[index]),
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


def fiftyone_frame(viewer: Viewer, opened: Opened, images: Sequence[ImageKey], classes: Sequence[str] | None) -> None:
    """Show images in the FiftyOne App.

    Args:
        viewer: ready.
        opened: the dataset.
        images: what to show, in order.
        classes: classes whose objects are drawn; None draws all.

    Raises:
        ViewerError: the viewer does not answer.
    """
    folders = [split.image_folder for split in opened.dataset.splits if split.image_folder is not None]
    samples = viewer_samples(opened.dataset, images)
    if not samples:
        st.info("None of these images has its picture on disk.", icon=":material/image_not_supported:")
        return
    viewer.show(
        samples,
        colours=colours_of(opened.dataset),
        image_folders=folders,
        classes=classes,
        excluded=[key for key in images if key in state.excluded()],
    )
    if state.viewer_is_behind():
        viewer.exclude(state.excluded())
        st.session_state[RELOADS] = st.session_state.get(RELOADS, 0) + 1  # an open App keeps the tags it has drawn
    host = "localhost" if "//localhost" in (st.context.url or "") else "127.0.0.1"
    address = viewer.frame_url(theme=st.context.theme.type or "light", host=host)
    st.iframe(f"{address}&reload={st.session_state.get(RELOADS, 0)}", height=FRAME_HEIGHT_PX, alt="The FiftyOne App")


@st.fragment(run_every=2.0)
def follow_exclusions(viewer: Viewer, images: Sequence[ImageKey]) -> None:
    """Take over which of the shown images carry the tag `exclude` in the App."""
    try:
        tagged = viewer.excluded_image_ids() & set(images)
    except ViewerError:
        if viewer.status.state != "ready":
            st.rerun()  # the page says what is wrong, and the gallery stands in
        return  # busy; asked again in two seconds
    now = (state.excluded() - set(images)) | tagged
    if now != state.excluded():
        state.exclude(now, viewer_knows=True)
        st.rerun()
