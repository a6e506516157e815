"""The exports of the workspace: what each holds, its folder, its zip, and a way to delete it that can be undone."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.reading import DamagedExport, ExportEntry
from cocomine.exporting.trash import (
    FolderContents,
    contents_of,
    empty_trash,
    foreign_sentence,
    move_to_trash,
    restore,
    trash_contents,
    trashed_exports,
)
from cocomine.training.runs.reading import Run
from cocomine.ui.export.export_actions import export_actions
from cocomine.ui.export.export_list import manifest_bytes, written_at
from cocomine.ui.export.replay_section import use_settings_button
from cocomine.ui.said import Said, close_if_said, said_once, said_where_it_fails, say
from cocomine.ui.session import state
from cocomine.ui.session.exports_and_runs import (
    all_runs,
    dataset_of_entry,
    is_of,
    present_sources,
    sources_of_entry,
    workspace_exports,
)
from cocomine.wording import MODE_PHRASES, POLICY_NAMES, counted, join_names, plain, size_words

ICON = ":material/delete:"
SHOWN_AT_FIRST = 8
SHOW_ALL = "previous-exports-all"
SAID = "previous-exports-said"
"""What the last click did, or why it could not, with the icon that says which."""


def previous_exports() -> None:
    """List what is in the workspace: exports of the open dataset, those of others, damaged and deleted ones."""
    entries, damaged = workspace_exports()
    trash = state.workspace().trash
    deleted = trashed_exports(trash)
    if not entries and not damaged and not deleted:
        return
    label = f"Previous exports ({len(entries) + len(damaged):,})"
    with st.expander(label, icon=":material/inventory_2:", key="previous-exports"):
        said_once(SAID)
        _listed(_own_first(entries))
        for each in damaged:
            _damaged_row(each)
        if deleted:
            _trash_section(trash, deleted)


def _own_first(entries: Sequence[ExportEntry]) -> list[ExportEntry]:
    present = present_sources()
    return sorted(entries, key=lambda entry: not is_of(sources_of_entry(entry), present))


def _listed(entries: Sequence[ExportEntry]) -> None:
    """Show a row for each export, of many the first, under a heading where those of other datasets begin."""
    shows_all = bool(st.session_state.get(SHOW_ALL)) or len(entries) <= SHOWN_AT_FIRST
    present, others = present_sources(), 0
    for entry in entries if shows_all else entries[:SHOWN_AT_FIRST]:
        if not is_of(sources_of_entry(entry), present):
            if not others:
                st.markdown("**Other datasets**")
            others += 1
        _row(entry)
    if not shows_all:
        label = f"Show all {len(entries):,} exports"
        st.button(label, icon=":material/expand_more:", on_click=partial(st.session_state.update, {SHOW_ALL: True}))


def _row(entry: ExportEntry) -> None:
    chosen, key = entry.recipe.selection, f"export-{entry.folder.name}"
    complete = entry.manifest.get("is_complete")
    icon = ":green[:material/check_circle:]" if complete else ":orange[:material/rule:]"
    parts = [counted(entry.image_count, "image"), size_words(manifest_bytes(entry)), written_at(entry)]
    parts += [] if complete else ["never verified" if complete is None else "not complete"]
    with st.container(border=True, key=f"{key}-row"):
        st.markdown(f"{icon} **{plain(entry.folder.name)}** · {plain(' · '.join(parts))}")
        st.caption(
            plain(
                f"{dataset_of_entry(entry)}: {MODE_PHRASES[chosen.mode]} {', '.join(chosen.classes)}; unselected "
                f"classes: {POLICY_NAMES[chosen.others]}"
            )
        )
        with st.container(horizontal=True):
            export_actions(entry, key=key)
            use_settings_button(entry.recipe, key=f"{key}-use")
            if st.button("Delete", icon=ICON, key=f"{key}-delete"):
                _delete_dialog(entry)


def _damaged_row(damaged: DamagedExport) -> None:
    st.markdown(f":orange[:material/broken_image:] {plain(damaged.message)}")


@st.dialog("Delete this export?")
def _delete_dialog(entry: ExportEntry) -> None:
    """Say what is lost, and move an export to the trash if the person wants it."""
    close_if_said(SAID)
    try:
        held = contents_of(entry.folder)
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    runs = [run for run in all_runs()[0] if Path(run.config.export) == entry.folder]
    st.markdown(f"**{plain(entry.folder.name)}**")
    st.markdown(plain(_loss_sentence(held)))
    for sentence in _run_sentences(runs):
        st.warning(plain(sentence), icon=":material/model_training:")
    if held.foreign:
        st.error(plain(foreign_sentence(entry.folder, held.foreign)), icon=":material/person:")
    st.caption("It moves to the trash of CocoMine, from where you can restore it until you empty the trash.")
    is_refused = bool(held.foreign) or any(run.is_active for run in runs)
    with st.container(horizontal=True):
        said = f"{entry.folder.name} is in the trash (end of this list)."
        args = (partial(_delete, entry.folder), said)
        st.button("Move to trash", type="primary", icon=ICON, disabled=is_refused, on_click=_do, args=args)
        if st.button("Cancel"):
            st.rerun()


def _delete(folder: Path) -> None:
    move_to_trash(folder, state.workspace().trash)
    state.forget_export(folder)


def _loss_sentence(held: FolderContents) -> str:
    """Return what a folder holds, and how much of it its end really frees."""
    sentence = f"{counted(held.file_count, 'file')}, {size_words(held.size_bytes)}."
    shared = held.size_bytes - held.freed_bytes
    if not shared:
        return f"{sentence} Emptying the trash then frees all of it."
    return (
        f"{sentence} Emptying the trash then frees {size_words(held.freed_bytes)}: the other {size_words(shared)} are "
        "hard links to files that are also elsewhere, such as in the dataset, and stay there."
    )


def _run_sentences(runs: Sequence[Run]) -> list[str]:
    """Return what becomes of the runs that were trained on an export."""
    active = [run.folder.name for run in runs if run.is_active]
    ended = [run.folder.name for run in runs if not run.is_active]
    sentences = [f"{join_names(active)} is training on it now. Stop that run first."] if active else []
    if ended:
        sentences.append(
            f"Trained on it: {join_names(ended)}. Results stay; without the export such a run cannot be resumed."
        )
    return sentences


def _trash_section(trash: Path, deleted: Sequence[Path]) -> None:
    st.markdown(f"**Trash ({len(deleted):,})**")
    for folder in deleted:
        with st.container(horizontal=True, vertical_alignment="center", key=f"trash-{folder.name}"):
            st.markdown(plain(folder.name), width="stretch")
            bring_back = partial(_do, partial(restore, folder, state.workspace().exports), f"{folder.name} is back.")
            icon, key = ":material/restore_from_trash:", f"restore-{folder.name}"
            st.button("Restore", icon=icon, key=key, on_click=bring_back)
    if st.button("Empty trash", icon=":material/delete_forever:"):
        _empty_dialog(trash)


@st.dialog("Empty the trash?")
def _empty_dialog(trash: Path) -> None:
    """Say how much goes for good, and delete it if the person wants it."""
    close_if_said(SAID)
    held = trash_contents(trash)
    st.markdown(
        f"{counted(len(trashed_exports(trash)), 'export')} with {counted(held.file_count, 'file')} will be gone for "
        f"good. That frees {size_words(held.freed_bytes)}."
    )
    with st.container(horizontal=True):
        icon = ":material/delete_forever:"
        st.button("Delete for good", type="primary", icon=icon, on_click=_empty, args=(trash,))
        if st.button("Cancel"):
            st.rerun()


def _empty(trash: Path) -> None:
    stay = empty_trash(trash)
    say(SAID, Said(sentence=" ".join(stay) or "The trash is empty.", is_done=not stay))


def _do(work: Callable[[], object], said: str) -> None:
    """Do something with a folder; the next run says that it is done, or why it cannot be."""
    with said_where_it_fails(SAID):
        work()
        say(SAID, Said(sentence=said))
