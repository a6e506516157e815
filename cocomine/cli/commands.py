"""What does each command of the command line do?

Each takes the parsed arguments and returns a value for machines with its text for people. Progress
goes to stderr.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cocomine.cli import doctor as examination
from cocomine.coco.dataset import Dataset, FileKind
from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.flaws import MATTERS_WORDS
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.integrity.image_files import picture_report, sampled_picture_report, spoiling_sentences
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.file_kinds import HOLDS
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo.dataset import write_demo
from cocomine.errors import ExportError, RecipeError, SelectionError, TrainingError
from cocomine.exporting.formats.readme import outlinings_of, without_mask_sentence
from cocomine.exporting.formats.yolo import losses_sentence
from cocomine.exporting.image_names import unusable_images, unusable_list, unusable_sentence, without
from cocomine.exporting.plan import ExportPlan, found_sentence, missing_sentence, plan_cautions, plan_export
from cocomine.exporting.reading import read_entry
from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import write_export
from cocomine.mining.advice.readiness import Concern
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.interference.ranking import strongest_pairs
from cocomine.mining.interference.sentences import pair_sentence
from cocomine.mining.selection.recipe import Recipe, dataset_of_recipe, recipe_from_text, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.mining.selection.serialisation import known_part
from cocomine.mining.statistics.categories import category_statistics, checked, presence
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.folder import CONFIG, LOG, Run, read_run, request_stop
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.suitability import training_cautions, training_trouble
from cocomine.workspace import workspace_from_environment

POLL_S = 0.5
PAIRS_IN_TEXT = 20
ROLE_REMEDY = (
    "Say which split is for what with --role SPLIT=train (or val, test), or take one split alone with --split SPLIT: "
    "it is then divided by --val-share."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command found: a value for `--json`, the same as text, and whether all is well."""

    value: Any
    text: str
    is_well: bool = True


Command = Callable[[argparse.Namespace], Result]


def check(args: argparse.Namespace) -> Result:
    """Say what kind of dataset it is and what is odd about it."""
    dataset = _opened(args)
    findings = integrity_report(dataset)
    if args.pictures:
        pictures = picture_report(dataset, lambda done, total: _progress("Pictures", done, total))
    else:
        pictures = sampled_picture_report(dataset)
    findings = by_weight([*findings, *pictures])
    value = {
        "kind": "+".join(sorted({split.kind for split in dataset.splits})),
        "image_count": dataset.image_count,
        "annotation_count": dataset.annotation_count,
        "category_count": len(dataset.categories),
        "findings": [finding.as_json() for finding in findings],
    }
    lines = [
        f"{dataset.image_count:,} images, {dataset.annotation_count:,} annotations, "
        f"{len(dataset.categories):,} categories in {', '.join(split.name for split in dataset.splits)}",
        *_kind_lines(dataset),
    ]
    for matters, words in MATTERS_WORDS.items():
        alike = [found for found in findings if found.matters is matters]
        lines += [f"{words}:", *map(_finding_text, alike)] if alike else []
    return Result(value=value, text="\n".join(lines if findings else [*lines, "Nothing odd was found."]))


def stats(args: argparse.Namespace) -> Result:
    """Count every category."""
    statistics = category_statistics(_opened(args))
    header = f"{'category':24}{'id':>6}{'images':>10}{'objects':>10}{'crowds':>8}"
    lines = [
        f"{_one_line(s.name):24}{s.id:6}{s.image_count:10,}{s.instance_count:10,}{s.crowd_count:8,}" for s in statistics
    ]
    return Result(value=[asdict(entry) for entry in statistics], text="\n".join([header, *lines]))


def pairs(args: argparse.Namespace) -> Result:
    """Compare every pair of categories with chance."""
    dataset = _opened(args)
    looked_for = checked(dataset) if dataset.is_federated else None
    table = pair_table(presence(dataset), dataset.category_names, checked=looked_for)
    value = {
        "image_count": table.image_count,
        "categories": list(table.names),
        "image_counts": table.image_counts.tolist(),
        "counts": table.counts.tolist(),
        "expected": _numbers(table.expected),
        "lift": _numbers(table.lift),
        "lift_low": _numbers(table.lift_low),
        "lift_high": _numbers(table.lift_high),
        "conditional_share": _numbers(table.conditional_share),
        "jaccard": _numbers(table.jaccard),
        "npmi": _numbers(table.npmi),
    }
    strongest = strongest_pairs(table)[:PAIRS_IN_TEXT]
    return Result(value=value, text="\n".join(pair_sentence(table, first, second) for first, second in strongest))


