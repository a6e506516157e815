import os
from pathlib import Path

import streamlit as st

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.folder import role_in
from cocomine.exporting.listing import exports_in, read_entry
from cocomine.training.config import preset
from cocomine.training.launching import start_run, time_estimate_s
from cocomine.ui import state
from cocomine.ui.journey import page_path, through_app
from cocomine.ui.training import PRESETS, all_runs, damaged_list, duration, free_run_folder, run_panel

through_app()
st.title("Train")
entries = {str(entry.folder): entry for entry in exports_in(state.workspace().exports)}
last = state.last_export()
if last is not None:
    entries = {last["folder"]: read_entry(Path(last["folder"]))} | entries
found, damaged = all_runs()
runs = {str(run.folder): run for run in found}

if not entries and not runs:
    with st.container(border=True):
        st.subheader("There is no export to train on yet")
        st.write("A network is trained on an export: pick classes, look at them, and write them to a folder first.")
        st.page_link(page_path("export"), label="Export a subset", icon=":material/arrow_forward:")
    st.stop()

if entries:
    with st.container(border=True):
        left, right = st.columns(2, gap="large")
        with left:
            folder = st.selectbox(
                "Export",
                list(entries),
                format_func=lambda path: f"{Path(path).name} · {entries[path].image_count:,} images",
                key="train-export",
            )
            name = st.segmented_control(
                "Preset",
                list(PRESETS),
                format_func=lambda key: PRESETS[key][0],
                default="try",
                required=True,
                key="preset",
            )
            st.caption(PRESETS[name][1])
        with right:
            start = st.selectbox(
                "The network's encoder begins with",
                ["the best weights found here", "a file of mine", "random numbers"],
                help="ResNet-50 weights in CocoMine's folder or torch's cache; nothing is downloaded",
                key="weights-from",
            )
            typed = ""
            if start == "a file of mine":
                typed = st.text_input(
                    "Weights file", placeholder="/path/to/resnet50.safetensors or .pth", key="weights-file"
                )
            with st.container(horizontal=True):
                chosen_steps = st.number_input("Steps", 1, value=None, placeholder="as the preset", key="train-steps")
                seed = st.number_input("Seed", 0, value=0, key="train-seed", help="The same seed gives the same run")
        weights = {"the best weights found here": None, "random numbers": "none"}.get(start, typed.strip())
        config = preset(name, export=folder, steps=chosen_steps, weights=weights, seed=seed)
        entry = entries[folder]
        counts = {role_in(split): split["image_count"] for split in entry.manifest["splits"]}
        estimate = time_estimate_s(
            config,
            train_image_count=counts.get(SplitRole.TRAIN, 0),
            val_image_count=counts.get(SplitRole.VAL, 0),
            size_px=entry.recipe.size_px,
            core_count=os.cpu_count() or 1,
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            wants_start = st.button("Start training", type="primary", icon=":material/play_arrow:")
            if wants_start and not config.weights:
                st.info("Name the weights file first.", icon=":material/edit:")
            elif wants_start:
                run_folder = free_run_folder(f"{Path(folder).name}-{name}")
                start_run(config, run_folder)
                st.session_state["shown-run"] = str(run_folder)
                st.rerun()
            st.caption(f"{config.steps:,} steps of {config.batch_size} images, {duration(estimate)} on this computer.")

damaged_list(damaged)
if not runs:
    st.info("The curves appear here as soon as a run has started.", icon=":material/show_chart:")
    st.stop()
if st.session_state.get("shown-run") not in runs:
    st.session_state["shown-run"] = next(iter(runs))
shown = st.selectbox("Run", list(runs), format_func=lambda path: Path(path).name, key="shown-run")
run_panel(Path(shown))
