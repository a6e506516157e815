"""How is an export written by a process that outlives the one who asked for it?

As a task (`cocomine.background`). The process opens the dataset anew, from its columns on disk, makes sure by the
SHA-256 in the recipe that it is the same, and makes the plan again: the same recipe gives the same plan.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.background.reading import TaskReader
from cocomine.background.records import Request
from cocomine.background.reporting import Report
from cocomine.coco.dataset import Dataset
from cocomine.coco.image_folders import place_text, with_place
from cocomine.coco.images_on_disk import image_file_bytes
from cocomine.exporting.planning.plan import ExportPlan, plan_export
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.staging import clear_killed
from cocomine.exporting.task_kind import KIND, target_of
from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import Phase, write_export
from cocomine.mining.selection.recipe import SYMLINK, Recipe, recipe_from_text, recipe_text
from cocomine.system.jobs import Progress, ProgressOf
from cocomine.wording import join_names, shortened
from cocomine.workspace import Workspace, workspace_from_environment

OPENING = "Opening the dataset"
LONGEST_CLASSES = 60
"""Signs of the classes' names in a title."""
FORMAT_WEIGHTS = {"masks": 25.0, "yolo": 15.0, "voc": 13.0}
IMAGE_WEIGHTS = {"none": 0.0, "link": 3.0, SYMLINK: 3.0, "copy": 30.0}
"""About how long each takes for the same images beside the others; copies are as slow as the disk."""
VERIFYING_WEIGHT, LEAST_WEIGHT = 17.0, 1.0


def export_request(plan: ExportPlan, folder: Path) -> Request:
    """Return what a task is asked for that writes a plan into a folder."""
    dataset = plan.subset.dataset
    return Request(
        kind=KIND,
        title=f"Export of {shortened(join_names(plan.recipe.selection.classes), LONGEST_CLASSES)}",
        work=__name__,
        arguments={
            "recipe": recipe_text(plan.recipe),
            "dataset": str(dataset.path),
            "folder": str(folder),
            "min_images": plan.min_images,
            "image_folders": {split.name: place_text(split) for split in dataset.splits},
            "linked_folders": {split.name: list(map(str, split.linked_folders)) for split in dataset.splits},
        },
        queue=KIND,
        if_cancelled="The folder is as it was.",
        target=target_of(folder),
    )


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Write an export, as a task.

    Args:
        arguments: of `export_request`.
        report: gets each phase and its images.

    Returns:
        The folder, whether all that was asked for is there, and a sentence about it.

    Raises:
        CocomineError: see `dataset_of_recipe`, `plan_export` and `write_export`.
    """
    recipe, folder = recipe_from_text(arguments["recipe"]), Path(arguments["folder"])
    report.plan(phase_weights(recipe))
    report.phase(OPENING)(0, 1)
    index = workspace_from_environment().index
    dataset = dataset_of_recipe(recipe, path=Path(arguments["dataset"]), index=index)
    dataset = with_image_folders(dataset, arguments["image_folders"], arguments["linked_folders"])
    plan = plan_export(dataset, recipe, min_images=arguments["min_images"])
    manifest = write_export(plan, folder, progress=_with_bytes(report, plan))
    is_well = manifest["is_complete"]
    outcome = "Export complete" if is_well else "Export written, but not complete"
    return {"folder": str(folder), "is_well": is_well, "sentence": f"{outcome}. {verified_sentence(manifest)}."}


def _with_bytes(report: Report, plan: ExportPlan) -> ProgressOf:
    """Return a progress of phases that tells, while image files are copied, how many bytes that is as well."""
    sizes = [image_file_bytes(part.split)[part.image_index] for part in plan.parts]
    reached = np.concatenate([[0], *sizes]).cumsum()  # by how many images are placed

    def begin(phase: str) -> Progress:
        count = report.phase(phase)
        if phase != Phase.IMAGES or plan.recipe.images != "copy":
            return count

        def count_with_bytes(done: int, total: int) -> None:
            report.count_bytes(int(reached[done]), int(reached[-1]))
            count(done, total)

        return count_with_bytes

    return begin


def phase_weights(recipe: Recipe) -> dict[str, float]:
    """Return the phases of an export, each with about how long it takes beside the others."""
    weights = {
        OPENING: 0.0,
        Phase.LABELS: sum(FORMAT_WEIGHTS.get(each, 0.0) for each in recipe.formats),
        Phase.IMAGES: IMAGE_WEIGHTS.get(recipe.images, 0.0),
        Phase.VERIFYING: VERIFYING_WEIGHT,
    }
    return {str(phase): max(weight, LEAST_WEIGHT) for phase, weight in weights.items()}


def clear_killed_exports(workspace: Workspace) -> None:
    """Remove what exports left that were killed, beside the places where the workspace knows that they were written."""
    killed = (task for task in TaskReader().tasks(workspace.tasks) if task.request.kind == KIND and not task.is_active)
    for parent in {workspace.exports, *(Path(task.request.target).parent for task in killed)}:
        with suppress(OSError):  # gone, or not ours to change: the next export beside it says so
            clear_killed(parent)


def with_image_folders(dataset: Dataset, folders: Mapping[str, str | None], linked: Mapping[str, list[str]]) -> Dataset:
    """Return a dataset whose images are looked for where they were when the export was asked for."""
    fetched = workspace_from_environment().fetched_images
    splits = (
        with_place(split, folders[split.name], [*map(Path, linked[split.name])], fetched) for split in dataset.splits
    )
    return replace(dataset, splits=tuple(splits))
