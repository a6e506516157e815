"""What a tool of other people says of exports: images, classes in their order, and objects of each class, by split.

`python -P other_tools.py TOOL EXPORT...` runs where the tool is installed and nothing of ours need be, and prints a
line of JSON for each export: format, then split, then what was counted. Without -P, `datasets` would be our own module.
"""

import contextlib
import io
import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

Counts = dict[str, Any]
"""`images`; `classes`, where the tool has a list of them; `objects`, by class; and how many `crowds`, None where the
tool does not tell crowd regions from objects or gets none."""


def counts(images: int, classes: Iterable[str] | None, names: Iterable[str], crowds: int | None = None) -> Counts:
    return {"images": images, "classes": classes and list(classes), "objects": dict(Counter(names)), "crowds": crowds}


def splits_of(folder: Path) -> dict[str, Path]:
    return {path.stem.removeprefix("instances_"): path for path in sorted(folder.glob("annotations/instances_*.json"))}


def pycocotools(folder: Path) -> dict[str, dict[str, Counts]]:
    """COCO's own reader; every mask is decoded."""
    from pycocotools.coco import COCO

    found = {}
    for split, path in splits_of(folder).items():
        coco = COCO(str(path))
        names = {each["id"]: each["name"] for each in coco.loadCats(coco.getCatIds())}
        annotations = coco.loadAnns(coco.getAnnIds())
        for each in annotations:
            coco.annToMask(each)
        objects = [names[each["category_id"]] for each in annotations if not each["iscrowd"]]
        found[split] = counts(len(coco.getImgIds()), names.values(), objects, len(annotations) - len(objects))
    return {"coco": found}


def fiftyone(folder: Path) -> dict[str, dict[str, Counts]]:
    """What FiftyOne's importer yields, image by image, before its database."""
    from fiftyone.utils.coco import COCODetectionDatasetImporter

    found = {}
    for split, path in splits_of(folder).items():
        importer = COCODetectionDatasetImporter(
            data_path=str(folder / "images" / split), labels_path=str(path), label_types=["detections"]
        )
        with importer:
            labels = [(Path(image), label) for image, _, label in importer]
            classes = importer.get_dataset_info()["classes"]
        boxes = [each for _, label in labels if label for each in label.detections]
        objects = [each.label for each in boxes if not each.iscrowd]
        images = sum(image.is_file() for image, _ in labels)
        found[split] = counts(images, classes, objects, len(boxes) - len(objects))
    return {"coco": found}


def supervision(folder: Path) -> dict[str, dict[str, Counts]]:
    import supervision as sv

    def read(dataset: Any) -> Counts:
        for _, image, _ in dataset:
            assert image.size
        objects = [dataset.classes[each] for boxes in dataset.annotations.values() for each in boxes.class_id]
        return counts(len(dataset), dataset.classes, objects)

    def coco(images: Path, labels: Path) -> Counts:
        return read(sv.DetectionDataset.from_coco(str(images), str(labels)))

    def yolo(images: Path, labels: Path, data: Path) -> Counts:
        return read(sv.DetectionDataset.from_yolo(str(images), str(labels), str(data)))

    splits, boxes, voc = splits_of(folder), folder / "yolo-detect", folder / "voc"
    data = folder / "yolo" / "data.yaml"
    return {
        "coco": {split: coco(folder / "images" / split, path) for split, path in splits.items()},
        "roboflow": {
            path.name: coco(path, path / "_annotations.coco.json") for path in sorted((folder / "roboflow").iterdir())
        },
        "yolo": {split: yolo(folder / "images" / split, folder / "labels" / split, data) for split in splits},
        "yolo-detect": {
            split: yolo(boxes / "images" / split, boxes / "labels" / split, boxes / "data.yaml") for split in splits
        },
        "voc": {"": read(sv.DetectionDataset.from_pascal_voc(str(voc / "JPEGImages"), str(voc / "Annotations")))},
    }


def datumaro(folder: Path) -> dict[str, dict[str, Counts]]:
    import datumaro as dm

    def read(name: str, path: Path) -> dict[str, Counts]:
        dataset = dm.Dataset.import_from(str(path), name)
        classes = [each.name for each in dataset.categories()[dm.AnnotationType.label]]
        found = {}
        for split, subset in dataset.subsets().items():
            items = list(subset)
            assert all(item.media.data.size for item in items)
            boxes = [each for item in items for each in item.annotations if each.type.name == "bbox"]
            objects = [classes[each.label] for each in boxes if not each.attributes.get("is_crowd")]
            found[split] = counts(len(items), classes, objects, len(boxes) - len(objects))
        return found

    return {
        "coco": read("coco_instances", folder),
        "voc": read("voc", folder / "voc"),
        "yolo-detect": read("yolo", folder / "yolo-detect"),
    }


def ultralytics(folder: Path) -> dict[str, dict[str, Counts]]:
    """Its check of the data file, and what its own dataset takes of what it names; nothing may be corrupt."""
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_det_dataset

    def read(task: str, path: Path) -> dict[str, Counts]:
        data = check_det_dataset(str(path), autodownload=False)
        found = {}
        for use in {"train", "val", "test"} & yaml.safe_load(path.read_text(encoding="utf-8")).keys():
            dataset = YOLODataset(img_path=data[use], data=data, task=task, augment=False, imgsz=32)
            names, taken = data["names"], dataset.labels
            objects = [names[int(each)] for label in taken for each in label["cls"].ravel()]
            if task == "segment":
                assert sum(len(label["segments"]) for label in taken) == len(objects)
            found[use] = counts(len(taken), names.values(), objects)
        return found

    return {
        "yolo": read("segment", folder / "yolo" / "data.yaml"),
        "yolo-detect": read("detect", folder / "yolo-detect" / "data.yaml"),
    }


def hugging_face(folder: Path) -> dict[str, dict[str, Counts]]:
    theirs = import_module("datasets")
    theirs.disable_progress_bars()
    found = {}
    cache = folder.with_name(f"{folder.name}-cache")
    for split, rows in theirs.load_dataset(str(folder / "hf"), cache_dir=str(cache)).items():
        assert all(row["image"].size for row in rows)
        pairs = [pair for row in rows for pair in zip(*map(row["objects"].get, NAMES_IN_HF), strict=True)]
        objects = [name for name, is_crowd in pairs if not is_crowd]
        found[str(split)] = counts(len(rows), None, objects, len(pairs) - len(objects))
    return {"hf": found}


NAMES_IN_HF = ("category_name", "is_crowd")
TOOLS: dict[str, Callable[[Path], dict[str, dict[str, Counts]]]] = {
    each.__name__: each for each in (pycocotools, fiftyone, supervision, datumaro, ultralytics, hugging_face)
}


def main(tool: str, *folders: str) -> None:
    logging.disable(logging.WARNING)
    for folder in folders:
        with contextlib.redirect_stdout(io.StringIO()):
            found = TOOLS[tool](Path(folder))
        print(json.dumps(found), flush=True)  # noqa: T201 - its result


if __name__ == "__main__":
    main(*sys.argv[1:])
