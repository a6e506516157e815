import streamlit as st

from cocomine.coco.split_role import SplitRole
from cocomine.system.extras import TRAINING
from cocomine.training.runs.config import OFFERED_PRESETS, OVERFIT, OVERFIT_IMAGES, PRESETS, preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.suitability import image_file_count
from cocomine.ui.navigation import page_heading, page_path
from cocomine.ui.session.exports_and_runs import (
    all_exports,
    exports_in_order,
    offered_runs,
    present_sources,
    runs_in_order,
)
from cocomine.ui.train.advanced import advanced_settings, chosen_steps
from cocomine.ui.train.dataset_card import dataset_card
from cocomine.ui.train.deleted_runs import deleted_section, run_said_once
from cocomine.ui.train.erase_test import erase_section
from cocomine.ui.train.expectation_card import expectation_card
from cocomine.ui.train.new_run import (
    begin_run,
    encoder_choice,
    export_choice,
    run_choice,
    time_caption,
    weights_choice,
)
from cocomine.ui.train.own_image import label_own_image
from cocomine.ui.train.plan_line import needs_line, preset_choice
from cocomine.ui.train.queue import queue_table
from cocomine.ui.train.run_panel import damaged_list, run_backstage, run_panel
from cocomine.ui.train.run_result import run_result
from cocomine.wording import plain

page_heading("train")
present = present_sources()
entries = exports_in_order(all_exports(), present)
found, damaged = offered_runs()
runs = runs_in_order(found, entries, present)

if not entries and not runs:
    with st.container(border=True):
        st.header("No export to train on yet")
        st.write("A network is trained on an export: select classes, check them, and export them first.")
        st.page_link(page_path("export"), label="Export a subset", icon=":material/arrow_forward:")
        if TRAINING.trouble is not None:
            st.warning(plain(TRAINING.trouble), icon=":material/download:")
    damaged_list(damaged)
    run_said_once()
    deleted_section()
    st.stop()

if entries:
    with st.container(border=True, key="new-run"):
        entry = export_choice(entries, present)
        flaws = [] if entry is None else dataset_card(entry, present)
        is_blocked = entry is None or any(flaw.is_blocking for flaw in flaws)
        name = preset_choice(OFFERED_PRESETS, entry)
        st.caption(PRESETS[name])
        left, right = st.columns(2, gap="large")
        with left:
            encoder = encoder_choice(name)
        with right:
            weights = weights_choice(ENCODERS[encoder])
        export = "" if entry is None else entry.folder
        own = preset(name, export=export, encoder=encoder, weights=weights.setting)
        base = preset(name, export=export, encoder=encoder, weights=weights.setting, steps=chosen_steps(own))
        plan = advanced_settings(base, own)
        if plan.trouble is not None:
            st.error(plain(plan.trouble), icon=":material/error:")
        can_start = not is_blocked and weights.trouble is None and plan.trouble is None
        if entry is not None and can_start:
            needs_line(plan.config, entry, weights)
            time_caption(plan.config, entry, weights, is_busy=any(run.is_active for run in runs.values()))
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                "Train anyway" if flaws and not is_blocked else "Start training",
                type="primary",
                icon=":material/play_arrow:",
                disabled=not can_start,
            ):
                begin_run(plan.config)
            if st.button(
                f"Overfit {OVERFIT_IMAGES} images first (1 min)",
                icon=":material/fitness_center:",
                help=PRESETS[OVERFIT],
                disabled=is_blocked,
                key="overfit-first",
            ):
                begin_run(preset(OVERFIT, export=export))
        if entry is not None and (count := image_file_count(entry, SplitRole.TRAIN)):
            expectation_card(count)

queue_table(runs)
damaged_list(damaged)
run_said_once()
if runs:
    shown = run_choice(runs, entries, present)
    if shown is not None:
        run_panel(shown)
        run_result(shown)
        label_own_image(shown)
        erase_section(shown)
        run_backstage(shown)
else:
    st.info("The curves appear here as soon as a run has started.", icon=":material/show_chart:")
deleted_section()
