"""How does a plan become a folder that is whole or not there at all?

Planned, then written: a subset and its splits are values (`exporting.planning.plan`); this package alone touches the
disk. What is sure to fail is refused before anything is written: names that no file can have, images of which none is
there, a disk without room. After the writing all is compared with the plan (`exporting.verification`), then the
manifest is written, then the folder takes its name (`exporting.staging`).
"""

import os
from collections import Counter, defaultdict
from collections.abc import Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from cocomine.coco.arrays import Ints
from cocomine.coco.image_folders import place_text
from cocomine.coco.images_on_disk import image_count
from cocomine.errors import ExportError
from cocomine.exporting.bare_maps import bare_map_sentences
from cocomine.exporting.documents import write_annotations, write_documents
from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, contact_sheet
from cocomine.exporting.formats.image_files import PlacedImage, Placement, can_link, can_share, placement_sentences
from cocomine.exporting.formats.readme import TALLY_KEYS, export_readme, format_warnings
from cocomine.exporting.image_batches import LEAST_IMAGES, batch_ends, image_batches
from cocomine.exporting.image_writing import WrittenLabels, place_images, placing_tasks, write_labels
from cocomine.exporting.layout import MANIFEST, RECIPE, image_path
from cocomine.exporting.manifest import EXPORT_VERSION
from cocomine.exporting.planning.image_names import exported_name, name_warnings, unusable_images, unusable_sentence
from cocomine.exporting.planning.plan import (
    IMAGE_LAYOUTS,
    LABEL_FORMATS,
    ExportPlan,
    found_bytes,
    needed_bytes,
    plan_cautions,
    split_entries,
    usable_count,
)
from cocomine.exporting.staging import refuse_foreign, staging_folder
from cocomine.exporting.verification import Verification, WrittenFiles, verify_files
from cocomine.exporting.writer_note import told_to_others
from cocomine.mining.selection.recipe import SYMLINK, recipe_text
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.files import write_bytes, write_json, write_text
from cocomine.system.jobs import Progress, ProgressOf
from cocomine.system.space import require_space, writing_to
from cocomine.system.worker_pool import WorkerPool, worker_count

Tallies = defaultdict[tuple[str, str], Counter[str]]
"""By split and format, how many annotations are in its files in which way, or why not."""


class Phase(StrEnum):
    """What the writing does, in this order."""

    LABELS = "Writing labels"
    IMAGES = "Placing image files"
    VERIFYING = "Verifying"


def write_export(
    plan: ExportPlan,
    folder: Path,
    *,
    progress: ProgressOf = lambda _: lambda *_: None,
    workers: int | None = None,
) -> dict[str, Any]:
    """Write an export.

    Args:
        folder: new, empty, or an earlier export of the same recipe, which stays until the new one is complete.
        progress: called with each `Phase`, and what it returns often; an exception from that ends the export and
            leaves everything as it was.
        workers: how many processes share the work; None takes what the plan is worth. The files are the same.

    Returns:
        The manifest. What is not as the plan says is in `defects`, image files that are missing or odd in `warnings`,
        with what speaks against training on it.

    Raises:
        ExportError: the folder is not ours to write to, images cannot be exported as they are, or image files
            were asked for and there is none.
        StorageError: there is no room, or the folder cannot be written.
    """
    if unusable := unusable_images(plan):
        raise ExportError(unusable_sentence(unusable, plan.subset.image_count))
    folder = Path(os.path.realpath(folder))
    with writing_to(folder):
        refuse_foreign(folder, recipe_text(plan.recipe))
    found = found_bytes(plan)
    if plan.recipe.images != "none" and not found.any():
        there = usable_count(plan)
        _refuse_no_image(plan, there, [] if there else _links_that_lead_out(plan))
    need = needed_space(plan, folder, found)
    require_space(folder, need, "The export")
    with (
        writing_to(folder, need_bytes=need),
        staging_folder(folder, recipe_text(plan.recipe)) as new_folder,
        WorkerPool(workers or worker_count(plan.subset.image_count, LEAST_IMAGES)) as pool,
    ):
        return _write_all(plan, new_folder, told_to_others(new_folder.parent, progress), pool)


def _write_all(plan: ExportPlan, folder: Path, progress: ProgressOf, pool: WorkerPool) -> dict[str, Any]:
    write_text(folder / RECIPE, recipe_text(plan.recipe))
    write_annotations(plan, folder)
    write_documents(plan, folder)
    labels = _write_labels(plan, folder, progress(Phase.LABELS), pool)
    images = [] if plan.recipe.images == "none" else _place_images(plan, folder, progress(Phase.IMAGES), pool)
    if images:
        _refuse_no_image(plan, sum(each.placement.is_there for each in images), placement_sentences(images)[1:])
    sentences = placement_sentences(images) if images else []
    splits = _split_values(plan, _tallies(labels), images)
    if images:
        write_bytes(folder / CONTACT_SHEET, contact_sheet(plan, partial(_path_of_image, folder)))
    write_text(folder / "README.md", export_readme(plan, splits, sentences))
    written = WrittenFiles(labels=labels, images=images)
    manifest = _manifest(plan, splits, images, verify_files(plan, folder, written, progress(Phase.VERIFYING), pool))
    manifest["warnings"] += bare_map_sentences(plan, labels)
    write_json(folder / MANIFEST, manifest)
    return manifest


