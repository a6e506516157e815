"""Which files will a format have? Told by those that the first split has."""

from dataclasses import replace
from pathlib import Path

from cocomine.exporting.formats.voc_lists import voc_set_path
from cocomine.exporting.label_files import LabelRules, image_places, label_places
from cocomine.exporting.layout import (
    LABELS,
    MINED,
    annotation_path,
    hf_path,
    roboflow_path,
    yolo_data_path,
)
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import IMAGE_LAYOUTS, ExportPlan
from cocomine.exporting.planning.voc_names import voc_names_splits
from cocomine.mining.selection.recipe import FORMATS, YOLO_DETECT


def example_paths(plan: ExportPlan) -> dict[str, tuple[Path, ...]]:
    """Return where each format has its files, from the export's folder on; `*` stands for an image's own name.

    Args:
        plan: which need not hold the formats. Whether Pascal VOC's names say the split is found out where it holds it.
    """
    part = next(part for part in plan.parts if len(part.image_index))
    index = int(part.image_index[0])
    split, name, image = part.split.name, exported_name(part.split, index), part.split.image_at(index)
    of_image: dict[str, list[Path]] = {}
    for format_name, rules in _rules(plan).items():
        has_image = plan.recipe.images != "none" and format_name in {"coco", *IMAGE_LAYOUTS}
        labels = label_places(image, name, rules).get(format_name, [])
        places = image_places(split, name, rules)[-1:] if has_image else []
        of_image[format_name] = [Path(place) for place in (*places, *(place for _, place in labels))]
    return {
        format_name: (*_once(plan, format_name, split), *(path.with_name(f"*{path.suffix}") for path in paths))
        for format_name, paths in of_image.items()
    }


def _rules(plan: ExportPlan) -> dict[str, LabelRules]:
    """Return what decides the paths of each format alone."""
    rules = LabelRules(
        formats=(),
        table=plan.table,
        mask_shape=plan.recipe.mask_shape,
        size_px=plan.recipe.size_px,
        names_splits="voc" in plan.recipe.formats and voc_names_splits(plan.parts),
        split_folders=plan.split_folders(),
    )
    return {format_name: replace(rules, formats=(format_name,)) for format_name in FORMATS}


def _once(plan: ExportPlan, format_name: str, split: str) -> list[Path]:
    """Return the files that a format has once for a split, or for all."""
    top, folders = Path(), plan.split_folders()
    return {
        "coco": [annotation_path(top, split)],
        "roboflow": [roboflow_path(top, folders["roboflow"][split])],
        "masks": [Path(LABELS)],
        "yolo": [yolo_data_path(top, "yolo")],
        YOLO_DETECT: [yolo_data_path(top, YOLO_DETECT)],
        "voc": [Path(voc_set_path("Main", folders["voc"][split]))],
        "hf": [hf_path(top, folders["hf"][split])],
        "mined": [Path(MINED)],
    }[format_name]


def tree_text(paths: tuple[Path, ...]) -> str:
    """Return paths as a tree of two levels: what is at the top, and under each folder there what is in it."""
    lines: list[str] = []
    for top in dict.fromkeys(path.parts[0] for path in paths):
        inside = [path.relative_to(top).as_posix() for path in paths if path.parts[0] == top and len(path.parts) > 1]
        lines += [f"{top}/" if inside else top, *(f"  {each}" for each in inside)]
    return "\n".join(lines)
