"""The finished export of the present recipe: its files, how it is used, under which licences, from which recipe."""

from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from cocomine.exporting.file_tree import TreeRow, file_tree
from cocomine.exporting.formats.attribution import LicenceCount, licence_counts_of
from cocomine.exporting.formats.readme import loss_sentences
from cocomine.exporting.layout import ATTRIBUTION, MANIFEST
from cocomine.exporting.reading import ExportEntry
from cocomine.exporting.snippets import snippets
from cocomine.exporting.verification import verified_sentence
from cocomine.mining.selection.recipe import recipe_text
from cocomine.ui.export.export_actions import Look, export_actions
from cocomine.ui.export.export_line import ZIP_IS_WANTED
from cocomine.ui.export.export_list import manifest_bytes, written_at
from cocomine.ui.navigation import page_path
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.exports_and_runs import export_at
from cocomine.wording import plain, size_words


def export_result(entry: ExportEntry, shown: Sequence[str]) -> None:
    """Show what an export holds, green only where nothing that was asked for is missing.

    Args:
        entry: of the present recipe.
        shown: sentences that stand on the page already.
    """
    with st.container(border=True, key="export-result"):
        wants_zip = bool(st.session_state.get(ZIP_IS_WANTED))
        st.header("Result")
        _outcome(entry, shown)
        with st.container(horizontal=True, vertical_alignment="center"):
            train_look: Look = "secondary" if wants_zip else "primary"
            if st.button("Train a model", icon=":material/model_training:", type=train_look, key="train-on-result"):
                st.switch_page(page_path("train"))
            export_actions(entry, key="done", zip_look="primary" if wants_zip else "secondary")
        st.code(str(entry.folder), language=None, wrap_lines=True)
        files, use, licences, recipe = st.tabs(["Files", "Use it", "Licences", "Recipe"])
        with files:
            _files(entry)
        with use:
            _use(entry)
        with licences:
            _licences(entry)
        with recipe:
            recipe_download(recipe_text(entry.recipe), key="recipe-of-result")
            text = escape(recipe_text(entry.recipe))
            st.html(f"<div class='cm-table' role='region' tabindex='0' aria-label='Recipe'><pre>{text}</pre></div>")


def recipe_download(text: str, *, key: str) -> None:
    """Offer a recipe as a file."""
    st.download_button(
        "Download recipe (YAML)",
        text,
        "recipe.yaml",
        "text/yaml",
        icon=":material/receipt_long:",
        on_click="ignore",
        key=key,
    )


def _outcome(entry: ExportEntry, shown: Sequence[str]) -> None:
    manifest = entry.manifest
    told = f"{verified_sentence(manifest)} · {size_words(manifest_bytes(entry))} · {written_at(entry)}"
    for sentence in manifest.get("defects", []):
        st.error(f"Verification failed: {plain(sentence)}", icon=":material/error:")
    if manifest["is_complete"]:
        st.success(f"Export complete. {told}", icon=":material/check_circle:")
    else:
        st.warning(f"Export written, but not complete. {told}", icon=":material/rule:")
    for sentence in manifest.get("warnings", []):
        if sentence not in shown:
            st.warning(plain(sentence), icon=":material/warning:")


def _files(entry: ExportEntry) -> None:
    st.html(_tree_table(files_of(entry.folder, [entry.folder / MANIFEST])))
    for losses in loss_sentences(entry.manifest["splits"]):
        st.caption(plain(losses))
    st.dataframe([_split_row(split) for split in entry.manifest["splits"]], hide_index=True, alt="What was written")


@cached(same_files)
def _tree_table(files: Files) -> str:
    rows = "".join(map(_tree_row, file_tree(export_at(files.root).manifest["files"])))
    return (
        "<div class='cm-table' role='region' tabindex='0' aria-label='Files of the export'><table><thead><tr>"
        "<th scope='col'>Path</th><th scope='col' class='cm-number'>Files</th><th scope='col' class='cm-number'>Size"
        f"</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _tree_row(row: TreeRow) -> str:
    name = f"<strong>{escape(row.name)}</strong>" if row.is_folder else escape(row.name)
    return (
        f"<tr><td style='padding-left:{0.6 + 1.2 * row.depth}rem'>{name}</td>"
        f"<td class='cm-number'>{row.file_count:,}</td><td class='cm-number'>{size_words(row.size_bytes)}</td></tr>"
    )


def _split_row(split: dict[str, Any]) -> dict[str, Any]:
    return {
        "split": split["split"],
        "role": split.get("role"),
        "images": split["image_count"],
        "image files": split.get("image_file_count"),
        "missing": split.get("missing_image_file_count"),
        "annotations": split["annotation_count"],
        "no mask": split.get("without_mask_count"),
    }


def _use(entry: ExportEntry) -> None:
    """Show how the export is opened by the tool that is chosen."""
    found = {each.tool: each for each in snippets(entry.folder, entry.recipe, entry.manifest)}
    tools = list(found)
    chosen = st.pills("Tool", tools, default=tools[0], required=True, label_visibility="collapsed", key="use-tool")
    snippet = found.get(chosen) or found[tools[0]]
    st.caption(f"Install it with: pip install {snippet.package}")
    st.code(snippet.code, language="python")


def _licences(entry: ExportEntry) -> None:
    path = entry.folder / ATTRIBUTION
    try:
        counts = _licence_counts(files_of(entry.folder, [path]))
    except (OSError, ValueError) as error:
        st.warning(f"{ATTRIBUTION} cannot be read ({plain(str(error))}). Export again.", icon=":material/warning:")
        return
    st.caption(f"Each image has its own licence. {ATTRIBUTION} names it with the image's source.")
    st.dataframe([_licence_row(each) for each in counts], hide_index=True, alt="Licences of the images")
    st.download_button(
        ATTRIBUTION,
        path.read_bytes,
        ATTRIBUTION,
        "text/csv",
        icon=":material/license:",
        on_click="ignore",
        key="attribution",
    )


@cached(same_files)
def _licence_counts(files: Files) -> list[LicenceCount]:
    return licence_counts_of((files.root / ATTRIBUTION).read_text(encoding="utf-8"))


def _licence_row(licence: LicenceCount) -> dict[str, Any]:
    terms = licence.terms
    words = {True: "yes", False: "no"}
    return {
        "licence": licence.name,
        "images": licence.image_count,
        "commercial use": "not known" if terms is None else words[terms.commercial],
        "changes": "not known" if terms is None else words[terms.changes],
        "address": licence.url,
    }
