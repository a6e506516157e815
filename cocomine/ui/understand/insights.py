"""The first sentences of Understand: what stands out in the dataset, each with a way to see it."""

import streamlit as st

from cocomine.mining.insights import Insight, insights
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_dataset
from cocomine.ui.understand.interference import ask_for
from cocomine.ui.understand.pair_settings import first_bound
from cocomine.wording import plain, unbroken


def insights_section(view: View) -> None:
    """Show what stands out, each in a card with a button that opens the details of its class or pair.

    How many cards stand in a row is in `app.css`, by their number, which is in the key.
    """
    found = _insights_of(view)
    if not found:
        return
    cards = st.grid(len(found), gap="small", border=True, key=f"insights-{len(found)}")
    for number, insight in enumerate(found):
        with cards.cell():
            st.markdown(plain(unbroken(insight.sentence)))
            if len(view.dataset.categories) > 1:  # of a single one everything is below
                _opening_button(insight, key=f"insight-{number}")


def _opening_button(insight: Insight, *, key: str) -> None:
    is_pair = insight.pair[0] != insight.pair[1]
    words, icon = ("Show images", ":material/image_search:") if is_pair else ("Details", ":material/category:")
    st.button(words, icon=icon, type="tertiary", key=key, on_click=ask_for, args=(insight.pair,))


@cached(of_dataset)
def _insights_of(view: View) -> list[Insight]:
    return insights(view.statistics, view.pairs, fewest_images=first_bound(view))
