"""The test images on which two arms of a claim check differ most: ground truth, and what a network of each predicts."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cocomine.claim.contrast import Contrast, Contrasts, contrasts
from cocomine.claim.predicted_maps import map_path, read_map, shown_runs
from cocomine.claim.reading import Claim
from cocomine.claim.records import EXPORTS, TESTS, Comparison
from cocomine.drawing.label_comparison import Look, comparison_jpeg, predictions_jpeg
from cocomine.errors import CocomineError, UnreadableImage
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.reading import ExportSplit, read_export
from cocomine.labels.label_map import LabelMap
from cocomine.training.runs.true_images import image_paths, read_true_image
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.wording import percent, plain

TEST_SIDE = "test"
STRIP_WIDTH_PX = 300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawing:
    """All that an image is drawn from."""

    split: ExportSplit
    path: Path
    image_id: int
    predictions: tuple[LabelMap, ...]
    key: Hashable


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """A claim check whose counts are read once for as long as they do not change."""

    claim: Claim
    key: Hashable


def differing_images(claim: Claim) -> None:
    """Offer the images on which the primary arms differ most; they are drawn where the person opens them."""
    compared = claim.protocol.primary
    label = f"Images where {compared.first} and {compared.second} differ most"
    section = st.expander(label, icon=":material/image_search:", key="claim-images", on_change="rerun")
    if not section.open:
        return
    with section:
        try:
            found = _contrasts(_Judged(claim=claim, key=_counts_key(claim)), compared)
            split = _test_split(_export_files(claim, compared))
        except CocomineError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        st.caption(
            f"IoU of all your classes together in the image, mean over seeds, {compared.steps:,} steps; "
            "100 % where nothing is there and nothing is predicted. Above image and ground truth, below what "
            f"{compared.first} and {compared.second} predict, each with its first seed."
        )
        _images(f"{compared.first} is furthest ahead", found.first_ahead, split, claim)
        _images(f"{compared.second} is furthest ahead", found.second_ahead, split, claim)


def _images(title: str, images: Sequence[Contrast], split: ExportSplit, claim: Claim) -> None:
    compared = claim.protocol.primary
    st.markdown(f"**{title}**")
    if not images:
        st.caption("On no image.")
        return
    paths = image_paths(split, [each.image_id for each in images])
    with st.grid("auto", min_column_width=STRIP_WIDTH_PX, gap="small"):
        for each in images:
            with st.container(gap="xxsmall"):
                _image(split, paths.get(each.image_id), each, claim)
                scores = f"{compared.first} {percent(each.first)} · {compared.second} {percent(each.second)}"
                st.caption(f"image {each.image_id} · {scores}")


def _image(split: ExportSplit, path: Path | None, each: Contrast, claim: Claim) -> None:
    if path is None:
        st.caption(":material/broken_image: The image is not in the export any more.")
        return
    maps = [map_path(claim.folder, run, each.image_id) for run in shown_runs(claim.protocol)]
    predictions = tuple(labels for labels in map(read_map, maps) if labels is not None)
    drawing = _Drawing(
        split=split,
        path=path,
        image_id=each.image_id,
        predictions=predictions if len(predictions) == len(maps) else (),
        key=(files_of(path, [path]).key, files_of(claim.folder, maps).key, split.name),
    )
    try:
        above, below = _strips(drawing)
    except UnreadableImage as error:
        st.caption(f":material/broken_image: {plain(str(error))}")
        return
    st.image(above, width="stretch", alt="image and ground truth")
    if below is None:
        st.caption(":material/block: Predictions were not kept by the version that made this check.")
    else:
        names = " and ".join(run.arm for run in shown_runs(claim.protocol))
        st.image(below, width="stretch", alt=f"predictions of {names}")


@cached(lambda drawing: drawing, most=64)
def _strips(drawing: _Drawing) -> tuple[bytes, bytes | None]:
    """Return image and ground truth side by side, and below them what both arms predict, None where it is not kept."""
    found = read_true_image(drawing.split, drawing.path, drawing.image_id)
    colours = {label.label: label.colour for label in drawing.split.table.labels if label.label}
    above = comparison_jpeg(found.image, found.truth, None, colours, Look())
    return above, predictions_jpeg(found.image, drawing.predictions, colours) if drawing.predictions else None


@cached(lambda judged: judged, most=4)
def _contrasts(judged: _Judged, compared: Comparison) -> Contrasts:
    return contrasts(judged.claim.folder, judged.claim.protocol, compared)


def _counts_key(claim: Claim) -> Hashable:
    return files_of(claim.folder, sorted((claim.folder / TESTS).glob("*.npz"))).key


def _export_files(claim: Claim, compared: Comparison) -> Files:
    folder = claim.folder / EXPORTS / compared.first
    return files_of(folder, [folder / MANIFEST])


@cached(same_files, most=4)
def _test_split(files: Files) -> ExportSplit:
    return next(split for split in read_export(files.root).splits if split.name == TEST_SIDE)
