import streamlit as st

from cocomine.ui.compare.cards import published_results
from cocomine.ui.compare.claim_tab import claim_tab
from cocomine.ui.compare.runs import compared_runs
from cocomine.ui.navigation import page_heading

page_heading("compare")
parts = {"Claim check": claim_tab, "Runs": compared_runs, "Published results": published_results}
tabs = st.tabs(list(parts), key="compare-tab", on_change="rerun")
for tab, show in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            show()
