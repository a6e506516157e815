"""The seven pages in order, what each needs, and what stands on top of all of them."""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from cocomine.errors import CocomineError
from cocomine.mining.selection.selection import ImageKey, Mode, Subset
from cocomine.system.jobs import JobCancelled
from cocomine.ui.data.opening import dataset_when_read, open_demo, reading_panel
from cocomine.ui.session import state
from cocomine.ui.session.cached import Opened, in_view, subset_of
from cocomine.ui.session.counts import counts_of, size_text
from cocomine.wording import plain

ICON = Path(__file__).with_name("icon.svg")
LOGO = Path(__file__).with_name("logo.svg")

PAGES = {
    "data": ("Data", ":material/database:", "Open a dataset and see what is in it"),
    "understand": ("Understand", ":material/query_stats:", "Category statistics and interference"),
    "choose": ("Choose", ":material/checklist:", "Pick the classes you want"),
    "check": ("Check", ":material/visibility:", "Look at the images and the exact training masks"),
    "export": ("Export", ":material/output:", "Write the subset to a folder"),
    "train": ("Train", ":material/model_training:", "Train a network on an export"),
    "compare": ("Compare", ":material/balance:", "Runs side by side"),
}
MODE_WORDS = {Mode.ANY: "any of", Mode.ALL: "all of", Mode.ONLY: "only"}


def page_path(name: str) -> str:
    """Return the script of a page, for links."""
    return f"pages/{name}.py"


def reopened_dataset() -> Opened | None:
    """Return the dataset that the session or the URL names, None if there is none, it is being read, or cannot be."""
    path = state.dataset_path()
    if path is None:
        return None
    try:
        opened = dataset_when_read(path)
    except CocomineError as error:
        state.leave_dataset()
        st.error(str(error), icon=":material/error:")
        return None
    except JobCancelled:
        state.leave_dataset()
        st.info(f"Reading {path} was cancelled. Open it again to begin anew.", icon=":material/cancel:")
        return None
    if opened is None:
        return None
    for sentence in state.keep_known_names(opened.dataset):
        st.warning(f"The link named something that is not here. {plain(sentence)}", icon=":material/link_off:")
    return in_view(opened, state.splits())


def through_app() -> None:
    """Start over through `app.py` where Streamlit ran a page by itself; every page's first call.

    Until the first `st.navigation` of a process, Streamlit 1.67 takes a folder `pages` for its old automatic pages
    (`uses_pages_directory` in its runtime/pages_manager.py). A deep link as the first visit after a start, such as
    the reload of a page, would thus skip `app.py`. To go when Streamlit lets an app say that it uses navigation.
    """
    if not state.has_begun():
        PagesManager.uses_pages_directory = False
        st.rerun()


def opened_dataset() -> Opened:
    """Return the open dataset; without one, teach the next step, or show how far its reading is, and end the page."""
    through_app()
    path = state.dataset_path()
    if path is None:
        with st.container(border=True):
            st.subheader("No dataset is open yet")
            st.write("Everything begins with a COCO dataset: your own, or the built-in demo that needs no download.")
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button("Try the demo", icon=":material/auto_awesome:"):
                    open_demo()
                st.page_link(page_path("data"), label="Open a dataset", icon=":material/arrow_forward:")
        st.stop()
    try:
        opened = dataset_when_read(path)
    except JobCancelled:
        state.leave_dataset()
        st.rerun()
    except CocomineError:
        state.leave_dataset()  # or every rerun would try again
        raise
    if opened is None:
        reading_panel(path)
        st.stop()
    return in_view(opened, state.splits())


def chosen_subset(opened: Opened, excluded: frozenset[ImageKey]) -> Subset:
    """Return the current subset; without a class or an image in it, teach the next step and end the page here.

    Args:
        opened: the dataset.
        excluded: images to leave out.
    """
    chosen = state.selection()
    subset = subset_of(opened, chosen, excluded)
    if not chosen.classes:
        with st.container(border=True):
            st.subheader("No class is picked yet")
            st.write("Pick at least one class; this page then shows the images that have it.")
            st.page_link(page_path("choose"), label="Pick classes", icon=":material/arrow_forward:")
        st.stop()
    if not subset.image_count:
        with st.container(border=True):
            st.subheader("No image fits this choice")
            st.write(f"No image has {MODE_WORDS[chosen.mode]} {', '.join(chosen.classes)} under these conditions.")
            st.page_link(page_path("choose"), label="Change the choice", icon=":material/arrow_forward:")
        st.stop()
    return subset


def selection_strip(opened: Opened | None) -> None:
    """Show, on top of every page, what is open and what is picked."""
    if opened is None:
        return
    chosen = state.selection()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection-strip"):
        st.badge(opened.dataset.path.name, icon=":material/database:", color="gray")
        if state.splits():
            st.badge(_shortened(state.splits()), icon=":material/call_split:", color="gray")
        if not chosen.classes:
            st.caption("No class is picked yet")
            return
        st.badge(f"{MODE_WORDS[chosen.mode]} {_shortened(chosen.classes)}", icon=":material/check:", color="primary")
        if chosen.excluded_classes:
            st.badge(f"without {_shortened(chosen.excluded_classes)}", icon=":material/block:", color="red")
        if chosen.licences is not None:
            words = _shortened(chosen.licences) or "no licence"
            st.badge(words, icon=":material/license:", color="gray")
        excluded = state.excluded()
        counts = counts_of(opened, chosen, excluded)
        taken_out = f" · {len(excluded):,} taken out by hand" if excluded else ""
        st.caption(
            f"**{counts.image_count:,}** images · **{counts.object_count:,}** objects · "
            f"{size_text(opened, chosen, excluded)}{taken_out}"
        )


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
