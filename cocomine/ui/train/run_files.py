"""What lies behind a run on the page: the end of its log, what its process takes, and its files."""

import os
from pathlib import Path

import streamlit as st

from cocomine.system.cores import usable_cores
from cocomine.system.own_process import LOG
from cocomine.system.process_usage import ProcessUsage, start_of, usage_of
from cocomine.system.space import free_bytes
from cocomine.training.runs.reading import Run
from cocomine.training.runs.sample_files import SAMPLES
from cocomine.ui.train.run_result import file_button
from cocomine.wording import counted, plain, size_words

TAIL_BYTES = 1 << 14
LOG_PX = 240


def run_files(run: Run) -> None:
    """Show console, system and files of a run, each folded."""
    with st.expander("Console", icon=":material/terminal:", key=f"run-console-{run.folder}"):
        st.code(_tail(run.folder / LOG) or "The log is empty.", language=None, height=LOG_PX)
        file_button("Download the whole log", run.folder / LOG, "text/plain")
    if run.is_active:
        with st.expander("System", icon=":material/memory:", key=f"run-system-{run.folder}"):
            st.markdown(plain(" · ".join(_system_words(run))))
    with st.expander("Files", icon=":material/folder:", key=f"run-files-{run.folder}"):
        st.code(str(run.folder), language=None)
        st.dataframe(_file_rows(run), hide_index=True)


def _system_words(run: Run) -> list[str]:
    words = [] if run.info is None else [f"Device: {run.info.device.upper()}"]
    usage = None if run.status is None else usage_of(run.status)
    if usage is None:
        words.append("The process is not on this computer, or has just ended")
    else:
        words += [
            *_cores_words(run, usage),
            f"Memory: {size_words(usage.memory_bytes)}",
            counted(usage.thread_count, "thread"),
        ]
    return [*words, f"Free disk: {size_words(free_bytes(run.folder))}"]


def _cores_words(run: Run, usage: ProcessUsage) -> list[str]:
    """Return how busy a run's process was since the last look, or at the first one since its start."""
    key = f"run-usage-{run.folder}"
    before = st.session_state.get(key) or (None if run.status is None else start_of(run.status))
    st.session_state[key] = usage
    cores = None if before is None else usage.cores_since(before)
    return [] if cores is None else [f"CPU: {cores:.1f} of {counted(usable_cores(), 'core')} busy"]


def _file_rows(run: Run) -> list[dict[str, str]]:
    """Return the files directly in the folder of a run with their sizes, and how many samples there are."""
    with os.scandir(run.folder) as entries:
        sizes = {entry.name: entry.stat().st_size for entry in entries if entry.is_file()}
    rows = [{"File": name, "Size": size_words(size)} for name, size in sorted(sizes.items()) if size]
    count = sum(len(sample.predictions) + len(sample.strips) for sample in run.samples)
    return [*rows, {"File": SAMPLES, "Size": counted(count, "image")}] if count else rows


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})."
