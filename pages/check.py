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
from cocomine.ui.gallery.gallery import gallery, images_of
from cocomine.ui.image_folder import image_folder_panel
from cocomine.ui.navigation import chosen_subset, opened_dataset, page_path
from cocomine.ui.session import state

st.title("Check")
opened = opened_dataset()
selection = state.selection()
images = images_of(chosen_subset(opened, frozenset()))  # those taken out stay in sight, to be put back
has_images = any(count.there for count in image_folder_panel(opened))
viewer = session_viewer()

ways = {
    "FiftyOne": ":material/grid_view: FiftyOne",
    "Training masks": ":material/layers: Training masks",
    "Gallery": ":material/photo_library: Gallery",
}
with st.container(horizontal=True, vertical_alignment="bottom"):
    way = st.segmented_control(
        "Look at", list(ways), format_func=ways.__getitem__, default="FiftyOne", required=True, key="look-at"
    )
    drawn = st.segmented_control(
        "Draw",
        ["my classes", "all classes"],
        default="my classes",
        required=True,
        key="draw-classes",
        disabled=way == "Training masks",
        help="Under “Training masks” the masks of all classes stand beside what the network gets",
    )
classes = selection.classes if drawn == "my classes" else None

with st.container():  # so that the list below keeps its place, whatever is shown here
    if not has_images:
        st.caption("The objects of your classes are drawn without their images.")
        gallery(opened, images, key="bare", classes=classes, can_exclude=True)
    elif way == "FiftyOne":
        status = viewer.status
        if status.state == "ready":
            shown = viewer_page(images)
            fiftyone_frame(viewer, opened, shown, classes)
            follow_exclusions(viewer, shown)
        elif status.state in {"failed", "closed"}:
            st.warning(status.message, icon=":material/grid_off:")
            st.button("Try again", icon=":material/refresh:", on_click=another_viewer)
            gallery(opened, images, key="instead", classes=classes, can_exclude=True)
        else:
            wait_for_viewer(viewer)
    elif way == "Training masks":
        mask_view(opened, images, state.excluded())
    else:
        gallery(opened, images, key="check", classes=classes, can_exclude=True)

exclusions_panel(opened, images, classes)
st.page_link(page_path("export"), label="Export the subset", icon=":material/arrow_forward:")
