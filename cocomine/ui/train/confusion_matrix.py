"""Which class is taken for which: the confusion matrix of a run, whose cells open the images behind them."""

from functools import partial

import streamlit as st

from cocomine.charts.confusion_map import confusion_map
from cocomine.charts.theme import Figure
from cocomine.training.runs.evaluation_file import ImageCounts
from cocomine.training.runs.image_ranking import ConfusedImage, most_confused
from cocomine.ui.session.cached import cached
from cocomine.ui.train.evaluated_run import EvaluatedRun, counts_of, same_evaluation
from cocomine.ui.train.image_gallery import ListedImage, image_gallery
from cocomine.ui.wide_chart import wide_chart_key
from cocomine.wording import counted, percent, plain

Cell = tuple[int, int]
"""A true and a predicted label."""


def confusion_section(run: EvaluatedRun, *, is_small: bool) -> None:
    """Show the matrix; a large one is folded up until the person wants it, since it takes a while to send and draw."""
    if counts_of(run) is None:
        return
    if is_small:
        st.markdown("**Confusion matrix**", help="Where each class was, and what was predicted there")
        _matrix(run)
        return
    key = f"confusions-section-{run.run.folder}"
    section = st.expander("Confusion matrix", icon=":material/grid_on:", key=key, on_change="rerun")
    if section.open:
        with section:
            _matrix(run)


@st.fragment
def _matrix(run: EvaluatedRun) -> None:
    """Draw the matrix; a click on a cell runs this part alone."""
    counts = counts_of(run)
    if counts is None:
        return
    key = f"confusions-{run.run.folder}"
    with st.container(key=wide_chart_key(key, len(run.info.labels))):
        st.plotly_chart(
            _figure(run, st.context.theme.type or "light"),
            key=key,
            on_select=partial(_clicked, key, len(run.info.labels)),
            selection_mode="points",
            config={"displayModeBar": False},
            alt="Confusion matrix",
        )
    st.caption(_caption(counts))
    _open_asked(run, counts, key)


@cached(same_evaluation, most=8)
def _figure(run: EvaluatedRun, theme: str) -> Figure:
    """Return the map; it is shared, so nobody may change it."""
    counts = counts_of(run)
    if counts is None:
        raise ValueError("there is no confusion matrix without counts")
    return confusion_map(counts.confusions.total(), [label.name for label in run.info.labels], theme=theme)


def _caption(counts: ImageCounts) -> str:
    step = "" if counts.step is None else f", step {counts.step:,}"
    return (
        f"Share of the row's pixels in %, {counted(counts.confusions.image_count, 'validation image')}{step}. "
        "Click a cell to see its images."
    )


def _clicked(key: str, label_count: int) -> None:
    """Ask for the cell that was clicked; a second click on a cell takes its marker back, and asks again."""
    chart = st.session_state.get(key)
    if chart is None:  # no longer on the page: the click came after it
        return
    points = chart.selection.points
    cell = divmod(int(points[0]["point_index"]), label_count) if points else st.session_state.get(f"{key}-last")
    st.session_state[f"{key}-last"] = cell
    if cell is not None:
        _ask_for(key, cell)


def _ask_for(key: str, cell: Cell) -> None:
    """Let the dialog of a cell open in the next run."""
    st.session_state[f"{key}-asked"] = cell


def _open_asked(run: EvaluatedRun, counts: ImageCounts, key: str) -> None:
    cell = st.session_state.pop(f"{key}-asked", None)
    if cell is None or max(cell) >= len(run.info.labels):
        return
    truth, prediction = (plain(run.info.labels[label].name) for label in cell)
    title = f"Images with most pixels of {truth} predicted as {prediction}"
    st.dialog(title, width="large", icon=":material/grid_on:")(_cell_images)(run, counts, cell, key)


def _cell_images(run: EvaluatedRun, counts: ImageCounts, cell: Cell, key: str) -> None:
    images = most_confused(counts, *cell)
    truth, prediction = (plain(run.info.labels[label].name) for label in cell)
    if not images:
        st.info(f"No pixel of {truth} is predicted as {prediction} in these images.", icon=":material/search_off:")
        return
    listed = [ListedImage(image_id=each.image_id, words=_words(each, truth)) for each in images]
    image_gallery(run, listed, key=f"{key}-images", at_end=partial(_ask_for, key, cell))


def _words(each: ConfusedImage, truth: str) -> str:
    return f"{counted(each.pixel_count, 'pixel')}, {percent(each.share)} of its {truth}"
