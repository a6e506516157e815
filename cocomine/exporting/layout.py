"""Where does an export keep what?

annotations/instances_<split>.json   the records as they were
annotations/ignored_<split>.json     those of ignored classes, which label maps show as 255
images/<split>/                      image files: hard links where the disk allows it, else copies; or symbolic links
labels/<split>/*.png                 label maps, palette PNG, one per image
labels/<split>/*.txt, yolo/data.yaml outlines for YOLO, which looks for them there and nowhere else (see `yolo_place`)
yolo-detect/                         boxes for YOLO: images/<split>/, labels/<split>/*.txt, data.yaml
roboflow/<train, valid, test>/       images with _annotations.coco.json beside them
voc/                                 JPEGImages, Annotations, ImageSets, SegmentationClass and -Object, of Pascal VOC
hf/<train, validation, test>/        images with metadata.jsonl beside them, and README.md, for `datasets`
labels.json                          which value stands for which categories
id_map.json                          which categories of the source each group was made of, where there are groups
mined.json, ATTRIBUTION.csv, README.md, contact_sheet.jpg, recipe.yaml
manifest.json                        every file that the plan holds, with size and SHA-256, and what falls short

Roboflow, VOC and Hugging Face have words of their own for what splits are for (`planning.split_folders`).

A folder appears under its name when all of it is there (`exporting.staging`). A place is the path of a file of an
image from the export's folder on, as text: an export has a dozen for each image. Every path of an image's own is made
by `inside_name`, which raises `ExportError` for a name that no file can have or that would lead out of the folder.
"""

from functools import lru_cache
from pathlib import Path, PurePosixPath

from cocomine.errors import ExportError
from cocomine.mining.selection.recipe import YOLO_DETECT
from cocomine.system.file_names import name_flaw

MANIFEST = "manifest.json"
RECIPE = "recipe.yaml"
LABELS = "labels.json"
ID_MAP = "id_map.json"
MINED = "mined.json"
ATTRIBUTION = "ATTRIBUTION.csv"
UNFINISHED = ".unfinished"
"""The mark of exports that were written in place, as they once were: such a folder is ours to clear."""
OUR_FOLDERS = ("annotations", "images", "labels", "yolo", YOLO_DETECT, "roboflow", "voc", "hf")
VOC_ENDINGS = {"Annotations": ".xml", "SegmentationClass": ".png", "SegmentationObject": ".png"}
OUR_FILES = (RECIPE, LABELS, ID_MAP, MINED, ATTRIBUTION, "README.md", "contact_sheet.jpg")


def annotation_path(folder: Path, split: str) -> Path:
    """Return where a split's COCO JSON is."""
    return folder / "annotations" / f"instances_{split}.json"


def ignored_path(folder: Path, split: str) -> Path:
    """Return where the COCO JSON of a split's ignored classes is; readers of COCO's own names pass it by."""
    return folder / "annotations" / f"ignored_{split}.json"


def roboflow_path(folder: Path, split_folder: str) -> Path:
    """Return where Roboflow's readers look for a split's COCO JSON."""
    return folder / "roboflow" / split_folder / "_annotations.coco.json"


def hf_path(folder: Path, split_folder: str) -> Path:
    """Return where `datasets` looks for the objects of a split's images."""
    return folder / "hf" / split_folder / "metadata.jsonl"


def image_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where an image file is: where whoever reads the COCO file looks for it."""
    return folder / image_place(split, file_name)


def label_path(folder: Path, split: str, file_name: str) -> Path:
    """Return where an image's label map is."""
    return folder / label_place(split, file_name)


def image_place(split: str, file_name: str) -> str:
    """Return where an image file is, from the export's folder on."""
    return f"images/{split}/{inside_name(file_name)}"


def label_place(split: str, file_name: str) -> str:
    """Return where an image's label map is, from the export's folder on."""
    return f"labels/{split}/{_stem(file_name)}.png"


def yolo_place(split: str, file_name: str) -> str:
    """Return where an image's objects are for YOLO, from the folder on that has its images.

    Ultralytics replaces the last `images` among the folders of an image's path by `labels`, which need not be the
    first one: of `images/train/images/a.jpg` it reads `images/train/labels/a.txt`.
    """
    folders, _, last = image_place(split, file_name).rpartition("/")
    before, behind = f"/{folders}/".rsplit("/images/", 1)
    stem, dot, ending = last.rpartition(".")
    return f"{before}/labels/{behind}{stem if dot else ending}.txt".removeprefix("/")


def yolo_data_path(folder: Path, format_name: str) -> Path:
    """Return what Ultralytics is pointed to, for outlines ("yolo") or boxes ("yolo-detect")."""
    return folder / format_name / "data.yaml"


def voc_place(what: str, name: str) -> str:
    """Return where a file of an image is for Pascal VOC, from the export's folder on.

    Args:
        what: `JPEGImages`, `Annotations`, `SegmentationClass` or `SegmentationObject`.
        name: see `planning.voc_names`.
    """
    return f"voc/{what}/{inside_name(name) if what == 'JPEGImages' else _stem(name) + VOC_ENDINGS[what]}"


@lru_cache(maxsize=256)
def inside_name(file_name: str) -> PurePosixPath:
    """Return an image's name as a relative path.

    Raises:
        ExportError: no file can have the name, or it would lead out of the folder.
    """
    if flaw := name_flaw(file_name):
        raise ExportError(f"The image name {file_name!r} {flaw}. Correct it, or exclude the image.")
    return PurePosixPath(file_name)


@lru_cache(maxsize=256)
def _stem(file_name: str) -> str:
    """Return an image's name without its ending, as `inside_name`."""
    return str(inside_name(file_name).with_suffix(""))
