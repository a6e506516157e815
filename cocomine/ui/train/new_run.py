"""What is chosen on Train: the export of a new run, the weights it starts from, and the run to look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import NoReturn

import streamlit as st

from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError, WeightsError
from cocomine.exporting.reading import ExportEntry
from cocomine.system.jobs import Job, JobCancelled
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS, Encoder
from cocomine.training.runs.queue import QUEUE, start_in_turn
from cocomine.training.runs.reading import Run
from cocomine.training.runs.speed import Speed, kept_speed, measured_speed, run_time_s
from cocomine.training.runs.suitability import image_file_count
from cocomine.training.runs.weights_files import (
    WeightsFile,
    inspected,
    usable_files,
    weights_candidates,
)
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.exports_and_runs import (
    Sources,
    dataset_of_entry,
    dataset_of_run,
    is_of,
    sources_of_entry,
    sources_of_run,
)
from cocomine.ui.session.jobs import POLL_S, background, cancel_job, follow
from cocomine.ui.session.tasks import waiting_tasks
from cocomine.ui.train.weights_offer import offer_weights
from cocomine.wording import counted, duration, plain

RUN_TO_SHOW = "run-to-show"
"""The folder of the run that the next run of the page shows."""
AUTO, FILE, RANDOM = "auto", "file", "random"
MEASURED_AFTER_S = 1.5
"""So long a choice must stand before its speed is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsChoice:
    """What a run will start from."""

    setting: str | None  # as `preset` takes it
    file: WeightsFile | None = None  # None: a random start
    trouble: str | None = None  # why it cannot start so

    @property
    def complete_stages(self) -> int:
        """Encoder stages from the bottom whose weights are loaded."""
        return 0 if self.file is None else self.file.complete_stages


def export_choice(entries: Mapping[str, ExportEntry], present: Sources) -> ExportEntry | None:
    """Offer the exports; the first is preselected only if it was made from the open dataset."""
    first = next(iter(entries.values()))
    folder = st.selectbox(
        "Export",
        list(entries),
        index=0 if is_of(sources_of_entry(first), present) else None,
        format_func=lambda path: _export_title(entries[path], present),
        placeholder="None of the open dataset yet. Select one of another dataset",
        key="train-export",
    )
    return None if folder is None else entries[folder]


def _export_title(entry: ExportEntry, present: Sources) -> str:
    title = f"{entry.folder.name} · {counted(entry.image_count, 'image')}"
    if is_of(sources_of_entry(entry), present):
        return title
    return f"{title} · other dataset: {dataset_of_entry(entry)}"


def encoder_of(preset_name: str) -> Encoder:
    """Return the encoder that is chosen for a preset, its own where none was."""
    own = preset(preset_name, export="").encoder
    return ENCODERS[st.session_state.get(f"encoder-for-{preset_name}", own)]


def best_weights(encoder: Encoder) -> WeightsFile | None:
    """Return the weights that are found for an encoder; None for a random start."""
    return next(iter(_found_weights(encoder)), None)


def _found_weights(encoder: Encoder) -> Sequence[WeightsFile]:
    folder = state.workspace().weights
    return _fitting(files_of(folder, weights_candidates(folder)), encoder)


@cached(same_files)
def _fitting(files: Files, encoder: Encoder) -> Sequence[WeightsFile]:
    return usable_files(tuple(Path(name) for name, *_ in files.stamp), encoder)


def encoder_choice(preset_name: str) -> str:
    """Offer the encoders, that of the preset first, and return the name of one."""
    own = preset(preset_name, export="").encoder
    names = [own, *(name for name in ENCODERS if name != own)]
    return st.selectbox(
        "Encoder",
        names,
        format_func=lambda name: ENCODERS[name].title,
        key=f"encoder-for-{preset_name}",
        help="The part of the network that looks at the image. The paper's is ResNet-50; smaller ones are faster and "
        "need fewer images",
    )


def weights_choice(encoder: Encoder) -> WeightsChoice:
    """Offer ways to begin, and say which weights will be used before anything starts."""
    found = _found_weights(encoder)
    titles = {
        AUTO: f"Auto-detect (found: {found[0].path.name if found else 'none → random'})",
        FILE: "Custom file",
        RANDOM: "Random initialisation",
    }
    source = st.selectbox(
        "Encoder weights",
        list(titles),
        format_func=titles.__getitem__,
        help=f"Weights of a {encoder.title} in CocoMine's folder, or in torch's and Hugging Face's caches. "
        "Nothing is downloaded without a click.",
        key="weights-from",
    )
    choice = WeightsChoice(setting=None, file=found[0] if found else None)
    if source == RANDOM:
        choice = WeightsChoice(setting="none")
    if source == FILE:
        placeholder = f"/path/to/{encoder.name}.safetensors or .pth"
        choice = _custom_file(st.text_input("Weights file", placeholder=placeholder, key="weights-file"), encoder)
    _show_weights(choice, encoder, is_searched=source == AUTO)
    if source == AUTO and (choice.file is None or choice.file.missing):
        offer_weights(encoder)
    return choice


