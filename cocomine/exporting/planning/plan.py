"""What will an export hold? All of it is determined, counted and shown before anything is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cocomine.coco.arrays import Bools, Floats, Ints
from cocomine.coco.dataset import Dataset
from cocomine.coco.images_on_disk import image_file_bytes, usable_images
from cocomine.coco.split_role import SplitRole
from cocomine.errors import ExportError
from cocomine.exporting.planning.split_folders import ROLE_WORDS, split_folders
from cocomine.labels.map_size import map_areas_px
from cocomine.labels.table import LabelTable, class_table, require_room
from cocomine.mining.advice.readiness import Caution, cautions
from cocomine.mining.selection.division import divided
from cocomine.mining.selection.listing import select_listed
from cocomine.mining.selection.recipe import MaskShape, Recipe, without_places
from cocomine.mining.selection.selection import Subset, SubsetSplit, select
from cocomine.mining.selection.split_shares import SplitShares, split_shares
from cocomine.system.file_names import name_flaw
from cocomine.wording import POLICY_IN_EXPORT, counted, join_names

LABEL_FORMATS = {"masks", "yolo", "yolo-detect", "voc"}
"""They have files for each image, named like it but for the ending."""
IMAGE_LAYOUTS = {"roboflow", "yolo-detect", "voc", "hf"}
"""They have the image files in a place of their own."""
BLOCKS_OF_IMAGE = {"masks": 1, "yolo": 1, "yolo-detect": 1, "voc": 5}
"""Blocks of the disk for the files of an image; Pascal VOC has two masks of the image's own size."""
BLOCKS_OF_NATIVE_MAP = 2
OBJECT_BYTES, IMAGE_BYTES = 120, 120
"""For each annotation and image in Hugging Face's metadata, about."""
BLOCK_BYTES = 4096
"""What even a small file takes on most disks."""
MINED_BYTES = 200
"""For each annotation in `mined.json`, about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """All that an export will hold, before anything is written.

    Attributes:
        min_images: what the person asks for of each class; a check, which decides nothing.
    """

    recipe: Recipe
    subset: Subset
    parts: tuple[SubsetSplit, ...]
    table: LabelTable
    min_images: int

    @property
    def shares(self) -> SplitShares:
        """Which share of each class each split gets."""
        asked = self.recipe.division.shares_by_split if self.recipe.is_divided else {}
        return split_shares(self.subset, self.parts, {name: float(share) for name, share in asked.items()})

    def roles(self) -> dict[str, SplitRole | None]:
        """Return what each split is for, by its name."""
        return {part.split.name: part.split.role for part in self.parts}

    def split_folders(self) -> dict[str, dict[str, str]]:
        """Return what each format with words of its own calls each split."""
        return {format_name: split_folders(format_name, self.roles()) for format_name in ROLE_WORDS}

    def images(self) -> Iterator[tuple[SubsetSplit, int]]:
        """Yield each image: its part, and its position in the split."""
        for part in self.parts:
            for index in part.image_index.tolist():
                yield part, index


def plan_export(dataset: Dataset, recipe: Recipe, *, min_images: int = 1) -> ExportPlan:
    """Return what a recipe gives on its dataset; in the plan it names no place on this computer any more.

    Raises:
        ExportError: it selects no image, or label maps have no room for its classes.
        SelectionError: a class is unknown, a split that a role is given to, or an image that is listed.
    """
    recipe, dataset = without_places(recipe), dataset.with_roles(dict(recipe.roles))
    subset = _subset(dataset, recipe)
    if not subset.image_count:
        raise ExportError(f"The selection holds no image, so there is nothing to export. {_way_out(dataset, recipe)}")
    parts = divided(subset, recipe.division) if recipe.is_divided else subset.parts
    for part in parts:
        if "/" in part.split.name or name_flaw(part.split.name):
            raise ExportError(
                f"{part.split.source.path}: no folder can be called {part.split.name!r}, as the split is. "
                "Rename the annotation file."
            )
    table = class_table(subset.dataset, recipe.selection)
    if "masks" in recipe.formats:
        require_room(table)
    return ExportPlan(recipe=recipe, subset=subset, parts=parts, table=table, min_images=min_images)


def _subset(dataset: Dataset, recipe: Recipe) -> Subset:
    if recipe.lists_images:
        return select_listed(dataset, recipe.selection, recipe.division.listed)
    return select(dataset, recipe.selection, recipe.excluded)


def _way_out(dataset: Dataset, recipe: Recipe) -> str:
    """Return what to do where a recipe selects no image."""
    if not any(len(split.annotations) for split in dataset.splits):
        if any(len(ids) for split in dataset.splits for ids in split.dropped_ids.values()):
            return "All annotations name images or categories that are not in their file: correct the ids there."
        return "The dataset has no annotations."
    excluded = recipe.excluded and select(dataset, recipe.selection).image_count
    if excluded:
        return f"Excluded: all that it gives ({counted(excluded, 'image')}). Take some back."
    return "Choose other classes or a wider mode."


def export_summary(plan: ExportPlan) -> str:
    """Return in two sentences what will be written."""
    splits = join_names([f"{counted(len(part.image_index), 'image')} in {part.split.name}" for part in plan.parts])
    selection = plan.recipe.selection
    objects, classes = counted(plan.subset.instance_count, "object"), counted(len(selection.classes), "class")
    others = counted(plan.subset.other_instance_count, "object")
    return f"{splits}; {objects} of {classes}. Unselected classes ({others}) are {POLICY_IN_EXPORT[selection.others]}."


def split_entries(plan: ExportPlan) -> list[dict[str, Any]]:
    """Return what the plan says of each split, as the manifest has it: role, images, annotations, counts by class."""
    return [
        {
            **plan.subset.contents_of(part),
            "ignored_annotation_count": len(ignored_annotations(part, plan.table)),
            "without_mask_count": _without_mask_count(plan, part) if "masks" in plan.recipe.formats else None,
            "too_small_count": _too_small_count(plan, part) if "masks" in plan.recipe.formats else None,
        }
        for part in plan.parts
    ]


def ignored_annotations(part: SubsetSplit, table: LabelTable) -> Ints:
    """Return the indices of the annotations in a part's images that are ignored, rising; they are not of it.

    They are of a class that is ignored, or left out where what is left out is ignored.
    """
    index = part.all_annotation_index
    of_classes = index[_is_of(part, table.ignored_category_ids)[index]]
    return np.union1d(of_classes, part.left_out_index) if part.split.ignores_left_out else np.asarray(of_classes)


def ignored_categories(part: SubsetSplit, table: LabelTable) -> tuple[int, ...]:
    """Return the ids of the categories that ignored annotations may have, in the dataset's order; none without any."""
    is_any = part.split.ignores_left_out
    return tuple(each for each in part.split.category_ids if is_any or each in table.ignored_category_ids)


