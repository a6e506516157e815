"""The exact training mask that the network gets, as an image with its legend."""

import html

import streamlit as st

from cocomine.coco.size import Size
from cocomine.colours import IGNORED
from cocomine.drawing.images import label_map_png
from cocomine.exporting.formats.label_png import palette
from cocomine.labels.label_map import label_map
from cocomine.labels.table import LabelTable, label_table
from cocomine.mining.selection.selection import ImageKey
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_selection

SHOWN_SIDE_PX = 384
LONGEST_LEGEND = 13


@cached(of_selection, most=500)
def label_map_image(view: View, image: ImageKey, size_px: int) -> bytes:
    """Return the label map of an image as an enlarged PNG.

    Args:
        view: its selection gives the labels and what becomes of the unselected classes.
        image: split and image id.
        size_px: side of the square label map.
    """
    table, found = label_table(view.dataset, view.selection), view.dataset.image(image)
    labels = label_map(found.shapes(), table.label_of_category, native=found.size, size=Size.square(size_px))
    return label_map_png(labels, palette(table), side_px=SHOWN_SIDE_PX)


def legend(table: LabelTable) -> None:
    """Show which colour is which value."""
    shown = table.labels[:LONGEST_LEGEND]
    entries = [_legend_entry(label.colour, f"{label.label} {label.name}") for label in shown]
    if len(table.labels) > len(shown):
        entries.append(f"<span style='font-size:0.875rem'>and {len(table.labels) - len(shown)} more</span>")
    entries.append(_legend_entry(IGNORED, "255 ignored"))
    st.html(f"<div style='display:flex;flex-wrap:wrap;gap:0.3rem 1.2rem'>{''.join(entries)}</div>")


def _legend_entry(colour: str, text: str) -> str:
    box = f"display:inline-block;width:0.8em;height:0.8em;border:1px solid #8a8f94;background:{colour}"
    return f"<span style='font-size:0.875rem'><span style='{box}'></span> {html.escape(text)}</span>"
