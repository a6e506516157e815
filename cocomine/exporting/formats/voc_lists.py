"""Which images of a Pascal VOC folder are for what?

`ImageSets/Main` lists the images of each split by their names without ending, `ImageSets/Segmentation` those that have
masks. `labelmap.txt` is not VOC's own: Datumaro and CVAT know by it which classes there are, and their colours.

Source: the Development Kit of 2012
"""

from pathlib import PurePosixPath

from cocomine.exporting.formats.voc_masks import has_value_for_each, is_drawable, voc_label_colours
from cocomine.exporting.planning.image_names import part_names
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.planning.voc_names import voc_name, voc_names_splits
from cocomine.mining.selection.selection import SubsetSplit


def voc_lists(plan: ExportPlan) -> dict[str, str]:
    """Return the files that say which images and classes a VOC folder has, by path from the export's folder on."""
    names_splits, folders = voc_names_splits(plan.parts), plan.split_folders()["voc"]
    has_masks = has_value_for_each(plan.table)
    lists = {"voc/labelmap.txt": voc_label_colours(plan.table)} if has_masks else {}
    for part in plan.parts:
        stems = [_stem(voc_name(part.split.name, name, names_splits=names_splits)) for name in part_names(part)]
        lists[voc_set_path("Main", folders[part.split.name])] = _lines(stems)
        if has_masks:
            masked = [stem for stem, is_small in zip(stems, _are_drawable(part), strict=True) if is_small]
            lists[voc_set_path("Segmentation", folders[part.split.name])] = _lines(masked)
    return lists


def voc_set_path(what: str, split_folder: str) -> str:
    """Return which file lists a split's images, from the export's folder on: all, or for "Segmentation" with masks."""
    return f"voc/ImageSets/{what}/{split_folder}.txt"


def _are_drawable(part: SubsetSplit) -> list[bool]:
    return [is_drawable(part.split.images.size_at(index)) for index in part.image_index.tolist()]


def _stem(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()


def _lines(stems: list[str]) -> str:
    return "".join(f"{stem}\n" for stem in stems)