def _custom_file(typed: str, encoder: Encoder) -> WeightsChoice:
    if not typed.strip():
        return WeightsChoice(setting=None, trouble="Enter the path of the weights file.")
    try:
        path = Path(typed.strip()).expanduser().absolute()
        return WeightsChoice(setting=str(path), file=inspected(path, encoder))
    except (WeightsError, RuntimeError) as error:
        return WeightsChoice(setting=None, trouble=str(error))


def _show_weights(choice: WeightsChoice, encoder: Encoder, *, is_searched: bool) -> None:
    file = choice.file
    if choice.trouble is not None:
        st.info(plain(choice.trouble), icon=":material/edit:")
    elif file is None and not encoder.is_published:
        st.caption(f":material/casino: Random initialisation: there are no published weights of a {encoder.title}.")
    elif file is None:
        where = f" Put a file into {plain(str(state.workspace().weights))} to use it." if is_searched else ""
        found = "None found: random" if is_searched else "Random"
        st.caption(f":material/casino: {found} initialisation; nothing is frozen. Expect many more steps.{where}")
    elif file.missing:
        parts = ", ".join(ENCODER_STAGES[file.complete_stages :])
        st.caption(
            f":material/contrast: {plain(file.path.name)}: partial, {len(file.found)} of "
            f"{len(file.found) + len(file.missing)} tensors found; {len(file.missing)} start at random (in {parts})."
        )
    else:
        st.caption(f":material/check_circle: {plain(file.path.name)}: complete, all {len(file.found)} tensors found.")


def time_caption(config: TrainingConfig, entry: ExportEntry, weights: WeightsChoice, *, is_busy: bool) -> None:
    """Say how much is computed and how long that takes here, as measured beside the page.

    Args:
        is_busy: whether a run is at work, beside which nothing could be measured.
    """
    work = f"{counted(config.steps, 'step')} of {counted(config.batch_size, 'image')}"
    started = replace(config, weights="none" if weights.file is None else str(weights.file.path))
    speed = kept_speed(started, state.workspace())
    if speed is None and is_busy:
        cancel_job("speed")  # the run that has just begun would make its times wrong
        st.caption(f"{work}. How long that takes here is measured when no run is active.")
        return
    if speed is None:
        job = _measuring(started)
        if job.state == "running":
            st.caption(f":material/timer: {work}. Measuring how long that takes here …")
            return
        try:
            speed = job.result()
        except (CocomineError, JobCancelled) as error:
            st.caption(f"{work}. How long that takes here could not be measured. {plain(str(error))}")
            return
    time_s = run_time_s(
        config,
        speed,
        train_image_count=image_file_count(entry, SplitRole.TRAIN),
        val_image_count=image_file_count(entry, SplitRole.VAL),
    )
    st.caption(f"{work}, {duration(time_s)} on this computer (measured, {speed.device.upper()}).")


def _measuring(config: TrainingConfig) -> Job[Speed]:
    """Return the work that measures how long such a run takes; the page runs again when it has ended."""
    job = background(
        ("speed", config),
        partial(measured_speed, config, state.workspace()),
        replaces="speed",
        delay_s=MEASURED_AFTER_S,
    )
    if job.state == "running":
        st.fragment(follow, run_every=POLL_S)(job)
    return job


def run_choice(runs: Mapping[str, Run], entries: Mapping[str, ExportEntry], present: Sources) -> Run | None:
    """Offer the runs; the first is shown by itself only if it belongs to the open dataset."""
    belonging = [folder for folder, run in runs.items() if is_of(sources_of_run(run, entries), present)]
    if RUN_TO_SHOW in st.session_state:
        st.session_state["shown-run"] = st.session_state.pop(RUN_TO_SHOW)
    if st.session_state.get("shown-run") not in runs:
        st.session_state["shown-run"] = next(iter(belonging), None)

    def title(folder: str) -> str:
        name = Path(folder).name
        other = dataset_of_run(runs[folder], entries) or "unknown"
        return name if folder in belonging else f"{name} · other dataset: {other}"

    placeholder = f"No run of the open dataset yet; {len(runs)} of other datasets"
    shown = st.selectbox("Run", list(runs), format_func=title, placeholder=placeholder, key="shown-run")
    return None if shown is None else runs[shown]


def begin_run(config: TrainingConfig) -> NoReturn:
    """Start a run in a folder of its own, now or in its turn, show it, and run the page again."""
    folder = free_run_folder(f"{Path(config.export).name}-{config.preset}")
    if start_in_turn(config, folder, state.workspace().tasks):
        st.session_state["shown-run"] = str(folder)
    st.rerun()


def free_run_folder(name: str) -> Path:
    """Return a folder for a new run, numbered so that none is overwritten."""
    runs = state.workspace().runs
    taken = {task.request.target for task in waiting_tasks(QUEUE)}
    folders = (runs / f"{name}-{number}" for number in count(1))
    return next(folder for folder in folders if not folder.exists() and str(folder) not in taken)
