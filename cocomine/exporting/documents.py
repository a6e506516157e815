"""Which files does an export have once, and how are they written?

The COCO files first: they are what all else is compared with.
"""

from pathlib import Path

from cocomine.exporting.formats.attribution import attribution_csv
from cocomine.exporting.formats.coco import coco_json, ignored_json
from cocomine.exporting.formats.hugging_face import hf_readme, metadata_lines
from cocomine.exporting.formats.id_map import id_map
from cocomine.exporting.formats.mined import mined_dictionary
from cocomine.exporting.formats.voc_lists import voc_lists
from cocomine.exporting.formats.yolo import DETECT_HEAD, HEAD, yolo_data
from cocomine.exporting.layout import (
    ATTRIBUTION,
    ID_MAP,
    LABELS,
    MINED,
    annotation_path,
    hf_path,
    ignored_path,
    roboflow_path,
    yolo_data_path,
)
from cocomine.exporting.planning.plan import ExportPlan, ignored_categories
from cocomine.mining.selection.recipe import YOLO_DETECT, MaskShape
from cocomine.system.files import atomic_file, write_json, write_text


def write_annotations(plan: ExportPlan, folder: Path) -> None:
    """Write the COCO JSON of each split, at each place where it is looked for."""
    for part in plan.parts:
        split, dataset, table = part.split.name, plan.subset.dataset, plan.table
        paths = [annotation_path(folder, split)]
        if "roboflow" in plan.recipe.formats:
            paths.append(roboflow_path(folder, plan.split_folders()["roboflow"][split]))
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            with atomic_file(path) as file:
                file.writelines(coco_json(part, dataset, table))
        if ignored_categories(part, table):
            with atomic_file(ignored_path(folder, split)) as file:
                file.writelines(ignored_json(part, dataset, table))


def write_documents(plan: ExportPlan, folder: Path) -> None:
    """Write what formats have once for all images, but for the COCO files and the README."""
    formats, table, recipe = plan.recipe.formats, plan.table, plan.recipe
    if plan.subset.dataset.groups:
        write_json(folder / ID_MAP, id_map(plan.subset.dataset))
    if "masks" in formats:
        side = None if recipe.mask_shape is MaskShape.NATIVE else recipe.size_px
        write_json(folder / LABELS, table.as_json(size_px=side, mask_shape=recipe.mask_shape))
    if "mined" in formats:
        write_json(folder / MINED, mined_dictionary(plan.parts, plan.subset.dataset, table))
    roles = {part.split.name: part.split.role for part in plan.parts if len(part.image_index)}
    for name, images, head in (("yolo", "../images", HEAD), (YOLO_DETECT, "images", DETECT_HEAD)):
        if name in formats:
            _write(yolo_data_path(folder, name), yolo_data(roles, table, images=images, head=head))
    for path, text in voc_lists(plan).items() if "voc" in formats else ():
        _write(folder / path, text)
    if "hf" in formats:
        _write_hf(plan, folder)
    write_text(folder / ATTRIBUTION, attribution_csv(plan.parts))


def _write_hf(plan: ExportPlan, folder: Path) -> None:
    folders = plan.split_folders()["hf"]
    for part in plan.parts:
        _write(hf_path(folder, folders[part.split.name]), "".join(metadata_lines(part, plan.table)))
    counts = {folders[part.split.name]: len(part.image_index) for part in plan.parts if len(part.image_index)}
    _write(folder / "hf" / "README.md", hf_readme(counts, plan.table))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
