"""One class at a time: location, size, objects per image and aspect ratio, with a way to all its details."""

import streamlit as st

from cocomine.mining.statistics.appearance import INPUT_SIZES_PX, appearance_sentence
from cocomine.ui.classes.appearance import appearance_figures
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.session.view import View
from cocomine.wording import counted


@st.fragment
def class_section(view: View) -> None:
    """Let the person choose a class and show how it appears in its images; a change draws this part alone anew."""
    statistics = {category.name: category for category in view.statistics}
    ranked = sorted(statistics, key=lambda name: -statistics[name].image_count)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Class",
            ranked,
            format_func=lambda name: f"{name} · {counted(statistics[name].image_count, 'image')}",
            key="details-class",
            persist_state="session",
            width=320,
        )
        size_px = st.segmented_control(
            "Network input size",
            INPUT_SIZES_PX,
            default=INPUT_SIZES_PX[0],
            required=True,
            format_func=lambda side: f"{side} px",
            key="input-size",
            persist_state="session",
            help="Images are resized to a square; the paper uses 128 × 128 px",
        )
        wants_details = st.button(
            "Open details",
            icon=":material/open_in_full:",
            key="open-details",
            help="Co-occurring classes, images, and what remains if another class is excluded",
        )
    st.text(appearance_sentence(statistics[name], view.appearance(name, size_px)))
    if statistics[name].instance_count:
        appearance_figures(view, name, size_px, key="details")
    if wants_details:
        class_dialog(view, name)
