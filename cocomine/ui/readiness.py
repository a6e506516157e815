"""Is the subset ready for training? Warnings beside its numbers, and checks before an export."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cocomine.coco.integrity.report import image_cautions
from cocomine.exporting.planning.plan import ExportPlan, found_sentence
from cocomine.mining.advice.readiness import Caution, Concern, cautions
from cocomine.mining.selection.editing import without_classes
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import DATASETS, View, of_files, of_images
from cocomine.wording import plain

MOST_IN_LABEL = 2
"""So many classes are named on a button."""
MARK = ":orange[:material/warning:]"


def readiness_notes(view: View) -> None:
    """Show warnings about training on the present selection beside its counts, if there are any."""
    contents = _contents_of(view)
    if not sum(entry["image_count"] for entry in contents):
        return  # there is other help
    is_divided, least = len(contents) == 1, state.constraints().images_per_class
    found = cautions(contents, min_images=least, is_divided=is_divided)
    if found:
        with st.container(border=True, key="readiness", gap="xsmall"):
            for caution in found:
                st.markdown(f"{MARK} {plain(caution.sentence)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What the checks of an export found.

    Attributes:
        count: of things that speak against it.
        can_bring: whether images can be included, where that is asked for.
    """

    count: int
    can_bring: bool


def export_checks(view: View, plan: ExportPlan, found: Sequence[Caution]) -> Checks:
    """Show the warnings about an export, each in a row with its fix, where there are any."""
    missing, can_bring = _missing_sentence(view, plan)
    flaws = [] if plan.recipe.images == "none" else _image_flaws(view)
    checks = Checks(count=len(found) + len(flaws) + bool(missing), can_bring=can_bring)
    if not checks.count:
        return checks
    with st.container(border=True, key="export-checks"):
        st.header("Checks")
        for number, caution in enumerate(found):
            with st.container(horizontal=True, vertical_alignment="center", key=f"check-{number}"):
                st.markdown(f"{MARK} {plain(caution.sentence)}")
                _fix(caution, number)
        if missing:
            st.markdown(f"{MARK if can_bring else ':red[:material/block:]'} {plain(missing)}")
        for flaw in flaws:
            st.markdown(f"{MARK} {plain(flaw)}")
    return checks


def _missing_sentence(view: View, plan: ExportPlan) -> tuple[str, bool]:
    """Return how many images are not on disk, "" where all are or none is asked for, and whether any can go along."""
    if plan.recipe.images == "none":
        return "", True
    usable = view.usable_images
    there = sum(int(usable[part.split.name][part.image_index].sum()) for part in plan.subset.parts)
    total = plan.subset.image_count
    if there == total:
        return "", True
    advice = "" if there else " Choose their folder, or export without image files."
    return f"{found_sentence(there, total)}.{advice}", there > 0


@cached(of_files, most=DATASETS, spinner="Checking some images …")
def _image_flaws(view: View) -> list[str]:
    return image_cautions(view.dataset)


def _fix(caution: Caution, number: int) -> None:
    """Offer the one click that fixes it, where there is one."""
    chosen = state.selection()
    if caution.concern is Concern.TOO_FEW and caution.min_images is not None:
        wish = replace(state.constraints(), images_per_class=caution.min_images)
        st.button(f"Lower to {caution.min_images:,}", key=f"lower-{number}", on_click=state.ask_for, args=(wish,))
    if caution.classes and len(caution.classes) < len(chosen.classes):
        few = len(caution.classes) <= MOST_IN_LABEL
        named = " and ".join(caution.classes) if few else f"{len(caution.classes):,} classes"
        left = without_classes(chosen, caution.classes)
        st.button(f"Remove {plain(named)}", key=f"remove-{number}", on_click=state.choose, args=(left,))


@cached(of_images)
def _contents_of(view: View) -> list[dict[str, Any]]:
    return [view.subset.contents_of(part) for part in view.subset.parts]
