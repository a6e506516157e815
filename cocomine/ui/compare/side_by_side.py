"""Runs that were ticked, side by side: curves, differences with their intervals, and the settings that differ."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import streamlit as st

from cocomine.charts.theme import CURVES
from cocomine.training.runs.comparable import is_judged, why_not_comparable
from cocomine.training.runs.evaluation_file import LAST_EVALUATION
from cocomine.training.runs.paired_difference import WHAT_PAIRS_TELL, PairedDifference, paired_difference
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import METRICS
from cocomine.training.runs.run_rows import differing_settings
from cocomine.training.runs.run_scores import ComparableRuns, baseline_sentence, few_images_width, score
from cocomine.ui.session.cached import Files, cached, files_of
from cocomine.ui.train.run_figures import DrawnRun, compared_iou_figure, compared_loss_figure
from cocomine.ui.train.run_times import is_over_time, over_time
from cocomine.wording import plain, unbroken

MOST_RUNS = len(CURVES)


def side_by_side(ticked: Sequence[Run]) -> None:
    """Show what of the ticked runs can stand side by side, and why the others cannot."""
    if not ticked:
        return
    first = next((run for run in ticked if is_judged(run)), None)
    if first is None:
        st.info("None of the ticked runs has a result to compare: an overfit test, or no evaluation yet.")
        return
    runs = [run for run in ticked if why_not_comparable(first, run) is None]
    _left_out(first, [run for run in ticked if run not in runs])
    if len(runs) < 2:
        st.info("Tick another run that was judged on the same validation images.", icon=":material/checklist:")
        return
    if len(runs) > MOST_RUNS:
        st.caption(f"The first {MOST_RUNS} of the ticked runs are drawn: there are no more colours to tell them apart.")
    _group(runs)
    _curves(runs[:MOST_RUNS])
    _differences(runs)
    _settings(runs)


def _left_out(first: Run, others: Sequence[Run]) -> None:
    for run in others:
        reason = why_not_comparable(first, run)
        st.caption(f":material/block: **{plain(run.folder.name)}** is not beside {plain(first.folder.name)}: {reason}.")


def _group(runs: Sequence[Run]) -> None:
    """Say on what the runs were judged, and what baselines score there."""
    line, info = score(runs[0]), runs[0].info
    if line is None or info is None:
        return
    group = ComparableRuns(info=info, image_count=line.image_count, runs=list(runs))
    st.header("Side by side")
    st.markdown(f"**{plain(group.title)}**")
    st.caption(unbroken(baseline_sentence(group)))
    if notice := few_images_width(group.image_count):
        st.caption(f":material/info: {notice}")


def _curves(runs: Sequence[Run]) -> None:
    drawn = [DrawnRun(run=run, colour=colour) for run, colour in zip(runs, CURVES, strict=False)]
    if is_over_time("compared-axis"):
        drawn = over_time(drawn) or drawn
    measure = "steps" if drawn[0].times is None else "time"
    loss, iou = st.columns(2)
    with loss:
        st.markdown("**Validation loss**", help="Cross entropy on the validation images.")
        st.plotly_chart(
            compared_loss_figure(drawn),
            key="compared-loss",
            config={"displayModeBar": False},
            alt=f"Validation loss of the runs over training {measure}",
        )
    with iou:
        st.markdown("**mIoU**", help="On the validation images, over your classes, without background.")
        st.plotly_chart(
            compared_iou_figure(drawn),
            key="compared-iou",
            config={"displayModeBar": False},
            alt=f"mIoU of the runs over training {measure}",
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pair:
    """Two runs, with the files that their difference follows from."""

    first: Run
    second: Run
    files: Files

    @classmethod
    def of(cls, first: Run, second: Run) -> "_Pair":
        paths = [run.folder / name for run in (first, second) for name in (METRICS, LAST_EVALUATION)]
        return cls(first=first, second=second, files=files_of(first.folder, paths))

    @property
    def key(self) -> Hashable:
        """The same until one of them has another result."""
        return self.first.folder, self.second.folder, self.files.key


def _same_pair(pair: _Pair) -> _Pair:
    return pair


@cached(_same_pair)
def _difference(pair: _Pair) -> PairedDifference | str:
    return paired_difference(pair.first, pair.second)


def _differences(runs: Sequence[Run]) -> None:
    st.subheader("Differences")
    found = [_difference(_Pair.of(runs[0], run)) for run in runs[1:]]
    for each in found:
        said = each.sentence if isinstance(each, PairedDifference) else each
        st.markdown(f"- {plain(said)}")
    if any(isinstance(each, PairedDifference) for each in found):
        st.caption(f":material/casino: {WHAT_PAIRS_TELL}")


def _settings(runs: Sequence[Run]) -> None:
    st.subheader("Settings that differ")
    rows = differing_settings(runs)
    if not rows:
        st.caption("None: these runs have the same settings.")
        return
    st.dataframe(
        rows,
        hide_index=True,
        column_config={"": st.column_config.TextColumn("setting", pinned=True)},
        alt="Settings that differ",
    )
