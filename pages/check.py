import streamlit as st

from cocomine.ui.check.exclusions import exclusions_panel
from cocomine.ui.check.fiftyone import (
    another_viewer,
    fiftyone_frame,
    follow_exclusions,
    session_viewer,
    viewer_page,
    wait_for_viewer,
)
from cocomine.ui.check.training_masks import mask_view
from cocomine.ui.downloads.panel import download_panel
from cocomine.ui.gallery.gallery import gallery, images_of
from cocomine.ui.image_folder import image_folder_panel
from cocomine.ui.navigation import page_heading, require_dataset, require_subset

page_heading("check")
view = require_dataset()
selection = view.selection
images = images_of(require_subset(view.with_excluded_images))  # excluded ones stay in sight, to be restored
has_images = any(count.there for count in image_folder_panel(view))
download_panel(view)

views = {
    "Gallery": ":material/photo_library: Gallery",
    "Training masks": ":material/layers: Training masks",
    "FiftyOne": ":material/grid_view: FiftyOne",
}
with st.container(horizontal=True, vertical_alignment="bottom"):
    shown = st.segmented_control(
        "View", list(views), format_func=views.__getitem__, default="Gallery", required=True, key="check-view"
    )
    labels = st.segmented_control(
        "Show labels",
        ["selected classes", "all classes"],
        default="selected classes",
        required=True,
        key="check-labels",
        disabled=shown == "Training masks",
        help="Training masks always show the ground truth of all classes beside the mask",
    )
classes = selection.classes if labels == "selected classes" else None

with st.container():  # so that the list below keeps its place, whatever is shown here
    if not has_images:
        st.caption("Only the labels are drawn: no image file was found.")
        gallery(view, images, key="bare", classes=classes, can_exclude=True)
    elif shown == "FiftyOne":
        viewer = session_viewer()
        status = viewer.status
        if status.state == "ready":
            images_shown = viewer_page(images)
            fiftyone_frame(viewer, view, images_shown, classes)
            follow_exclusions(viewer, images_shown)
        elif status.state in {"failed", "closed"}:
            st.warning(status.message, icon=":material/grid_off:")
            st.button("Try again", icon=":material/refresh:", on_click=another_viewer)
            gallery(view, images, key="instead", classes=classes, can_exclude=True)
        else:
            wait_for_viewer(viewer)
    elif shown == "Training masks":
        mask_view(view, images)
    else:
        gallery(view, images, key="check", classes=classes, can_exclude=True)

exclusions_panel(view, images, classes)
