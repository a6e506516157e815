"""What does the export hold? Its amounts, and what each split gets of each class, before anything is written."""

from html import escape

import streamlit as st

from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.licences import NOT_NAMED, licence_counts_in, terms_at
from cocomine.mining.selection.split_shares import ClassCounts, SplitShares, deviation_sentence
from cocomine.ui.session.view import View
from cocomine.wording import POLICY_IN_EXPORT, counted, join_names, percent, plain, size_words

NONE_MARK, FEW_MARK = "✕", "▲"


def summary_card(view: View, plan: ExportPlan) -> None:
    """Show the amounts of a plan, a row for each class, and what becomes of all else."""
    subset, shares = plan.subset, plan.shares
    st.header("Summary")
    with st.container(horizontal=True, gap="medium", key="export-amounts"):
        st.metric("Images", f"{subset.image_count:,}", width="content")
        st.metric("Objects", f"{subset.instance_count:,}", width="content")
        st.metric("Classes", f"{len(plan.recipe.selection.classes):,}", width="content")
        unknown = "at an address" if view.has_address else "none found"
        size = unknown if view.size_bytes is None else size_words(view.size_bytes)
        st.metric("Image files", size, width="content")
    st.html(_class_table(view, plan, shares))
    if sentence := deviation_sentence(shares):
        st.caption(plain(sentence))
    st.caption(" · ".join(map(plain, _footer(view, plan))))


def _class_table(view: View, plan: ExportPlan, shares: SplitShares) -> str:
    """Return the table of classes as HTML; it scrolls by itself where there are many."""
    totals = dict(zip(shares.splits, shares.image_counts, strict=True))
    reached = shares.shares(shares.image_counts)
    heads = "".join(_split_head(shares, name, totals[name], reached.get(name)) for name in shares.splits)
    most = max((sum(each.object_counts) for each in shares.classes), default=0)
    rows = "".join(_row(view.colours[each.name], shares, each, plan.min_images, most) for each in shares.classes)
    return (
        "<div class='cm-table' role='region' tabindex='0' aria-label='Images and objects of each class by split'>"
        f"<table><thead><tr><th scope='col'>Class</th>{heads}<th scope='col' class='cm-bar'>Objects</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _split_head(shares: SplitShares, name: str, image_count: int, share: float | None) -> str:
    asked = shares.asked.get(name)
    parts = [counted(image_count, "image")]
    parts += [] if share is None else [percent(share, decimals=0)]
    parts += [] if asked is None else [f"asked {percent(asked, decimals=0)}"]
    return f"<th scope='col' class='cm-number'>{escape(name)}<small>{' · '.join(parts)}</small></th>"


def _row(colour: str, shares: SplitShares, counts: ClassCounts, min_images: int, most: int) -> str:
    image_count, object_count = sum(counts.image_counts), sum(counts.object_counts)
    is_few = 0 < image_count < min_images
    note = f"<small class='cm-few'>{FEW_MARK} {image_count:,} of {min_images:,} images asked for</small>"
    swatch = f"<span class='cm-swatch' style='background:{colour}'></span>"
    reached = shares.shares(counts.image_counts)
    cells = "".join(
        _split_cell(images, objects, reached.get(name))
        for name, images, objects in zip(shares.splits, counts.image_counts, counts.object_counts, strict=True)
    )
    width = 100 * object_count / most if most else 0
    return (
        f"<tr><th scope='row'>{swatch}{escape(counts.name)}{note if is_few else ''}</th>{cells}"
        f"<td class='cm-bar'><span class='cm-track'><span style='width:{width:.1f}%;background:{colour}'></span></span>"
        f"{object_count:,}</td></tr>"
    )


def _split_cell(image_count: int, object_count: int, share: float | None) -> str:
    if not image_count:
        return f"<td class='cm-number cm-none'>{NONE_MARK} 0<small>no image</small></td>"
    parts = [] if share is None else [percent(share, decimals=0)]
    parts.append(counted(object_count, "object"))
    return f"<td class='cm-number'>{image_count:,}<small>{' · '.join(parts)}</small></td>"


def _footer(view: View, plan: ExportPlan) -> list[str]:
    """Return what becomes of unselected objects and excluded images, and which licences the images have."""
    others, selection = counted(plan.subset.other_instance_count, "unselected object"), plan.recipe.selection
    excluded = [f"{counted(len(view.excluded), 'image')} excluded"] if view.excluded else []
    return [f"{others}: {POLICY_IN_EXPORT[selection.others]}", *excluded, _licence_words(plan)]


def _licence_words(plan: ExportPlan) -> str:
    """Return which licences are taken, and how many images forbid commercial use or have no licence that is known."""
    taken, restricted, unknown = plan.recipe.selection.licences, 0, 0
    for part in plan.subset.parts:
        urls = {licence.name: licence.url for licence in part.split.licences}
        for name, count in licence_counts_in(part.split, part.image_index).items():
            terms = None if name == NOT_NAMED else terms_at(urls[name])
            unknown += count if terms is None else 0
            restricted += count if terms is not None and not terms.commercial else 0
    parts = [f"{restricted:,} non-commercial"] if restricted else []
    parts += [f"{unknown:,} not known"] if unknown else []
    words = "any" if taken is None else join_names(taken) if taken else "none"
    return f"Licence: {words}{f' ({join_names(parts)})' if parts else ''}"
