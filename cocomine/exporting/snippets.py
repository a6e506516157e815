"""How is an export opened by the tools that people have? As code that can be pasted and run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.layout import annotation_path, yolo_data_path
from cocomine.mining.selection.recipe import YOLO_DETECT, Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Python code that opens an export.

    Attributes:
        tool: as people call it.
        package: that the code imports.
    """

    tool: str
    package: str
    code: str


def snippets(folder: Path, recipe: Recipe, manifest: Mapping[str, Any]) -> tuple[Snippet, ...]:
    """Return how an export is opened, by each tool for which it has what that needs."""
    split, formats = _first_split(manifest), {*recipe.formats}
    annotations = annotation_path(folder, split)
    found = [Snippet(tool="pycocotools", package="pycocotools", code=_pycocotools(annotations))]
    if recipe.images == "none":
        return tuple(found)
    images = folder / "images" / split
    if "masks" in formats:
        found.append(Snippet(tool="PyTorch", package="torch", code=_pytorch(images, folder / "labels" / split)))
    if "yolo" in formats:
        code = _ultralytics(yolo_data_path(folder, "yolo"), "yolo11n-seg.pt")
        found.append(Snippet(tool="Ultralytics, segment", package="ultralytics", code=code))
    if YOLO_DETECT in formats:
        code = _ultralytics(yolo_data_path(folder, YOLO_DETECT), "yolo11n.pt")
        found.append(Snippet(tool="Ultralytics, detect", package="ultralytics", code=code))
    if "hf" in formats:
        found.append(Snippet(tool="Hugging Face", package="datasets", code=_hugging_face(folder / "hf")))
    if "roboflow" in formats:
        found.append(Snippet(tool="RF-DETR", package="rfdetr", code=_rf_detr(folder / "roboflow")))
    return (*found, Snippet(tool="supervision", package="supervision", code=_supervision(images, annotations)))


def _first_split(manifest: Mapping[str, Any]) -> str:
    """Return the split for training, else the first one, of those with images."""
    with_images = [each for each in manifest["splits"] if each["image_count"]] or manifest["splits"]
    training = [each for each in with_images if each["role"] == SplitRole.TRAIN]
    return str((training or with_images)[0]["split"])


def _pycocotools(annotations: Path) -> str:
    return f"""from pycocotools.coco import COCO

coco = COCO({str(annotations)!r})
image = coco.loadImgs(coco.getImgIds()[0])[0]
masks = [coco.annToMask(each) for each in coco.loadAnns(coco.getAnnIds(image["id"]))]
print(len(coco.imgs), "images,", len(coco.anns), "annotations;", image["file_name"], "has", len(masks))"""


def _pytorch(images: Path, masks: Path) -> str:
    return f"""from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

IMAGES, MASKS = Path({str(images)!r}), Path({str(masks)!r})


class Subset(Dataset):
    def __init__(self):
        self.masks = sorted(MASKS.rglob("*.png"))
        self.images = {{path.relative_to(IMAGES).with_suffix(""): path for path in IMAGES.rglob("*") if path.is_file()}}

    def __len__(self):
        return len(self.masks)

    def __getitem__(self, index):
        mask = Image.open(self.masks[index])  # 0 background, 255 ignored; labels.json names the others
        image = Image.open(self.images[self.masks[index].relative_to(MASKS).with_suffix("")]).convert("RGB")
        pixels = np.array(image.resize(mask.size), dtype=np.float32) / 255
        return torch.from_numpy(pixels).permute(2, 0, 1), torch.from_numpy(np.array(mask, dtype=np.int64))


images, masks = next(iter(DataLoader(Subset(), batch_size=1, shuffle=True)))
print(images.shape, masks.shape, masks.unique())"""


def _ultralytics(data: Path, weights: str) -> str:
    return f"""from ultralytics import YOLO

model = YOLO({weights!r})
model.train(data={str(data)!r}, epochs=50, imgsz=640)"""


def _hugging_face(folder: Path) -> str:
    return f"""from datasets import load_dataset

dataset = load_dataset({str(folder)!r})
print(dataset)"""


def _rf_detr(folder: Path) -> str:
    return f"""from rfdetr import RFDETRBase

RFDETRBase().train(dataset_dir={str(folder)!r}, epochs=50, batch_size=4)"""


def _supervision(images: Path, annotations: Path) -> str:
    return f"""import supervision as sv

dataset = sv.DetectionDataset.from_coco(
    images_directory_path={str(images)!r},
    annotations_path={str(annotations)!r},
    force_masks=True,
)
print(len(dataset), dataset.classes)"""
