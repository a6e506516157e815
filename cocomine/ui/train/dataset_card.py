"""What a new run will learn from: classes, sizes and flaws of the chosen export, each flaw with what mends it."""

from functools import partial

import streamlit as st

from cocomine.coco.size import Size
from cocomine.errors import CocomineError
from cocomine.exporting.layout import LABELS, MANIFEST
from cocomine.exporting.reading import ExportEntry
from cocomine.system.jobs import JobCancelled
from cocomine.training.runs.fingerprint import ClassCounts, Fingerprint, ImageSizes, class_counts, fingerprint
from cocomine.training.runs.flaws import Flaw, Remedy, flaws_of
from cocomine.ui.navigation import page_path
from cocomine.ui.percent_columns import percent_config
from cocomine.ui.session.cached import files_of
from cocomine.ui.session.exports_and_runs import Sources
from cocomine.ui.session.jobs import POLL_S, background, follow
from cocomine.ui.train.missing_images import offer_missing_images
from cocomine.wording import counted, percent, plain

QUICK_S = 0.5
"""Counting that ends within this time shows no progress."""
MOST_ROWS_SHOWN, ROW_PX = 6, 35
SHARE = "share of pixels"
WAYS_OUT = {
    Remedy.EXPORT: "Export again",
    Remedy.SPLIT: "Divide it anew: Split on the Export page",
}


def dataset_card(entry: ExportEntry, present: Sources) -> list[Flaw]:
    """Show what is in an export and what is wrong with it; return the flaws.

    Args:
        present: see `present_sources`.
    """
    flaws = flaws_of(entry)
    has_masks = not any(flaw.is_blocking and flaw.remedy is Remedy.EXPORT for flaw in flaws)
    if found := _counted(entry) if has_masks else None:
        flaws = flaws_of(entry, found)
    _class_table(class_counts(entry), found)
    if found is not None:
        st.caption(_words(found))
    _show_flaws(flaws)
    offer_missing_images(entry, present)
    return flaws


def _counted(entry: ExportEntry) -> Fingerprint | None:
    """Return what was counted in an export's files; None while it is being counted, or where it cannot be."""
    files = files_of(entry.folder, [entry.folder / MANIFEST, entry.folder / LABELS])
    job = background(("fingerprint", files.key), partial(fingerprint, entry), replaces="fingerprint", wait_s=QUICK_S)
    if job.state == "running":
        st.fragment(follow, run_every=POLL_S)(job)
        return None
    try:
        return job.result()
    except (CocomineError, JobCancelled) as error:
        st.caption(f":orange[:material/warning:] {plain(str(error))}")
        return None


def _class_table(rows: list[ClassCounts], found: Fingerprint | None) -> None:
    shares = {} if found is None else found.pixel_shares
    st.dataframe(
        [
            {
                "class": row.name,
                "training images": row.train_images,
                "validation images": row.val_images,
                "training objects": row.train_objects,
                "validation objects": row.val_objects,
                SHARE: 100 * shares[row.name] if row.name in shares else None,
            }
            for row in rows
        ],
        hide_index=True,
        height=ROW_PX * (min(len(rows), MOST_ROWS_SHOWN) + 1) + 3,
        column_config={"class": st.column_config.TextColumn(pinned=True)} | percent_config([SHARE]),
        alt="Images, objects and share of the training pixels of each class of the export",
    )


def _words(found: Fingerprint) -> str:
    parts = [f"Background: {percent(found.background_share)} of the training pixels"]
    if found.mask_count < found.mask_total:
        parts.append(f"shares of {counted(found.mask_count, 'training mask')} of {found.mask_total:,}")
    if found.sizes is not None:
        parts.append(_size_words(found.sizes))
    return " · ".join(parts)


def _size_words(sizes: ImageSizes) -> str:
    if sizes.smallest == sizes.largest:
        return f"all images {_size(sizes.median)}"
    return f"images {_size(sizes.smallest)} to {_size(sizes.largest)}, median {_size(sizes.median)}"


def _size(size: Size) -> str:
    return f"{size.width} × {size.height} px"


def _show_flaws(flaws: list[Flaw]) -> None:
    """Name each flaw, and once what mends those of a kind."""
    for flaw in flaws:
        if flaw.is_blocking:
            st.error(plain(flaw.sentence), icon=":material/error:")
        else:
            st.markdown(f":orange[:material/warning:] {plain(flaw.sentence)}")
    with st.container(horizontal=True, key="ways-out"):
        for remedy in dict.fromkeys(flaw.remedy for flaw in flaws if flaw.remedy in WAYS_OUT):
            st.page_link(page_path("export"), label=WAYS_OUT[remedy], icon=":material/arrow_forward:")