def plan_cautions(plan: ExportPlan) -> list[Caution]:
    """Return what speaks against training on an export, before it is written."""
    return cautions(split_entries(plan), min_images=plan.min_images)


def _without_mask_count(plan: ExportPlan, part: SubsetSplit) -> int:
    """Return how many objects of the classes in label maps have no mask to draw."""
    drawn_index = _drawn_annotations(plan, part)
    return int(np.count_nonzero(~part.split.annotations.has_mask(drawn_index)))


def _too_small_count(plan: ExportPlan, part: SubsetSplit) -> int:
    """Return how many objects of the classes in label maps cover less than a pixel of one, though they have a mask."""
    return int(np.count_nonzero(masks_in_maps(plan, part)[1] < 1))


def masks_in_maps(plan: ExportPlan, part: SubsetSplit) -> tuple[Ints, Floats]:
    """Return the objects with a mask that label maps show, and how many pixels of one each covers by its record, (n,).

    They are positions in the split's annotations.
    """
    columns, images, drawn_index = part.split.annotations, part.split.images, _drawn_annotations(plan, part)
    drawn_index = drawn_index[columns.has_mask(drawn_index)]
    image_px = (images.widths * images.heights.astype(np.float64))[columns.image_index[drawn_index]]
    owners, recipe = columns.image_index[drawn_index], plan.recipe
    map_px = map_areas_px(images.widths, images.heights, recipe.mask_shape, size_px=recipe.size_px)[owners]
    with np.errstate(over="ignore"):  # a box may be absurdly large
        box_px = columns.boxes_xywh[drawn_index, 2] * columns.boxes_xywh[drawn_index, 3]
        area_px = np.fmax(columns.areas_px[drawn_index], box_px)  # of two numbers of which one may be wrong
        return drawn_index, np.asarray(area_px * map_px / image_px)


