import streamlit as st

from cocomine.charts.bars import ranked_bars
from cocomine.mining.selection.presets import presets_of
from cocomine.ui import lvis_notes
from cocomine.ui.choose import controls
from cocomine.ui.choose.class_combinations import combinations_section, few_images_help
from cocomine.ui.choose.class_grid import class_grid
from cocomine.ui.choose.class_groups import class_groups_section
from cocomine.ui.choose.conflict import conflict_note
from cocomine.ui.choose.limits import limits_section
from cocomine.ui.choose.other_classes import other_classes_section
from cocomine.ui.choose.suggestions import suggestion_panel
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.navigation import page_heading, require_dataset
from cocomine.ui.readiness import readiness_notes
from cocomine.ui.session import state
from cocomine.wording import percent

page_heading("choose")
view = require_dataset()
dataset = view.dataset
selection = view.selection
image_counts = {category.name: category.image_count for category in view.statistics}

choosing, result = st.columns([3, 2], gap="large")
with choosing:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Undo", icon=":material/undo:", on_click=state.step_back, disabled=not state.can_step_back())
        st.button("Redo", icon=":material/redo:", on_click=state.step_forward, disabled=not state.can_step_forward())
        st.button("Clear", icon=":material/clear:", on_click=controls.clear, disabled=not selection.classes)
        controls.selection_file(dataset)
        for title, preset in presets_of(view.with_classes_of_files.dataset).items():
            st.button(
                title, icon=":material/bookmark:", on_click=state.choose, args=(preset,), help=", ".join(preset.classes)
            )
    details_of = class_grid(view, key="class-grid")
    controls.included_classes(dataset, image_counts)
    controls.excluded_classes(view.images_removed_by_excluding)
    lvis_notes.excluding_note(view)
    class_groups_section(view)
    limits_section(view)
if details_of:
    class_dialog(view, details_of)

with result:
    if not selection.classes:
        with st.container(border=True):
            st.markdown("**Select a class to begin**")
            st.write(
                "Click a card or search. The images and objects you get, and what the unselected classes mean for "
                "training, are shown here."
            )
    else:
        controls.mode_choice(view.image_counts_by_mode)
        lvis_notes.only_note(view)
        controls.others_choice()
        given = view.counts
        with st.container(horizontal=True):
            st.metric("Images", f"{given.image_count:,}", border=True)
            st.metric(
                "Objects", f"{given.object_count:,}", border=True, help="Of the selected classes, without crowd regions"
            )
            st.metric(
                "Unselected objects",
                percent(given.dilution),
                border=True,
                help="Share of the labelled objects in these images that belong to unselected classes",
            )
        st.caption(controls.others_sentence(given.other_object_count))
        few_images_help(view)
        readiness_notes(view)
        conflict_note(view)
        st.header("Objects per class")
        object_counts = {name: amount.object_count for name, amount in view.other_classes.selected_by_class.items()}
        st.plotly_chart(
            ranked_bars(object_counts, unit="objects", colours=view.colours),
            key="objects-per-class",
            config={"displayModeBar": False},
            alt="Objects of each selected class",
        )
suggestion_panel(view)
combinations_section(view)
other_classes_section(view)
