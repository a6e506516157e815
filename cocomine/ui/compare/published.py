"""Published results, and why they stand in no chart beside ours."""

import streamlit as st

from cocomine.training.runs.published import NOT_COMPARABLE


def published_results() -> None:
    """Show the published numbers, each on a card."""
    st.header("Published results (not comparable)")
    st.caption("Measured on other images, with other classes or by another measure, so they are in no chart here.")
    with st.grid("auto", min_column_width=300, gap="small"):
        for published in NOT_COMPARABLE:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{published.result}**")
                st.caption(f"**Data and classes:** {published.data}")
                st.caption(f"**Measure:** {published.measure}")
                st.caption(f":material/block: {published.why_not}")
