"""What does a person read who finds an export folder?"""

from collections.abc import Sequence

from cocomine.labels.label_table import LabelTable
from cocomine.mining.recipe import Recipe
from cocomine.mining.selection import Others, Subset, SubsetSplit

OTHERS_IN_WORDS = {
    Others.BACKGROUND: "left out; their pixels are background",
    Others.KEEP: "kept, each as a class of its own",
    Others.MERGE: "merged into one class, “other”",
    Others.IGNORE: "ignored: their pixels are 255",
}


def export_readme(recipe: Recipe, subset: Subset, parts: Sequence[SubsetSplit], table: LabelTable) -> str:
    """Return the export's README in Markdown; the same export gives the same text."""
    selection = recipe.selection
    forbidden = f", none with {', '.join(selection.forbidden)}" if selection.forbidden else ""
    splits = "\n".join(
        f"| {part.split.name} | {len(part.image_index):,} | {len(part.annotation_index):,} |" for part in parts
    )
    labels = "\n".join(f"| {label.label} | {label.name} |" for label in table.labels)
    return f"""# A subset of COCO, mined by CocoMine

Images with {selection.mode} of {", ".join(selection.classes)}{forbidden}: \
{subset.image_count:,} images, {subset.instance_count:,} objects of these classes.
Other classes are {OTHERS_IN_WORDS[selection.others]}.

| split | images | annotations |
|---|---|---|
{splits}

`annotations/` holds COCO JSON with the original records, `images/` the pictures, `labels/` label maps of
{recipe.size_px} × {recipe.size_px} px, one per image (0 is background, 255 is ignored):

| value | class |
|---|---|
{labels}

`python -m cocomine mine --recipe recipe.yaml --out DIR` makes this folder again. Each image has its own
licence: see `ATTRIBUTION.csv`. `manifest.json` lists every file with its SHA-256.
"""
