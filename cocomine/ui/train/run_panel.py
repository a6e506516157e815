"""One run on the page: how far it is, its curves, its pictures, its log."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from cocomine.charts.bars import share_bars
from cocomine.charts.training_curves import Curve, curve_chart
from cocomine.coco.image_file import read_image
from cocomine.errors import TrainingError, UnreadableImage
from cocomine.training.runs.folder import CARD, CHECKPOINT, LOG, DamagedRun, Run, list_runs, read_run, request_stop
from cocomine.training.runs.launching import resume_run
from cocomine.training.runs.verdict import score, verdict
from cocomine.ui.session import state
from cocomine.wording import duration, plain

POLL_S = 2.0
TAIL_BYTES = 1 << 16
PRESETS = {
    "try": ("Try it", "A few minutes on any computer: shows that everything works, not how good it can get."),
    "paper": ("As in the paper", "Its settings step by step: plain SGD, 30,000 steps. On a CPU this takes days."),
    "modern": ("Modern", "AdamW, augmentation and early stopping: what one would do today. Better with a GPU."),
}
STATES: dict[str, tuple[str, str, Literal["blue", "orange", "green", "red"]]] = {
    "starting": ("Starting", ":material/hourglass_top:", "blue"),
    "preparing": ("Preparing", ":material/hourglass_top:", "blue"),
    "running": ("Training", ":material/play_arrow:", "blue"),
    "stopping": ("Stopping", ":material/stop:", "orange"),
    "stopped": ("Stopped", ":material/pause:", "orange"),
    "done": ("Done", ":material/check:", "green"),
    "failed": ("Failed", ":material/error:", "red"),
    "asleep": ("Asleep", ":material/bedtime:", "orange"),
    "lost": ("Interrupted", ":material/help:", "red"),
}


def all_runs() -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs of the workspace, the newest first, and those that cannot be opened."""
    return list_runs(state.workspace().runs, time.time())


def free_run_folder(name: str) -> Path:
    """Return a folder for a new run, numbered so that none is written over."""
    runs = state.workspace().runs
    number = 1
    while (runs / f"{name}-{number}").exists():
        number += 1
    return runs / f"{name}-{number}"


def run_panel(folder: Path) -> None:
    """Show a run, and show it anew every two seconds while it is active."""
    run = _run_at(folder)
    is_active = run is not None and run.is_active
    st.fragment(_live_run, run_every=POLL_S if is_active else None)(folder, is_active=is_active)


def _run_at(folder: Path) -> Run | None:
    """Return the run in a folder; None where it cannot be read, or was deleted meanwhile, which is then said."""
    try:
        return read_run(folder, time.time())
    except TrainingError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _live_run(folder: Path, *, is_active: bool) -> None:
    run = _run_at(folder)
    if run is None:
        return
    if run.is_active != is_active:
        st.rerun()
    _head(run)
    _problems(run)
    if notices := run.facts.get("notices", []):
        st.warning("\n".join(f"- {plain(notice)}" for notice in notices))
    if run.metrics:
        _curves(run)
        _pictures(run)
    with st.expander("Log and files", icon=":material/description:"):
        st.code(str(folder), language=None)
        st.code(_tail(folder / LOG) or "Nothing was logged yet.", language=None, height=240)
        if card := _tail(folder / CARD):
            st.download_button("Model card", card, CARD, "text/markdown", icon=":material/badge:", on_click="ignore")


def damaged_list(damaged: Sequence[DamagedRun], runs: Sequence[Run] = ()) -> None:
    """Name the runs that cannot be opened, and those of `runs` of which a file is damaged, each with what to do."""
    sentences = [f"**{plain(each.folder.name)}**: damaged. {plain(each.problem)}" for each in damaged]
    sentences += [f"**{plain(run.folder.name)}**: {plain(' '.join(run.problems))}" for run in runs if run.problems]
    if sentences:
        title = f"{len(sentences)} {'run has' if len(sentences) == 1 else 'runs have'} damaged files"
        with st.expander(title, icon=":material/broken_image:"):
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
    word, icon, colour = STATES[run.state]
    step, steps = int(run.status.get("step", 0)), run.config.steps
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, icon=icon, color=colour)
        st.caption(_progress_words(run, step))
        if run.is_active and st.button("Stop training", icon=":material/stop:", key=f"stop-{run.folder}"):
            request_stop(run.folder)
            st.toast("Stopping after the current step; the run can go on later.")
        if run.can_be_resumed and st.button("Resume", icon=":material/resume:", key=f"resume-{run.folder}"):
            resume_run(run.folder)
            st.rerun()
    if run.is_active:
        st.progress(min(step / max(steps, 1), 1.0))
    if run.state == "failed":
        st.error(plain(run.status.get("message", "")), icon=":material/error:")
    if run.state == "lost":
        st.warning(
            "The training process ended unexpectedly: it was killed, or memory ran out. "
            + (
                "Resume continues from the last checkpoint."
                if (run.folder / CHECKPOINT).is_file()
                else "There is no checkpoint yet: Resume starts it over."
            ),
            icon=":material/help:",
        )
    if run.state == "asleep":
        pid = run.status.get("pid")
        st.warning(
            "The training process is alive but silent: suspended, or very slow. It goes on by itself when it wakes; "
            f"no second one is started beside it.{f' To give it up, end process {pid}.' if pid else ''}",
            icon=":material/bedtime:",
        )