def mine(args: argparse.Namespace) -> Result:
    """Write a subset to a folder."""
    recipe, dataset = _recipe(args)
    plan = plan_export(dataset, recipe, least_images=args.least_images)
    if unusable := unusable_images(plan):
        if not args.leave_out_unusable:
            raise ExportError(f"{unusable_sentence(unusable, plan.subset.image_count)} (--leave-out-unusable)")
        _say(f"Warning: {len(unusable):,} images left out: {unusable_list(unusable)}")
        plan = plan_export(dataset, without(recipe, unusable), least_images=args.least_images)
    concerns, missing = plan_cautions(plan), missing_sentence(plan)
    for each in concerns:
        _say(f"Warning: {each.sentence}{f' {ROLE_REMEDY}' if each.concern is Concern.NO_SPLIT else ''}")
    if missing:
        _say(f"Warning: {missing}")
    for sentence in spoiling_sentences(dataset) if recipe.images != "none" else ():
        _say(f"Warning: {sentence}")
    manifest = write_export(plan, args.out, progress=_progress)
    told = {missing, *(each.sentence for each in concerns)}
    for sentence in (*manifest["defects"], *manifest["warnings"]):
        if sentence not in told:
            _say(f"Warning: {sentence}" if sentence in manifest["warnings"] else f"cocomine: {sentence}")
    value = {
        "folder": str(args.out),
        "is_complete": manifest["is_complete"],
        "defects": manifest["defects"],
        "warnings": manifest["warnings"],
        "splits": manifest["splits"],
        "image_count": plan.subset.image_count,
        "instance_count": plan.subset.instance_count,
        "annotation_count": plan.subset.annotation_count,
        "file_count": len(manifest["files"]),
    }
    text = _mine_text(plan, manifest, args.out)
    return Result(value=value, text=text, is_well=not manifest["defects"])


def _mine_text(plan: ExportPlan, manifest: dict[str, Any], folder: Path) -> str:
    splits = ", ".join(f"{entry['image_count']:,} in {entry['split']}" for entry in manifest["splits"])
    there, missing = (sum(s[key] for s in manifest["splits"]) for key in ("picture_count", "missing_picture_count"))
    found = f"; {found_sentence(there, there + missing)}" if missing else ""
    lines = [
        f"{folder}: {plan.subset.image_count:,} images ({splits}), {plan.subset.instance_count:,} objects of "
        f"{', '.join(map(_one_line, plan.recipe.selection.classes))}{found}; {verified_sentence(manifest)}"
    ]
    without_mask_count = sum(entry["without_mask_count"] or 0 for entry in manifest["splits"])
    lines += [without_mask_sentence(without_mask_count)] if without_mask_count else []
    losses = losses_sentence(outlinings_of(manifest["splits"]))
    return "\n".join([*lines, *([losses] if losses else [])])


def train(args: argparse.Namespace) -> Result:
    """Train a network on an export, or go on with a run that is not done."""
    config = preset(args.preset, export=args.export, steps=args.steps, weights=args.weights, seed=args.seed)
    folder = args.run_folder.absolute()
    if not _is_done(folder, config):
        entry = read_entry(args.export)
        if trouble := training_trouble(entry):
            raise TrainingError(trouble)
        for sentence in training_cautions(entry):
            _say(f"Warning: {sentence}")
        start_run(config, folder)
    run = _followed(folder)
    if run.state == "failed":
        raise TrainingError(str(run.status.get("message")))
    if run.state == "lost":
        raise TrainingError(
            f"{folder}: the process ended before the run did, after step {run.status.get('step', 0)}: it was killed, "
            f"or memory ran out ({folder / LOG} may say more). The same command goes on from the last checkpoint."
        )
    finals = {line["weights"]: line for line in run.lines("final")}
    value = {
        "run": str(folder),
        "state": run.state,
        "step": run.status.get("step"),
        "final": finals,
        "facts": run.facts,
    }
    return Result(value=value, text=_run_text(run, finals.get("last")), is_well=run.state == "done")


def demo(args: argparse.Namespace) -> Result:
    """Draw the demo dataset."""
    folder = args.folder or workspace_from_environment().demo
    write_demo(folder, progress=lambda done, total: _progress("Pictures", done, total))
    return Result(value={"folder": str(folder)}, text=f"{folder}: the demo is there")


def doctor(args: argparse.Namespace) -> Result:
    """Say what works on this computer."""
    signs = examination.examined(workspace_from_environment())
    if args.only is not None:
        signs = [sign for sign in signs if sign.name == args.only]
        if not signs:
            raise SelectionError(f"There is nothing called {args.only!r} to look at. Run it without --only for a list.")
    lines = [f"{'ok  ' if sign.works else 'no  '}{sign.name}: {sign.message}" for sign in signs]
    is_well = args.only is None or all(sign.works for sign in signs)
    return Result(value=[asdict(sign) for sign in signs], text="\n".join(lines), is_well=is_well)


