"""A class's own page, in a dialog: its companions, its sizes and place, its pictures, and what to do with it.

Whatever changes the selection closes the dialog, so that the page below shows what came of it.
"""

import streamlit as st

from cocomine.mining.selection.editing import forbidding, wanting, without
from cocomine.mining.selection.selection import ImageKey, Mode, Selection
from cocomine.mining.statistics.appearance import INPUT_SIZES_PX, appearance_sentence
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.classes.appearance import appearance_figures
from cocomine.ui.classes.companions import companions_of, companions_panel
from cocomine.ui.gallery.gallery import gallery, images_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import BY_STAMP, Opened, appearance_of, statistics_of, subset_of
from cocomine.ui.session.decisions import decide, key_of
from cocomine.wording import counted, plain, shortened

COMPANIONS, SIZES, PICTURES = "Companions", "Sizes and place", "Pictures"
LONGEST_TITLE = 60
NO_SUPERCATEGORY = ("", "none")
NO_PICTURE = ":material/image_not_supported:"


def class_dialog(opened: Opened, name: str) -> None:
    """Open the page of a class, over whatever page calls; once in a run, as Streamlit opens one dialog at a time."""
    title = plain(shortened(name, LONGEST_TITLE)).strip() or "A class without a name"
    st.dialog(title, width="large", icon=":material/category:")(_class_page)(opened, name)


def _class_page(opened: Opened, name: str) -> None:
    category = statistics_of(opened)[opened.dataset.category_index_of(name)]
    _head(opened, category)
    parts = {COMPANIONS: companions_panel, SIZES: _sizes, PICTURES: _pictures}
    tabs = st.tabs(list(parts), key=key_of(category, "tabs"), on_change="rerun")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                show(opened, category)


def _head(opened: Opened, category: CategoryStatistics) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            if category.supercategory not in NO_SUPERCATEGORY:
                st.badge(plain(shortened(category.supercategory, 24)), icon=":material/folder:", color="gray")
            _state_badge(category.name)
            st.text(_amounts(category), width="content")
        with st.container(horizontal=True, width="content"):
            _actions(category)
    if len(category.name) > LONGEST_TITLE:
        st.text(category.name)
    st.caption(plain(appearance_sentence(category, appearance_of(opened, category.name, _input_size_px()))))


def _amounts(category: CategoryStatistics) -> str:
    crowds = [counted(category.crowd_count, "crowd region")] if category.crowd_count else []
    return ", ".join([counted(category.image_count, "image"), counted(category.instance_count, "object"), *crowds])


def _state_badge(name: str) -> None:
    if name in state.selection().classes:
        st.badge("You want it", icon=":material/check:", color="primary")
    elif name in state.selection().forbidden:
        st.badge("You forbid it", icon=":material/block:", color="red")


def _actions(category: CategoryStatistics) -> None:
    """Offer to want and to forbid the class, or to take either back."""
    chosen, name = state.selection(), category.name
    if name in chosen.classes:
        if st.button("Don't want it", icon=":material/remove:", key=key_of(category, "drop")):
            decide(without(chosen, [name]), f"{name} is no longer one of your classes.")
    elif st.button("Want it", icon=":material/add:", type="primary", key=key_of(category, "want")):
        decide(wanting(chosen, [name]), f"{name} is now one of your classes.")
    if name in chosen.forbidden:
        if st.button("Allow it", icon=":material/lock_open:", key=key_of(category, "allow")):
            decide(without(chosen, [name]), f"{name} is allowed again.")
    elif st.button("Forbid it", icon=":material/block:", key=key_of(category, "forbid")):
        decide(forbidding(chosen, [name]), f"No image with {name} will be taken.")


def _sizes(opened: Opened, category: CategoryStatistics) -> None:
    if category.instance_count:
        appearance_figures(opened, category.name, _input_size_px(), key=key_of(category, "figure"))
    else:
        st.info("There is no single object of this class to tell its size or place from.", icon=":material/straighten:")


def _input_size_px() -> int:
    """Return the side of the network's input that Understand is set to."""
    size_px: int = st.session_state.get("input-size") or INPUT_SIZES_PX[0]
    return size_px


def _pictures(opened: Opened, category: CategoryStatistics) -> None:
    """Show the images with the class, or those that a companion shares."""
    if all(split.image_folder is None for split in opened.dataset.splits):
        st.info("The pictures of this dataset were not found, so there is nothing to show.", icon=NO_PICTURE)
        return
    beside = {companion.name: companion for companion in companions_of(opened, category.name)}
    other = None
    if beside:
        other = st.selectbox(
            "Only images that it shares with",
            list(beside),
            index=None,
            format_func=lambda name: f"{name} · {counted(beside[name].both_count, 'image')}",
            placeholder="All its images",
            key=key_of(category, "with"),
            width=360,
        )
    classes = (category.name,) if other is None else (category.name, other)
    gallery(opened, _images(opened, classes), key=key_of(category, f"gallery-{other}"), classes=classes)


@st.cache_resource(max_entries=8, hash_funcs=BY_STAMP, show_spinner=False)
def _images(opened: Opened, classes: tuple[str, ...]) -> list[ImageKey]:
    return images_of(subset_of(opened, Selection(classes=classes, mode=Mode.ALL), frozenset()))
