import streamlit as st

from cocomine.ui.compare.published import published_results
from cocomine.ui.compare.runs import compared_runs
from cocomine.ui.navigation import page_heading

page_heading("compare")
runs, published = st.tabs(["Runs", "Published results"])
with runs:
    compared_runs()
with published:
    published_results()
