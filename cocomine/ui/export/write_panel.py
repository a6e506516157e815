"""What the Export page asks before it writes an export, and how far the writing is.

An export is a task (`cocomine.exporting.task`): another page, a reload, a closed tab or the end of the server does not
end it, and any session sees it.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from cocomine.background.launching import start_task
from cocomine.exclusions.edits import LONGEST_REASON
from cocomine.exporting.planning.image_names import UnusableImage, unusable_images, unusable_sentence
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.task import export_request
from cocomine.mining.selection.recipe import Source, recipe_text, sources_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.tasks import export_tasks, latest_export_task, wait_for_end
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.ui.task_panel import task_end, task_panel
from cocomine.wording import plain

QUICK_S = 1.5
"""An export that is written within this time shows no progress."""


@cached(of_dataset, most=DATASETS, spinner="Computing checksums …")
def sources_with_hash(view: View) -> tuple[Source, ...]:
    """Return the annotation files with their SHA-256, read once."""
    return sources_of(view.dataset)


def offer_to_exclude(plan: ExportPlan) -> bool:
    """Show the images that cannot be exported, with a button that excludes them; return whether there are none."""
    folders = tuple(str(part.split.image_folder) for part in plan.subset.parts)
    unusable = _unusable(recipe_text(plan.recipe), folders, plan)
    if not unusable:
        return True
    st.warning(plain(unusable_sentence(unusable, plan.subset.image_count)), icon=":material/warning:")
    label = f"Exclude {'this image' if len(unusable) == 1 else f'these {len(unusable):,} images'}"
    st.button(label, icon=":material/hide_image:", on_click=_exclude, args=(unusable,))
    return False


@st.cache_resource(max_entries=8, show_spinner=False)
def _unusable(recipe: str, folders: tuple[str, ...], _plan: ExportPlan) -> list[UnusableImage]:
    """Return the images that a plan cannot hold, looked for once: its recipe and image folders say which they are."""
    del recipe, folders  # only a key
    return unusable_images(_plan)


def _exclude(images: Sequence[UnusableImage]) -> None:
    reasons = {each.image: each.reason[:LONGEST_REASON] for each in images}
    state.change_exclusions(lambda excluded: {**reasons, **excluded})


def begin_export(plan: ExportPlan, folder: Path) -> None:
    """Begin to write an export in a process of its own; wait a moment for its end.

    Raises:
        TaskError: the folder is being written to, or no process can be started.
        StorageError: the workspace cannot be written.
    """
    task = start_task(state.workspace().tasks, export_request(plan, folder))
    state.remember_export({"folder": str(folder)})
    wait_for_end(task, QUICK_S)


def is_writing(folder: Path) -> bool:
    """Return whether an export into a folder is being written or waits for its turn, whoever began it."""
    task = latest_export_task(folder)
    return task is not None and task.is_active


def export_progress(folder: Path) -> None:
    """Show how far each export is that is being written, and why there is none in a folder where the last one ended."""
    for task in reversed(export_tasks()):
        if task.is_active:
            task_panel(task.folder, key=f"export-{task.number}")
    last = latest_export_task(folder)
    if last is not None and not last.is_active and last.state != "done":
        with st.container(border=True):
            task_end(last, key=f"export-{last.number}")
