"""Unselected classes: the four options for them side by side, in numbers and on one image."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cocomine.charts.theme import UNKNOWN
from cocomine.coco.dataset import ImageKey
from cocomine.coco.size import Size
from cocomine.colours import BACKGROUND, EDGE, IGNORED, OTHER
from cocomine.drawing.images import label_map_png
from cocomine.errors import ExportError
from cocomine.exporting.formats.label_png import palette
from cocomine.labels.label_map import label_map
from cocomine.labels.table import BACKGROUND_LABEL, LabelTable, label_table
from cocomine.mining.selection.other_classes import (
    OtherClasses,
    crowd_sentence,
    other_classes_sentence,
    pixels_sentence,
    policy_sentence,
)
from cocomine.mining.selection.sample_images import sample_images
from cocomine.mining.selection.selection import Others, Selection, seen_by
from cocomine.ui.gallery.annotated_image import annotated_image
from cocomine.ui.gallery.fetching import fetch_beside
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.opening import in_session
from cocomine.ui.session.view import View, of_images, of_selection
from cocomine.wording import POLICY_CAPTIONS, POLICY_NAMES, percent, plain, unbroken

SAMPLE_COUNT = 24
SEARCHED_COUNT = 200
"""So many of the best images are looked for."""
NARROWEST_CARD_PX = 200
MOST_SEGMENTS = 6
SHOWN_SIDE_PX = 384
LONGEST_LEGEND = 13
SHOWN = "Images in which selected and unselected classes both cover much come first: there the options differ most."
IGNORED_PATTERN = f"repeating-linear-gradient(45deg,{IGNORED} 0 3px,{OTHER} 3px 5px)"


@st.fragment
def other_classes_section(view: View) -> None:
    """Show what each option makes of the unselected classes; another image reruns this part alone."""
    view = in_session(view)
    chosen, rest = view.selection, view.other_classes
    if not chosen.classes or not rest.selected.object_count + rest.selected.crowd_count:
        return
    st.header("Unselected classes: preview")
    if not rest.by_class:
        st.caption("No other class is labelled in these images, so all options give the same masks.")
        return
    st.markdown(plain(other_classes_sentence(rest)))
    if view.dataset.is_federated:
        st.caption(
            ":material/visibility_off: This dataset is not exhaustively labelled (LVIS). Unlabelled objects are "
            "background under all four options."
        )
    samples = _samples_of(view)
    image = _sample(view, samples)
    cards = st.grid(4, min_column_width=NARROWEST_CARD_PX, gap="small", border=True)
    for policy in Others:
        with cards.cell():
            _card(view, replace(chosen, others=policy), rest, image)
    st.caption(pixels_sentence(rest))


def _card(view: View, chosen: Selection, rest: OtherClasses, image: ImageKey) -> None:
    """Show one option: its name and button, the training mask, the numbers, what it means, the values of the mask."""
    try:
        table = label_table(view.dataset, chosen)
    except ExportError as error:
        _head(chosen, can_use=False)
        st.warning(plain(str(error)), icon=":material/block:")
        st.caption(POLICY_CAPTIONS[chosen.others])
        return
    _head(chosen, can_use=True)
    size_px = state.label_size_px()
    caption = f"training mask, {size_px} × {size_px} px"
    mask = label_map_image(view.selecting(chosen), image, size_px)
    st.image(mask, caption=caption, width="stretch", alt=f"{caption}: {POLICY_NAMES[chosen.others]}")
    st.markdown(f"**{policy_sentence(rest, chosen.others)}**")
    _bar(view.colours, rest, chosen.others)
    shares = (
        f"{percent(rest.dilution_by_pixels)} of the labelled pixels, {percent(rest.share_of_images)} of "
        f"all pixels of the images. {crowd_sentence(rest, chosen.others)}"
    )
    st.caption(unbroken(shares))
    st.caption(POLICY_CAPTIONS[chosen.others])
    legend(_table_of_image(view, table, image))


def _head(chosen: Selection, *, can_use: bool) -> None:
    """Show the name of an option, and offer to select it."""
    is_selected = chosen.others is state.selection().others
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{POLICY_NAMES[chosen.others]}**", width="content")
        words, icon = ("Selected", ":material/check:") if is_selected else ("Select", None)
        if st.button(words, key=f"select-{chosen.others}", icon=icon, disabled=is_selected or not can_use):
            state.choose(chosen)
            st.rerun()


def _table_of_image(view: View, table: LabelTable, image: ImageKey) -> LabelTable:
    """Return the labels that an image can show."""
    found = view.dataset.image(image)
    columns = found.split.annotations
    ids = {view.dataset.categories[each].category_id for each in columns.category_index[found.annotation_index]}
    shown = [each for each in table.labels if each.label == BACKGROUND_LABEL or ids & set(each.category_ids)]
    return replace(table, labels=tuple(shown))


def _bar(colours: Mapping[str, str], rest: OtherClasses, policy: Others) -> None:
    """Show the labelled pixels as one bar: the selected classes, then what the others become."""
    segments = [(colours[name], amount.area_px, name) for name, amount in rest.selected_by_class.items()]
    if policy is Others.KEEP:
        ranked = list(rest.by_class.items())
        segments += [(colours[name], amount.area_px, name) for name, amount in ranked[:MOST_SEGMENTS]]
        rarer_px = sum(amount.area_px for _, amount in ranked[MOST_SEGMENTS:])
        segments.append((UNKNOWN[st.context.theme.type or "light"], rarer_px, "further classes"))
    else:
        becomes = {
            Others.BACKGROUND: (BACKGROUND, "background"),
            Others.MERGE: (OTHER, "other"),
            Others.IGNORE: (IGNORED_PATTERN, "ignored"),
        }
        colour, name = becomes[policy]
        segments.append((colour, rest.total.area_px, name))
    _draw_bar(segments)


def _draw_bar(segments: Sequence[tuple[str, float, str]]) -> None:
    whole = sum(area_px for _, area_px, _ in segments)
    parts = [
        f"<div title='{html.escape(f'{name}: {percent(area_px / whole)}', quote=True)}' "
        f"style='flex:{area_px / whole:.6f} 0 0;background:{colour}'></div>"
        for colour, area_px, name in segments
        if area_px
    ]
    look = f"display:flex;height:0.7rem;border-radius:0.35rem;overflow:hidden;border:1px solid {EDGE}"
    st.html(f"<div style='{look}'>{''.join(parts)}</div>")


def _sample(view: View, samples: Sequence[ImageKey]) -> ImageKey:
    """Offer the sample images, and show one as it is and with its masks where it can be had; return which it is."""
    are_shown = _can_be_had(view, samples[0])
    columns = st.columns([3, 3, 5] if are_shown else 1, gap="small", vertical_alignment="center")
    with columns[-1]:
        st.subheader("Compare the four options")
        st.caption(SHOWN if are_shown else f"{SHOWN} The image file is not on disk; training masks do not need it.")
        page = st.pagination(len(samples), key="rest-image", max_visible_pages=5) if len(samples) > 1 else 1
        image = samples[min(page, len(samples)) - 1]
        is_coming = fetch_beside(view, [image])
    if are_shown:
        _image(view, image, with_masks=False, column=columns[0], is_coming=is_coming)
        _image(view, image, with_masks=True, column=columns[1], is_coming=is_coming)
    return image


def _image(view: View, image: ImageKey, *, with_masks: bool, column: DeltaGenerator, is_coming: bool) -> None:
    caption = f"{'ground truth (all classes)' if with_masks else 'image'} · {image[1]} · {image[0]}"
    jpeg = annotated_image(view, image, longest_px=SHOWN_SIDE_PX, classes=None if with_masks else ())
    if jpeg is None:
        column.caption(f"{caption}: {'on its way …' if is_coming else 'the image file is missing or unreadable.'}")
    else:
        column.image(jpeg, caption=caption, width="stretch", alt=caption)


@cached(of_images)
def _samples_of(view: View) -> list[ImageKey]:
    """Return images that show the difference best, those that can be had; without any, the best."""
    ranked = sample_images(view.subset, most=SEARCHED_COUNT)
    at_hand = (image for image in ranked if _can_be_had(view, image))
    return list(islice(at_hand, SAMPLE_COUNT)) or ranked[:SAMPLE_COUNT]


def _can_be_had(view: View, image: ImageKey) -> bool:
    """Return whether an image is on disk, or at an address, where it comes from when it is shown."""
    split = view.dataset.split(image[0])
    has_folder = split.image_folder is not None  # without one no image need be looked up
    return has_folder and (split.address is not None or view.dataset.image(image).path is not None)


@cached(of_selection, most=500)
def label_map_image(view: View, image: ImageKey, size_px: int) -> bytes:
    """Return the label map of an image as an enlarged PNG.

    Args:
        view: its selection gives the labels and what becomes of the unselected classes.
    """
    table, found = label_table(view.dataset, view.selection), seen_by(view.selection, view.dataset).image(image)
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
    box = f"display:inline-block;width:0.8em;height:0.8em;border:1px solid {EDGE};background:{colour}"
    return f"<span style='font-size:0.875rem'><span style='{box}'></span> {html.escape(text)}</span>"
