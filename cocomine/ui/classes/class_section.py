"""One class at a time: where in the image, how large, how many together, of what shape."""

import streamlit as st

from cocomine.mining.statistics.appearance import INPUT_SIZES_PX, appearance_sentence
from cocomine.ui.classes.appearance import appearance_figures
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.session.cached import Opened, appearance_of, statistics_of
from cocomine.wording import counted, plain, shortened


@st.fragment
def one_class_closely(opened: Opened) -> None:
    """Let the person pick a class and show how it appears in its images; a change draws this part alone anew."""
    statistics = {category.name: category for category in statistics_of(opened)}
    ranked = sorted(statistics, key=lambda name: -statistics[name].image_count)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Class",
            ranked,
            format_func=lambda name: f"{name} · {counted(statistics[name].image_count, 'image')}",
            key="close-class",
            persist_state="session",
            width=320,
        )
        size_px = st.segmented_control(
            "Side of the network's input",
            INPUT_SIZES_PX,
            default=INPUT_SIZES_PX[0],
            required=True,
            format_func=lambda side: f"{side} px",
            key="input-size",
            persist_state="session",
            help="Networks see every photo scaled to a square; the paper's has 128 × 128 pixels",
        )
        is_asked = st.button(
            f"All about {plain(shortened(name, 24))}",
            icon=":material/open_in_full:",
            key="close-all",
            help="Its companions, its pictures, and what is left of it when another class is forbidden",
        )
    st.text(appearance_sentence(statistics[name], appearance_of(opened, name, size_px)))
    if statistics[name].instance_count:
        appearance_figures(opened, name, size_px, key="close")
    if is_asked:
        class_dialog(opened, name)
