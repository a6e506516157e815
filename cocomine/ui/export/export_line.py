"""Can the export be begun, and how does the button say what it will write? One line under the page's title."""

from dataclasses import dataclass

import streamlit as st

from cocomine.exporting.planning.plan import ExportPlan
from cocomine.wording import counted, plain, size_words

ZIP_IS_WANTED = "zip-is-wanted"
"""The export was asked for as a ZIP, which is then offered first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """Whether an export can be begun.

    Attributes:
        warnings: things that speak against it, but do not keep it out.
        troubles: what keeps it out, each as a sentence; none where it can be begun.
        is_writing: it is being written now.
        is_done: it is there, complete or not.
    """

    warnings: int
    troubles: tuple[str, ...]
    is_writing: bool
    is_done: bool

    @property
    def can_begin(self) -> bool:
        """Whether a click may begin it."""
        return not self.troubles and not self.is_writing


def readiness_line(readiness: Readiness) -> None:
    """Show in one line whether the export can be begun, or is there."""
    if readiness.is_writing:
        st.markdown(":material/progress_activity: Being exported now: see below.")
    elif readiness.troubles:
        st.markdown(f":red[:material/block:] Not ready. {plain(' '.join(readiness.troubles))}")
    elif readiness.is_done:
        st.markdown(":green[:material/check_circle:] Exported: [files, and how to use them](#result)")
    elif readiness.warnings:
        st.markdown(f":orange[:material/warning:] {counted(readiness.warnings, 'warning')}: see Checks.")
    else:
        st.markdown(":green[:material/check_circle:] Ready to export: no warnings.")


def export_label(plan: ExportPlan, size_bytes: int | None) -> str:
    """Return what the button says: how many images, and what their files take."""
    images = counted(plan.subset.image_count, "image")
    if plan.recipe.images == "none":
        return f"Export annotations of {images}"
    return f"Export {images}" if size_bytes is None else f"Export {images} ({size_words(size_bytes)})"


def export_buttons(readiness: Readiness, label: str) -> bool:
    """Offer to export, or to export for a ZIP; return whether that is wanted now.

    Args:
        label: of the button, which says what will be written.
    """
    is_first = not (readiness.is_done or readiness.is_writing)
    with st.container(horizontal=True):
        wants = st.button(
            "Export again" if readiness.is_done else label,
            type="primary" if is_first and readiness.can_begin else "secondary",
            icon=":material/output:",
            disabled=not readiness.can_begin,
            key="begin-export",
        )
        if not is_first:
            return wants
        wants_zip = st.button(
            "Download as ZIP",
            icon=":material/folder_zip:",
            help="Exports first; the ZIP of it is then the first button",
            disabled=not readiness.can_begin,
            key="begin-zip",
        )
    st.session_state[ZIP_IS_WANTED] = wants_zip or (st.session_state.get(ZIP_IS_WANTED, False) and not wants)
    return wants or wants_zip
