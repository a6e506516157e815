"""What does a person read who finds an export folder?"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cocomine.exporting.formats.card import (
    exclusions_chapter,
    licences_chapter,
    recipe_sentence,
    shares_chapter,
    sheet_chapter,
    table_cell,
)
from cocomine.exporting.formats.pascal_voc import voc_losses_sentence
from cocomine.exporting.formats.voc_masks import voc_line_name
from cocomine.exporting.formats.yolo import (
    box_losses_sentence,
    losses_sentence,
    passed_over_sentence,
    stand_in_sentence,
)
from cocomine.exporting.planning.image_names import part_names
from cocomine.exporting.planning.plan import IMAGE_LAYOUTS, ExportPlan, ignored_annotations
from cocomine.labels.map_size import map_size_words
from cocomine.labels.table import LabelTable
from cocomine.mining.selection.recipe import SYMLINK, YOLO_DETECT, Recipe
from cocomine.mining.selection.selection import Others, Subset
from cocomine.mining.selection.sentences import groups_sentence, limits_sentences
from cocomine.wording import MODE_PHRASES, POLICY_IN_EXPORT, counted

IMAGES_IN_WORDS = {
    "link": "`images/` holds the image files: the dataset's own files (hard links) where the disk allows it, else "
    "copies. Change neither.",
    "copy": "`images/` holds the image files.",
    SYMLINK: "`images/` holds symbolic links to the dataset's own files and no image itself: where those "
    "move, nothing is left of them here.",
    "none": "The image files are not part of this export.",
}
OTHER_FORMATS = {
    "roboflow": "`roboflow/` holds the same COCO JSON beside the images, as Roboflow and RF-DETR have it.",
    "yolo": "`yolo/data.yaml` is for Ultralytics YOLO, which reads the outlines from `labels/<split>/*.txt`.",
    YOLO_DETECT: "`yolo-detect/data.yaml` is for Ultralytics YOLO, too, with boxes alone.",
    "voc": "`voc/` is a Pascal VOC folder: boxes as XML, and masks of classes and of objects at each image's own size.",
    "hf": "`hf/` is an image folder for `datasets.load_dataset`: boxes and classes, without masks.",
}
LABELMAP_PRICE = "Pascal VOC: labelmap.txt has no sign for a colon or a line break in a name, and writes _ for it:"
SYMLINK_PRICE = (
    "The images are symbolic links into the dataset: they lead nowhere once it moves, a copy of the folder on another "
    "computer has no images, and some tools refuse them (supervision and Datumaro do). A zip that CocoMine makes holds "
    "the images themselves. To use the folder as a dataset, allow links to the image folder (--linked-folder)."
)
TAKEN_ID_PRICE = (
    "tools that look annotations up by id, pycocotools among them, see only the last of each. Give each an id "
    "of its own in the dataset, and export again."
)
SHARED = (
    "Where the disk allows it, an image is one file on it in all of these folders (hard links): changed in one place, "
    "it is changed in all."
)
TALLY_KEYS = {"yolo": "outlinings", YOLO_DETECT: "boxes", "voc": "voc_entries"}
"""Where a manifest's splits say how annotations became a format's, by format."""


def export_readme(plan: ExportPlan, splits: Sequence[Mapping[str, Any]], image_notes: Sequence[str]) -> str:
    """Return the export's README in Markdown; the same export gives the same text.

    Args:
        splits: as in the manifest.
        image_notes: what became of the image files, in sentences; none where they were not asked for.
    """
    recipe, subset = plan.recipe, plan.subset
    selection = recipe.selection
    excluded = f", none with {', '.join(selection.excluded_classes)}" if selection.excluded_classes else ""
    licences = "" if selection.licences is None else f", under {' or '.join(selection.licences) or 'no licence'}"
    rows = "\n".join(
        f"| {table_cell(each['split'])} | {each['image_count']:,} | {each['annotation_count']:,} |" for each in splits
    )
    holds = [*_annotation_sentences(plan), IMAGES_IN_WORDS[recipe.images]]
    if "mined" in recipe.formats:
        holds.append("`mined.json` lists the annotations of each image by its name.")
    holds += [sentence for format_name, sentence in OTHER_FORMATS.items() if format_name in recipe.formats]
    if recipe.images not in {"none", SYMLINK} and IMAGE_LAYOUTS & {*recipe.formats}:
        holds.append(SHARED)
    without_mask = sum(each["without_mask_count"] or 0 for each in splits)
    chapters = [
        f"""# A subset of {recipe.dataset_name}, made with CocoMine

