"""What the Export page asks before it writes an export, and how far the writing is.

An export is written in the background: another page, a reload or a closed tab does not end it.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError
from cocomine.exclusions.edits import LONGEST_REASON
from cocomine.exporting.planning.image_names import UnusableImage, unusable_images, unusable_sentence
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.writing import Phase, write_export
from cocomine.mining.selection.recipe import Source, recipe_text, sources_of
from cocomine.system.jobs import Job, Progress, ProgressOf
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.jobs import background, existing_job, forget_ended_job, progress_panel
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.wording import plain

ROLE_NAMES: dict[SplitRole | None, str] = {
    None: "not set",
    SplitRole.TRAIN: "training",
    SplitRole.VAL: "validation",
    SplitRole.TEST: "testing",
}
MORE_FORMATS = {"yolo": "YOLO (Ultralytics, outlines)", "voc": "Pascal VOC (boxes as XML)"}
QUICK_S = 1.0
"""An export that is written within this time shows no progress."""
STEPS_OF_PHASE = 1000


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


def chosen_roles(dataset: Dataset) -> tuple[tuple[str, SplitRole], ...]:
    """Return the roles of splits whose names do not show them, where the person sets them here."""
    unclear = [split.name for split in dataset.splits if split.role is None]
    roles: list[tuple[str, SplitRole]] = []
    for name in unclear if len(dataset.splits) > 1 else ():
        role = st.selectbox(
            f"Role of {plain(name)}",
            [None, *SplitRole],
            format_func=lambda role: ROLE_NAMES[role],
            key=f"export-role-{name}",
            persist_state="session",
        )
        roles += [(name, role)] if role else []
    return tuple(roles)


def _exclude(images: Sequence[UnusableImage]) -> None:
    reasons = {each.image: each.reason[:LONGEST_REASON] for each in images}
    state.change_exclusions(lambda excluded: {**reasons, **excluded})


def begin_export(plan: ExportPlan, folder: Path) -> None:
    """Begin to write an export in the background, unless the same one is being written; wait a moment."""
    key = ("export", str(folder), recipe_text(plan.recipe))
    forget_ended_job(key)
    background(key, lambda progress: write_export(plan, folder, progress=_over_all_phases(progress)), wait_s=QUICK_S)
    state.remember_export({"folder": str(folder), "job": key})


def is_writing() -> bool:
    """Return whether the export that this session began last is being written."""
    job = _last_job()
    return job is not None and job.state == "running"


def export_progress() -> None:
    """Show how far the export is that this session began last, or why there is none."""
    job = _last_job()
    if job is None or job.state == "done":
        return
    if job.state == "running":
        progress_panel(job, lambda: _phase_of(job), key="export")
    elif job.state == "cancelled":
        st.info("Export cancelled. The folder is as it was.", icon=":material/cancel:")
    else:
        try:
            job.result()
        except CocomineError as error:
            st.error(plain(str(error)), icon=":material/error:")


def _last_job() -> Job[Any] | None:
    last = state.last_export()
    return None if last is None else existing_job(last.get("job"))


def _over_all_phases(progress: Progress) -> ProgressOf:
    """Return what reports each phase of the writing as a part of all of them, each of the same length."""
    phases = list(Phase)

    def of_phase(name: str) -> Progress:
        before = phases.index(Phase(name)) * STEPS_OF_PHASE
        return lambda done, total: progress(
            before + STEPS_OF_PHASE * done // max(total, 1), len(phases) * STEPS_OF_PHASE
        )

    return of_phase


def _phase_of(job: Job[Any]) -> str:
    phases = list(Phase)
    return phases[min(int(job.share * len(phases)), len(phases) - 1)]
