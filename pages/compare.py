import streamlit as st

from cocomine.ui.compare.cards import cards_section
from cocomine.ui.compare.claim_tab import claim_tab
from cocomine.ui.compare.published import published_results
from cocomine.ui.compare.runs import compared_runs
from cocomine.ui.navigation import page_heading

page_heading("compare")
claim, runs, published = st.tabs(["Claim check", "Runs", "Published results"])
with claim:
    claim_tab()
with runs:
    compared_runs()
with published:
    published_results()
    cards_section()
