import streamlit as st

from cocomine.charts.bars import ranked_bars
from cocomine.mining.pair_order import by_supercategory
from cocomine.mining.presets import presets_of
from cocomine.mining.selection import image_counts_by_mode, images_lost_by_forbidding
from cocomine.ui import choosing, federated, state
from cocomine.ui.cached import colours_of, presence_of, statistics_of, subset_of
from cocomine.ui.journey import opened_dataset, page_path
from cocomine.ui.viewing import session_viewer

st.title("Choose")
opened = opened_dataset()
dataset = opened.dataset
selection = state.selection()
image_counts = {category.name: category.image_count for category in statistics_of(opened)}
price = images_lost_by_forbidding(presence_of(opened), dataset, selection)

picking, result = st.columns([3, 2], gap="large")
with picking:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Undo", icon=":material/undo:", on_click=state.step_back, disabled=not state.can_step_back())
        st.button("Redo", icon=":material/redo:", on_click=state.step_forward, disabled=not state.can_step_forward())
        st.button("Clear", icon=":material/clear:", on_click=choosing.clear, disabled=not selection.classes)
        for title, preset in presets_of(dataset).items():
            st.button(
                title, icon=":material/bookmark:", on_click=state.choose, args=(preset,), help=", ".join(preset.classes)
            )
    choosing.class_search(dataset, image_counts)
    if len(dataset.categories) <= choosing.LARGEST_PICKER:
        for supercategory in choosing.supercategories(dataset, by_supercategory):
            choosing.supercategory_pills(dataset, supercategory, image_counts)
    choosing.forbidden_search(price)
    federated.forbidding_note(opened)

with result:
    if not selection.classes:
        with st.container(border=True):
            st.markdown("**Pick a class to begin**")
            st.write(
                "Search for it, or click it in its group. Here you then see how many images and objects you get, "
                "and what the classes you did not pick mean for training."
            )
        st.stop()
    session_viewer()  # starts while the person chooses, to be ready when they look
    counts = image_counts_by_mode(presence_of(opened), dataset, selection)
    choosing.mode_choice(counts)
    federated.only_note(opened)
    choosing.others_choice()
    subset = subset_of(opened, selection, state.excluded())
    with st.container(horizontal=True):
        st.metric("Images", f"{subset.image_count:,}", border=True)
        st.metric("Objects", f"{subset.instance_count:,}", border=True, help="Of your classes, without crowd regions")
        st.metric(
            "Dilution",
            f"{subset.dilution_by_objects:.0%}",
            border=True,
            help="Share of the labelled objects in these images that belong to classes you did not pick",
        )
    st.caption(choosing.others_sentence(subset))
    if not subset.image_count:
        st.warning(choosing.nothing_fits(selection, counts), icon=":material/search_off:")
    st.markdown("**Objects of each class**")
    st.plotly_chart(
        ranked_bars(subset.instances_per_class, unit="objects", colours=colours_of(dataset)),
        key="objects-per-class",
        config={"displayModeBar": False},
        alt="Objects of each picked class",
    )
    companions = {name: lost for name, lost in sorted(price.items(), key=lambda entry: -entry[1])[:8] if lost}
    if companions:
        st.markdown("**Who else is in these images**")
        st.caption("Forbidding a class takes these images out.")
        st.dataframe(
            [
                {"class": name, "images lost if forbidden": lost, "share": lost / counts[selection.mode]}
                for name, lost in companions.items()
            ],
            hide_index=True,
            column_config={"share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
            alt="What forbidding each class would cost",
        )
    st.page_link(page_path("check"), label="Look at the images", icon=":material/arrow_forward:")
