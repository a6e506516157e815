"""What must a person know of a subset before they use it: who is in it, who is not, and under which licences?

Chapters of the export's README. Licences are counted as the images name them, with what their address is known to
allow; no licence is stated for the whole.
"""

import hashlib
from collections import Counter

from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, sheet_images
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.licences import NOT_NAMED, Terms, licence_counts_in, terms_at
from cocomine.mining.selection.recipe import Recipe, recipe_text
from cocomine.mining.selection.split_shares import ClassCounts, SplitShares, shares_sentence
from cocomine.wording import counted, percent

MOST_REASONS = 20
NO_REASON = "no reason given"


def shares_chapter(shares: SplitShares) -> str:
    """Return how much of each class each split has, in images and objects, and how far that is from the asked."""
    of_splits = [table_cell(f"{what} in {name}") for name in shares.splits for what in ("images", "objects")]
    head = ["class", "images", "objects", *of_splits]
    rows = [head, ["---"] * len(head), *(_shares_row(shares, each) for each in shares.classes)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"{shares_sentence(shares)}\n\n{table}"


def _shares_row(shares: SplitShares, counts: ClassCounts) -> list[str]:
    reached = shares.shares(counts.image_counts)
    row = [table_cell(counts.name), f"{sum(counts.image_counts):,}", f"{sum(counts.object_counts):,}"]
    for name, image_count, object_count in zip(shares.splits, counts.image_counts, counts.object_counts, strict=True):
        share = f" ({percent(reached[name])})" if name in reached else ""
        row += [f"{image_count:,}{share}", f"{object_count:,}"]
    return row


def exclusions_chapter(recipe: Recipe) -> str | None:
    """Return how many images were excluded for which reason, the commonest first; None where none was."""
    if not recipe.excluded:
        return None
    reasons = dict(recipe.reasons)
    counts = Counter(reasons.get(image, "") or NO_REASON for image in recipe.excluded)
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    rows = [f"| {table_cell(reason)} | {count:,} |" for reason, count in ordered[:MOST_REASONS]]
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
    allowances = {name: _allowance(terms_at(urls.get(name, ""))) for name in counts} | {NOT_NAMED: _allowance(None)}
    rows = [
        f"| {table_cell(name)} | {count:,} | {allowances[name]} |"
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


def table_cell(text: str) -> str:
    """Return text that stays within its cell of a table in Markdown."""
    return " ".join(text.split()).replace("|", "\\|")
