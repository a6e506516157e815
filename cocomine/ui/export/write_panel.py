"""What the Export page says before and after it writes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole, role_of_split
from cocomine.errors import ExportError
from cocomine.exclusions.edits import LONGEST_REASON
from cocomine.exporting.formats.readme import OTHERS_IN_WORDS
from cocomine.exporting.image_names import UnusableImage, unusable_images, unusable_sentence
from cocomine.exporting.plan import ExportPlan
from cocomine.exporting.writing import Progress, write_export
from cocomine.mining.selection.recipe import Source, recipe_text, sources_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.wording import plain

ROLE_NAMES: dict[SplitRole | None, str] = {
    None: "not said",
    SplitRole.TRAIN: "training",
    SplitRole.VAL: "validation",
    SplitRole.TEST: "testing",
}
MORE_FORMATS = {"yolo": "YOLO (Ultralytics, outlines)", "voc": "Pascal VOC (boxes as XML)"}


@cached(of_dataset, most=DATASETS, spinner="Computing checksums …")
def sources_with_hash(view: View) -> tuple[Source, ...]:
    """Return the annotation files with their SHA-256, read once."""
    return sources_of(view.dataset)


def typed_folder(text: str) -> Path | None:
    """Return the folder that a person typed, None where nothing is.

    Raises:
        ExportError: it begins with the home of an unknown person.
    """
    try:
        return Path(text.strip()).expanduser().absolute() if text.strip() else None
    except RuntimeError as error:
        raise ExportError(f"{text.strip()}: there is no such home folder. Check the name after “~”.") from error


def promise(plan: ExportPlan) -> str:
    """Return in one sentence what will be written."""
    splits = " and ".join(f"{len(part.image_index):,} images in {part.split.name}" for part in plan.parts)
    return (
        f"Will write {splits}, with {plan.subset.instance_count:,} objects of {len(plan.recipe.selection.classes)} "
        f"classes. The {plan.subset.other_instance_count:,} other objects in them are "
        f"{OTHERS_IN_WORDS[plan.recipe.selection.others]}."
    )


def offer_to_leave_out(plan: ExportPlan) -> bool:
    """Name the images that cannot be exported, with a button that excludes them; return whether there are none."""
    folders = tuple(str(part.split.image_folder) for part in plan.subset.parts)
    unusable = _unusable(recipe_text(plan.recipe), folders, plan)
    if not unusable:
        return True
    st.warning(plain(unusable_sentence(unusable, plan.subset.image_count)), icon=":material/warning:")
    label = f"Leave out {'this image' if len(unusable) == 1 else f'these {len(unusable):,} images'}"
    st.button(label, icon=":material/hide_image:", on_click=_leave_out, args=(unusable,))
    return False


@st.cache_resource(max_entries=8, show_spinner=False)
def _unusable(recipe: str, folders: tuple[str, ...], _plan: ExportPlan) -> list[UnusableImage]:
    """Return the images that a plan cannot hold, looked for once: its recipe and image folders say which they are."""
    del recipe, folders  # only a key
    return unusable_images(_plan)


def chosen_roles(dataset: Dataset) -> tuple[tuple[str, SplitRole], ...]:
    """Return what splits are for whose names do not say it, where the person says so here."""
    unclear = [split.name for split in dataset.splits if role_of_split(split.name) is None]
    roles: list[tuple[str, SplitRole]] = []
    for name in unclear if len(dataset.splits) > 1 else ():
        role = st.selectbox(
            f"What {plain(name)} is for",
            [None, *SplitRole],
            format_func=lambda role: ROLE_NAMES[role],
            key=f"export-role-{name}",
            persist_state="session",
        )
        roles += [(name, role)] if role else []
    return tuple(roles)


def _leave_out(images: Sequence[UnusableImage]) -> None:
    reasons = {each.image: each.reason[:LONGEST_REASON] for each in images}
    state.change_exclusions(lambda known: {**reasons, **known})


def write_with_progress(plan: ExportPlan, folder: Path) -> dict[str, Any]:
    """Write an export under a progress bar and look at it again; any other click cancels it.

    Raises:
        ExportError: it cannot be written.
    """
    place = st.empty()
    with place.container():
        bar = st.progress(0.0, "Starting …")
        st.button("Cancel", icon=":material/close:", help="What is in the folder now stays as it is")
    try:
        manifest = write_export(plan, folder, progress=_shown_on(bar))
    finally:
        place.empty()
    return {"folder": str(folder), "manifest": manifest}


def _shown_on(bar: DeltaGenerator) -> Progress:
    """Return a progress that draws at most every 25th image, and every change of work."""
    last = ""

    def show(what: str, done: int, total: int) -> None:
        nonlocal last
        if what != last or done == total or done % 25 == 0:
            bar.progress(done / max(total, 1), f"{what}: {done:,} of {total:,}")
            last = what

    return show
