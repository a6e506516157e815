"""The exports and runs of the workspace, each file read once and kept for as long as it does not change."""

import time
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.layout import MANIFEST, RECIPE
from cocomine.exporting.reading import DamagedExport, ExportEntry, damaged_in, exports_in, read_entry
from cocomine.training.runs.reading import DamagedRun, Run, list_runs, read_run
from cocomine.training.runs.records import MetricsReader
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.jobs import existing_job
from cocomine.wording import plain


def workspace_exports() -> tuple[list[ExportEntry], list[DamagedExport]]:
    """Return the exports of the workspace, the newest first, and those that cannot be read."""
    root = state.workspace().exports
    return _exports(files_of(root, sorted(path for name in (MANIFEST, RECIPE) for path in root.glob(f"*/{name}"))))


@cached(same_files, most=4)
def _exports(files: Files) -> tuple[list[ExportEntry], list[DamagedExport]]:
    return exports_in(files.root), damaged_in(files.root)


def all_exports() -> list[ExportEntry]:
    """Return the exports of the workspace, and before them the session's last one, wherever it was written."""
    entries, _ = workspace_exports()
    last = state.last_export()
    if last is None or any(str(entry.folder) == last["folder"] for entry in entries):
        return entries
    try:
        return [export_at(Path(last["folder"])), *entries]
    except CocomineError as error:  # moved or deleted since; the others can still be trained on
        job = existing_job(last.get("job"))
        if job is None or job.state == "done":  # else it is being written, or never was: the Export page says so
            st.warning(plain(str(error)), icon=":material/warning:")
        return entries


def export_at(folder: Path) -> ExportEntry:
    """Return the export in a folder.

    Raises:
        CocomineError: There is none, or its recipe cannot be read.
    """
    return _export(files_of(folder, [folder / MANIFEST, folder / RECIPE]))


@cached(same_files)
def _export(files: Files) -> ExportEntry:
    return read_entry(files.root)


@st.cache_resource(show_spinner=False)
def _metrics_reader() -> MetricsReader:
    return MetricsReader()


def all_runs() -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs of the workspace, the newest first, and those that cannot be opened."""
    return list_runs(state.workspace().runs, time.time(), _metrics_reader())


def run_at(folder: Path) -> Run:
    """Return the run in a folder.

    Raises:
        TrainingError: The folder is no run any more, or its settings cannot be read.
    """
    return read_run(folder, time.time(), _metrics_reader())
