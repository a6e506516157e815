"""What is odd about a dataset that opens all the same?

Each flaw is a value with a code, a count, sentences and examples. None of them
stops the work; what stops it is a `DatasetError` from the reader. What is in the
records and what is on disk are looked at apart: files come and go while the
records stay. `cocomine.coco.integrity.image_files` looks into the image files themselves.
"""

from collections.abc import Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.coco.below_folder import names_below
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, by_weight, finding
from cocomine.coco.image_folder_search import PROBED_NAMES, folders_as_good, searched_folders
from cocomine.coco.image_folders import place_text
from cocomine.coco.images_on_disk import FileState, file_states, image_count
from cocomine.coco.integrity.annotations import annotation_findings
from cocomine.coco.integrity.image_files import spoiling_sentences
from cocomine.coco.integrity.images import category_findings, image_findings
from cocomine.coco.integrity.shapes import shape_findings
from cocomine.coco.integrity.split_leaks import leak_findings
from cocomine.system.file_spelling import near_names
from cocomine.system.folders import names_in
from cocomine.wording import printable

NAMED_CASES = 4


def integrity_report(dataset: Dataset, *, check_files: bool = True) -> list[Finding]:
    """Return what is odd about the records and which images are missing, the worst first.

    Args:
        dataset: open.
        check_files: also look for the images on disk.
    """
    return by_weight([*record_report(dataset), *(file_report(dataset) if check_files else [])])


def record_report(dataset: Dataset) -> list[Finding]:
    """Return what is odd about the annotation files, split by split."""
    report = category_findings(dataset)
    for split in dataset.splits:
        report += [*split.findings, *image_findings(split), *annotation_findings(split)]
        report += shape_findings(split)
    return report


def file_report(dataset: Dataset) -> list[Finding]:
    """Return which images are missing or in two splits; folders are listed, no image is opened."""
    report = leak_findings(dataset.splits)
    for split in dataset.splits:
        report += _missing_files(split)
    return report


def _missing_files(split: Split) -> list[Finding]:
    folder = split.image_folder
    if folder is None and not len(split.images):
        return []
    if folder is None:
        folders = searched_folders(split.source.path)
        searched, near = _some(list(map(printable, folders))) or "no folder", _near_sentence(split, folders)
        return finding("no_image_folder", split.name, [split.source.path.name], searched=searched, near=near)
    states, names = file_states(split), split.images.file_names
    missing = [names[index] for index in np.flatnonzero(states == FileState.MISSING).tolist()]
    outside = np.flatnonzero(states == FileState.LEADS_OUT)
    targets = [printable(target) for target in image_count(split).links_to] if len(outside) else []
    away = [] if split.address is None else [split.address.address]
    respelled = [f"{names[index]} → {found}" for index, found in split.found_names.items()]
    return [
        *_doubtful_folder(split),
        *finding("images_at_address", split.name, away, address="".join(map(printable, away))),
        *finding("image_file_missing", split.name, missing, **_missing_facts(split, missing)),
        *finding(
            "image_leads_out",
            split.name,
            [names[index] for index in outside.tolist()],
            folder=printable(folder),
            targets=_some(targets),
        ),
        *finding("image_respelled", split.name, respelled, respelled=f"{len(respelled):,}", total=f"{len(names):,}"),
    ]


def image_cautions(dataset: Dataset) -> list[str]:
    """Return what speaks against exporting images as they are: a folder that is one of several, and spoilt files."""
    found = [each for split in dataset.splits for each in _doubtful_folder(split)]
    folders = [f"{each.title}: {each.split}. {each.message} {each.action}" for each in found]
    return [*folders, *spoiling_sentences(dataset)]


def _doubtful_folder(split: Split) -> list[Finding]:
    as_good = list(map(printable, folders_as_good(split)))
    if not as_good:
        return []
    folder = printable(split.image_folder)
    return finding("several_image_folders", split.name, [split.name], folder=folder, others=_some(as_good))


def _near_sentence(split: Split, folders: Sequence[Path]) -> str:
    """Return what one of these folders holds under nearly the name of an image."""
    names = list(islice(split.images.file_names, PROBED_NAMES))
    for folder in folders:
        for name, file in near_names(names, partial(names_below, folder)).items():
            return (
                f". {printable(folder)} holds {printable(file)} where {printable(name)} is named: if that is the same "
                "image, correct the names"
            )
    return ""


def _missing_facts(split: Split, missing: Sequence[str]) -> dict[str, Any]:
    """Return how many images are there, and which files are there that may be the missing ones."""
    folder, names = split.image_folder or Path(), split.images.file_names
    near = near_names(missing, lambda below: names_in(folder / below)) if missing else {}
    offered = [f"{name}: {printable(file)}" for name, file in near.items()]
    return {
        "folder": printable(place_text(split)),
        "there": f"{len(names) - len(missing):,}",
        "total": f"{len(names):,}",
        "missing": f"{len(missing):,}",
        "near": f"; a file of nearly the same name is there for {len(near):,} of them ({_some(offered)})"
        if near
        else "",
    }


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - NAMED_CASES:,} more" if len(texts) > NAMED_CASES else ""
    return ", ".join(texts[:NAMED_CASES]) + more