def _drawn_annotations(plan: ExportPlan, part: SubsetSplit) -> Ints:
    """Return the indices of the annotations that label maps show, without crowd regions."""
    index = part.all_annotation_index
    is_drawn = _is_of(part, plan.table.label_of_category) & ~part.split.annotations.is_crowd
    return np.asarray(index[is_drawn[index]])


def _is_of(part: SubsetSplit, category_ids: Iterable[int]) -> Bools:
    """Return which annotations of a split are of some categories, (m,)."""
    columns = part.split.annotations
    return np.asarray(np.isin(part.split.category_ids, [*category_ids])[columns.category_index])


def found_bytes(plan: ExportPlan) -> Ints:
    """Return the size of each image's file before anything is placed, (n,); not by split.

    0 where it is missing, or at an address and not fetched before.
    """
    sizes = [image_file_bytes(part.split)[part.image_index] for part in plan.subset.parts]
    return np.concatenate(sizes)


def usable_count(plan: ExportPlan) -> int:
    """Return how many images have a file that can be used, or are at an address, before anything is placed."""
    return int(sum(np.count_nonzero(usable_images(part.split)[part.image_index]) for part in plan.subset.parts))


def found_sentence(found_count: int, image_count: int) -> str:
    """Return how many of the image files that were asked for are there."""
    return f"{found_count:,} of {counted(image_count, 'image')} found, {image_count - found_count:,} missing"


def missing_sentence(plan: ExportPlan) -> str | None:
    """Return how many of the image files that are asked for are there, before the start; None where all are."""
    if plan.recipe.images == "none":
        return None
    found_count, image_count = usable_count(plan), plan.subset.image_count
    return found_sentence(found_count, image_count) if found_count < image_count else None


def needed_bytes(plan: ExportPlan, found: Ints, *, are_linked: bool, can_share: bool = True) -> int:
    """Return about how much an export takes on the disk.

    Args:
        found: see `found_bytes`.
        are_linked: the image files take no space.
        can_share: several layouts can share an image's file, as hard links.
    """
    formats, image_count = set(plan.recipe.formats), plan.subset.image_count
    spans = [part.split.annotations.spans[part.annotation_index] for part in plan.parts]
    spans += [part.split.images.spans[part.image_index] for part in plan.parts]
    records = sum(int((each[:, 1] - each[:, 0]).sum()) for each in spans)
    blocks = sum(BLOCKS_OF_IMAGE[each] for each in formats & LABEL_FORMATS)
    blocks += BLOCKS_OF_NATIVE_MAP if "masks" in formats and plan.recipe.mask_shape is MaskShape.NATIVE else 0
    need = records + image_count * BLOCK_BYTES * blocks
    need += records if "roboflow" in formats else 0
    need += records // 2 if "yolo" in formats else 0
    need += MINED_BYTES * plan.subset.annotation_count if "mined" in formats else 0
    need += OBJECT_BYTES * plan.subset.annotation_count + IMAGE_BYTES * image_count if "hf" in formats else 0
    return need + _image_file_bytes(plan, int(found.sum()), are_linked=are_linked, can_share=can_share)


def _image_file_bytes(plan: ExportPlan, found: int, *, are_linked: bool, can_share: bool) -> int:
    if plan.recipe.images == "none":
        return 0
    copies = 0 if can_share else len(IMAGE_LAYOUTS & set(plan.recipe.formats))
    return found * (copies + (not are_linked))
