"""`cocomine mine`: a subset as a folder, by options or by a recipe."""

from pathlib import Path
from typing import Any, Unpack

import click

from cocomine.cli.choices import MaskSize, Names, SplitWithRole
from cocomine.cli.datasets import PATH, DatasetOptions, dataset_options, named_dataset
from cocomine.cli.division import DivisionOptions, division_of, division_options, with_alike_images
from cocomine.cli.downloads import bring_images, host_options, permission_of
from cocomine.cli.results import Result, ResultCommand, one_line, say, show_progress
from cocomine.cli.selections import SelectionOptions, chosen_selection, selection_options
from cocomine.coco.dataset import Dataset
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.integrity.report import image_cautions
from cocomine.coco.integrity.split_leaks import leak_sentences
from cocomine.coco.split_role import SplitRole
from cocomine.downloading.permission import Permission
from cocomine.downloading.plan import plan_download
from cocomine.errors import ExportError, RecipeError, SelectionError
from cocomine.exporting.formats.readme import loss_sentences, without_mask_sentence
from cocomine.exporting.planning.image_names import recipe_without, unusable_images, unusable_list, unusable_sentence
from cocomine.exporting.planning.plan import (
    ExportPlan,
    found_sentence,
    missing_sentence,
    plan_cautions,
    plan_export,
)
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import write_export
from cocomine.mining.advice.readiness import Concern
from cocomine.mining.selection.recipe import (
    DEFAULT_FORMATS,
    FORMATS,
    LINK_WAYS,
    MaskShape,
    Recipe,
    name_in_path,
    recipe_from_text,
    sources_of,
)
from cocomine.workspace import known_datasets, remember_dataset, workspace_from_environment

ROLE_REMEDY = (
    "Say which split is for what with --role SPLIT=train (or val, test), or take one split alone with --split SPLIT: "
    "it is then divided by --val-share. One of several splits gives images for validation with --val-from SPLIT."
)


class MineOptions(DatasetOptions, SelectionOptions, DivisionOptions):
    """What a recipe is made from."""

    role: tuple[tuple[str, SplitRole], ...]
    mask_size: int | None
    keep_aspect: bool
    images: str
    formats: tuple[str, ...]
    download: bool
    allow_host: tuple[str, ...]
    allow_http: tuple[str, ...]


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine mine coco --classes giraffe,bus --out export",
        "cocomine mine coco --classes giraffe,bus --exclude person --mode all --out export",
        "cocomine mine coco --classes giraffe,bus --others ignore --formats coco,masks,yolo --out export",
        "cocomine mine coco --group vehicle=car,bus,truck --classes vehicle,person --cap 500 --out export",
        "cocomine mine coco --classes giraffe,bus --download --out export",
        "cocomine mine --recipe export/recipe.yaml --out again",
        "cocomine mine moved/coco --recipe export/recipe.yaml --out again",
    ),
)
@dataset_options(required=False)
@selection_options
@click.option(
    "--role",
    type=SplitWithRole(),
    multiple=True,
    metavar="SPLIT=train|val|test",
    help="What a split is for, where its name does not say it; may be repeated.",
)
@click.option(
    "--min-images",
    type=click.IntRange(min=0),
    default=1,
    metavar="N",
    help="Warn of each class with fewer images; removes none.",
)
@division_options
@click.option(
    "--mask-size",
    type=MaskSize(),
    default="128",
    metavar="PX|native",
    help="Side of the square training masks, or that of their images.",
)
@click.option("--keep-aspect", is_flag=True, help="Masks of the images' shape, the longer side of --mask-size.")
@click.option(
    "--images",
    type=click.Choice(LINK_WAYS),
    default="link",
    help="How image files come along; a linked one is the dataset's own file, and an edit in place changes both; a "
    "symlink leads nowhere once the dataset moves, and some tools refuse it.",
)
@click.option(
    "--formats",
    type=Names(),
    default=",".join(DEFAULT_FORMATS),
    metavar="A,B",
    help=f"What to write, of {', '.join(FORMATS)}.",
)
@click.option("--leave-out-unusable", is_flag=True, help="Leave out images whose names cannot be exported.")
@click.option("--download", is_flag=True, help="First download the images that are not on disk.")
@host_options
@click.option("--recipe", type=PATH, metavar="YAML", help="Replay a recipe, on DATASET or where its files are found.")
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write, new or empty.")
def command(
    *,
    recipe: Path | None,
    out: Path,
    min_images: int,
    leave_out_unusable: bool,
    **options: Unpack[MineOptions],
) -> Result:
    """Export a subset: images, annotations, masks, recipe.

    The folder holds the original COCO records, image files as hard links or copies, training masks, and a recipe
    that reproduces it exactly. What was written is compared with what was planned. Exit 1: something is not as
    planned.
    """
    given, dataset = _asked_for(recipe, options)
    plan = plan_export(dataset, given, min_images=min_images)
    if options["download"] and _bring_missing(plan, permission_of(options["allow_host"], options["allow_http"])):
        given, dataset = _asked_for(recipe, options)  # with the images that have come
        plan = plan_export(dataset, given, min_images=min_images)
    if unusable := unusable_images(plan):
        if not leave_out_unusable:
            raise ExportError(f"{unusable_sentence(unusable, plan.subset.image_count)} (--leave-out-unusable)")
        say(f"Warning: {len(unusable):,} images excluded: {unusable_list(unusable)}")
        plan = plan_export(dataset, recipe_without(given, unusable), min_images=min_images)
    sentences = _tell_cautions(plan, dataset)
    manifest = write_export(plan, out, progress=show_progress)
    for sentence in (*manifest["defects"], *manifest["warnings"]):
        if sentence not in sentences:
            say(f"Warning: {sentence}" if sentence in manifest["warnings"] else f"cocomine: {sentence}")
    value = _mine_value(plan, manifest, out)
    return Result(value=value, text=_mine_text(plan, manifest, out), is_well=not manifest["defects"])


