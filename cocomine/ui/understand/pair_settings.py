"""How does a person want to see the pairs? The words for it, and the widgets."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from cocomine.mining.interference.co_occurrence import Measure
from cocomine.mining.interference.measures import has_too_few_images
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_dataset

MEASURES = {
    Measure.LIFT: "Against chance (lift)",
    Measure.COUNTS: "Images with both",
    Measure.CONDITIONAL: "Share of the row’s images",
    Measure.JACCARD: "Jaccard",
    Measure.NPMI: "NPMI",
    Measure.OVERLAP: "Overlap",
    Measure.CONTACT: "Contact",
}
CAPTIONS = {
    Measure.LIFT: "Each cell compares how many images hold both classes with how many chance alone would give. Blue "
    "pairs come together more often, orange ones less; pale cells are as expected, or too rare to tell.",
    Measure.COUNTS: "Each cell is how many images hold both classes: the bluer, the more. Two frequent classes meet "
    "often by chance alone, so look at “Against chance” as well.",
    Measure.CONDITIONAL: "Of the images with the class of the row, how many also have the class of the column? The "
    "bluer, the more; read the other way round a pair has another share.",
    Measure.JACCARD: "Of the images with either class, how many have both? Only pairs of which neither often comes "
    "without the other are blue.",
    Measure.NPMI: "The same comparison with chance on a scale from −1 (orange: never together) by 0 (as by chance) to "
    "1 (blue: always together); unlike lift it does not hold rare pairs back.",
    Measure.OVERLAP: "How much of the area of the row’s class is claimed by the column’s class as well? The bluer, the "
    "more; such pixels can be given to one of the two only.",
    Measure.CONTACT: "How much of the outline of the row’s class touches the column’s class? The bluer, the more; "
    "along such borders a network mixes the two up most easily.",
}
SUPERCATEGORY, STRENGTH, CLUSTER = "Supercategory", "Strength", "Cluster"
ORDERS = {
    SUPERCATEGORY: "the dataset’s own groups",
    STRENGTH: "classes with the pair furthest from chance first",
    CLUSTER: "classes that come together stand together",
}
ALL, MINE = "All classes", "Only my classes"
BOUNDS = (0, 2, 3, 5, 10, 20, 50, 100)
USUAL_BOUND = 5
"""Below five expected, comparisons with chance are known to be shaky (Cochran's rule of thumb)."""
FEWEST, WHOSE = "fewest-images", "whose-pairs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is shown of the pairs, and how.

    Attributes:
        fewest_images: pairs with fewer, of which chance would give fewer as well, are hidden.
        mine: the picked classes, whose pairs with all others are shown; none shows all pairs.
        is_estimate: overlap and contact are told from boxes, until the masks are measured.
    """

    measure: Measure
    order: str
    fewest_images: int
    mine: tuple[str, ...] = ()
    is_estimate: bool = False


def settings_of(view: View) -> Settings:
    """Offer the measure, the order, what is hidden and whose pairs are shown; return what is set."""
    measure = st.segmented_control(
        "Colour shows",
        list(MEASURES),
        default=Measure.LIFT,
        required=True,
        format_func=lambda measure: MEASURES[Measure(measure)],
        key="measure",
        persist_state="session",
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        order = st.segmented_control(
            "Sorted by",
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
            index=BOUNDS.index(first_bound(view)),
            format_func=lambda bound: f"{bound} images" if bound else "hide none",
            key=FEWEST,
            persist_state="session",
            width=200,
            help="A pair is hidden when fewer images have both and chance would give fewer as well. A pair that never "
            "comes together although chance would bring it into many images stays: it may be the most telling one.",
        )
    mine = state.selection().classes if whose == MINE else ()
    return Settings(measure=Measure(measure), order=order, fewest_images=fewest, mine=mine)


def asks_for_mine() -> bool:
    """Return whether only the picked classes' pairs are asked for, picked or not."""
    return bool(st.session_state.get(WHOSE) == MINE)


@cached(of_dataset, most=8)
def first_bound(view: View) -> int:
    """Return the usual bound, or none where it would hide every pair."""
    few = has_too_few_images(view.pairs, USUAL_BOUND)
    return 0 if np.triu(~few, k=1).sum() == 0 else USUAL_BOUND
