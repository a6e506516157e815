"""One image three ways: image, ground truth of all classes, and the training mask that the network gets.

As the gallery does, it draws in the browser, so a class in the legend, a lost object and the pixel under the pointer
show in all three at once. The label map goes there as it is, value by value.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from cocomine.coco.dataset import ImageKey
from cocomine.coco.size import Size
from cocomine.labels.label_map import LabelMap, legend_rows
from cocomine.labels.lost_objects import LabelMapReport, label_map_report_of_image, label_map_sentence, reason_words
from cocomine.labels.table import LabelTable, label_table
from cocomine.ui.gallery.fetching import fetch_beside
from cocomine.ui.gallery.gallery import asset
from cocomine.ui.gallery.page_json import gallery_page_json
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_selection

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

ASSETS = Path(__file__).with_name("assets")
IMAGE_PX = 800


def mask_image(view: View, image: ImageKey, *, size_px: int, key: str) -> None:
    """Show an image, its ground truth and its training mask, with the lost objects in numbers.

    Args:
        view: its selection gives the labels and what becomes of unselected classes.
        image: split and image id.
        size_px: side of the square label map.
        key: of the component, one on a page.
    """
    fetch_beside(view, [image])
    table, account = label_table(view.dataset, view.selection), _account(view, image, size_px)
    _component()(
        key=key,
        data={
            "image": gallery_page_json(view, [image], None, longest_px=IMAGE_PX),
            "map": {"size": [account.labels.shape[1], account.labels.shape[0]], "runs": runs(account.labels)},
            "legend": legend_rows(table, account.labels),
            "labels": _labels_by_index(view, table),
            "lost": _lost(view, account, size_px),
            "report": label_map_sentence(account),
        },
    )


def runs(labels: LabelMap) -> list[int]:
    """Return a map as value, length, value, length ... along its rows."""
    flat = labels.ravel()
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    lengths = np.diff(starts, append=len(flat))
    pairs: list[int] = np.stack([flat[starts].astype(np.int64), lengths], axis=1).ravel().tolist()
    return pairs


@cached(of_selection, most=500)
def _account(view: View, image: ImageKey, size_px: int) -> LabelMapReport:
    table = label_table(view.dataset, view.selection)
    return label_map_report_of_image(view.subset.image(image), table, size=Size.square(size_px))


def _labels_by_index(view: View, table: LabelTable) -> dict[int, int]:
    label_of = table.label_of_category
    categories = enumerate(view.dataset.categories)
    return {index: label_of[each.category_id] for index, each in categories if each.category_id in label_of}


def _lost(view: View, account: LabelMapReport, size_px: int) -> Sequence[tuple[int, str, str]]:
    """Return annotation id, class and reason of each object without a pixel."""
    names = {each.category_id: each.name for each in view.dataset.categories}
    return [
        (each.annotation_id, names[each.category_id], reason_words(each.lost_because, size_px))
        for each in account.lost
        if each.lost_because is not None
    ]


@cache
def _component() -> "ComponentRenderer":
    script = "\n".join([asset("drawing.js"), (ASSETS / "mask.js").read_text(encoding="utf-8")])
    style = "\n".join([asset("drawing.css"), (ASSETS / "mask.css").read_text(encoding="utf-8")])
    html = (ASSETS / "mask.html").read_text(encoding="utf-8")
    return st.components.v2.component("cocomine.mask_image", html=html, css=style, js=script)
