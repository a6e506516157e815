"""The validation images that a run predicts worst."""

from collections.abc import Sequence

import streamlit as st

from cocomine.training.runs.image_ranking import MOST_IMAGES, ScoredImage, lowest_iou
from cocomine.ui.session.cached import cached
from cocomine.ui.train.evaluated_run import EvaluatedRun, counts_of, same_evaluation, selected_class
from cocomine.ui.train.image_gallery import ListedImage, image_gallery
from cocomine.wording import counted, percent, plain


def worst_images(run: EvaluatedRun) -> None:
    """Offer the images with the lowest IoU; they are drawn where the person opens them."""
    if counts_of(run) is None:
        return
    key = f"worst-{run.run.folder}"
    section = st.expander("Images with the lowest IoU", icon=":material/trending_down:", key=key, on_change="rerun")
    if not section.open:
        return
    chosen = selected_class(run.run)
    labels = [each.label for each in run.info.selected_labels] if chosen is None else [chosen.label]
    with section:
        st.caption(_formula(None if chosen is None else chosen.name))
        images = _ranked(run, tuple(labels))
        if not images:
            st.info("None of these classes is in the validation images.", icon=":material/search_off:")
            return
        listed = [ListedImage(image_id=each.image_id, words=_words(each)) for each in images]
        image_gallery(run, listed, key=f"{key}-images")


def _formula(name: str | None) -> str:
    if name is not None:
        return f"The up to {MOST_IMAGES} images with {plain(name)} whose IoU of it, in the image alone, is lowest."
    return (
        f"The up to {MOST_IMAGES} images whose mean IoU is lowest: over your classes that are in the image, each with "
        "its IoU in the image alone."
    )


@cached(same_evaluation, most=16)
def _ranked(run: EvaluatedRun, labels: Sequence[int]) -> list[ScoredImage]:
    counts = counts_of(run)
    return [] if counts is None else lowest_iou(counts, labels)


def _words(each: ScoredImage) -> str:
    return f"IoU {percent(each.iou, decimals=1)}, {counted(each.label_count, 'class')}"
