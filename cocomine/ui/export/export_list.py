"""What is there of the present recipe: its finished export, or a former one of other classes or settings?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.formats.readme import loss_sentences
from cocomine.exporting.reading import ExportEntry
from cocomine.exporting.verification import verified_sentence
from cocomine.mining.selection.recipe import Recipe, recipe_text, without_places
from cocomine.mining.selection.recipe_changes import recipe_changes
from cocomine.ui.export.export_actions import export_actions
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


def export_result(entry: ExportEntry, shown: Sequence[str]) -> None:
    """Show what an export holds, green only where nothing that was asked for is missing.

    Args:
        entry: of the present recipe.
        shown: sentences that stand on the page already.
    """
    manifest = entry.manifest
    warnings, verified = manifest.get("warnings", []), verified_sentence(manifest)
    for sentence in manifest.get("defects", []):
        st.error(f"Verification failed: {plain(sentence)}", icon=":material/error:")
    if manifest["is_complete"]:
        st.success(f"Export complete. {verified}.", icon=":material/check_circle:")
    else:
        st.warning(f"Export written, but not complete. {verified}.", icon=":material/rule:")
    for sentence in warnings:
        if sentence not in shown:
            st.warning(plain(sentence), icon=":material/warning:")
    export_actions(entry, key="done")
    st.code(str(entry.folder), language=None)
    st.dataframe([_row(split) for split in manifest["splits"]], hide_index=True, alt="What was written")
    for losses in loss_sentences(manifest["splits"]):
        st.caption(plain(losses))


def former_export(present: Recipe) -> None:
    """Show that the session's last export, else the dataset's, is not of the present selection or settings."""
    last = state.last_export()
    entry = (None if last is None else entry_at(Path(last["folder"]))) or _latest_of_dataset()
    if entry is None:
        return
    with st.container(border=True, key="former-export"):
        st.caption(f":material/history: This export is {plain(_kinship(entry, present))}. It stays as it is.")
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


def _row(split: dict[str, Any]) -> dict[str, Any]:
    return {
        "split": split["split"],
        "role": split.get("role"),
        "images": split["image_count"],
        "image files": split.get("image_file_count"),
        "missing": split.get("missing_image_file_count"),
        "annotations": split["annotation_count"],
        "no mask": split.get("without_mask_count"),
    }
