"""Erase each class from the validation images: which class does the network find by another, which one disturbs it?"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from cocomine.charts.erasure_map import erasure_map, told_points
from cocomine.claim.erase_test import erase_classes
from cocomine.claim.erasure import FEWEST_IMAGES, Change, ErasedPair, ErasureResult
from cocomine.errors import CocomineError
from cocomine.system.csv_text import csv_of_rows
from cocomine.system.files import stamp_of
from cocomine.system.jobs import JobCancelled, Progress
from cocomine.training.runs.reading import BEST, Run
from cocomine.ui.session.jobs import background, existing_job, forget_ended_job, forget_job, progress_panel
from cocomine.ui.wide_chart import wide_chart_key
from cocomine.wording import counted, plain

MOST_IMAGES = 500
MOST_SENTENCES = 6
HELP = (
    "Objects of one class at a time are filled with what surrounds them, in two ways, and so is an equal area "
    "elsewhere, whose effect is taken off. Where the IoU of another class falls, the network found it by the erased "
    "one; where it rises, that one disturbed it."
)
NUMBERS: dict[str, Callable[[Change], float]] = {
    "points": lambda change: round(100 * change.value, 2),
    "low": lambda change: round(100 * change.low, 2),
    "high": lambda change: round(100 * change.high, 2),
    "corrected p": lambda change: change.p_corrected,
}
"""Columns of the table for each way to fill."""


def erase_section(run: Run) -> None:
    """Offer the test for a run with weights that is not at work, and show what came out."""
    classes = [] if run.info is None else [label for label in run.info.labels if label.label]
    if not (run.folder / BEST).is_file() or run.is_active or len(classes) < 2:
        return
    with st.expander("Erase test: which class helps which", icon=":material/ink_eraser:", key=f"erase-{run.folder}"):
        st.caption(HELP)
        _test(run.folder)


def _test(folder: Path) -> None:
    key = ("erase", str(folder), stamp_of((folder / BEST).stat()))
    job = existing_job(key)
    if job is None:
        st.button(
            "Erase each class", icon=":material/ink_eraser:", on_click=_begin, args=(key, folder), key=f"begin-{key}"
        )
    elif job.state == "running":
        progress_panel(job, "Erasing classes", key=f"erase-{folder}")
    else:
        _ended(key, folder)


def _begin(key: tuple[object, ...], folder: Path) -> None:
    forget_ended_job(key)
    background(key, partial(_erased, folder))


def _erased(folder: Path, progress: Progress) -> ErasureResult:
    return erase_classes(folder, progress, image_limit=MOST_IMAGES)


def _ended(key: tuple[object, ...], folder: Path) -> None:
    job = existing_job(key)
    try:
        result: ErasureResult | None = None if job is None else job.result()
    except JobCancelled:
        result = None
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
        result = None
    if result is None:
        st.button("Try again", icon=":material/replay:", on_click=forget_job, args=(key,), key=f"again-{key}")
        return
    _shown(result, folder)


def _shown(result: ErasureResult, folder: Path) -> None:
    for sentence in sentences(result):
        st.markdown(sentence)
    figure = erasure_map(result.pairs, theme=st.context.theme.type or "light")
    with st.container(key=wide_chart_key(f"erasure-{folder}", len({pair.measured for pair in result.pairs}))):
        st.plotly_chart(figure, key=f"erasure-{folder}", config={"displayModeBar": False}, alt="Erase test")
    st.caption(
        f"Rows are erased, columns are measured; {counted(result.image_count, 'validation image')} at "
        f"{result.size_px} px. Grey: fewer than {FEWEST_IMAGES} images have both. The numbers are of this network "
        "alone: another seed may give another one."
    )
    st.download_button(
        "CSV",
        partial(csv_of, result),
        f"{result.run}-erase-test.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def sentences(result: ErasureResult) -> list[str]:
    """Return what can be told, the largest change first, as Markdown; or that nothing can."""
    judged = [pair for pair in result.pairs if pair.ring is not None]
    told = sorted((pair for pair in judged if pair.is_told), key=lambda pair: -abs(told_points(pair)))
    if not told:
        return [
            f"**No change can be told from chance** in {counted(len(judged), 'pair')} of classes with enough images. "
            "More validation images would show smaller changes."
        ]
    return [f"- {_sentence(pair)}" for pair in told[:MOST_SENTENCES]]


def _sentence(pair: ErasedPair) -> str:
    points, measured, erased = told_points(pair), plain(pair.measured), plain(pair.erased)
    why = f"{erased} disturbs it" if points > 0 else f"the network finds it by {erased}"
    return f"**{measured}** without {erased}: {points:+.1f} points on {counted(pair.image_count, 'image')}; {why}."


def csv_of(result: ErasureResult) -> str:
    """Return all pairs as a table, changes in points."""
    return csv_of_rows([_row(pair) for pair in result.pairs])


def _row(pair: ErasedPair) -> dict[str, object]:
    row: dict[str, object] = {"erased": pair.erased, "measured": pair.measured, "images": pair.image_count}
    for filling, change in (("ring", pair.ring), ("blur", pair.blur)):
        row |= {f"{filling} {name}": None if change is None else number(change) for name, number in NUMBERS.items()}
    return row | {"told from chance": pair.is_told}
