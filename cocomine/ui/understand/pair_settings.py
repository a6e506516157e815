"""How the pairs are shown: metric, order, what is hidden and whose pairs; the words, and the widgets."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cocomine.mining.interference.co_occurrence import Measure
from cocomine.mining.interference.pair_measure import has_too_few_images
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View, of_dataset

MEASURES = {
    Measure.LIFT: "Lift (vs. chance)",
    Measure.COUNTS: "Images with both",
    Measure.CONDITIONAL: "Conditional P(column given row)",
    Measure.JACCARD: "Jaccard",
    Measure.NPMI: "NPMI",
    Measure.OVERLAP: "Overlap",
    Measure.CONTACT: "Contact",
}
CAPTIONS = {
    Measure.LIFT: "Images with both classes, relative to expected by chance. Blue = more often, orange = less often; "
    "pale = as expected or not enough data.",
    Measure.COUNTS: "Number of images with both classes. Frequent classes co-occur often by chance alone: see lift.",
    Measure.CONDITIONAL: "Share of the images with the row’s class that also have the column’s class. Not symmetric.",
    Measure.JACCARD: "Of the images with either class, the share with both.",
    Measure.NPMI: "Normalised pointwise mutual information: −1 (orange) never together, 0 as expected by chance, 1 "
    "(blue) always together. Unlike lift it does not hold rare pairs back.",
    Measure.OVERLAP: "Share of the area of the row’s class that the column’s class also covers. In a training mask "
    "such pixels belong to one of the two only.",
    Measure.CONTACT: "Share of the outline of the row’s class that touches the column’s class.",
}
SUPERCATEGORY, STRENGTH, CLUSTER = "Supercategory", "Strength", "Cluster"
ORDERS = {
    SUPERCATEGORY: "groups of the dataset",
    STRENGTH: "classes with the pair furthest from chance first",
    CLUSTER: "classes that co-occur side by side",
}
ALL, MINE = "All classes", "Selected classes"
BOUNDS = (0, 2, 3, 5, 10, 20, 50, 100)
USUAL_BOUND = 5
"""Below five expected, comparisons with chance are known to be shaky (Cochran's rule of thumb)."""
FEWEST, FEWEST_FIELD, WHOSE = "fewest-images", "fewest-images-field", "whose-pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is shown of the pairs, and how.

    Attributes:
        fewest_images: pairs with fewer, of which chance would give fewer as well, are hidden.
        mine: the selected classes, whose pairs with all others are shown; none shows all pairs.
        is_estimate: overlap and contact come from boxes, until the masks are measured.
    """

    measure: Measure
    order: str
    fewest_images: int
    mine: tuple[str, ...] = ()
    is_estimate: bool = False


def settings_of(view: View) -> Settings:
    """Offer the measure, the order, what is hidden and whose pairs are shown; return what is set."""
    measure = st.segmented_control(
        "Metric",
        list(MEASURES),
        default=Measure.LIFT,
        required=True,
        format_func=lambda measure: MEASURES[Measure(measure)],
        key="measure",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            "Sort by",
            list(ORDERS),
            default=SUPERCATEGORY,
            required=True,
            key="order",
            persist_state="session",
            help="; ".join(f"{name}: {words}" for name, words in ORDERS.items()),
        )
        whose = st.segmented_control(
            "Rows", [ALL, MINE], default=ALL, required=True, key=WHOSE, persist_state="session"
        )
        fewest = st.selectbox(
            "Hide pairs with fewer than",
            BOUNDS,
            format_func=lambda bound: f"{bound} images" if bound else "hide none",
            **shared_value(FEWEST_FIELD, st.session_state.get(FEWEST, first_bound(view)), hide_below),
            width=200,
            help="Hidden: pairs with fewer images, observed and expected. A pair that never co-occurs although many "
            "images are expected stays visible.",
        )
    mine = state.selection().classes if whose == MINE else ()
    return Settings(measure=Measure(measure), order=order, fewest_images=fewest, mine=mine)


def hide_below(images: int) -> None:
    """Let pairs with fewer images be hidden from now on."""
    st.session_state[FEWEST] = images


def asks_for_mine() -> bool:
    """Return whether only the pairs of selected classes are asked for, whether there are any or not."""
    return bool(st.session_state.get(WHOSE) == MINE)


@cached(of_dataset, most=8)
def first_bound(view: View) -> int:
    """Return the usual bound, or none where it would hide every pair."""
    few = has_too_few_images(view.pairs, USUAL_BOUND)
    return 0 if np.triu(~few, k=1).sum() == 0 else USUAL_BOUND
