"""One run on the page: how far it is, its curves, its sample predictions, its log."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import streamlit as st

from cocomine.charts.bars import share_bars
from cocomine.charts.training_curves import Curve, curve_chart
from cocomine.coco.image_file import read_image
from cocomine.errors import TrainingError, UnreadableImage
from cocomine.system.own_process import LOG
from cocomine.training.runs.comparison import absent_classes, interval_words, score, verdict
from cocomine.training.runs.faults import remedy_words
from cocomine.training.runs.queue import start_in_turn
from cocomine.training.runs.reading import CARD, CHECKPOINT, DamagedRun, Run, request_stop
from cocomine.training.runs.records import EvalLine
from cocomine.ui.session import state
from cocomine.ui.session.exports_and_runs import run_at
from cocomine.ui.session.jobs import run_by_itself
from cocomine.wording import RUN_STATE_NAMES, counted, duration, join_names, percent, plain

POLL_S = 2.0
TAIL_BYTES = 1 << 16
CURVE_POINTS = 500  # more cannot be told apart on a screen
BADGES: dict[str, tuple[str, Literal["blue", "orange", "green", "red"]]] = {
    "starting": (":material/hourglass_top:", "blue"),
    "preparing": (":material/hourglass_top:", "blue"),
    "running": (":material/play_arrow:", "blue"),
    "stopping": (":material/stop:", "orange"),
    "stopped": (":material/pause:", "orange"),
    "done": (":material/check:", "green"),
    "failed": (":material/error:", "red"),
    "asleep": (":material/bedtime:", "orange"),
    "lost": (":material/help:", "red"),
}
"""Icon and colour of each state of a run."""


def run_panel(run: Run) -> None:
    """Show a run, and show it anew every two seconds while it is active."""
    st.fragment(_live_run, run_every=POLL_S if run.is_active else None)(run.folder, is_active=run.is_active)


def _run_or_message(folder: Path) -> Run | None:
    """Return the run in a folder; where it cannot be read, or was deleted meanwhile, say so and return None."""
    try:
        return run_at(folder)
    except TrainingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _live_run(folder: Path, *, is_active: bool) -> None:
    run = _run_or_message(folder)
    if run is None:
        return
    if run.is_active != is_active:
        run_by_itself()
    _head(run)
    _problems(run)
    if run.info is not None and run.info.notices:
        st.warning("\n".join(f"- {plain(notice)}" for notice in run.info.notices))
    if run.metrics:
        _curves(run)
        _numbers(run)
        _samples(run)
    with st.expander("Log and files", icon=":material/description:"):
        st.code(str(folder), language=None)
        st.code(_tail(folder / LOG) or "The log is empty.", language=None, height=240)
        if card := _tail(folder / CARD):
            st.download_button("Model card", card, CARD, "text/markdown", icon=":material/badge:", on_click="ignore")


def damaged_list(damaged: Sequence[DamagedRun], runs: Sequence[Run] = ()) -> None:
    """Name the runs that cannot be opened, and those of `runs` of which a file is damaged, each with what to do."""
    sentences = [f"**{plain(each.folder.name)}**: damaged. {plain(each.problem)}" for each in damaged]
    sentences += [f"**{plain(run.folder.name)}**: {plain(' '.join(run.problems))}" for run in runs if run.problems]
    if sentences:
        with st.expander(f"{counted(len(sentences), 'run')} with damaged files", icon=":material/broken_image:"):
            for sentence in sentences:
                st.markdown(sentence)


def _problems(run: Run) -> None:
    if run.problems:
        remedy = (
            "Resume writes them anew, the metrics from the last checkpoint."
            if run.can_be_resumed
            else "The trained weights are not affected."
        )
        st.warning("\n".join(f"- {plain(problem)}" for problem in run.problems) + f"\n\n{remedy}")


def _head(run: Run) -> None:
    icon, colour = BADGES[run.state]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(RUN_STATE_NAMES[run.state], icon=icon, color=colour)
        st.caption(" · ".join(_progress_words(run)))
        if run.is_active and st.button("Stop training", icon=":material/stop:", key=f"stop-{run.folder}"):
            request_stop(run.folder)
            st.toast("Stopping after the current step; the run can be resumed later.")
        if run.can_be_resumed and st.button("Resume", icon=":material/resume:", key=f"resume-{run.folder}"):
            _resume(run)
    if run.is_active:
        st.progress(min(run.step / run.config.steps, 1.0))
    if run.state == "failed":
        st.error(plain(run.message), icon=":material/error:")
        _offer_change(run)
    if run.state == "lost":
        remedy = (
            "Resume continues from the last checkpoint."
            if (run.folder / CHECKPOINT).is_file()
            else "There is no checkpoint yet: Resume starts it over."
        )
        st.warning(f"Training process ended unexpectedly: killed, or out of memory. {remedy}", icon=":material/help:")
    if run.state == "asleep":
        way_out = "" if run.pid is None else f" To give it up, end process {run.pid}."
        st.warning(
            "Training process is alive but silent: suspended, or very slow. It continues by itself when it wakes; "
            f"no second one is started beside it.{way_out}",
            icon=":material/bedtime:",
        )


def _resume(run: Run, changes: Mapping[str, float] = MappingProxyType({})) -> None:
    """Resume a run, now or in its turn, and run the page again."""
    if not start_in_turn(run.config, run.folder, state.workspace().tasks, changes):
        st.toast("Another run is at work. This one resumes in its turn.")
    st.rerun()


def _offer_change(run: Run) -> None:
    """Offer to go on with the settings that a failure calls for, such as a smaller batch."""
    fault = None if run.status is None else run.status.fault
    words = None if fault is None else remedy_words(fault)
    if fault is None or words is None:
        return
    if st.button(words, icon=":material/build:", type="primary", key=f"change-{run.folder}"):
        _resume(run, fault.changes)


def _progress_words(run: Run) -> list[str]:
    words = [f"step {run.step:,} / {run.config.steps:,}"]
    status = run.status
    if status is None or not run.is_active:
        return words
    if status.message:
        words.append(status.message)
    if status.images_per_s:
        words.append(f"{status.images_per_s:.1f} images/s")
    if status.seconds_left:
        words.append(f"{duration(status.seconds_left)} left")
    return words


def _curves(run: Run) -> None:
    train, evaluations = run.metrics.train, run.metrics.evaluations
    loss, iou = st.columns(2)
    with loss:
        st.markdown("**Loss**")
        training = Curve.of([(line.step, line.loss) for line in train]).thinned(CURVE_POINTS)
        cross_entropy = Curve.of([(line.step, line.cross_entropy) for line in evaluations], is_dashed=True)
        st.plotly_chart(
            curve_chart(
                {"training": training, "validation (cross entropy)": cross_entropy},
                y_title="loss",
                last_step=run.config.steps,
            ),
            key=f"loss-{run.folder}",
            config={"displayModeBar": False},
            alt="Loss over training steps",
        )
    with iou:
        st.markdown(
            "**IoU on the validation images**",
            help="Intersection over union: 1 where prediction and ground truth are the same area, 0 where they do not "
            "overlap. mIoU is the mean over your classes, without background, at the images' own size.",
        )
        paper = Curve.of([(line.step, line.mean_true_probability) for line in evaluations], is_dashed=True)
        baseline = evaluations[-1].background_baseline.mean_true_probability if evaluations else None
        st.plotly_chart(
            curve_chart(
                {
                    "mIoU (your classes)": Curve.of([(line.step, line.mean_iou) for line in evaluations]),
                    "Paper metric (Eq. 2)": paper,
                },
                y_title="IoU",
                floors={} if baseline is None else {"Paper metric, empty prediction": baseline},
                highest=1.0,
                last_step=run.config.steps,
            ),
            key=f"iou-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU over training steps",
        )


def _numbers(run: Run) -> None:
    line = score(run)
    if line is None:
        return
    numbers, classes = st.columns(2)
    with numbers, st.container(horizontal=True):
        interval = interval_words(line)
        st.metric(
            "mIoU (your classes)",
            _percent(line.mean_iou),
            None if interval is None else f"95 %: {interval}",
            delta_color="off",
            delta_arrow="off",
            border=True,
            help="Without background. Below it the 95 % interval over images: how far other images of the same kind "
            "would move it",
        )
        st.metric(
            "mIoU, empty prediction",
            _percent(line.background_baseline.mean_iou),
            border=True,
            help="Of calling every pixel background, on the same images",
        )
        st.metric(
            "Paper metric (Eq. 2)",
            _percent(line.mean_true_probability),
            border=True,
            help="Mean probability of the true class, background included; no IoU",
        )
        st.metric(
            "Paper metric, empty prediction",
            _percent(line.background_baseline.mean_true_probability),
            border=True,
            help="Of calling every pixel background, on the same images",
        )
    with numbers:
        st.caption(f"{line.image_count:,} validation images, step {line.step:,}")
        if said := verdict(run):
            st.markdown(f"**{said}**")
        if run.info is not None and (absent := absent_classes(line, run.info)):
            st.caption(f"Not in these images, so not scored: {plain(join_names(absent))}.")
    with classes:
        _iou_per_class(run, line)


def _iou_per_class(run: Run, line: EvalLine) -> None:
    labels = [] if run.info is None else run.info.selected_labels
    if labels:
        st.plotly_chart(
            share_bars(
                {label.name: line.iou[label.label] for label in labels},
                title="IoU per class",
                colours={label.name: label.colour for label in labels},
            ),
            key=f"classes-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU per class",
        )


def _samples(run: Run) -> None:
    if not run.samples:
        return
    st.markdown("**Sample predictions:** image, ground truth, prediction")
    steps = [sample.step for sample in run.samples]
    step = steps[-1]
    if len(steps) > 1 and not run.is_active:
        step = st.select_slider("Step", steps, value=steps[-1], key=f"step-{run.folder}")
    sample = run.samples[steps.index(step)]
    with st.grid("auto", min_column_width=420, gap="small"):
        for path in sample.paths:
            try:
                st.image(read_image(path), width="stretch", alt="image, ground truth and prediction")
            except UnreadableImage as error:
                st.caption(f":material/broken_image: {plain(str(error))}")


def _percent(value: float | None) -> str:
    return "–" if value is None else percent(value, decimals=1)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})."
