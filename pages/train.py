import streamlit as st

from cocomine.system.extras import TRAINING
from cocomine.training.runs.config import OVERFIT, PRESETS, preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.queue import start_in_turn
from cocomine.training.runs.suitability import training_cautions, training_trouble
from cocomine.ui.navigation import page_heading, page_path
from cocomine.ui.session.exports_and_runs import all_exports, all_runs, exports_in_order, present_sources, runs_in_order
from cocomine.ui.session.state import workspace
from cocomine.ui.train.deleted_runs import deleted_section, said_once
from cocomine.ui.train.missing_images import offer_missing_images
from cocomine.ui.train.new_run import (
    encoder_choice,
    export_choice,
    free_run_folder,
    run_choice,
    time_caption,
    weights_choice,
)
from cocomine.ui.train.own_image import label_own_image
from cocomine.ui.train.queue import queue_table
from cocomine.ui.train.run_panel import damaged_list, run_panel
from cocomine.ui.train.run_result import run_result
from cocomine.wording import PRESET_NAMES, plain

page_heading("train")
present = present_sources()
entries = exports_in_order(all_exports(), present)
found, damaged = all_runs()
runs = runs_in_order(found, entries, present)

if not entries and not runs:
    with st.container(border=True):
        st.header("No export to train on yet")
        st.write("A network is trained on an export: select classes, check them, and export them first.")
        st.page_link(page_path("export"), label="Export a subset", icon=":material/arrow_forward:")
        if TRAINING.trouble is not None:
            st.warning(plain(TRAINING.trouble), icon=":material/download:")
    damaged_list(damaged)
    said_once()
    deleted_section()
    st.stop()

if entries:
    with st.container(border=True):
        left, right = st.columns(2, gap="large")
        with left:
            entry = export_choice(entries, present)
            name = st.segmented_control(
                "Preset",
                [each for each in PRESETS if each != OVERFIT],
                format_func=PRESET_NAMES.__getitem__,
                default="quick",
                required=True,
                key="preset",
            )
            st.caption(PRESETS[name])
        with right:
            encoder = encoder_choice(name)
            weights = weights_choice(ENCODERS[encoder])
            with st.container(horizontal=True):
                steps = st.number_input("Steps", 1, value=None, placeholder="preset default", key="train-steps")
                seed = st.number_input("Seed", 0, value=0, key="train-seed", help="The same seed gives the same run")
        trouble = None if entry is None else training_trouble(entry)
        if trouble is not None:
            st.error(plain(trouble), icon=":material/error:")
        concerns = [] if entry is None or trouble is not None else training_cautions(entry)
        if concerns:
            st.warning("\n".join(f"- {plain(sentence)}" for sentence in concerns))
        if entry is not None:
            offer_missing_images(entry, present)
        with st.container(horizontal=True, vertical_alignment="center"):
            is_started = st.button(
                "Start anyway" if concerns else "Start training",
                type="primary",
                icon=":material/play_arrow:",
                disabled=entry is None or trouble is not None or weights.trouble is not None,
            )
            if entry is not None:
                config = preset(
                    name, export=entry.folder, steps=steps, encoder=encoder, weights=weights.setting, seed=seed
                )
                if is_started:
                    run_folder = free_run_folder(f"{entry.folder.name}-{name}")
                    if start_in_turn(config, run_folder, workspace().tasks):
                        st.session_state["shown-run"] = str(run_folder)
                    st.rerun()
                if trouble is None and weights.trouble is None:
                    time_caption(config, entry, weights, is_busy=any(run.is_active for run in runs.values()))

queue_table()
damaged_list(damaged)
said_once()
if runs:
    shown = run_choice(runs, entries, present)
    if shown is not None:
        run_panel(shown)
        run_result(shown)
        label_own_image(shown)
else:
    st.info("The curves appear here as soon as a run has started.", icon=":material/show_chart:")
deleted_section()
