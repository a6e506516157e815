"""In which formats is an export written? A tick for each, with what it is for and where its files will be."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

import streamlit as st

from cocomine.exporting.example_paths import example_paths, tree_text
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.recipe import DEFAULT_FORMATS, recipe_text
from cocomine.ui.session.export_settings import DEFAULT_MASK_SIZE_PX, MASK_SIZE, MASK_SIZES_PX, format_key
from cocomine.wording import FORMAT_NAMES

PURPOSES = {
    "coco": "The original records, and the paper's image dictionary. Always included.",
    "masks": "Label maps, what Train learns from.",
    "roboflow": "COCO JSON beside the images, in their folder names.",
    "yolo": "Outlines, for Ultralytics.",
    "yolo-detect": "Boxes, for Ultralytics.",
    "voc": "Boxes as XML, masks of classes and objects.",
    "hf": "Boxes as metadata.jsonl, for the datasets library.",
}
"""By the formats that have a card, in their order; `mined` comes along with COCO."""
Examples = Mapping[str, "st.delta_generator.DeltaGenerator"]


def chosen_formats() -> tuple[tuple[str, ...], Examples]:
    """Ask for the formats; return them as a recipe has them, and the place of each one's example, by format."""
    st.header("Formats")
    ticked, examples = {"mined"}, {}
    with st.container(key="format-cards"):
        for name, purpose in PURPOSES.items():
            with st.container(border=True, key=f"format-card-{name}", gap="xsmall", height="stretch"):
                if _tick(name):
                    ticked.add(name)
                st.caption(purpose)
                examples[name] = st.empty()
    return tuple(name for name in dict.fromkeys((*DEFAULT_FORMATS, *PURPOSES)) if name in ticked), examples


def mask_size_px() -> int:
    """Return the side of the label maps that is chosen in their card."""
    size: int = st.session_state.get(MASK_SIZE, DEFAULT_MASK_SIZE_PX)
    return size


def show_examples(plan: ExportPlan, examples: Examples) -> None:
    """Show in each format's card where its files will be, by those of one image."""
    folders = tuple(str(part.split.image_folder) for part in plan.subset.parts)
    paths = _example_paths(recipe_text(plan.recipe), folders, plan)
    for name, place in examples.items():
        shown = (*paths[name], *(paths["mined"] if name == "coco" else ()))
        place.html(f"<pre class='cm-tree'>{escape(tree_text(shown))}</pre>")


@st.cache_resource(max_entries=8, show_spinner=False)
def _example_paths(recipe: str, folders: tuple[str, ...], _plan: ExportPlan) -> Mapping[str, tuple[Path, ...]]:
    """Return the paths of a plan's formats, looked for once: all names are compared for Pascal VOC."""
    del recipe, folders  # only a key
    return example_paths(_plan)


def _tick(name: str) -> bool:
    if name == "coco":
        st.markdown(f":small[:material/check: {FORMAT_NAMES[name]}]")
        return True
    is_ticked = st.checkbox(FORMAT_NAMES[name], value=name == "masks", key=format_key(name), persist_state="session")
    if name == "masks":
        st.segmented_control(
            "Mask size (px)",
            MASK_SIZES_PX,
            default=DEFAULT_MASK_SIZE_PX,
            required=True,
            disabled=not is_ticked,
            key=MASK_SIZE,
            persist_state="session",
        )
    return is_ticked