def as_json(value: Any) -> str:
    """Return a value as JSON; NaN is not allowed."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def _opened(args: argparse.Namespace) -> Dataset:
    index = workspace_from_environment().index
    folders = ImageFolders.from_texts(args.image_folder, args.linked_folder)
    return open_dataset(args.dataset, splits=args.split, index=index, report=_reading, image_folders=folders)


def _recipe(args: argparse.Namespace) -> tuple[Recipe, Dataset]:
    """Return the recipe that was given or that the options amount to, with its dataset."""
    if args.recipe is not None:
        try:
            recipe = recipe_from_text(args.recipe.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise RecipeError(f"{args.recipe}: cannot be read ({error}). Check the path.") from error
        folders = ImageFolders.from_texts(args.image_folder, args.linked_folder)
        index = workspace_from_environment().index
        return recipe, dataset_of_recipe(recipe, path=args.dataset, index=index, image_folders=folders)
    if args.dataset is None or not args.classes:
        raise SelectionError("Name a dataset and --classes, or a --recipe.")
    dataset = _opened(args)
    selection = Selection(
        classes=args.classes,
        forbidden=args.forbid,
        mode=args.mode,
        others=args.others,
        licences=args.licence and tuple(args.licence),
    )
    selection, unknown = known_part(selection, dataset)
    if unknown:
        raise SelectionError(" ".join(unknown))
    recipe = Recipe(
        dataset_path=str(dataset.path),
        sources=sources_of(dataset),
        selection=selection,
        val_share=args.val_share,
        seed=args.seed,
        size_px=args.size,
        images=args.images,
        formats=tuple(args.formats),
        roles=tuple(dict(args.role).items()),
    )
    return recipe, dataset


def _is_done(folder: Path, config: TrainingConfig) -> bool:
    """Return whether this very run is there and done; `start_run` refuses what is done with other settings."""
    if not (folder / CONFIG).is_file():
        return False
    run = read_run(folder, time.time())
    return run.state == "done" and run.config == config


def _followed(folder: Path) -> Run:
    """Follow a run to its end; Ctrl-C asks it to stop with a checkpoint, a second one leaves it to do so by itself."""
    said, is_stopping = "", False
    while True:
        try:
            run = read_run(folder, time.time())
            step, steps, message = run.status.get("step", 0), run.config.steps, run.status.get("message", "")
            if (now := f"{run.state}: step {step} of {steps} {message}") != said:
                _say(now)
                said = now
            if not run.is_active:
                return run
            time.sleep(POLL_S)
        except KeyboardInterrupt:
            if is_stopping:
                return run
            request_stop(folder)
            is_stopping = True


def _run_text(run: Run, last: dict[str, Any] | None) -> str:
    if last is None:
        return f"{run.folder}: {run.state} at step {run.status.get('step')}; the same command goes on"
    mean_iou = "not defined" if last["mean_iou"] is None else f"{last['mean_iou']:.1%}"
    return (
        f"{run.folder}: {run.state}; class mIoU {mean_iou} on {last['image_count']:,} validation images; "
        f"Eq. 2 of the paper {last['eq2']:.1%}, of which {last['nothing']['eq2']:.1%} for predicting nothing"
    )


def _kind_lines(dataset: Dataset) -> list[str]:
    """Return what the splits hold, those of one kind in one line."""
    names: dict[FileKind, list[str]] = {}
    for split in dataset.splits:
        names.setdefault(split.kind, []).append(split.name)
    return [f"{', '.join(alike)}: {HOLDS[kind]}" for kind, alike in names.items()]


def _finding_text(found: Finding) -> str:
    return (
        f"  {found.split}: {found.title}: {found.count:,} [{found.code}]\n"
        f"    {found.message} {found.action} ({', '.join(found.examples)})"
    )


def _one_line(name: str) -> str:
    """Return a name whose line breaks and other signs that cannot be seen are written as escapes."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in name)


def _reading(done: int, total: int) -> None:
    if sys.stderr.isatty():
        _say(f"Reading the annotations: {done / total:.0%}", end="\n" if done == total else "\r")


def _progress(what: str, done: int, total: int) -> None:
    if sys.stderr.isatty() or done == total:
        _say(f"{what}: {done:,} of {total:,}", end="\n" if done == total else "\r")


def _say(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)  # noqa: T201 - this is the command line


def _numbers(values: Any) -> list[list[float | None]]:
    """Return a matrix as lists, None for NaN."""
    rows: Sequence[Sequence[float]] = np.round(values, 6).tolist()
    return [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124 - NaN alone differs
