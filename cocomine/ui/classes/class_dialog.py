"""The details of a class in a dialog: co-occurring classes, sizes and location, images, and what to do with it.

Whatever changes the selection closes the dialog, so that the page below shows what came of it.
"""

import streamlit as st

from cocomine.mining.selection.editing import with_classes, with_excluded, without_classes
from cocomine.mining.statistics.appearance import INPUT_SIZES_PX, appearance_sentence
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.classes.appearance import appearance_figures
from cocomine.ui.classes.companions import companions_panel
from cocomine.ui.gallery.gallery import gallery, images_with
from cocomine.ui.session import state
from cocomine.ui.session.decisions import apply_and_close, key_of
from cocomine.ui.session.view import View
from cocomine.wording import counted, plain, shortened

COMPANIONS, SIZES, IMAGES = "Co-occurring classes", "Size and location", "Images"
LONGEST_TITLE = 60
NO_SUPERCATEGORY = ("", "none")
NO_IMAGE = ":material/image_not_supported:"


def class_dialog(view: View, name: str) -> None:
    """Open the details of a class over the page; once in a run, as Streamlit opens one dialog at a time."""
    title = plain(shortened(name, LONGEST_TITLE)).strip() or "Unnamed class"
    st.dialog(title, width="large", icon=":material/category:")(_details)(view, name)


def _details(view: View, name: str) -> None:
    category = view.statistics[view.dataset.category_index_of(name)]
    _head(view, category)
    parts = {COMPANIONS: companions_panel, SIZES: _sizes, IMAGES: _image_gallery}
    tabs = st.tabs(list(parts), key=key_of(category, "tabs"), on_change="rerun")
    for tab, show in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                show(view, category)


def _head(view: View, category: CategoryStatistics) -> None:
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
    st.caption(plain(appearance_sentence(category, view.appearance(category.name, _input_size_px()))))


def _amounts(category: CategoryStatistics) -> str:
    crowds = [counted(category.crowd_count, "crowd region")] if category.crowd_count else []
    return ", ".join([counted(category.image_count, "image"), counted(category.instance_count, "object"), *crowds])


def _state_badge(name: str) -> None:
    if name in state.selection().classes:
        st.badge("Included", icon=":material/check:", color="primary")
    elif name in state.selection().excluded_classes:
        st.badge("Excluded", icon=":material/block:", color="red")


def _actions(category: CategoryStatistics) -> None:
    """Offer to include and to exclude the class, or to undo either."""
    chosen, name = state.selection(), category.name
    if name in chosen.classes:
        if st.button("Remove", icon=":material/remove:", key=key_of(category, "remove")):
            apply_and_close(without_classes(chosen, [name]), f"{name} removed from the selection.")
    elif st.button("Include", icon=":material/add:", type="primary", key=key_of(category, "include")):
        apply_and_close(with_classes(chosen, [name]), f"{name} included.")
    if name in chosen.excluded_classes:
        if st.button("Stop excluding", icon=":material/lock_open:", key=key_of(category, "allow")):
            apply_and_close(without_classes(chosen, [name]), f"{name} is no longer excluded.")
    elif st.button("Exclude", icon=":material/block:", key=key_of(category, "exclude")):
        apply_and_close(with_excluded(chosen, [name]), f"Images with {name} are excluded.")


def _sizes(view: View, category: CategoryStatistics) -> None:
    if category.instance_count:
        appearance_figures(view, category.name, _input_size_px(), key=key_of(category, "figure"))
    else:
        st.info("This class has no objects, so size and location are unknown.", icon=":material/straighten:")


def _input_size_px() -> int:
    """Return the network input size that Understand is set to."""
    size_px: int = st.session_state.get("input-size") or INPUT_SIZES_PX[0]
    return size_px


def _image_gallery(view: View, category: CategoryStatistics) -> None:
    """Show the images with the class, or those that a companion shares."""
    if all(split.image_folder is None for split in view.dataset.splits):
        st.info("Image files not found, so there is nothing to show.", icon=NO_IMAGE)
        return
    beside = {companion.name: companion for companion in view.companions(category.name)}
    other = None
    if beside:
        other = st.selectbox(
            "Only images shared with",
            list(beside),
            index=None,
            format_func=lambda name: f"{name} · {counted(beside[name].both_count, 'image')}",
            placeholder="All images",
            key=key_of(category, "with"),
            width=360,
        )
    classes = (category.name,) if other is None else (category.name, other)
    gallery(view, images_with(view, classes), key=key_of(category, f"gallery-{other}"), classes=classes)
