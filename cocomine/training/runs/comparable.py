"""Which runs may be drawn together?

Those that were judged on the same images, classes and labels: that is the same export, and of it the same number of
images at each evaluation, which are its first ones. Of all others it is said in a few words why not.
"""

from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import RunInfo
from cocomine.training.runs.run_scores import score
from cocomine.wording import counted


def is_judged(run: Run) -> bool:
    """Return whether a run has a result that others can stand beside."""
    return run.info is not None and score(run) is not None and not run.config.is_overfit_test


def why_not_comparable(run: Run, other: Run) -> str | None:
    """Return in at most eight words why another run cannot stand beside a run; None where it can.

    Args:
        run: One that is judged, see `is_judged`.
    """
    if other.config.is_overfit_test:
        return "overfit test"
    if run.info is None or other.info is None or score(other) is None:
        return "no evaluation yet"
    if run.info.export_manifest_sha256 != other.info.export_manifest_sha256:
        return _what_differs(run.info, other.info)
    if run.info.eval_image_count != other.info.eval_image_count:
        return f"evaluated on {counted(other.info.eval_image_count, 'validation image')}"
    return None


def _what_differs(info: RunInfo, other: RunInfo) -> str:
    """Return what makes two exports others, the most telling first."""
    if info.sources and other.sources and set(info.sources) != set(other.sources):
        return "other dataset"
    if _class_names(info) != _class_names(other):
        return "other classes"
    if (info.val_split, info.val_image_count) != (other.val_split, other.val_image_count):
        return "other validation images"
    return "other export"


def _class_names(info: RunInfo) -> set[str]:
    return {label.name for label in info.selected_labels}