def _refuse_no_image(plan: ExportPlan, there: int, reasons: Sequence[str]) -> None:
    """Refuse an export without any of the image files that were asked for.

    Args:
        reasons: why files that are there cannot be used.

    Raises:
        ExportError: there is none.
    """
    if there:
        return
    folders = {place for part in plan.subset.parts if (place := place_text(part.split))}
    searched = f" in {', '.join(sorted(folders))}" if folders else ", since no image folder was found"
    images, without = f"None of the {plan.subset.image_count:,} images", "export without images (--images none)"
    if reasons:
        raise ExportError(f"{images} can be used{searched}. {'. '.join(reasons)}. Mend that, or {without}.")
    raise ExportError(f"{images} was found{searched}. Say where they are (--image-folder), or {without}.")


def _links_that_lead_out(plan: ExportPlan) -> list[str]:
    """Return where links lead that are not followed, in a sentence; none where there are no such links."""
    places = sorted({str(place) for part in plan.subset.parts for place in image_count(part.split).links_to})
    told = f"Links lead out of that folder, to {', '.join(places)}, and are not followed unless that is allowed"
    return [f"{told} (--linked-folder)"] if places else []


def needed_space(plan: ExportPlan, folder: Path, found: Ints) -> int:
    """Return about how many bytes an export takes in a folder, which need not be there yet.

    Args:
        found: see `found_bytes`.
    """
    sources = (part.split.image_at(index).path for part in plan.parts for index in part.image_index)
    first = next((source for source in sources if source is not None), None)
    are_symlinks = plan.recipe.images == SYMLINK
    are_linked = plan.recipe.images == "link" and first is not None and can_link(first, folder)
    shares = are_symlinks or not IMAGE_LAYOUTS & {*plan.recipe.formats} or can_share(folder)
    return needed_bytes(plan, found, are_linked=are_linked or are_symlinks, can_share=shares)


def _write_labels(plan: ExportPlan, folder: Path, progress: Progress, pool: WorkerPool) -> list[WrittenLabels]:
    """Write what there are files of for each image; return them batch by batch, none where no format has any."""
    if not LABEL_FORMATS & {*plan.recipe.formats}:
        return []
    ends = batch_ends(plan)
    return pool.results(write_labels, image_batches(plan, folder), lambda done: progress(ends[done], ends[-1]))


def _tallies(labels: Sequence[WrittenLabels]) -> Tallies:
    tallies = Tallies(Counter)
    for batch in labels:
        for format_name, tally in batch.tallies.items():
            tallies[batch.split, format_name].update(tally)
    return tallies


def _place_images(plan: ExportPlan, folder: Path, progress: Progress, pool: WorkerPool) -> list[PlacedImage]:
    ends = batch_ends(plan)
    for part in plan.parts:  # FiftyOne refuses the COCO file of a split without images where their folder is missing
        (folder / "images" / part.split.name).mkdir(parents=True, exist_ok=True)
    placed = pool.results(place_images, placing_tasks(plan, folder), lambda done: progress(ends[done], ends[-1]))
    return [each for batch in placed for each in batch]


def _path_of_image(folder: Path, part: SubsetSplit, index: int) -> Path:
    return image_path(folder, part.split.name, exported_name(part.split, index))


def _split_values(plan: ExportPlan, tallies: Tallies, images: list[PlacedImage]) -> list[dict[str, Any]]:
    """Return the splits as the manifest has them; what a format asks for is None where it was not asked for."""
    values, formats = [], plan.recipe.formats
    for entry in split_entries(plan):
        own = [each.placement.is_there for each in images if each.split == entry["split"]]
        counts = {
            "image_file_count": sum(own),
            "missing_image_file_count": len(own) - sum(own),
            **{
                key: dict(sorted(tallies[entry["split"], format_name].items())) if format_name in formats else None
                for format_name, key in TALLY_KEYS.items()
            },
        }
        values.append(entry | counts)
    return values


def _manifest(
    plan: ExportPlan, splits: list[dict[str, Any]], images: list[PlacedImage], verification: Verification
) -> dict[str, Any]:
    missing = [each for each in images if not each.placement.is_there]
    return {
        "cocomine_export": EXPORT_VERSION,
        "is_complete": not missing and not verification.defects,
        "defects": list(verification.defects),
        "warnings": [
            *(placement_sentences(images) if missing else []),
            *name_warnings(plan),
            *format_warnings(plan),
            *(each.sentence for each in plan_cautions(plan)),
        ],
        "image_files": {placement: sum(each.placement is placement for each in images) for placement in Placement},
        "splits": splits,
        **({"division": plan.shares.as_json()} if plan.recipe.is_divided else {}),
        "files": list(verification.files),
    }
