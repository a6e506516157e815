"""Mask images of a person become label maps: the grey values that occur, the label and name of each, before and after.

Source: the paper, Algorithm 2; see `cocomine.exporting.relabelling`.
"""

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from cocomine.drawing.images import label_map_png
from cocomine.errors import CocomineError
from cocomine.exporting.relabelling import (
    MaskFolder,
    Relabelling,
    grey_mask,
    look_at_masks,
    relabelled_palette,
    relabelling_of,
    write_relabelling,
)
from cocomine.labels.grey_values import relabel
from cocomine.labels.table import IGNORED_LABEL
from cocomine.system.jobs import Job
from cocomine.system.typed_path import typed_path
from cocomine.ui.folders import walk
from cocomine.ui.session.jobs import background, existing_job, forget_ended_job, progress_panel
from cocomine.ui.session.shared_value import shared_value
from cocomine.wording import counted, percent, plain

FOLDER, WALK, LOOKED_AT = "relabel-folder", "relabel-walk", "relabel-looked-at"
MOST_VALUES = 40
"""Of a mask with more, edges were softened or it was a JPEG: its greys are not those that were drawn."""
MOST_PREVIEWS = 200
PREVIEW_SIDE_PX = 320
QUICK_S = 1.0


def relabel_section() -> None:
    """Let the person turn the grey values of their own mask images into labels 0 to n-1."""
    with st.expander("Relabel mask images", icon=":material/format_paint:", key="relabel"):
        st.caption(
            "Turns the grey values of your own mask images (PNG, BMP, TIFF) into labels 0 to n-1, the same for all "
            "masks of a folder. Your files stay as they are; 255 stays 255, which training ignores."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            field = shared_value(FOLDER, st.session_state.get(LOOKED_AT, ""), _choose)
            st.text_input("Folder of the masks", placeholder="/home/me/masks", **field)
            if st.button("Browse", icon=":material/folder_open:", key="relabel-browse"):
                _browse()
        if not st.session_state.get(LOOKED_AT):
            return
        try:
            _looked_at(typed_path(st.session_state[LOOKED_AT]))
        except CocomineError as error:
            st.error(plain(str(error)), icon=":material/error:")


def _choose(text: str) -> None:
    """Take a folder, and look at it anew."""
    st.session_state[LOOKED_AT] = text.strip()
    if st.session_state[LOOKED_AT]:
        forget_ended_job(("masks", st.session_state[LOOKED_AT]))


@st.dialog("Choose the folder of the masks", width="large")
def _browse() -> None:
    folder, _ = walk(WALK, starts=[Path.home()])
    if st.button("Use this folder", type="primary", icon=":material/check:", on_click=_choose, args=(str(folder),)):
        st.rerun()


def _looked_at(folder: Path) -> None:
    job = background(("masks", st.session_state[LOOKED_AT]), partial(look_at_masks, folder), wait_s=QUICK_S)
    if job.state == "running":
        progress_panel(job, "Looking at the masks", key="relabel-look")
        return
    if job.state == "cancelled":
        st.info("Cancelled.", icon=":material/cancel:")
        return
    found = job.result()
    if len(found.values) > MOST_VALUES:
        st.warning(
            f"{counted(len(found.values), 'different grey value')}: too many for masks of classes. Edges may be "
            "softened, or the images were JPEGs once. Save the masks without smoothing.",
            icon=":material/warning:",
        )
        return
    plan = _labels_form(found)
    if plan is not None:
        _preview(plan)
        _write(plan)


def _labels_form(found: MaskFolder) -> Relabelling | None:
    """Let each grey value get its label and a name; None while the labels are not 0 to n-1."""
    total = int(found.pixel_counts.sum())
    st.markdown(f"**{counted(len(found.masks), 'mask')}, {counted(len(found.values), 'grey value')}**")
    labels, names = [], []
    for number, value in enumerate(found.values):
        share, mask_count = found.pixel_counts[value] / total, int(found.mask_counts[value])
        words = f"Grey {value} · {percent(share)} of all pixels, in {counted(mask_count, 'mask')}"
        told, label, name = st.columns([2, 1, 1], vertical_alignment="bottom")
        told.markdown(words)
        most, key = len(found.values) - 1, _key(found, value, "label")
        labels.append(label.number_input(f"Label of grey {value}", 0, most, number, key=key))
        usual, key = "background" if number == 0 else "", _key(found, value, "name")
        names.append(name.text_input(f"Name of grey {value}", usual, key=key).strip())
    if ignored_px := int(found.pixel_counts[IGNORED_LABEL]):
        st.caption(f"255 stays 255 (ignored): {counted(ignored_px, 'pixel')}.")
    return _plan_of(found, labels, names)


def _plan_of(found: MaskFolder, labels: Sequence[int], names: Sequence[str]) -> Relabelling | None:
    double = [str(label) for label, count in sorted(Counter(labels).items()) if count > 1]
    if double:
        st.warning(f"Label {double[0]} stands for several grey values. Give each its own.", icon=":material/warning:")
        return None
    order = np.argsort(labels).tolist()
    given = [names[place] or f"class {label}" for label, place in enumerate(order)] if any(names) else []
    return relabelling_of(found, [found.values[place] for place in order], given)


def _key(found: MaskFolder, value: int, what: str) -> str:
    return f"relabel-{found.folder}-{value}-{what}"


def _preview(plan: Relabelling) -> None:
    """Show one mask as it is and as it will be."""
    shown = {str(path.relative_to(plan.folder)): path for path in plan.masks[:MOST_PREVIEWS]}
    path = shown[st.selectbox("Preview", list(shown), key="relabel-preview")]
    grey = grey_mask(path)
    labels, colours = relabel(grey, plan.values), relabelled_palette(len(plan.values))
    before, after = st.columns(2)
    before.image(_stretched(grey), "Before: grey values, brightened", width=PREVIEW_SIDE_PX)
    image = label_map_png(labels, colours, side_px=PREVIEW_SIDE_PX)
    after.image(image, "After: each label in its colour", width=PREVIEW_SIDE_PX)


def _stretched(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a mask whose lightest value is white: values such as 1 and 2 cannot be told from black."""
    top = max(int(grey.max(initial=0)), 1)
    return (grey.astype(np.uint16) * 255 // top).astype(np.uint8)


def _write(plan: Relabelling) -> None:
    default = plan.folder.with_name(f"{plan.folder.name}-labels")
    named = st.text_input("Folder to write", placeholder=str(default), key="relabel-to")
    out = typed_path(named) if named.strip() else default
    key = ("relabelling", str(out), plan)
    job: Job[Any] | None = existing_job(key)
    is_writing = job is not None and job.state == "running"
    if st.button("Write label maps", type="primary", icon=":material/save:", disabled=is_writing):
        forget_ended_job(key)
        job = background(key, lambda progress: write_relabelling(plan, out, progress=progress), wait_s=QUICK_S)
    if job is None:
        return
    if job.state == "running":
        progress_panel(job, "Writing label maps", key="relabel-write")
    elif job.state == "cancelled":
        st.info("Cancelled. Nothing was written.", icon=":material/cancel:")
    else:
        job.result()
        st.success(
            f"{counted(len(plan.masks), 'label map')} written, with labels.json.", icon=":material/check_circle:"
        )
        st.code(str(out), language=None)
