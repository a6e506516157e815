"""What is odd about a dataset that opens all the same?

Each flaw is a value with a code, a count, sentences and examples. None of them
stops the work; what stops it is a `DatasetError` from the reader. What is in the
records and what is on disk are looked at apart: files come and go while the
records stay. `cocomine.coco.picture_checks` looks into the pictures themselves.
"""

from cocomine.coco.annotation_checks import annotation_findings
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, by_weight, finding
from cocomine.coco.image_checks import category_findings, image_findings
from cocomine.coco.leaks import leak_findings
from cocomine.coco.pictures import missing_pictures


def integrity_report(dataset: Dataset, *, check_files: bool = True) -> list[Finding]:
    """Return what is odd about the records and which pictures are missing, the worst first.

    Args:
        dataset: open.
        check_files: also look for the pictures on disk.
    """
    return by_weight([*record_report(dataset), *(file_report(dataset) if check_files else [])])


def record_report(dataset: Dataset) -> list[Finding]:
    """Return what is odd about the annotation files, split by split."""
    report = category_findings(dataset)
    for split in dataset.splits:
        report += [*split.findings, *image_findings(split), *annotation_findings(split)]
    return report


def file_report(dataset: Dataset) -> list[Finding]:
    """Return which pictures are missing or in two splits; folders are listed, no picture is opened."""
    report = leak_findings(dataset.splits)
    for split in dataset.splits:
        report += _missing_files(split)
    return report


def _missing_files(split: Split) -> list[Finding]:
    if split.image_folder is None:
        return finding("no_image_folder", split.name, [split.source.path.name])
    missing = missing_pictures(split)
    names = [split.images.file_names[index] for index in missing.tolist()]
    return finding("image_file_missing", split.name, names, folder=split.image_folder)
