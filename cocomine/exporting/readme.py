"""What does a person read who finds an export folder?"""

from collections.abc import Mapping, Sequence

from cocomine.labels.label_table import LabelTable
from cocomine.mining.recipe import Recipe
from cocomine.mining.selection import Others, Subset, SubsetSplit

OTHERS_IN_WORDS = {
    Others.BACKGROUND: "left out; their pixels are background",
    Others.KEEP: "kept, each as a class of its own",
    Others.MERGE: "merged into one class",
    Others.IGNORE: "ignored: their pixels are 255",
}
PICTURES_IN_WORDS = {
    "link": "`images/` links to the pictures, which stay where they are.",
    "copy": "`images/` holds the pictures.",
    "none": "The pictures are not part of this export.",
}


def export_readme(
    recipe: Recipe,
    subset: Subset,
    parts: Sequence[SubsetSplit],
    table: LabelTable,
    without_mask: Mapping[str, int] | None,
) -> str:
    """Return the export's README in Markdown; the same export gives the same text.

    Args:
        without_mask: by split, the objects that have no mask to draw; None where no label maps were made.
    """
    selection = recipe.selection
    forbidden = f", none with {', '.join(selection.forbidden)}" if selection.forbidden else ""
    licences = "" if selection.licences is None else f", under {' or '.join(selection.licences) or 'no licence'}"
    splits = "\n".join(
        f"| {part.split.name} | {len(part.image_index):,} | {len(part.annotation_index):,} |" for part in parts
    )
    holds = ["`annotations/` holds COCO JSON with the original records.", PICTURES_IN_WORDS[recipe.images]]
    if "mined" in recipe.formats:
        holds.append("`mined.json` lists the annotations of each image by its name.")
    if "yolo" in recipe.formats:
        holds.append("`yolo/data.yaml` is for Ultralytics YOLO, which reads the objects from `labels/<split>/*.txt`.")
    if "voc" in recipe.formats:
        holds.append("`voc/` holds the boxes of each image as Pascal VOC XML.")
    chapters = [
        f"""# A subset of COCO, mined by CocoMine

Images with {selection.mode} of {", ".join(selection.classes)}{forbidden}{licences}: \
{subset.image_count:,} images, {subset.instance_count:,} objects of these classes.
Other classes are {OTHERS_IN_WORDS[selection.others]}.""",
        f"| split | images | annotations |\n|---|---|---|\n{splits}",
        "\n".join(holds),
        *([] if without_mask is None else _label_chapters(recipe, table, sum(without_mask.values()))),
        """`python -m cocomine mine --recipe recipe.yaml --out DIR` makes this folder again. Each image has its own
licence: see `ATTRIBUTION.csv`. `manifest.json` lists every file with its SHA-256.""",
    ]
    return "\n\n".join(chapters) + "\n"


def without_mask_sentence(count: int) -> str:
    """Return what becomes of the objects that have no mask."""
    return f"Objects without a mask, such as a box alone: {count:,}. They are background in the label maps."


def _label_chapters(recipe: Recipe, table: LabelTable, without_mask_count: int) -> list[str]:
    rows = "\n".join(f"| {label.label} | {label.name} |" for label in table.labels)
    gap = [without_mask_sentence(without_mask_count)] if without_mask_count else []
    return [
        f"`labels/` holds label maps of {recipe.size_px} × {recipe.size_px} px, one per image, and `labels.json` says\n"
        "what their values stand for (0 is background, 255 is ignored):",
        f"| value | class |\n|---|---|\n{rows}",
        *gap,
    ]
