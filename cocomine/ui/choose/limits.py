"""What goes into the subset beside the classes: objects by size, images by number, negatives and licences.

Each field shows the selection, and changes it through a callback, as one step that can be undone.
"""

from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.elements.lib.grid_container import GridContainer

from cocomine.mining.selection.limit_counts import LimitCounts, limit_count_sentences, limit_counts
from cocomine.mining.selection.limits import LARGEST_SEED, MOST_NEGATIVES, Counted, Crowd, Limits
from cocomine.ui.choose.controls import licence_choice
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View, of_images

NARROWEST_PX = 200
CROWD_NAMES = {Crowd.KEEP: "Keep", Crowd.IGNORE: "Ignore"}
COUNTED_NAMES = {Counted.IMAGES: "Images", Counted.OBJECTS: "Objects"}
LARGEST = 10**9
BEFORE = "Counts by mode, combinations and suggestions are those before maximum, balance and negatives."


def limits_section(view: View) -> None:
    """Offer the limits, and say what those that are set remove and add."""
    with st.expander("Limits", icon=":material/tune:"):
        _fields(view.selection.limits)
        licence_choice(view)
    if view.selection.classes and view.selection.limits != Limits():
        sentences = limit_count_sentences(_counts_of(view), view.selection.limits)
        st.caption(" ".join([*sentences, *([BEFORE] if view.selection.limits.draws else [])]))


def _fields(limits: Limits) -> None:
    cells = st.grid("auto", min_column_width=NARROWEST_PX, gap="small", vertical_alignment="bottom")
    _object_fields(limits, cells)
    _class_fields(limits, cells)
    _random_fields(limits, cells)


def _object_fields(limits: Limits, cells: GridContainer) -> None:
    """Ask which objects count."""
    with cells.cell():
        st.number_input(
            "Minimum object area (px²)",
            0,
            LARGEST,
            **_field("min_area_px", limits.min_area_px),
            help="Smaller objects are left out. Their pixels become background, or ignored (255) where unselected "
            "classes are ignored. 1,024 px² is COCO's bound of small objects.",
        )
    with cells.cell():
        st.selectbox(
            "Crowd regions",
            list(Crowd),
            format_func=CROWD_NAMES.__getitem__,
            **_field("crowd", limits.crowd),
            help="Ignore: they are left out, and an image with nothing else of a class does not have it.",
        )


def _class_fields(limits: Limits, cells: GridContainer) -> None:
    """Ask how much of each class there is at most."""
    with cells.cell():
        st.number_input(
            "Maximum per class",
            1,
            LARGEST,
            **_field("cap", limits.cap),
            placeholder="no limit",
            help="Images are taken at random, those with the rarest classes first, until a class is full.",
        )
    with cells.cell():
        st.number_input(
            "Balance (× the rarest class)",
            1.0,
            1000.0,
            step=0.5,
            **_field("balance", limits.balance),
            placeholder="no limit",
            help="No class gets more than so many times what the rarest one has.",
        )
    with cells.cell():
        st.selectbox(
            "Maximum and balance count",
            list(Counted),
            format_func=COUNTED_NAMES.__getitem__,
            **_field("counted", limits.counted),
            disabled=not limits.has_caps,
        )


def _random_fields(limits: Limits, cells: GridContainer) -> None:
    """Ask for images without a class, and by which chance images are taken."""
    with cells.cell():
        st.number_input(
            "Negative images (%)",
            0,
            round(MOST_NEGATIVES * 100),
            step=5,
            **shared_value("limit-negatives", round(limits.negatives * 100), _set_negatives),
            help="Share of the images of each split without any selected or excluded class, taken at random.",
        )
    with cells.cell():
        st.number_input(
            "Random seed",
            0,
            LARGEST_SEED >> 10,
            **_field("seed", limits.seed),
            disabled=not limits.draws,
            help="The same seed takes the same images.",
        )


def _field(name: str, value: object) -> dict[str, Any]:
    """Return the arguments of a widget that shows a field of the limits and changes it."""
    return shared_value(f"limit-{name}", value, lambda new: _set(**{name: new}))


def _set_negatives(percents: int) -> None:
    _set(negatives=percents / 100)


def _set(**changes: Any) -> None:
    """Change some limits; a seed, and what caps count, stay only as long as they decide something."""
    chosen = state.selection()
    limits = replace(chosen.limits, **changes)
    limits = limits if limits.draws else replace(limits, seed=0)
    limits = limits if limits.has_caps else replace(limits, counted=Counted.IMAGES)
    state.choose(replace(chosen, limits=limits))


@cached(of_images)
def _counts_of(view: View) -> LimitCounts:
    return limit_counts(view.candidates, view.selection)
