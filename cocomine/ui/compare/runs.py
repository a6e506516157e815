"""The table of all runs; those that are ticked stand side by side below it."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from cocomine.training.runs.comparable import is_judged, why_not_comparable
from cocomine.training.runs.reading import Run
from cocomine.training.runs.run_rows import class_names, run_row
from cocomine.ui.compare.side_by_side import MOST_RUNS, side_by_side
from cocomine.ui.navigation import page_path
from cocomine.ui.percent_columns import percent_config, percent_rows
from cocomine.ui.session import state
from cocomine.ui.session.exports_and_runs import (
    all_exports,
    all_runs,
    dataset_of_run,
    exports_in_order,
    is_of,
    present_sources,
    runs_in_order,
    sources_of_run,
)
from cocomine.ui.train.run_panel import damaged_list
from cocomine.wording import counted

_PERCENT = ("mIoU", "best ★", "paper metric", "pixel accuracy")


def compared_runs() -> None:
    """Show the table of runs, and those that are ticked beside each other."""
    found, damaged = all_runs()
    damaged_list(damaged, found)
    if not found:
        _no_run()
        return
    present = present_sources()
    entries = exports_in_order(all_exports(), present)
    in_order = list(runs_in_order(found, entries, present).values())
    ours = [run for run in in_order if is_of(sources_of_run(run, entries), present)]
    if not ours:
        st.info("No run was trained on the open dataset yet.", icon=":material/show_chart:")
    shown = _of_this_selection(ours, in_order)
    if not shown:
        return
    rows = [run_row(run, dataset_of_run(run, entries)) for run in shown]
    side_by_side([shown[index] for index in _ticked(rows, shown)])


def _no_run() -> None:
    with st.container(border=True):
        st.header("No run to compare yet")
        st.write("A run appears here, beside the others, as soon as it is started.")
        st.page_link(page_path("train"), label="Train a model", icon=":material/arrow_forward:")


def _of_this_selection(ours: Sequence[Run], everything: Sequence[Run]) -> Sequence[Run]:
    """Show the filter where classes are selected; return the runs that it lets through."""
    chosen = set(state.selection().classes)
    if not chosen:
        return everything
    with_these = [run for run in ours if set(class_names(run)) == chosen]
    is_filtered = st.toggle(
        f"This selection ({counted(len(with_these), 'run')} of {len(everything):,})",
        value=True,
        key="compare-this-selection",
        help="Only runs on the open dataset with exactly the selected classes.",
    )
    if is_filtered and not with_these:
        st.info(
            "No run was trained on this selection yet. Switch “This selection” off to see the others.",
            icon=":material/filter_alt:",
        )
    return with_these if is_filtered else everything


def _ticked(rows: Sequence[dict[str, object]], shown: Sequence[Run]) -> list[int]:
    """Show the table; return which of its rows are ticked, from above."""
    names = "\n".join(run.folder.name for run in shown)
    selected = st.dataframe(
        percent_rows(rows, _PERCENT),
        hide_index=True,
        key=f"compared-runs-{hashlib.blake2b(names.encode(), digest_size=8).hexdigest()}",  # rows are told by number
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _first_comparable(shown)}},
        column_config=percent_config(_PERCENT)
        | {
            "run": st.column_config.TextColumn(pinned=True),
            "date": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm"),
        },
        placeholder="–",
        alt="Runs",
    )
    st.caption(
        "Tick two or more rows to see runs side by side. mIoU is that of the last weights, with its 95 % interval over "
        "images. ★ is the highest on the way: it was chosen on the very images that judge it, so quote the mIoU."
    )
    return sorted(selected.selection.rows)


def _first_comparable(runs: Sequence[Run]) -> list[int]:
    """Return the rows of the newest run that others can stand beside, and of those others."""
    for index, run in enumerate(runs):
        if is_judged(run):
            rows = [row for row in range(index, len(runs)) if why_not_comparable(run, runs[row]) is None]
            if len(rows) > 1:
                return rows[:MOST_RUNS]
    return []
