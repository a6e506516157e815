"""How is the open dataset found again in each run: from memory, from the columns on disk, or by reading it anew?

A dataset that was read before, or that is small, is there at once. Larger ones are read in the background, while a
panel shows how far that is. Everything is told apart by the annotation files' names, sizes and times, so a changed
dataset is read anew and an unchanged one never twice.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import streamlit as st

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folder_search import image_folder_of, searched_folders
from cocomine.coco.image_folder_store import kept_folders
from cocomine.coco.image_folders import ImageFolders, Place, with_images, with_named_folders
from cocomine.coco.reading.column_cache import is_indexed
from cocomine.coco.reading.open_dataset import annotation_files, existing_path, open_dataset
from cocomine.coco.table_folder import source_stamp
from cocomine.errors import DatasetError
from cocomine.system.jobs import Job
from cocomine.ui.session import state
from cocomine.ui.session.cached import Files, Stamp, cached, files_of, forget, same_files
from cocomine.ui.session.demo import demo_job, demo_key
from cocomine.ui.session.jobs import background, existing_job, forget_job, progress_panel
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.workers.read_annotations import index_files

LARGE_BYTES = 2 << 20
"""Annotation files that may take more than some tenths of a second to read: a million members of a few bytes each take
longer than a thousand times as many polygons."""
LOOKED_AGAIN_S = 5.0
"""A new annotation file in an open folder is seen after this; listing a folder of images takes long."""
NESTED_SEEN_S = 60.0
"""Images that appear deeper than in the folders that are searched, where their names have folders in them, are seen
after this; in all others at once."""
WHOLE, VIEW = "whole_dataset", "view"


def view_dataset(whole: View | None) -> None:
    """Make this the dataset of the run, with the splits, the selection and the exclusions of the session."""
    st.session_state[WHOLE] = whole
    st.session_state[VIEW] = None if whole is None else with_splits(whole, state.splits())


def whole_dataset() -> Dataset | None:
    """Return the dataset of this run with all its splits, in view or not."""
    whole: View | None = st.session_state.get(WHOLE)
    return None if whole is None else whole.dataset


def current_view() -> View | None:
    """Return the view of this run, made anew where a click has changed it since; None where no dataset is open."""
    view: View | None = st.session_state.get(VIEW)
    if view is not None and (view.selection, view.excluded) != (state.selection(), state.excluded()):
        view = st.session_state[VIEW] = in_session(view)
    return view


def in_session(view: View) -> View:
    """Return the same dataset with the selection and the exclusions of the session."""
    return replace(view.selecting(state.selection()), excluded=state.excluded())


def stamp_at(path: str) -> Stamp:
    """Return the stamp of the dataset at a path, without reading it.

    Raises:
        DatasetError: there is nothing, or the folder cannot be read.
    """
    try:
        found = [(file, source_stamp(file)) for file in _files_at(Files(root=existing_path(Path(path))))]
    except OSError as error:
        raise DatasetError(f"{error.filename}: the file is gone ({error.strerror}). Open the dataset again.") from error
    return tuple((str(file), stamp.size, stamp.mtime_ns) for file, stamp in found)


@cached(same_files, longest_s=LOOKED_AGAIN_S)
def _files_at(files: Files) -> tuple[Path, ...]:
    return (files.root,) if files.root.is_file() else tuple(annotation_files(files.root))


def opened_at(path: str, index: Path) -> View:
    """Return the dataset at a path with nothing selected, read at most once.

    Args:
        path: a folder or an annotation file.
        index: where what was read is kept.

    Raises:
        DatasetError: it cannot be opened.
    """
    stamp = stamp_at(path)
    view = View(dataset=_read(Files(root=existing_path(Path(path)), stamp=stamp), index), stamp=stamp)
    workspace = state.workspace()
    kept = kept_folders(workspace.image_folders, Path(path), workspace.fetched_images)
    named = tuple((split, place, _time_of(place)) for split, place in kept.named.items())
    found = () if all(split.image_folder for split in view.dataset.splits) else _new_folders(view)
    if named or kept.linked or found:
        view = _with_image_folders(view, named, tuple(kept.linked), found)
    return view.with_files_as_now()


@cached(same_files, most=DATASETS, spinner="Reading the annotations …")
def _read(files: Files, index: Path) -> Dataset:
    return open_dataset(files.root, index=index)


def _new_folders(view: View) -> tuple[tuple[str, Path], ...]:
    """Return split and image folder where there was none when the dataset was read, looked for as folders change."""
    around = files_of(view.dataset.path, _folders_around(view)).stamp
    return _folders_found(replace(view, stamp=view.stamp + around))


def _bare_splits(view: View) -> list[Split]:
    return [split for split in view.dataset.splits if split.image_folder is None]


@cached(of_dataset)
def _folders_around(view: View) -> list[Path]:
    """Return the folders in which images, or folders of them, would appear."""
    files = [split.source.path for split in _bare_splits(view)]
    return [folder for file in files for folder in (file.parent.parent, *searched_folders(file))]


@cached(of_dataset, longest_s=NESTED_SEEN_S)
def _folders_found(view: View) -> tuple[tuple[str, Path], ...]:
    forget(_folders_around)  # others may have come with what changed
    found = [(split.name, image_folder_of(split.source.path, split.images.file_names)) for split in _bare_splits(view)]
    return tuple((name, folder) for name, folder in found if folder is not None)


@cached(of_dataset, most=DATASETS, spinner="Looking for the images …")
def _with_image_folders(
    view: View,
    named: tuple[tuple[str, Place, int], ...],
    linked: tuple[Path, ...],
    found: tuple[tuple[str, Path], ...],
) -> View:
    """Return a dataset with the image folders that the person named, and those that have come since it was read.

    Args:
        view: as it was read.
        named: split, or "" for all, with its folder and the time that changed.
        linked: where links among the images may lead.
    """
    folders = ImageFolders(named={split: folder for split, folder, _ in named}, linked=linked)
    folder_of = dict(found)
    splits = [with_images(each, each.image_folder or folder_of.get(each.name)) for each in view.dataset.splits]
    dataset = replace(view.dataset, splits=with_named_folders(splits, folders))
    placed = [*named, *((folder, "", 0) for folder in linked), *((*each, 0) for each in found)]
    return View(dataset=dataset, stamp=view.stamp + tuple((f"{one}={two}", 0, time) for one, two, time in placed))


def _time_of(folder: Place) -> int:
    if isinstance(folder, ImageAddress):
        return 0
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def with_splits(view: View, names: tuple[str, ...]) -> View:
    """Return the same dataset with only these splits in view; without a name, with all."""
    kept = tuple(split.name for split in view.dataset.splits if split.name in names)
    if not kept or len(kept) == len(view.dataset.splits):
        return view
    stamp = (*view.stamp, (",".join(kept), 0, 0))
    return View(dataset=view.dataset.with_splits(kept), stamp=stamp).with_files_as_now()


def dataset_when_read(path: str) -> View | None:
    """Return the dataset at a path; None while it is read, or drawn, in the background, which the first call begins.

    Raises:
        DatasetError: it cannot be opened.
        JobCancelled: somebody cancelled the work; the next call begins anew.
    """
    drawing = demo_job(path)
    if drawing is not None and not _has_ended(drawing, demo_key(Path(path))):
        return None
    key = reading_key(stamp_at(path))
    job = existing_job(key)
    if job is None and (unread := _unread(stamp_at(path))):
        index = index_folder()
        job = background(key, lambda progress: index_files(unread, index, progress))
    if job is not None and not _has_ended(job, key):
        return None
    return opened_at(path, index_folder())


def _has_ended(job: Job[None], key: Hashable) -> bool:
    """Return whether a job is done; what failed or was cancelled is raised, and forgotten so that it can begin anew."""
    if job.state in ("failed", "cancelled"):
        forget_job(key)
        job.result()
    return job.state == "done"


def opening_panel(path: str) -> None:
    """Show how far the drawing or the reading of a dataset is."""
    drawing = demo_job(path)
    if drawing is not None:
        progress_panel(drawing, "Drawing the images of the demo", key="drawing")
        st.caption("This is done once. The demo opens when it is drawn, whatever page you are on.")
        return
    job: Job[None] | None = existing_job(reading_key(stamp_at(path)))
    if job is not None:
        progress_panel(job, f"Reading the annotations of {Path(path).name}", key="reading")
        st.caption("This is done once. The next time, the dataset is there at once, as long as its file is the same.")


def is_read_at_once(path: str) -> bool:
    """Return whether a dataset is small, or was read before, so that opening it takes no time that is noticed."""
    return not _unread(stamp_at(path))


def index_folder() -> Path:
    """Return where what was read is kept: in the workspace, or for as long as the server runs if that is read-only."""
    return _writable(Files(root=state.workspace().index))


@cached(same_files)
def _writable(folder: Files) -> Path:
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
    except OSError:
        return _temporary_folder()
    return folder.root if os.access(folder.root, os.W_OK) else _temporary_folder()


def _temporary_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="cocomine-index-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


def reading_key(stamp: Stamp) -> tuple[str, Stamp]:
    """Return the key of the job that reads a dataset."""
    return ("read", stamp)


def _unread(stamp: Stamp) -> list[Path]:
    """Return the files that have to be read, none where they are so small that nobody would notice."""
    if sum(size for _, size, _ in stamp) < LARGE_BYTES:
        return []
    unread = [Path(name) for name, _, _ in stamp if not is_indexed(Path(name), index_folder())]
    return unread if sum(source_stamp(file).size for file in unread) >= LARGE_BYTES else []
