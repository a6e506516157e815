import streamlit as st

from cocomine.exporting.listing import damaged_in, export_name, exports_in
from cocomine.exporting.plan import plan_export
from cocomine.mining.recipe import DEFAULT_FORMATS, Recipe, recipe_text
from cocomine.ui import state
from cocomine.ui.exporting import (
    MORE_FORMATS,
    chosen_roles,
    offer_to_leave_out,
    promise,
    show_written,
    sources_with_hash,
    typed_folder,
    write_with_progress,
)
from cocomine.ui.journey import chosen_subset, opened_dataset, page_path

st.title("Export")
opened = opened_dataset()
chosen_subset(opened, state.excluded())  # or the page ends here

settings, result = st.columns([1, 1], gap="large")
with settings:
    ways = {"link": "as links (no space needed)", "copy": "as copies", "none": "not at all"}
    images = st.selectbox(
        "Pictures come along …", list(ways), format_func=ways.__getitem__, key="export-images", persist_state="session"
    )
    size_px = st.select_slider(
        "Side of the label maps",
        [64, 128, 256, 512],
        value=state.DEFAULT_LABEL_SIZE_PX,
        format_func=lambda side: f"{side} px",
        key=state.LABEL_SIZE,
        persist_state="session",
    )
    more = st.multiselect(
        "Formats besides COCO JSON and label maps",
        list(MORE_FORMATS),
        format_func=MORE_FORMATS.__getitem__,
        placeholder="YOLO, Pascal VOC",
        key="export-formats",
        persist_state="session",
    )
    val_share, seed = 0.2, 0
    if len(opened.dataset.splits) == 1:
        val_share = st.slider("Share of images for validation", 0.05, 0.5, 0.2, 0.05, key="export-val-share")
        seed = int(st.number_input("Seed of the split", 0, value=0, help="The same seed gives the same split"))
    recipe = Recipe(
        dataset_path=str(opened.dataset.path),
        sources=sources_with_hash(opened),
        selection=state.selection(),
        excluded=tuple(sorted(state.excluded())),
        reasons=tuple((image, reason) for image, reason in state.exclusions().reasons.items() if reason),
        val_share=val_share,
        seed=seed,
        size_px=size_px,
        images=images,
        formats=(*DEFAULT_FORMATS, *more),
        roles=chosen_roles(opened.dataset),
    )
    plan = plan_export(opened.dataset, recipe)
    default = state.workspace().exports / export_name(recipe)
    named = st.text_input(
        "Folder",
        placeholder=str(default),
        help="Leave it empty for a folder in CocoMine's own workspace",
        key="export-to",
    )
    folder = typed_folder(named) or default
    st.caption(promise(plan))
    offer_to_leave_out(plan)
    for part in plan.parts:
        if not len(part.image_index):
            st.warning(
                f"{part.split.name} has no image of these classes, so a network cannot be "
                f"{'trained' if recipe.role_of(part.split.name) == 'train' else 'tested'} on it.",
                icon=":material/warning:",
            )
    wants_export = st.button("Export", type="primary", icon=":material/output:")

with result:
    if wants_export:
        state.remember_export(write_with_progress(plan, folder))
        st.rerun()
    done = state.last_export()
    if done is None:
        with st.container(border=True):
            st.markdown("**An export is a plain folder**")
            st.write(
                "COCO JSON with the original records, the pictures, label maps ready for training, the paper's image "
                "dictionary, who took each picture, and a recipe that makes the same folder again."
            )
    else:
        show_written(done)
        st.page_link(page_path("train"), label="Train on it", icon=":material/arrow_forward:")
    st.download_button(
        "The recipe", recipe_text(recipe), "recipe.yaml", "text/yaml", icon=":material/receipt_long:", on_click="ignore"
    )

entries = exports_in(state.workspace().exports)
if entries:
    with st.expander(f"Exports so far: {len(entries)}", icon=":material/inventory_2:"):
        st.dataframe(
            [
                {
                    "classes": ", ".join(entry.recipe.selection.classes),
                    "images": entry.image_count,
                    "others": str(entry.recipe.selection.others),
                    "folder": str(entry.folder),
                }
                for entry in entries
            ],
            hide_index=True,
            alt="Exports so far",
        )
for damaged in damaged_in(state.workspace().exports):
    st.caption(f"damaged: {damaged.message}")
