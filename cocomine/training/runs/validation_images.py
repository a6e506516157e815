"""Which image files was a run validated on?"""

from pathlib import Path

from cocomine.coco.image_file import SUFFIXES
from cocomine.training.runs.reading import Run


def validation_folder(run: Run) -> Path | None:
    """Return the folder of the export where a run's validation images are; None where the run does not say it yet."""
    return None if run.info is None else Path(run.config.export) / "images" / run.info.val_split


def image_names(folder: Path) -> tuple[str, ...]:
    """Return the image files in a folder and those below it, from it on, sorted; none where it is gone."""
    files = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    return tuple(sorted(path.relative_to(folder).as_posix() for path in files))