Images with {MODE_PHRASES[selection.mode]} {", ".join(selection.classes)}{excluded}{licences}: \
{subset_words(subset)} of these classes.
Unselected classes are {POLICY_IN_EXPORT[selection.others]}.""",
        *([chapter] if (chapter := _content_chapter(plan)) else []),
        f"| split | images | annotations |\n|---|---|---|\n{rows}",
        shares_chapter(plan.shares),
        "\n".join(holds),
        *([". ".join(image_notes) + "."] if image_notes else []),
        *filter(None, [sheet_chapter(plan), exclusions_chapter(recipe)]),
        *(_label_chapters(recipe, plan.table, without_mask) if "masks" in recipe.formats else []),
        *loss_sentences(splits),
        *format_warnings(plan),
        licences_chapter(plan),
        recipe_sentence(recipe),
    ]
    return "\n\n".join(chapters) + "\n"


def subset_words(subset: Subset) -> str:
    """Return how much of a dataset an export holds, by which its README is known as well: "1 image, 3 objects"."""
    return f"{counted(subset.image_count, 'image')}, {counted(subset.instance_count, 'object')}"


def _content_chapter(plan: ExportPlan) -> str:
    """Return how classes were grouped and what was left out or drawn, "" where nothing was."""
    selection = plan.recipe.selection
    of_groups = groups_sentence(selection.groups)
    left_out_count = sum(len(part.left_out_index) for part in plan.parts)
    becomes = "ignored (255)" if selection.others is Others.IGNORE else "background"
    pixels = [f"Annotations left out: {left_out_count:,}; their pixels are {becomes}."] if left_out_count else []
    of_ids = ["`id_map.json` says which categories each group was made of."] if of_groups else []
    return " ".join([*([of_groups] if of_groups else []), *of_ids, *limits_sentences(selection.limits), *pixels])


def _annotation_sentences(plan: ExportPlan) -> list[str]:
    """Return what `annotations/` holds, and what of the other classes is not as it was."""
    sentences = ["`annotations/` holds COCO JSON with the original records."]
    merged = plan.table.merged_label
    if merged is not None:
        sentences.append(
            f"The objects of unselected classes have the category {plan.table.merged_category_id}, “{merged.name}”, in "
            "them, and are as they were in all else."
        )
    if any(part.split.ignores_left_out for part in plan.parts) or plan.table.ignored_category_ids:
        count = sum(len(ignored_annotations(part, plan.table)) for part in plan.parts)
        sentences.append(
            f"Ignored annotations ({count:,}) are in no format but `annotations/ignored_<split>.json` and, "
            "as 255, the label maps: other programs take their pixels for background."
        )
    return sentences


def loss_sentences(splits: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return which objects are not in some format as in the annotations, a sentence for each such format.

    Args:
        splits: as in a manifest.
    """
    sentence_of = {"yolo": losses_sentence, YOLO_DETECT: box_losses_sentence, "voc": voc_losses_sentence}
    told = []
    for format_name, key in TALLY_KEYS.items():
        told += [sentence] if (sentence := sentence_of[format_name](summed_tally(splits, key))) else []
    return told


def summed_tally(splits: Sequence[Mapping[str, Any]], key: str) -> Counter[str]:
    """Return how many objects of all splits of a manifest became a format's in which way, by one of `TALLY_KEYS`."""
    return sum((Counter(each.get(key) or {}) for each in splits), Counter[str]())


def format_warnings(plan: ExportPlan) -> list[str]:
    """Return what some formats ask for that a plan does not have, in sentences, before anything is written."""
    formats, roles = {*plan.recipe.formats}, {p.split.name: p.split.role for p in plan.parts if len(p.image_index)}
    is_yolo = bool(formats & {"yolo", YOLO_DETECT})
    names = [name for part in plan.parts for name in part_names(part)] if is_yolo or "voc" in formats else []
    others = sum(not name.lower().endswith((".jpg", ".jpeg")) for name in names) if "voc" in formats else 0
    classes = [
        label.name for label in plan.table.labels if "voc" in formats and voc_line_name(label.name) != label.name
    ]
    are = "is no JPEG file" if others == 1 else "are no JPEG files"
    return [
        *_taken_ids_sentence(plan),
        *([SYMLINK_PRICE] if plan.recipe.images == SYMLINK else []),
        *filter(None, [stand_in_sentence(roles), passed_over_sentence(names)] if is_yolo else []),
        *([f"Pascal VOC: {counted(others, 'image')} {are}, which many of its readers ask for."] if others else []),
        *([f"{LABELMAP_PRICE} {', '.join(map(repr, classes[:3]))}."] if classes else []),
    ]


def _taken_ids_sentence(plan: ExportPlan) -> list[str]:
    """Return in a sentence how many annotations have an id that an earlier one of their file has; none where none."""
    ids = [part.split.annotations.ids[part.annotation_index] for part in plan.parts]
    count = sum(len(each) - len(np.unique(each)) for each in ids)
    have = (
        "annotation has an id that an earlier one has" if count == 1 else "annotations have ids that earlier ones have"
    )
    return [f"COCO JSON: {count:,} {have}: {TAKEN_ID_PRICE}"] if count else []


def without_mask_sentence(count: int) -> str:
    """Return what becomes of the objects that have no mask."""
    return f"Objects without a mask, such as a box alone: {count:,}. They are background in the label maps."


def _label_chapters(recipe: Recipe, table: LabelTable, without_mask_count: int) -> list[str]:
    rows = "\n".join(f"| {label.label} | {table_cell(label.name)} |" for label in table.labels)
    gap = [without_mask_sentence(without_mask_count)] if without_mask_count else []
    size = map_size_words(recipe.mask_shape, size_px=recipe.size_px)
    return [
        f"`labels/` holds label maps of {size}, one per image, and `labels.json` says\n"
        "what their values stand for (0 is background, 255 is ignored):",
        f"| value | class |\n|---|---|\n{rows}",
        *gap,
    ]
