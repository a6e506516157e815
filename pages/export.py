import streamlit as st

from cocomine.exporting.planning.alike_images import AlikeImages, keeping_together
from cocomine.exporting.planning.plan import plan_cautions
from cocomine.exporting.reading import export_name
from cocomine.mining.selection.recipe import Recipe, name_in_path, recipe_text
from cocomine.ui.export.destination import destination, destination_checks
from cocomine.ui.export.export_line import Readiness, export_buttons, export_label, readiness_line
from cocomine.ui.export.export_list import export_of, former_export
from cocomine.ui.export.format_choice import chosen_formats, mask_size_px, show_examples
from cocomine.ui.export.image_choice import image_choice
from cocomine.ui.export.planned import planned
from cocomine.ui.export.previous_exports import previous_exports
from cocomine.ui.export.relabel_section import relabel_section
from cocomine.ui.export.replay_section import replay_section
from cocomine.ui.export.result import export_result, recipe_download
from cocomine.ui.export.split_controls import split_controls
from cocomine.ui.export.summary import summary_card
from cocomine.ui.export.write_panel import (
    begin_export,
    export_progress,
    is_writing,
    offer_to_exclude,
    sources_with_hash,
)
from cocomine.ui.navigation import has_subset, page_heading, require_dataset, require_subset
from cocomine.ui.readiness import export_checks
from cocomine.ui.session import state

page_heading("export")
teaching = st.container()
if not has_subset():
    previous_exports()
    replay_section(None)
    relabel_section()
with teaching:
    view = require_dataset()
    require_subset(view)  # or the page ends here

ready = st.container()
with st.container(key="export-page"):
    summary = st.container(border=True, key="export-summary")
    checks = st.container()
    images = image_choice(view)
    formats, examples = chosen_formats()
    left, right = st.columns(2, gap="large")
    with left:
        split = split_controls(view)
    recipe = keeping_together(
        Recipe(
            dataset_name=name_in_path(str(view.dataset.path)),
            sources=sources_with_hash(view),
            selection=view.selection,
            excluded=tuple(sorted(view.excluded)),
            reasons=tuple((image, reason) for image, reason in state.exclusions().reasons.items() if reason),
            size_px=mask_size_px(),
            images=images.way,
            formats=formats,
            roles=split.roles,
            division=split.division,
        ),
        split.alike or AlikeImages(),
    )
    plan = planned(view, recipe, min_images=state.constraints().images_per_class)
    concerns, show_concerns = plan_cautions(plan), checks.container()
    show_examples(plan, examples)
    with summary:
        summary_card(view, plan)
    with show_concerns:
        has_names, found = offer_to_exclude(plan), export_checks(view, plan, concerns)
    with right:
        default = state.workspace().exports / export_name(recipe)
        folder = destination(default)
        is_busy = folder is not None and is_writing(folder)
        has_room = folder is not None and (is_busy or destination_checks(view, recipe, folder))
    done = None if folder is None or is_busy else export_of(recipe, folder)
    troubles = {
        "Some images cannot be exported: see Checks.": not has_names,
        "The images are not on disk.": not found.can_bring and not images.waits,
        "Download the images first, or choose another way for them.": images.waits,
        "The images are still to be compared: see Split.": split.alike is None,
        "See Destination.": not has_room,
    }
    readiness = Readiness(
        warnings=found.count,
        troubles=tuple(sentence for sentence, is_so in troubles.items() if is_so),
        is_writing=is_busy,
        is_done=done is not None,
    )
    with ready:
        readiness_line(readiness)
    wants_export = export_buttons(readiness, export_label(plan, view.size_bytes))
    if wants_export and folder is not None:
        begin_export(plan, folder)
        st.rerun()
    export_progress(folder or default)
    if done is not None:
        export_result(done, shown=[each.sentence for each in concerns])
    else:
        former_export(recipe)
        recipe_download(recipe_text(recipe), key="recipe-of-page")
previous_exports()
replay_section(recipe)
relabel_section()
