"""What does the app remember for one browser session, and what of it is in the URL?

One `Selection` is the single source of truth; widgets are set from it before
they are drawn and change it through callbacks. Dataset, selection and what the Export page is set to are written
to the URL on every run, so a reload, a bookmark and a second tab find them again. Which images were excluded
by hand is kept in a file for each dataset, which every run looks at once.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.errors import SelectionError
from cocomine.exclusions import edits
from cocomine.exclusions.edits import Edit
from cocomine.exclusions.history import ExclusionList
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.selection.lines import groups_from_line, groups_to_line, limits_from_line, limits_to_line
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.mining.selection.serialisation import without_unknown_names
from cocomine.ui.session.export_settings import (
    DEFAULT_MASK_SIZE_PX,
    MASK_SIZE,
    keys_of_dataset,
    settings_in,
    settings_line,
)
from cocomine.wording import names_from_line, names_to_line
from cocomine.workspace import Workspace, workspace_from_environment

DATASET = "dataset_path"
LAST_DATASET = "last_dataset"
SPLITS = "splits"
SELECTION = "selection"
UNDO = "undo"
REDO = "redo"
CONSTRAINTS = "constraints"
EXCLUSIONS = "exclusions"
EXCLUSIONS_SEEN = "exclusions_seen"
"""The dataset whose list this run has looked at."""
VIEWER_BEHIND = "viewer_behind"
EXPORT = "last_export"
HISTORY_LENGTH = 100
MOST_DIGITS = 15
NO_LICENCE = "-"
"""In the URL, where licences were chosen and then all taken away again: no image may be taken."""


def workspace() -> Workspace:
    """Return the folder where CocoMine keeps its own things."""
    return workspace_from_environment()


def has_begun() -> bool:
    """Return whether `app.py` has run in this session."""
    return SELECTION in st.session_state


def restore_from_url() -> None:
    """Begin a run: take dataset and selection from the URL when the session begins with it."""
    st.session_state[EXCLUSIONS_SEEN] = None
    if has_begun():
        return
    query = st.query_params
    st.session_state[DATASET] = query.get("data") or None
    st.session_state[SPLITS] = names_from_line(query.get("splits", ""))
    st.session_state[SELECTION] = _selection_in(query.to_dict())
    st.session_state[CONSTRAINTS] = _constraints_in(query.to_dict())
    st.session_state[UNDO], st.session_state[REDO], st.session_state[EXCLUSIONS] = [], [], {}
    st.session_state.update(settings_in(query.get("export", "")))


def write_to_url() -> None:
    """Write dataset and selection to the URL; what is as by default is left out."""
    chosen, wish = selection(), constraints()
    asked = {
        "data": dataset_path() or "",
        "splits": names_to_line(splits()),
        "classes": names_to_line(chosen.classes),
        "exclude": names_to_line(chosen.excluded_classes),
        "mode": "" if chosen.mode is Mode.ANY else str(chosen.mode),
        "others": "" if chosen.others is Others.BACKGROUND else str(chosen.others),
        "least": "" if wish.images_per_class <= 1 else str(wish.images_per_class),
        "bytes": "" if wish.size_bytes is None else str(wish.size_bytes),
        "licences": "" if chosen.licences is None else names_to_line(chosen.licences) or NO_LICENCE,
        "groups": groups_to_line(chosen.groups),
        "limits": limits_to_line(chosen.limits),
        "export": settings_line(st.session_state.to_dict()),
    }
    asked = {key: value for key, value in asked.items() if value}
    if st.query_params.to_dict() != asked:
        st.query_params.from_dict(asked)


def dataset_path() -> str | None:
    """Return the path of the open dataset."""
    path: str | None = st.session_state[DATASET]
    return path


def open_dataset_at(path: Path | str) -> None:
    """Make another dataset the open one; a new dataset begins with an empty selection."""
    if str(path) != dataset_path():
        st.session_state[LAST_DATASET] = (dataset_path(), selection(), splits())
        _switch_to(str(path), Selection(), ())
        ask_for(Constraints())


def leave_dataset() -> None:
    """Go back to the dataset that was open before, if there was one: this one cannot be opened."""
    failed = dataset_path()
    last, chosen, in_view = st.session_state.pop(LAST_DATASET, (None, selection(), ()))
    _switch_to(None if last == failed else last, chosen, in_view)


def _switch_to(path: str | None, chosen: Selection, in_view: tuple[str, ...]) -> None:
    st.session_state[DATASET], st.session_state[SELECTION], st.session_state[SPLITS] = path, chosen, in_view
    st.session_state[UNDO], st.session_state[REDO] = [], []
    for key in keys_of_dataset(st.session_state.to_dict()):
        del st.session_state[key]


def splits() -> tuple[str, ...]:
    """Return the names of the splits in view; none means all."""
    names: tuple[str, ...] = st.session_state[SPLITS]
    return names


def view_splits(names: Collection[str]) -> None:
    """Let only these splits be in view."""
    st.session_state[SPLITS] = tuple(names)


def selection() -> Selection:
    """Return what the person asked for."""
    chosen: Selection = st.session_state[SELECTION]
    return chosen


def constraints() -> Constraints:
    """Return what the subset must hold at least, and may take at most."""
    wish: Constraints = st.session_state[CONSTRAINTS]
    return wish


def ask_for(wish: Constraints) -> None:
    """Ask for this of every subset from now on."""
    st.session_state[CONSTRAINTS] = wish


def choose(chosen: Selection) -> None:
    """Make another selection the current one; the last one can be brought back."""
    if chosen != selection():
        st.session_state[UNDO] = [*st.session_state[UNDO], selection()][-HISTORY_LENGTH:]
        st.session_state[REDO] = []
        st.session_state[SELECTION] = chosen


def step_back() -> None:
    """Undo the last change of the selection."""
    _step(UNDO, REDO)


def step_forward() -> None:
    """Do again what was undone."""
    _step(REDO, UNDO)


def can_step_back() -> bool:
    """Return whether there is a change to undo."""
    return bool(st.session_state[UNDO])


def can_step_forward() -> bool:
    """Return whether there is an undone change to do again."""
    return bool(st.session_state[REDO])


def exclusions() -> ExclusionList:
    """Return the list of images excluded from the open dataset, as it was when the run began or is since changed."""
    path = dataset_path() or ""
    lists: dict[str, ExclusionList] = st.session_state[EXCLUSIONS]
    if path not in lists:
        lists[path] = ExclusionList(workspace().exclusions, Path(path))
    if st.session_state[EXCLUSIONS_SEEN] != path:
        st.session_state[EXCLUSIONS_SEEN] = path
        if lists[path].look():
            st.session_state[VIEWER_BEHIND] = True
    return lists[path]


def excluded() -> frozenset[ImageKey]:
    """Return the images of the open dataset that the person excluded."""
    return exclusions().images


def change_exclusions(edit: Edit, *, viewer_knows: bool = False) -> None:
    """Make an edit on the list of excluded images, as one step that can be undone.

    Args:
        edit: see `exclusions.edits`.
        viewer_knows: the change comes from the viewer, which need not be told unless something else came of it.
    """
    asked = frozenset(edit(exclusions().reasons))
    exclusions().change(edit)
    if not viewer_knows or excluded() != asked:
        st.session_state[VIEWER_BEHIND] = True


def set_excluded(is_excluded: Mapping[ImageKey, bool], *, viewer_knows: bool = False) -> bool:
    """Exclude these images or restore them, all others stay; return whether anything changed.

    Args:
        is_excluded: of each image, whether it is to be excluded.
        viewer_knows: see `change_exclusions`.
    """
    changed = {image for image, is_out in is_excluded.items() if is_out != (image in excluded())}
    new, gone = changed - excluded(), changed & excluded()
    if changed:
        change_exclusions(lambda reasons: edits.restore(edits.exclude(reasons, new), gone), viewer_knows=viewer_knows)
    return bool(changed)


def toggle_excluded(image: ImageKey) -> None:
    """Exclude an image, or restore it."""
    set_excluded({image: image not in excluded()})


def undo_exclusion() -> None:
    """Undo the last change of the excluded images."""
    exclusions().undo()
    st.session_state[VIEWER_BEHIND] = True


def redo_exclusion() -> None:
    """Do again the change of the excluded images that was undone last."""
    exclusions().redo()
    st.session_state[VIEWER_BEHIND] = True


def viewer_is_behind() -> bool:
    """Return whether images were excluded or restored that the viewer has not been told of."""
    behind: bool = st.session_state.get(VIEWER_BEHIND, False)
    return behind


def note_viewer_told() -> None:
    """Remember that the viewer knows which images are excluded."""
    st.session_state[VIEWER_BEHIND] = False


def remember_export(export: dict[str, Any]) -> None:
    """Keep in which folder the session began its last export."""
    st.session_state[EXPORT] = export


def last_export() -> dict[str, Any] | None:
    """Return in which folder the session began its last export."""
    export: dict[str, Any] | None = st.session_state.get(EXPORT)
    return export


def forget_export(folder: Path) -> None:
    """Do not look any more for an export that was deleted."""
    last = last_export()
    if last is not None and last["folder"] == str(folder):
        del st.session_state[EXPORT]


def label_size_px() -> int:
    """Return the side of the label maps that the Export page is set to."""
    size: int = st.session_state.get(MASK_SIZE, DEFAULT_MASK_SIZE_PX)
    return size


def drop_unknown_names(dataset: Dataset) -> list[str]:
    """Drop from the selection what the dataset does not have; return a sentence about each, with the nearest names."""
    known, sentences = without_unknown_names(selection(), dataset)
    st.session_state[SELECTION] = known
    return sentences


def _step(source: str, target: str) -> None:
    if st.session_state[source]:
        st.session_state[target] = [*st.session_state[target], selection()]
        st.session_state[SELECTION] = st.session_state[source][-1]
        st.session_state[source] = st.session_state[source][:-1]


def _selection_in(query: Mapping[str, str]) -> Selection:
    """Return the selection of a URL; a word that means nothing falls back to the default."""
    mode, others, licences = query.get("mode", ""), query.get("others", ""), query.get("licences", "")
    asked = _selection_of_names(query)
    with suppress(SelectionError):  # a class both selected and excluded is selected; "not" is the name of older links
        asked = replace(asked, excluded_classes=names_from_line(query.get("exclude") or query.get("not", "")))
    return replace(
        asked,
        limits=limits_from_line(query.get("limits", "")),
        mode=Mode(mode) if mode in list(Mode) else Mode.ANY,
        others=Others(others) if others in list(Others) else Others.BACKGROUND,
        licences=None if not licences else () if licences == NO_LICENCE else names_from_line(licences),
    )


def _selection_of_names(query: Mapping[str, str]) -> Selection:
    """Return the groups and the selected classes of a URL; where they contradict each other, the groups alone."""
    groups = groups_from_line(query.get("groups", ""))
    try:
        return Selection(classes=names_from_line(query.get("classes", "")), groups=groups)
    except SelectionError:
        return Selection(groups=groups)


def _constraints_in(query: Mapping[str, str]) -> Constraints:
    """Return the constraints of a URL; what is no whole number is left out."""
    return Constraints(
        images_per_class=_whole_number(query.get("least", "")) or 1, size_bytes=_whole_number(query.get("bytes", ""))
    )


def _whole_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
