"""The seven pages in order, what each needs, and what stands on top of all of them."""

from pathlib import Path
from typing import Literal

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.mining.selection.selection import Subset
from cocomine.mining.selection.sentences import limit_phrases
from cocomine.system.jobs import JobCancelled
from cocomine.ui.session import state
from cocomine.ui.session.demo import open_demo
from cocomine.ui.session.exports_and_runs import has_exports, has_runs
from cocomine.ui.session.jobs import ran_by_itself
from cocomine.ui.session.opening import current_view, dataset_when_read, opening_panel, view_dataset, whole_dataset
from cocomine.ui.session.view import View
from cocomine.ui.task_chip import task_chip
from cocomine.wording import MODE_PHRASES, counted, plain, size_words

ICON = Path(__file__).with_name("icon.svg")
LOGO = Path(__file__).with_name("logo.svg")
STYLE = Path(__file__).with_name("app.css")

PAGES = {
    "data": ("Data", ":material/database:", "Open a dataset and see what is in it"),
    "understand": ("Understand", ":material/query_stats:", "Category statistics and interference"),
    "choose": ("Choose", ":material/checklist:", "Select classes"),
    "check": ("Check", ":material/visibility:", "Look at the images and the exact training masks"),
    "export": ("Export", ":material/output:", "Write the subset to a folder"),
    "train": ("Train", ":material/model_training:", "Train a network on an export"),
    "compare": ("Compare", ":material/balance:", "Runs side by side"),
}
NOTICES = "opening_notices"
NOTICE_KINDS = {"error": st.error, "cancel": st.info, "link_off": st.warning, "info": st.info}
"""What the opening of a dataset may have to say, by its icon."""
NEED_DATASET = frozenset({"understand", "choose", "check", "export"})
HAVE_OWN_PRIMARY = frozenset({"export", "train"})
"""Pages with a primary button of their own, beside which the next page is no more than a way on."""
NEED_CLASSES = frozenset({"check", "export"})


def page_path(name: str) -> str:
    """Return the script of a page, for links."""
    return f"pages/{name}.py"


def open_view() -> View | None:
    """Open the dataset that the session or the URL names for this run, and return the view of it.

    Where it cannot be opened, that is said, and the one that was open before takes its place. None while there is none,
    or it is being read or drawn. What is said stays for the runs that the page begins by itself.
    """
    if not ran_by_itself():
        st.session_state[NOTICES] = []
    view_dataset(_opened_dataset())
    for icon, text in st.session_state[NOTICES]:
        NOTICE_KINDS[icon](text, icon=f":material/{icon}:")
    return current_view()


def _opened_dataset() -> View | None:
    path, notices = state.dataset_path(), st.session_state[NOTICES]
    view_dataset(None)
    if path is None:
        return None
    try:
        whole = dataset_when_read(path)
    except CocomineError as error:
        notices.append(("error", plain(str(error))))
    except JobCancelled:
        notices.append(("cancel", f"Opening {path} was cancelled. Open it again to begin anew."))
    else:
        unknown = [] if whole is None else state.drop_unknown_names(whole.dataset)
        notices += [("link_off", f"The link named something that is not here. {plain(each)}") for each in unknown]
        return whole
    state.leave_dataset()
    return _opened_dataset()


def scheme_style() -> str:
    """Return the style by which dialogs and lists, which Streamlit draws beside its app, know light from dark.

    Streamlit tells its app alone (`.stApp`); what is outside would follow the system, whatever the person chose.
    """
    return f"<style>:root {{ color-scheme: {st.context.theme.type or 'light dark'} }}</style>"


def page_heading(name: str, title: str = "") -> None:
    """Show the title of a page and, at the right of it on every page, the button that goes to the next page.

    Args:
        name: of the page, as in `PAGES`.
        title: where it is another than the page's name.
    """
    names = list(PAGES)
    with st.container(horizontal=True, vertical_alignment="center", key="page-heading"):
        st.title(title or PAGES[name][0])
        task_chip(name)
        for following in names[names.index(name) + 1 :][:1]:
            _next_button(following, "secondary" if name in HAVE_OWN_PRIMARY else "primary")


