"""What must a person know of a subset before they use it: who is in it, who is not, and under which licences?

Chapters of the export's README. Licences are counted as the images name them, with what their address is known to
allow; no licence is stated for the whole.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, sheet_images
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.licences import NOT_NAMED, Terms, licence_counts_in, terms_at
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.wording import counted, percent

MOST_REASONS = 20
NO_REASON = "no reason given"


def shares_chapter(plan: ExportPlan, splits: Sequence[Mapping[str, Any]]) -> str:
    """Return a table of the classes: images and objects of each, and the share of its images in each split.

    Args:
        splits: as in the manifest.
    """
    names = [each["split"] for each in splits]
    head = ["class", "images", "objects", *(f"images in {name}" for name in names)]
    rows = [head, ["---"] * len(head)]
    for name in plan.recipe.selection.classes:
        images = [int(each["image_counts"].get(name, 0)) for each in splits]
        objects = sum(int(each["instance_counts"].get(name, 0)) for each in splits)
        total = sum(images)
        shares = [f"{count:,} ({percent(count / total)})" if total else "0" for count in images]
        rows.append([_cell(name), f"{total:,}", f"{objects:,}", *shares])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def exclusions_chapter(recipe: Recipe) -> str | None:
    """Return how many images were excluded for which reason, the commonest first; None where none was."""
    if not recipe.excluded:
        return None
    reasons = dict(recipe.reasons)
    counts = Counter(reasons.get(image, "") or NO_REASON for image in recipe.excluded)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rows = [f"| {_cell(reason)} | {count:,} |" for reason, count in ordered[:MOST_REASONS]]
    rest = len(ordered) - MOST_REASONS
    more = [f"and {counted(rest, 'other reason')}."] if rest > 0 else []
    table = "\n".join(["| reason | images |", "|---|---|", *rows])
    return "\n\n".join([f"Excluded images: {len(recipe.excluded):,}; `recipe.yaml` names each.", table, *more])


def licences_chapter(plan: ExportPlan) -> str:
    """Return how many images are under which licence, and what that is known to allow."""
    urls = {licence.name: licence.url for split in plan.subset.dataset.splits for licence in split.licences}
    counts = Counter[str]()
    for part in plan.parts:
        counts.update(licence_counts_in(part.split, part.image_index))
    rows = [
        f"| {_cell(name)} | {count:,} | {_allowance(None if name == NOT_NAMED else terms_at(urls.get(name, '')))} |"
        for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    ]
    table = "\n".join(["| licence of the image | images | commercial use, changes |", "|---|---|---|", *rows])
    return f"Each image has its own licence, which `ATTRIBUTION.csv` names with its source:\n\n{table}"


def sheet_chapter(plan: ExportPlan) -> str | None:
    """Return the contact sheet with the names of its images; None where image files were not asked for."""
    if plan.recipe.images == "none":
        return None
    names = ", ".join(f"`{part.split.name}/{exported_name(part.split, index)}`" for part, index in sheet_images(plan))
    return f"![Images of this subset]({CONTACT_SHEET})\n\nFrom left to right: {names}."


def recipe_sentence(recipe: Recipe) -> str:
    """Return how the folder is made again, and by what its recipe is known."""
    digest = hashlib.sha256(recipe_text(recipe).encode()).hexdigest()
    return (
        "`cocomine mine DATASET --recipe recipe.yaml --out DIR` makes this folder again from the same annotations,\n"
        f"wherever they lie. SHA-256 of `recipe.yaml`: `{digest}`. `manifest.json` lists every file with its SHA-256."
    )


def _allowance(terms: Terms | None) -> str:
    if terms is None:
        return "not known"
    return f"{'yes' if terms.commercial else 'no'}, {'yes' if terms.changes else 'no'}"


def _cell(text: str) -> str:
    """Return text that stays within its cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
