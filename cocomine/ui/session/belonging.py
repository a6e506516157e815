"""Which exports and runs belong to the dataset that the strip on top shows?

Told by the SHA-256 of the annotation files that an export was made from: a dataset may be copied or renamed, and two
of the same name may differ.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from cocomine.exporting.reading import ExportEntry
from cocomine.training.runs.reading import Run
from cocomine.ui.session import state
from cocomine.ui.session.opening import whole_dataset

Sources = frozenset[str]


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
    return Path(entry.recipe.dataset_path).name


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