def _next_button(name: str, look: Literal["primary", "secondary"]) -> None:
    missing = _missing_for(name)
    label, hint = f"Next: {PAGES[name][0]}", missing or PAGES[name][2]
    if st.button(
        label,
        type="secondary" if missing else look,
        icon=":material/arrow_forward:",
        help=hint,
        disabled=bool(missing),
        key="next-page",
    ):
        st.switch_page(page_path(name))


def _missing_for(name: str) -> str:
    """Return what to do before a page has anything to show, "" where it has."""
    if name in NEED_DATASET and whole_dataset() is None:
        return "Open a dataset first"
    if name in NEED_CLASSES and not state.selection().classes:
        return "Select a class first"
    if name == "train" and not has_exports() and not has_runs():
        return "Export a subset first"
    if name == "compare" and not has_runs():
        return "Train a network first"
    return ""


def require_dataset() -> View:
    """Return the view of this run; without a dataset, teach the next step, or show how far its opening is, and end."""
    view, path = current_view(), state.dataset_path()
    if view is not None:
        return view
    if path is not None:
        opening_panel(path)
        st.stop()
    with st.container(border=True):
        st.header("No dataset is open yet")
        st.write("Everything begins with a COCO dataset: your own, or the built-in demo that needs no download.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Try the demo", icon=":material/auto_awesome:", type="primary"):
                open_demo()
            st.page_link(page_path("data"), label="Open a dataset", icon=":material/arrow_forward:")
    return st.stop()


def has_subset() -> bool:
    """Return whether a dataset is open with an image that fits the selection."""
    view = current_view()
    return view is not None and bool(view.selection.classes) and bool(view.subset.image_count)


def require_subset(view: View) -> Subset:
    """Return the subset of a view; without a class or an image in it, teach the next step and end the page here."""
    chosen = view.selection
    if not chosen.classes:
        with st.container(border=True):
            st.header("No classes selected")
            st.write("Select at least one class; this page then shows the images that have it.")
            st.page_link(page_path("choose"), label="Choose classes", icon=":material/arrow_forward:")
        st.stop()
    if not view.subset.image_count:
        with st.container(border=True):
            st.header("No image fits this selection")
            st.write(f"No image has {MODE_PHRASES[chosen.mode]} {', '.join(chosen.classes)} under these conditions.")
            st.page_link(page_path("choose"), label="Change the selection", icon=":material/arrow_forward:")
        st.stop()
    return view.subset


def selection_strip(view: View | None) -> None:
    """Show, on top of every page, what is open and what is selected."""
    if view is None:
        return
    chosen = view.selection
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="selection-strip"):
        st.badge(view.dataset.path.name, icon=":material/database:", color="gray")
        if state.splits():
            st.badge(_shortened(state.splits()), icon=":material/call_split:", color="gray")
        if not chosen.classes:
            st.caption("No classes selected")
            return
        st.badge(
            f"{MODE_PHRASES[chosen.mode].capitalize()}: {_shortened(chosen.classes)}",
            icon=":material/check:",
            color="primary",
        )
        if chosen.excluded_classes:
            st.badge(f"Excluded: {_shortened(chosen.excluded_classes)}", icon=":material/block:", color="red")
        if chosen.licences is not None:
            words = _shortened(chosen.licences) or "no licence"
            st.badge(words, icon=":material/license:", color="gray")
        if phrases := limit_phrases(chosen.limits):
            st.badge(", ".join(phrases), icon=":material/tune:", color="gray")
        st.caption(_amounts(view))


def _amounts(view: View) -> str:
    """Return images, objects, size on disk and excluded images in a line."""
    unknown = "images at an address" if view.has_address else "no image files found"
    size = unknown if view.size_bytes is None else size_words(view.size_bytes)
    parts = [f"**{view.counts.image_count:,}** images", f"**{view.counts.object_count:,}** objects", size]
    parts += [f"{counted(len(view.excluded), 'image')} excluded"] if view.excluded else []
    return " · ".join(parts)


def _shortened(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
