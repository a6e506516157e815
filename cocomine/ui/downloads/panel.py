"""What is said and offered where images are missing: download them, how far that is, and which ones did not come.

The same on Data, Check, Export and Train. A download is a task of its own: it goes on when the page is left, reloaded
or closed, and is found again by its dataset.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import streamlit as st

from cocomine.background.launching import forget_task, start_task
from cocomine.background.reading import Task, read_result
from cocomine.background.records import Request
from cocomine.downloading import task as download_task
from cocomine.downloading.refusals import Failure
from cocomine.downloading.task import KIND, DownloadRequest, report_of, request_of, with_permission
from cocomine.system.csv_text import csv_of_rows
from cocomine.system.space import free_bytes
from cocomine.ui.downloads.consent import asked_permission, hosts_to_allow
from cocomine.ui.downloads.need import Need, need_of_all, need_of_selection, request_for
from cocomine.ui.downloads.place import chosen_root, name_place, place_controls
from cocomine.ui.session import state, tasks
from cocomine.ui.session.view import View
from cocomine.ui.task_panel import is_well, task_panel
from cocomine.wording import counted, plain, printable, size_words

WORK = download_task.__name__
KEY = "download"
QUICK_S = 1.0
"""A download that ends within this time shows no progress."""
SELECTED, ALL = "selected", "all"
MOST_LISTED = 200
Look = Literal["primary", "secondary"]


def download_panel(view: View, *, look: Look = "secondary") -> None:
    """Offer to download the images that are not on disk; show nothing where those of the selection are there.

    Without a selection, all images in view are meant.

    Args:
        look: of the button, primary where nothing on the page comes before the download.
    """
    task = _latest_of(view.dataset.path)
    if task is not None and task.is_active:
        task_panel(task.folder, key=KEY)
        return
    if not _missing_count(view):
        return
    needed = need_of_selection(view) if view.selection.classes else need_of_all(view)
    if not needed.missing_count:
        return
    with st.container(border=True, key="download-offer"):
        if task is None or is_well(task):
            _offer(view, needed, look)
        else:
            _outcome(task, look)


def is_downloading(view: View) -> bool:
    """Return whether images of the open dataset are being downloaded, or wait for their turn."""
    task = _latest_of(view.dataset.path)
    return task is not None and task.is_active


def _missing_count(view: View) -> int:
    return sum(count.total - count.there for count in view.image_counts)


def _latest_of(dataset: Path) -> Task | None:
    """Return the download for a dataset that began last."""
    return next(
        (each for each in tasks.all_tasks() if each.request.kind == KIND and each.request.target == str(dataset)), None
    )


def _offer(view: View, needed: Need, look: Look) -> None:
    """Say what would be fetched, let the person allow hosts, and begin.

    Args:
        view: whose images are missing.
        needed: for the selection, or for all where nothing is selected.
    """
    takes_all = not view.selection.classes or _wants_all(view, needed)
    root = chosen_root(view)
    need = need_of_all(view, root) if takes_all else need_of_selection(view, root)
    st.markdown(_need_words(need))
    can_write = place_controls(view, need.folders)
    permission = asked_permission(need.foreign_hosts, key=KEY)
    count = need.allowed_count(permission)
    if need.failures:
        st.caption(f"{counted(len(need.failures), 'image')} cannot be downloaded: {plain(need.failures[0].reason)}.")
    label = f"Download {counted(count, 'image')}"
    if st.button(
        label, type=look, icon=":material/cloud_download:", disabled=not (count and can_write), key=f"{KEY}-begin"
    ):
        name_place(view)
        begin_download(request_for(view, permission, takes_all=takes_all, root=root), count)
        st.rerun()


def _wants_all(view: View, needed: Need) -> bool:
    """Let the person choose between the images of the selection and all, where both are missing."""
    missing = _missing_count(view)
    if needed.missing_count == missing:
        return False
    words = {SELECTED: f"Of the selection ({needed.missing_count:,})", ALL: f"All ({missing:,})"}
    scope = st.segmented_control(
        "Missing images",
        list(words),
        format_func=words.__getitem__,
        default=SELECTED,
        required=True,
        key=f"{KEY}-scope",
    )
    return scope == ALL


def _need_words(need: Need) -> str:
    """Return how many images there are, how large, where to, and how much room is there."""
    folders = ", ".join(f"`{printable(folder).replace('`', ' ')}`" for folder in need.folders)
    parts = [f"**{counted(need.missing_count, 'image')} missing**"]
    if need.folders:
        parts += [f"about {size_words(need.estimated_bytes)}", f"{size_words(free_bytes(need.folders[0]))} free"]
    return f"{' · '.join(parts)}{f' in {folders}' if folders else ''}"


def begin_download(request: DownloadRequest, image_count: int) -> None:
    """Begin a download as a task of its own, in place of those for the same dataset that have ended; wait a moment.

    Raises:
        TaskError: another one for this dataset is at work.
        StorageError: the workspace cannot be written.
    """
    for task in tasks.all_tasks():
        if task.request.kind == KIND and task.request.target == request.dataset and not task.is_active:
            forget_task(task)
    folder = start_task(
        state.workspace().tasks,
        Request(
            kind=KIND,
            title=f"Download of {counted(image_count, 'image')}",
            work=WORK,
            arguments=request.arguments(),
            queue=KIND,
            target=request.dataset,
            if_cancelled="The images that came are kept.",
        ),
    )
    tasks.wait_for_end(folder, QUICK_S)


def _outcome(task: Task, look: Look) -> None:
    """Say what became of the last download, list what did not come, and offer to continue."""
    result = read_result(task.folder)
    report = None if result is None else report_of(result)
    failures = () if report is None else report.failures
    if report is not None:
        st.warning(plain(report.sentence), icon=":material/rule:")
    elif task.state == "cancelled":
        st.info("Download cancelled. The images that came are kept.", icon=":material/cancel:")
    else:
        st.error(plain(task.sentence), icon=":material/error:")
    _failure_list(failures)
    permission = asked_permission(hosts_to_allow(failures), key=f"{KEY}-again")
    with st.container(horizontal=True):
        wants_rest = st.button("Continue", type=look, icon=":material/replay:", key=f"{KEY}-continue")
        st.button("Dismiss", icon=":material/close:", on_click=forget_task, args=(task,), key=f"{KEY}-dismiss")
    if wants_rest:
        request = with_permission(request_of(task.request.arguments), permission)
        begin_download(request, len(failures) or task.status.total - task.status.done)
        st.rerun()


def _failure_list(failures: Sequence[Failure]) -> None:
    if not failures:
        return
    rows = [{"image": printable(each.name), "reason": printable(each.reason)} for each in failures]
    with st.expander(f"{counted(len(rows), 'image')} did not come", icon=":material/list:"):
        st.dataframe(rows[:MOST_LISTED], hide_index=True, alt="Images that did not come")
        if len(rows) > MOST_LISTED:
            st.caption(f"The first {MOST_LISTED} of {len(rows):,}; the CSV has all.")
        st.download_button(
            "CSV",
            lambda: csv_of_rows(rows),
            file_name="missing_images.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{KEY}-csv",
        )
