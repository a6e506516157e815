"""The exports and runs of the workspace, and which of them belong to the open dataset.

Each file is read once and kept for as long as it does not change. What belongs is told by the SHA-256 of the annotation
files that an export was made from: a dataset may be copied or renamed, and two of the same name may differ.
"""

import time
from collections.abc import Collection, Mapping
from pathlib import Path

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.layout import MANIFEST, RECIPE
from cocomine.exporting.reading import DamagedExport, ExportEntry, list_exports, read_entry
from cocomine.system.folders import is_there
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.reading import CONFIG, DamagedRun, Run, list_runs, read_run
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.opening import whole_dataset
from cocomine.ui.session.tasks import latest_export_task
from cocomine.wording import plain

Sources = frozenset[str]
VISITED_RUN = "visited-run"
"""The folder of a run outside the workspace's runs, such as one of a claim check, that the session looks at."""


def workspace_exports() -> tuple[list[ExportEntry], list[DamagedExport]]:
    """Return the exports of the workspace, the newest first, and those that cannot be read."""
    root = state.workspace().exports
    return _exports(files_of(root, sorted(path for name in (MANIFEST, RECIPE) for path in root.glob(f"*/{name}"))))


@cached(same_files, most=4)
def _exports(files: Files) -> tuple[list[ExportEntry], list[DamagedExport]]:
    return list_exports(files.root)


def all_exports() -> list[ExportEntry]:
    """Return the exports of the workspace, and before them the session's last one, wherever it was written."""
    entries, _ = workspace_exports()
    last = state.last_export()
    if last is None or any(str(entry.folder) == last["folder"] for entry in entries):
        return entries
    try:
        return [export_at(Path(last["folder"])), *entries]
    except CocomineError as error:  # moved or deleted since; the others can still be trained on
        task = latest_export_task(Path(last["folder"]))
        if task is None or task.state == "done":  # else it is being written, or never was: the Export page says so
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


def has_exports() -> bool:
    """Tell whether there is an export to train on, in the workspace or where the session wrote its last one."""
    last = state.last_export()
    return bool(workspace_exports()[0]) or (last is not None and is_there(Path(last["folder"]) / MANIFEST))


def has_runs() -> bool:
    """Tell whether there is a run, however far it is."""
    return any(state.workspace().runs.glob(f"*/{CONFIG}"))


@st.cache_resource(show_spinner=False)
def _metrics_reader() -> MetricsReader:
    return MetricsReader()


def all_runs() -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs of the workspace, the newest first, and those that cannot be opened."""
    return list_runs(state.workspace().runs, time.time(), _metrics_reader())


def offered_runs() -> tuple[list[Run], list[DamagedRun]]:
    """Return the runs to look at: those of the workspace, and the one that the session came from elsewhere to see."""
    runs, damaged = all_runs()
    visited = st.session_state.get(VISITED_RUN)
    if visited is None or any(str(run.folder) == visited for run in runs):
        return runs, damaged
    try:
        return [*runs, run_at(Path(visited))], damaged
    except CocomineError:  # it was deleted since, with the claim check that it belongs to
        return runs, damaged


def run_at(folder: Path) -> Run:
    """Return the run in a folder.

    Raises:
        TrainingError: The folder is no run any more, or its settings cannot be read.
    """
    return read_run(folder, time.time(), _metrics_reader())


def present_sources() -> Sources:
    """Return the SHA-256 of the annotation files of the open dataset; none where none is open or it is being read."""
    dataset = whole_dataset()
    return frozenset() if dataset is None else frozenset(split.source.sha256 for split in dataset.splits)


def is_of(sources: Collection[str], present: Sources) -> bool:
    """Return whether what was made from these files was made from the open dataset; so is all while none is open."""
    return not present or (bool(sources) and present.issuperset(sources))


def sources_of_entry(entry: ExportEntry) -> Sources:
    """Return the SHA-256 of the annotation files that an export was made from."""
    return frozenset(source.sha256 for source in entry.recipe.sources)


def sources_of_run(run: Run, entries: Mapping[str, ExportEntry]) -> Sources:
    """Return those that a run's export was made from; none where neither its record nor the export say it."""
    entry = entries.get(run.config.export)
    return frozenset(() if run.info is None else run.info.sources) or (
        frozenset() if entry is None else sources_of_entry(entry)
    )


def dataset_of_run(run: Run, entries: Mapping[str, ExportEntry]) -> str:
    """Return the name of the dataset that a run's export was made from, "" where it is not known."""
    entry = entries.get(run.config.export)
    if run.info is not None and run.info.dataset:
        return run.info.dataset
    return "" if entry is None else dataset_of_entry(entry)


def dataset_of_entry(entry: ExportEntry) -> str:
    """Return the name of the dataset that an export was made from."""
    return Path(entry.recipe.dataset_name).name


def exports_in_order(entries: Collection[ExportEntry], present: Sources) -> dict[str, ExportEntry]:
    """Return exports by folder: of the present selection, of the present dataset, of others; each as they came."""
    chosen = state.selection()

    def distance(entry: ExportEntry) -> tuple[bool, bool]:
        return not is_of(sources_of_entry(entry), present), entry.recipe.selection != chosen

    return {str(entry.folder): entry for entry in sorted(entries, key=distance)}


def runs_in_order(runs: Collection[Run], entries: Mapping[str, ExportEntry], present: Sources) -> dict[str, Run]:
    """Return runs by folder: those of the open dataset, then the others; each as they came."""
    order = sorted(runs, key=lambda run: not is_of(sources_of_run(run, entries), present))
    return {str(run.folder): run for run in order}
