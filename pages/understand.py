import streamlit as st

from cocomine.charts.bars import category_bars
from cocomine.mining.statistics.categories import statistics_rows
from cocomine.system.csv_text import csv_of_rows
from cocomine.ui.classes.class_section import class_section
from cocomine.ui.navigation import page_heading, require_dataset
from cocomine.ui.percent_columns import percent_config, percent_rows
from cocomine.ui.understand.insights import insights_section
from cocomine.ui.understand.interference import interference_section
from cocomine.ui.wide_chart import wide_chart_key
from cocomine.wording import shortened

LONGEST_NAME = 30
SHARES = ("small", "medium", "large", "under 1 px at 128 px", "median area")

page_heading("understand")
view = require_dataset()
dataset = view.dataset
statistics = view.statistics

insights_section(view)
crowds = sum(category.crowd_count for category in statistics)
presence = view.presence
with st.container(horizontal=True):
    st.metric("Images", f"{dataset.image_count:,}", border=True)
    st.metric(
        "Objects", f"{dataset.annotation_count - crowds:,}", border=True, help="Annotations without crowd regions"
    )
    st.metric("Crowd regions", f"{crowds:,}", border=True, help="Groups drawn as one area (iscrowd); counted apart")
    st.metric(
        "Classes per image",
        f"{presence.sum() / max(dataset.image_count, 1):.1f}",
        border=True,
        help="The more classes share an image, the more they can interfere",
    )

st.header("Class distribution")
with st.container(horizontal=True, vertical_alignment="center"):
    counted = st.segmented_control(
        "Count",
        ["by images", "by objects"],
        default="by images",
        required=True,
        key="counted",
        label_visibility="collapsed",
    )
    st.download_button(
        "CSV",
        lambda: csv_of_rows(statistics_rows(statistics)),
        file_name="category_statistics.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
by = "image_count" if counted == "by images" else "instance_count"
with st.container(key=wide_chart_key("category-bars", len(statistics))):
    st.plotly_chart(
        category_bars(statistics, by=by, colours=view.colours),
        key="category-bars",
        config={"displayModeBar": False},
        alt=f"Bar chart of the classes {counted}",
    )
with st.expander("Table", icon=":material/table_chart:"):
    st.dataframe(
        percent_rows(
            [row | {"category": shortened(row["category"], LONGEST_NAME)} for row in statistics_rows(statistics)],
            SHARES,
        ),
        hide_index=True,
        column_config=percent_config(SHARES),
        alt="Class statistics",
    )

st.header("Class details")
class_section(view)

st.header("Class interference (co-occurrence)")
interference_section(view)
