"""What is there of the present recipe: its finished export, or a former one of other classes or settings?"""

from datetime import datetime
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.reading import ExportEntry
from cocomine.mining.selection.recipe import Recipe, recipe_text, without_places
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.ui.session import state
from cocomine.ui.session.exports_and_runs import (
    export_at,
    is_of,
    present_sources,
    sources_of_entry,
    workspace_exports,
)
from cocomine.wording import MODE_PHRASES, plain


def export_of(recipe: Recipe, folder: Path) -> ExportEntry | None:
    """Return the finished export of a recipe in a folder, whoever wrote it and when; None where there is none.

    One of an earlier version, which was not compared with its plan, is none.
    """
    entry = entry_at(folder)
    is_ours = (
        entry is not None
        and "is_complete" in entry.manifest
        and recipe_text(without_places(entry.recipe)) == recipe_text(recipe)
    )
    return entry if is_ours else None


def entry_at(folder: Path) -> ExportEntry | None:
    """Return the export in a folder, read once for as long as it is the same; None where none can be read."""
    try:
        return export_at(folder)
    except CocomineError:  # the list of exports says what is damaged
        return None


def manifest_bytes(entry: ExportEntry) -> int:
    """Return the size of an export's files, as its manifest has it."""
    return sum(each["size"] or 0 for each in entry.manifest["files"])


def written_at(entry: ExportEntry) -> str:
    """Return when an export was written, on the clock of the computer that it is on."""
    return f"{datetime.fromtimestamp((entry.folder / MANIFEST).stat().st_mtime):%d %b %Y, %H:%M}"


def former_export(present: Recipe) -> None:
    """Show that the session's last export, else the dataset's, is not of the present selection or settings."""
    last = state.last_export()
    entry = (None if last is None else entry_at(Path(last["folder"]))) or _latest_of_dataset()
    if entry is None:
        return
    with st.container(border=True, key="former-export"):
        st.markdown(f":material/history: This export is {plain(_kinship(entry, present))}. It stays as it is.")
        if changes := recipe_changes(entry.recipe, present):
            st.markdown("\n".join(["What changed since:", "", *(f"- {plain(each)}" for each in changes)]))
        st.code(str(entry.folder), language=None)


def _kinship(entry: ExportEntry, present: Recipe) -> str:
    """Return what an export is to the present selection and settings, as the end of a sentence."""
    chosen = entry.recipe.selection
    if recipe_text(without_places(entry.recipe)) == recipe_text(present):
        return "the same, in another folder"
    if chosen == present.selection and is_of(sources_of_entry(entry), present_sources()):
        return "with other settings"
    return f"of a former selection: {MODE_PHRASES[chosen.mode]} {', '.join(chosen.classes)}"


def _latest_of_dataset() -> ExportEntry | None:
    entries, _ = workspace_exports()
    present = present_sources()
    return next((entry for entry in entries if is_of(sources_of_entry(entry), present)), None)
