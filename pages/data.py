from typing import Literal

import streamlit as st

from cocomine.coco.image_folders import place_text
from cocomine.coco.reading.file_kinds import HOLDS
from cocomine.coco.record_tables import DICTIONARIES, ROWS_PER_PAGE, row_count, rows
from cocomine.ui.data.chart_library import load_chart_library
from cocomine.ui.data.integrity import dataset_health
from cocomine.ui.data.opening import browse_folders, open_at, split_choice, upload_panel, workspace_note
from cocomine.ui.downloads.coco import coco_button, coco_progress
from cocomine.ui.downloads.panel import download_panel
from cocomine.ui.gallery.gallery import PAGES_WIDTH_PX
from cocomine.ui.image_folder import image_folder_panel
from cocomine.ui.navigation import page_heading, require_dataset
from cocomine.ui.session import state
from cocomine.ui.session.demo import open_demo
from cocomine.wording import printable
from cocomine.workspace import recent_datasets, remember_dataset

workspace = state.workspace()
is_first = state.dataset_path() is None
page_heading("data", "Open a dataset" if is_first else "")
load_chart_library()

with st.container(border=True) if is_first else st.expander("Open another dataset", icon=":material/folder_open:"):
    with (
        st.form("open-path", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        typed = st.text_input(
            "Folder or annotation file",
            placeholder="/path/to/coco, with annotations/ and the image folders in it",
            help="A folder in the layout of COCO, FiftyOne, Roboflow, CVAT, Label Studio or similar, or a single "
            "instances JSON. A path may be in quotes or begin with file:// or ~.",
            key="typed_path",
        )
        wants_typed = st.form_submit_button("Open", icon=":material/folder_open:")
    with st.container(horizontal=True):
        if st.button("Browse …", icon=":material/search:"):
            browse_folders()
        demo_look: Literal["primary", "secondary"] = "primary" if is_first else "secondary"
        wants_demo = st.button("Try the demo", icon=":material/auto_awesome:", type=demo_look)
        coco_button()
    coco_progress()
    upload_panel()
    recent = [path for path in recent_datasets(workspace) if str(path) != state.dataset_path()]
    if recent:
        st.caption("Recent")
        with st.container(horizontal=True):
            for path in recent[:5]:
                if st.button(
                    path.name, key=f"recent-{path}", help=str(path), icon=":material/history:", type="tertiary"
                ):
                    state.open_dataset_at(path)
                    st.rerun()

if wants_typed and not typed.strip():
    st.info("Enter the path of a folder or an annotation file, or browse for it.", icon=":material/edit:")
elif wants_typed:
    open_at(typed)

if wants_demo:
    open_demo()

if is_first:
    st.header("How it works")
    see, select, test = st.columns(3)
    with see, st.container(border=True, height="stretch"):
        st.markdown("**:material/query_stats: Understand**")
        st.write("How often each class occurs, and which classes appear together more often than expected by chance.")
    with select, st.container(border=True, height="stretch"):
        st.markdown("**:material/checklist: Select**")
        st.write("Include and exclude classes. Every count is shown before anything is written.")
    with test, st.container(border=True, height="stretch"):
        st.markdown("**:material/model_training: Test**")
        st.write("Export a clean subset, train a network on it, and measure whether isolating the classes helped.")
    st.stop()

chosen = require_dataset()
view = chosen.with_classes_of_files
dataset = view.dataset
remember_dataset(workspace, dataset.path)
workspace_note()
split_choice()
with st.container(horizontal=True):
    st.metric("Images", f"{dataset.image_count:,}", border=True)
    st.metric("Annotations", f"{dataset.annotation_count:,}", border=True, help="Objects and crowd regions")
    st.metric("Categories", f"{len(dataset.categories):,}", border=True)
    st.metric("Splits", len(dataset.splits), border=True, help="Each split is one annotation file with its images")

st.dataframe(
    [
        {
            "split": split.name,
            "type": HOLDS[split.kind],
            "images": len(split.images),
            "annotations": len(split.annotations),
            "image folder": printable(place_text(split) or "not found"),
            "annotation file": printable(split.source.path),
        }
        for split in dataset.splits
    ],
    hide_index=True,
    column_config={name: st.column_config.NumberColumn(format="localized") for name in ("images", "annotations")},
    alt="Splits of the dataset",
)
image_folder_panel(view)
download_panel(chosen)
dataset_health(view)

st.header("File contents", help="The five sub-dictionaries of a COCO file (the paper's Fig. 3)")
with st.container(horizontal=True, vertical_alignment="bottom"):
    names = [split.name for split in dataset.splits]
    split_name = st.segmented_control("Split", names, default=names[0], required=True, key="data-split")
    dictionary = st.segmented_control("Part", DICTIONARIES, default="images", required=True, key="data-part")
    split = dataset.split(split_name)
    total = row_count(dataset, split, dictionary)
    page = (
        st.pagination(-(-total // ROWS_PER_PAGE), key=f"data-{dictionary}", width=PAGES_WIDTH_PX)
        if total > ROWS_PER_PAGE
        else 1
    )
st.dataframe(rows(dataset, split, dictionary, page), hide_index=True, alt=f"{dictionary} of {split_name}")
