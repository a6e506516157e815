import streamlit as st

from cocomine.exporting.planning.alike_images import AlikeImages, keeping_together
from cocomine.exporting.planning.plan import export_summary, plan_cautions
from cocomine.exporting.reading import export_name
from cocomine.mining.selection.recipe import DEFAULT_FORMATS, Recipe, name_in_path, recipe_text
from cocomine.ui.downloads.panel import download_panel
from cocomine.ui.export.destination import destination_checks, folder_field
from cocomine.ui.export.export_list import export_of, export_result, former_export
from cocomine.ui.export.planned import planned
from cocomine.ui.export.previous_exports import previous_exports
from cocomine.ui.export.relabel_section import relabel_section
from cocomine.ui.export.replay_section import replay_section
from cocomine.ui.export.split_controls import split_controls
from cocomine.ui.export.split_table import split_table
from cocomine.ui.export.write_panel import (
    MORE_FORMATS,
    ONE_FILE,
    begin_export,
    export_progress,
    is_writing,
    offer_to_exclude,
    sources_with_hash,
)
from cocomine.ui.image_folder import image_folder_panel
from cocomine.ui.navigation import has_subset, page_heading, require_dataset, require_subset
from cocomine.ui.readiness import export_checks
from cocomine.ui.session import state
from cocomine.wording import size_words

page_heading("export")
teaching = st.container()
if not has_subset():
    previous_exports()
    replay_section(None)
    relabel_section()
with teaching:
    view = require_dataset()
    require_subset(view)  # or the page ends here
image_folder_panel(view)
download_panel(view)

settings, result = st.columns([1, 1], gap="large")
with settings:
    copy = "Copy" if view.size_bytes is None else f"Copy ({size_words(view.size_bytes)})"
    modes = {"link": "Link (no extra disk space)", "copy": copy, "none": "Annotations only"}
    images = st.selectbox(
        "Image files",
        list(modes),
        format_func=modes.__getitem__,
        help=ONE_FILE,
        key="export-images",
        persist_state="session",
    )
    size_px = st.select_slider(
        "Mask size",
        [64, 128, 256, 512],
        value=state.DEFAULT_LABEL_SIZE_PX,
        format_func=lambda side: f"{side} px",
        key=state.LABEL_SIZE,
        persist_state="session",
    )
    more = st.multiselect(
        "Additional formats",
        list(MORE_FORMATS),
        format_func=MORE_FORMATS.__getitem__,
        placeholder="YOLO, Pascal VOC, …",
        key="export-formats",
        persist_state="session",
    )
    choice = split_controls(view)
    recipe = Recipe(
        dataset_path=name_in_path(str(view.dataset.path)),
        sources=sources_with_hash(view),
        selection=view.selection,
        excluded=tuple(sorted(view.excluded)),
        reasons=tuple((image, reason) for image, reason in state.exclusions().reasons.items() if reason),
        size_px=size_px,
        images=images,
        formats=(*DEFAULT_FORMATS, *more),
        roles=choice.roles,
        division=choice.division,
    )
    recipe = keeping_together(recipe, choice.alike or AlikeImages())
    plan = planned(view, recipe, min_images=state.constraints().images_per_class)
    concerns = plan_cautions(plan)
    default = state.workspace().exports / export_name(recipe)
    folder = folder_field(default)
    st.caption(export_summary(plan))
    can_write = offer_to_exclude(plan) & export_checks(view, plan, concerns)
    can_write &= is_writing(folder) or destination_checks(view, recipe, folder)
    is_ready = can_write and choice.alike is not None and not is_writing(folder)
    wants_export = st.button("Export", type="primary", icon=":material/output:", disabled=not is_ready)

with result:
    if wants_export:
        begin_export(plan, folder)
        st.rerun()
    export_progress(folder)
    done = export_of(recipe, folder)
    split_table(plan)
    if done is not None:
        export_result(done, shown=[each.sentence for each in concerns])
    else:
        with st.container(border=True):
            st.markdown("**What you get**")
            st.write(
                "A plain folder: COCO JSON with the original records, the image files, training masks, the paper's "
                "image dictionary, the source and licence of each image, and a recipe that reproduces the folder "
                "exactly."
            )
        former_export(recipe)
    st.download_button(
        "Download recipe (YAML)",
        recipe_text(recipe),
        "recipe.yaml",
        "text/yaml",
        icon=":material/receipt_long:",
        on_click="ignore",
    )
previous_exports()
replay_section(recipe)
relabel_section()
