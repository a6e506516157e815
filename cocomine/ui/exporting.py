"""What the Export page says before and after it writes."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cocomine.errors import ExportError
from cocomine.exporting.plan import ExportPlan
from cocomine.exporting.readme import OTHERS_IN_WORDS
from cocomine.exporting.writing import Progress, write_export
from cocomine.mining.recipe import Source, sources_of
from cocomine.ui.cached import BY_STAMP, Opened

MORE_FORMATS = {"yolo": "YOLO (Ultralytics, outlines)", "voc": "Pascal VOC (boxes as XML)"}


@st.cache_resource(max_entries=4, hash_funcs=BY_STAMP, show_spinner="Taking the check sums of the annotation files …")
def sources_with_hash(opened: Opened) -> tuple[Source, ...]:
    """Return the annotation files with their SHA-256, read once."""
    return sources_of(opened.dataset)


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
