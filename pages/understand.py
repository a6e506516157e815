import streamlit as st

from cocomine.charts.bars import MOST_CATEGORIES, category_bars
from cocomine.mining.pair_order import by_strength, by_supercategory, most_frequent
from cocomine.ui.cached import colours_of, pairs_of, presence_of, statistics_of
from cocomine.ui.closely import one_class_closely
from cocomine.ui.federated import pairs_note
from cocomine.ui.journey import opened_dataset
from cocomine.ui.pairs import map_of, show_when_new, strongest_table
from cocomine.ui.tables import as_csv, statistics_rows

st.title("Understand")
opened = opened_dataset()
dataset = opened.dataset
statistics = statistics_of(opened)

crowds = sum(category.crowd_count for category in statistics)
presence = presence_of(opened)
with st.container(horizontal=True):
    st.metric("Images", f"{dataset.image_count:,}", border=True)
    st.metric(
        "Objects", f"{dataset.annotation_count - crowds:,}", border=True, help="Annotations without crowd regions"
    )
    st.metric("Crowd regions", f"{crowds:,}", border=True, help="Groups drawn as one area (iscrowd); counted apart")
    st.metric(
        "Categories per image",
        f"{presence.sum() / max(dataset.image_count, 1):.1f}",
        border=True,
        help="The more categories share an image, the more they can interfere",
    )

st.subheader("How much of each class is there?")
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
        "All numbers as CSV",
        lambda: as_csv(statistics_rows(statistics)),
        file_name="category_statistics.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
by = "image_count" if counted == "by images" else "instance_count"
st.plotly_chart(
    category_bars(statistics, by=by, colours=colours_of(dataset)),
    key="category-bars",
    config={"displayModeBar": False},
    alt=f"Bar chart of the categories {counted}",
)
with st.expander("The numbers as a table", icon=":material/table_chart:"):
    st.dataframe(
        statistics_rows(statistics),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="percent")
            for name in ("small", "medium", "large", "under 1 px at 128 px", "median area")
        },
        alt="Category statistics",
    )

st.subheader("One class closely")
one_class_closely(opened)

st.subheader("Which classes interfere?")
if len(dataset.categories) < 2:
    st.info("This dataset has a single category, so there is no pair to compare.", icon=":material/grid_off:")
    st.stop()
st.caption(
    "Each cell compares how many images hold both classes with how many chance alone would give. Blue pairs come "
    "together more often, orange ones less; pale cells are as expected, or too rare to tell. "
    "Click a cell to see its images."
)
pairs_note(opened)
table = pairs_of(opened)
with st.container(horizontal=True, vertical_alignment="bottom"):
    measures = {"Against chance (lift)": "lift", "Images with both": "counts"}
    measure = measures[
        st.segmented_control("Colour shows", list(measures), default=next(iter(measures)), required=True, key="measure")
    ]
    orders = {
        "Supercategory": by_supercategory([category.supercategory for category in dataset.categories]),
        "Strength": by_strength(table),
    }
    sorting = st.segmented_control("Sorted by", list(orders), default="Supercategory", required=True, key="order")
frequent = most_frequent(table, MOST_CATEGORIES)
order = [index for index in orders[sorting] if index in frequent]
if len(order) < len(dataset.categories):
    st.caption(
        f":material/info: The charts show the {len(order)} categories with the most images, "
        f"the tables all {len(dataset.categories):,}."
    )
map_place, table_place = st.columns([3, 2]) if len(order) <= 30 else (st.container(), st.container())
with map_place:
    clicked = st.plotly_chart(
        map_of(opened, measure, tuple(order), st.context.theme.type or "light"),
        key=f"pair-map-{measure}",
        on_select="rerun",
        selection_mode="points",
        config={"displayModeBar": False},
        alt="Heat map of all pairs of categories",
    )
    points = clicked.selection.points
    show_when_new(opened, (int(points[0]["customdata"][0]), int(points[0]["customdata"][1])) if points else None)
with table_place:
    strongest_table(table)