def _asked_for(recipe: Path | None, options: MineOptions) -> tuple[Recipe, Dataset]:
    return _recipe_of_options(options) if recipe is None else _replayed(recipe, options)


def _bring_missing(plan: ExportPlan, permission: Permission) -> bool:
    """Fetch the images of an export that are not on disk; return whether any came."""
    wanted = {part.split.name: part.image_index for part in plan.subset.parts}
    report = bring_images(plan_download(plan.subset.dataset, wanted), permission)
    return report.fetched + report.kept > 0


def _tell_cautions(plan: ExportPlan, dataset: Dataset) -> set[str]:
    """Say what speaks against a plan before it is written; return the sentences that the manifest may repeat."""
    concerns, missing = plan_cautions(plan), missing_sentence(plan)
    for each in concerns:
        say(f"Warning: {each.sentence}{f' {ROLE_REMEDY}' if each.concern is Concern.NO_SPLIT else ''}")
    if missing:
        say(f"Warning: {missing}")
    for sentence in image_cautions(dataset) if plan.recipe.images != "none" else ():
        say(f"Warning: {sentence}")
    for sentence in leak_sentences([(part.split, part.image_index) for part in plan.subset.parts]):
        say(f"Warning: {sentence}")
    return {*([missing] if missing else []), *(each.sentence for each in concerns)}


def _mine_value(plan: ExportPlan, manifest: dict[str, Any], folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "is_complete": manifest["is_complete"],
        "defects": manifest["defects"],
        "warnings": manifest["warnings"],
        "splits": manifest["splits"],
        "image_count": plan.subset.image_count,
        "instance_count": plan.subset.instance_count,
        "annotation_count": plan.subset.annotation_count,
        "file_count": len(manifest["files"]),
    }


def _mine_text(plan: ExportPlan, manifest: dict[str, Any], folder: Path) -> str:
    splits = ", ".join(f"{entry['image_count']:,} in {entry['split']}" for entry in manifest["splits"])
    there = sum(entry["image_file_count"] for entry in manifest["splits"])
    missing = sum(entry["missing_image_file_count"] for entry in manifest["splits"])
    found = f"; {found_sentence(there, there + missing)}" if missing else ""
    lines = [
        f"{folder}: {plan.subset.image_count:,} images ({splits}), {plan.subset.instance_count:,} objects of "
        f"{', '.join(map(one_line, plan.recipe.selection.classes))}{found}; {verified_sentence(manifest)}"
    ]
    without_mask_count = sum(entry["without_mask_count"] or 0 for entry in manifest["splits"])
    lines += [without_mask_sentence(without_mask_count)] if without_mask_count else []
    return "\n".join([*lines, *loss_sentences(manifest["splits"])])


def _replayed(path: Path, options: MineOptions) -> tuple[Recipe, Dataset]:
    """Return the recipe of a file, with its dataset or with the one that is named."""
    try:
        recipe = recipe_from_text(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read ({error}). Check the path.") from error
    workspace = workspace_from_environment()
    folders = ImageFolders.from_texts(options["image_folder"], options["linked_folder"], workspace.fetched_images)
    known, index = known_datasets(workspace), workspace.index
    dataset = dataset_of_recipe(recipe, path=options["dataset"], known=known, index=index, image_folders=folders)
    return recipe, dataset


def _mask_fields(options: MineOptions) -> dict[str, Any]:
    if options["mask_size"] is None:
        return {"mask_shape": MaskShape.NATIVE}
    shape = MaskShape.LONGEST if options["keep_aspect"] else MaskShape.SQUARE
    return {"size_px": options["mask_size"], "mask_shape": shape}


def _recipe_of_options(options: MineOptions) -> tuple[Recipe, Dataset]:
    """Return the recipe that the options amount to, with the dataset that they name."""
    if options["dataset"] is None or not options["classes"]:
        raise SelectionError("Name a dataset and --classes, or a --recipe.")
    dataset = named_dataset(options)
    selection = chosen_selection(options, dataset, seed=options["seed"])
    remember_dataset(workspace_from_environment(), dataset.path)  # a replay finds it
    recipe = Recipe(
        dataset_name=name_in_path(str(dataset.path)),
        sources=sources_of(dataset),
        selection=selection,
        **_mask_fields(options),
        images=options["images"],
        formats=options["formats"],
        roles=tuple(dict(options["role"]).items()),
        division=division_of(options),
    )
    return with_alike_images(recipe, dataset, options["keep_together"]), dataset