def _progress_words(run: Run, step: int) -> str:
    words = [f"step {step:,} of {run.config.steps:,}"]
    if run.is_active and run.status.get("message"):
        words.append(str(run.status["message"]))
    if run.is_active and run.status.get("images_per_s"):
        words.append(f"{run.status['images_per_s']:.1f} images per second")
    if run.is_active and run.status.get("seconds_left"):
        words.append(f"{duration(run.status['seconds_left'])} left")
    return " · ".join(words)


def _curves(run: Run) -> None:
    train, evaluations = run.lines("train"), run.lines("eval")
    loss, iou = st.columns(2)
    with loss:
        st.markdown("**Loss**")
        curves = {"training": curve(train, "loss"), "validation, Eq. 3": curve(evaluations, "eq3", is_dashed=True)}
        st.plotly_chart(
            curve_chart(curves, y_title="loss", last_step=run.config.steps),
            key=f"loss-{run.folder}",
            config={"displayModeBar": False},
            alt="Loss over training steps",
        )
    with iou:
        st.markdown(
            "**IoU on the validation images**",
            help="Intersection over union: 1 where prediction and truth are the same area, 0 where they never meet. "
            "Mean over your classes, without background, at the pictures' own size.",
        )
        curves = {
            "mean of your classes": curve(evaluations, "mean_iou"),
            "as in the paper (Eq. 2)": curve(evaluations, "eq2", is_dashed=True),
        }
        nothing = evaluations[-1]["nothing"]["eq2"] if evaluations else None
        floors = {} if nothing is None else {"predict nothing, Eq. 2": nothing}
        st.plotly_chart(
            curve_chart(
                curves,
                y_title="IoU",
                floors=floors,
                highest=1.0,
                last_step=run.config.steps,
            ),
            key=f"iou-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU over training steps",
        )
    current = score(run)
    if current is not None:
        _numbers(run, current)


def _numbers(run: Run, line: dict[str, Any]) -> None:
    numbers, classes = st.columns(2)
    with numbers, st.container(horizontal=True):
        st.metric("Class mIoU", _percent(line["mean_iou"]), border=True, help="Mean over your classes, no background")
        st.metric(
            "Eq. 2, as in the paper",
            _percent(line["eq2"]),
            border=True,
            help=f"Mean probability of the true class, background included. Finding nothing at all already gives "
            f"{_percent(line['nothing']['eq2'])}.",
        )
        st.metric("Eq. 2 for nothing", _percent(line["nothing"]["eq2"]), border=True, help="Of an empty prediction")
        st.caption(f"On {line['image_count']:,} validation images, after step {line['step']:,}.")
        if said := verdict(run):
            st.markdown(f"**{said}**")
    with classes:
        if not run.facts:
            return
        labels = [label for label in run.facts["labels"] if label["picked"]]
        st.plotly_chart(
            share_bars(
                {label["name"]: line["iou"][label["label"]] for label in labels},
                title="IoU of each class",
                colours={label["name"]: label["colour"] for label in labels},
            ),
            key=f"classes-{run.folder}",
            config={"displayModeBar": False},
            alt="IoU of each class",
        )


def _pictures(run: Run) -> None:
    if not run.samples:
        return
    st.markdown("**What it sees:** photo, truth, prediction")
    steps = [sample.step for sample in run.samples]
    step = steps[-1]
    if len(steps) > 1 and not run.is_active:
        step = st.select_slider("After step", steps, value=steps[-1], key=f"step-{run.folder}")
    sample = run.samples[steps.index(step)]
    with st.grid("auto", min_column_width=420, gap="small"):
        for path in sample.paths:
            try:
                st.image(read_image(path), width="stretch", alt="image, ground truth and prediction")
            except UnreadableImage as error:
                st.caption(f":material/broken_image: {plain(str(error))}")


def curve(lines: Sequence[dict[str, Any]], name: str, *, is_dashed: bool = False) -> Curve:
    """Return one number of the metric lines over their steps; lines without it are left out."""
    known = [(line["step"], line[name]) for line in lines if line.get(name) is not None]
    return Curve(steps=[step for step, _ in known], values=[value for _, value in known], is_dashed=is_dashed)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})."
