"""What was written is compared with what was meant, and what falls short is named with its numbers."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset, export_of, recipe_of
from exports import export_problems
from PIL import Image
from records import CAT, CUP, annotation, image, rectangle

from cocomine.coco.dataset import Dataset
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.errors import ExportError
from cocomine.exporting import label_files
from cocomine.exporting.formats.label_png import runs_png
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import write_export
from cocomine.labels.label_map import LabelMap
from cocomine.labels.map_runs import MapRuns
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Others, Selection
from cocomine.system.jobs import Progress

Damage = Callable[[Path], None]


@pytest.fixture
def folder(make_dataset: MakeDataset, tmp_path: Path) -> Path:
    export_of(make_dataset(), tmp_path / "export", division=Division(val_share=0.4))
    return tmp_path / "export"


def found_after(damage: Damage, dataset: Dataset, tmp_path: Path, **more: Any) -> dict[str, Any]:
    """Write an export whose files somebody damages once all are written, and return its manifest."""
    plan = plan_export(dataset, recipe_of(dataset, formats=FORMATS, **more))

    def progress(what: str) -> Progress:
        def told(done: int, _total: int) -> None:
            if (what, done) == ("Placing image files", plan.subset.image_count):
                (part,) = tmp_path.glob(".*.cocomine-part/new")
                damage(part)

        return told

    return write_export(plan, tmp_path / "export", progress=progress)


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (20, 10)).save(buffer, format="JPEG")
    return buffer.getvalue()


def one(folder: Path, pattern: str) -> Path:
    return sorted(path for path in folder.rglob(pattern) if path.is_file())[0]


def unlinked(pattern: str, count: int) -> Damage:
    def damage(folder: Path) -> None:
        for path in sorted(folder.rglob(pattern))[:count]:
            path.unlink()

    return damage


def rewritten(pattern: str, change: Callable[[str], str]) -> Damage:
    def damage(folder: Path) -> None:
        path = one(folder, pattern)
        path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")

    return damage


def repainted(value: int, size: int = 32) -> Damage:
    def damage(folder: Path) -> None:
        Image.fromarray(np.full((size, size), value, dtype=np.uint8)).save(one(folder, "labels/*/*.png"))

    return damage


@pytest.mark.parametrize("others", Others)
def test_an_export_in_all_formats_is_as_planned(four_images: Dataset, tmp_path: Path, others: Others) -> None:
    chosen = Selection(classes=("cat", "cup"), others=others)
    manifest = export_of(four_images, tmp_path / "export", chosen, formats=FORMATS)
    assert (manifest["is_complete"], manifest["defects"]) == (True, [])
    assert verified_sentence(manifest) == f"{len(manifest['files'])} files verified"


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (unlinked("labels/*/*.png", 2), r"Label maps: 2 of 3 missing \(labels/train/\w\.png, labels/\w+/\w\.png\)"),
        (unlinked("labels/*/*.txt", 1), r"YOLO texts: 1 of 3 missing \(labels/"),
        (unlinked("voc/*/*.xml", 3), r"VOC files: 3 of 3 missing"),
        (unlinked("images/*/*.jpg", 1), r"Images: 1 of 3 missing \(images/"),
        (unlinked("labels.json", 1), r"Other files: 1 of \d+ missing \(labels.json\)"),
        (
            unlinked("annotations/instances_val.json", 1),
            r"COCO files: 1 of 2 missing \(annotations/instances_val.json\)",
        ),
        (repainted(77), r"Label maps: 1 of 3 with a class that its image has not"),
        (repainted(0), r"Label maps: 1 of 3 without a class that must be seen in it"),
        (repainted(0, size=31), r"Label maps: 1 of 3 not of 32 x 32 px"),
        (rewritten("labels/train/*.txt", lambda text: text * 2), r"YOLO texts: 1 of 3 with more lines than objects"),
        (rewritten("labels/train/*.txt", lambda _: ""), r"YOLO texts: 1 of 3 with fewer lines than objects"),
        (
            rewritten("labels/train/*.txt", lambda text: "9" + text[1:]),
            r"YOLO texts: 1 of 3 with a class that data.yaml",
        ),
        (
            rewritten("voc/Annotations/*.xml", lambda text: text[:-20]),
            r"VOC files: 1 of 3 that cannot be read as XML",
        ),
        (
            rewritten("voc/Annotations/*.xml", lambda text: re.sub("<object>.*</object>", "", text, flags=re.DOTALL)),
            r"VOC files: 1 of 3 with another number of objects",
        ),
        (
            rewritten("instances_train.json", lambda text: text.replace('"area": ', '"area":  ', 1)),
            r"COCO files: 1 of 2 with 1 record that differs from its source",
        ),
        (rewritten("instances_val.json", lambda text: text[:-9]), r"COCO files: 1 of 2 that cannot be read back"),
        (rewritten("labels.json", lambda text: text[:-9]), r"Other files: 1 of \d+ not as planned \(labels.json\)"),
        (rewritten("data.yaml", lambda _: "names: ["), r"Other files: 1 of \d+ not as planned \(yolo"),
        (
            rewritten("data.yaml", lambda text: text.replace("train:", "test:")),
            r"Other files: 1 of \d+ not as planned \(yolo",
        ),
        (rewritten("mined.json", lambda _: "{}"), r"Other files: 1 of \d+ not as planned \(mined.json\)"),
        (rewritten("ATTRIBUTION.csv", lambda text: text[:60]), r"Other files: 1 of \d+ not as planned \(ATTRIBUTION"),
        (rewritten("recipe.yaml", lambda text: text.replace("seed: 0", "seed: 1")), r"not as planned \(recipe.yaml\)"),
        (rewritten("hf/README.md", lambda _: "without front matter"), r"not as planned \(hf/README.md\)"),
        (rewritten("hf/README.md", lambda text: text.replace("---", "--- [", 1)), r"not as planned \(hf/README.md\)"),
    ],
)
def test_whatever_falls_short_of_the_plan_is_named(
    four_images: Dataset, tmp_path: Path, damage: Damage, told: str
) -> None:
    manifest = found_after(damage, four_images, tmp_path)
    assert any(re.match(told, defect) or re.search(told, defect) for defect in manifest["defects"])
    assert manifest["is_complete"] is False
    assert json.loads((tmp_path / "export" / MANIFEST).read_bytes()) == manifest


@pytest.mark.parametrize(
    ("others", "damage", "told"),
    [
        (Others.IGNORE, unlinked("ignored_train.json", 1), r"1 of 4 missing \(annotations/ignored_train.json\)"),
        (
            Others.IGNORE,
            rewritten("ignored_*.json", lambda text: text.replace('"cup"', '"mug"')),
            "1 of 4 with other classes than were selected",
        ),
        (
            Others.MERGE,
            rewritten("instances_val.json", lambda text: text.replace('"category_id": 91', '"category_id": 17')),
            "1 of 2 with 1 record that differs from its source",
        ),
        (
            Others.MERGE,
            rewritten("instances_*.json", lambda text: text.replace('"other"', '"others"')),
            "1 of 2 with other classes than were selected",
        ),
    ],
)
def test_what_falls_short_of_a_policy_is_named(
    four_images: Dataset, tmp_path: Path, others: Others, damage: Damage, told: str
) -> None:
    chosen = Selection(classes=("dog", "cat"), others=others)
    damaged = found_after(damage, four_images, tmp_path, selection=chosen, division=Division(val_share=0.4))
    assert re.search(told, damaged["defects"][0])


def test_the_manifest_lists_what_the_plan_holds_and_not_what_is_there(four_images: Dataset, tmp_path: Path) -> None:
    manifest = found_after(unlinked("labels/*/*.png", 1), four_images, tmp_path)
    missing = [file for file in manifest["files"] if file["sha256"] is None]
    assert len(missing) == 1
    assert missing[0]["path"].endswith(".png")


@pytest.mark.parametrize("way", ["link", "copy"])
def test_a_picture_that_was_replaced_is_found(four_images: Dataset, tmp_path: Path, way: str) -> None:
    def damage(folder: Path) -> None:
        path = one(folder, "images/*/*.jpg")
        path.unlink()
        Image.new("RGB", (20, 10)).save(path)

    (defect,) = found_after(damage, four_images, tmp_path, images=way)["defects"]
    assert defect.startswith("Images: 1 of 3 other than the file that they came from (images/")


def test_the_files_of_all_batches_are_written_counted_and_compared(make_dataset: MakeDataset, tmp_path: Path) -> None:
    ids, last = range(1, 41), dict[str, str]()  # two batches in each split
    dataset = make_dataset([image(each) for each in ids], [annotation(each, each, CAT) for each in ids])

    def damage(folder: Path) -> None:
        for split in ("train", "val"):
            path = max((folder / "images" / split).iterdir(), key=lambda each: int(each.stem))
            last[split] = path.stem
            path.unlink()
            path.write_bytes(jpeg())
            (folder / "labels" / split / f"{path.stem}.txt").write_text("9 0.5 0.5 1 1 0 0\n", encoding="utf-8")

    manifest = found_after(damage, dataset, tmp_path, images="copy", division=Division(val_share=0.45))
    counts = {split["split"]: split["image_count"] for split in manifest["splits"]}
    assert counts == {"train": 22, "val": 18}
    for split in manifest["splits"]:
        count = counts[split["split"]]
        assert (split["image_file_count"], split["missing_image_file_count"]) == (count, 0)
        assert (split["outlinings"], split["boxes"]) == ({"as_written": count}, {"box": count})
        assert split["voc_entries"] == {"entry": count}
    paths = [file["path"] for file in manifest["files"]]
    there = {path.relative_to(tmp_path / "export").as_posix() for path in (tmp_path / "export").rglob("*.*")}
    assert len(paths) == len({*paths})
    assert {path for path in there if (tmp_path / "export" / path).is_file()} == {*paths, MANIFEST}
    assert sorted(manifest["defects"]) == [
        "Images: 2 of 40 other than the file that they came from "
        f"(images/train/{last['train']}.jpg, images/val/{last['val']}.jpg).",
        "YOLO texts: 2 of 40 with a class that data.yaml does not name "
        f"(labels/train/{last['train']}.txt, labels/val/{last['val']}.txt).",
    ]


def test_two_image_files_of_one_size_that_changed_places_are_both_found(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset()
    for name in ("a", "b"):  # an image of the same colour, the name after its end
        (tmp_path / "data" / "all2017" / f"{name}.jpg").write_bytes(jpeg() + name.encode())

    def damage(folder: Path) -> None:
        first, second = (next(folder.rglob(f"{name}.jpg")) for name in ("a", "b"))
        contents = first.read_bytes(), second.read_bytes()
        second.write_bytes(contents[0])
        first.write_bytes(contents[1])

    (defect,) = found_after(damage, dataset, tmp_path, images="copy")["defects"]
    assert defect.startswith("Images: 2 of 3 other than the file that they came from")


def test_records_that_changed_either_way_are_counted(four_images: Dataset, tmp_path: Path) -> None:
    def damage(folder: Path) -> None:
        for path in (folder / "annotations").iterdir():
            text = path.read_text(encoding="utf-8")
            text = text.replace('"bbox": [2, 2, 6, 4]', '"bbox": [2, 2, 6, 5]').replace('"area": 25', '"area": 24', 1)
            path.write_text(text, encoding="utf-8")

    (defect,) = found_after(damage, four_images, tmp_path, roles=(("all2017", SplitRole.TRAIN),))["defects"]
    assert defect.startswith("COCO files: 1 of 1 with 2 records that differ from their source")


def test_image_records_that_changed_either_way_are_counted(four_images: Dataset, tmp_path: Path) -> None:
    def damage(folder: Path) -> None:
        for path in (folder / "annotations").iterdir():
            text = path.read_text(encoding="utf-8")
            text = text.replace('"height": 10', '"height": 1', 1).replace('"height": 10', '"height": 11', 1)
            path.write_text(text, encoding="utf-8")

    (defect,) = found_after(damage, four_images, tmp_path, roles=(("all2017", SplitRole.TRAIN),))["defects"]
    assert defect.startswith("COCO files: 1 of 1 with 2 records that differ from their source")


def without_the_first(records: list[Any]) -> list[Any]:
    return records[1:]


def with_another(records: list[Any]) -> list[Any]:
    return [*records, records[0] | {"id": 4_000}]


def backwards(records: list[Any]) -> list[Any]:
    return records[::-1]


def with_one_twice(records: list[Any]) -> list[Any]:
    return [*records, records[-1]]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without_the_first, r"without 1 of \d annotations "),
        (with_another, r"with 1 annotation besides those selected "),
        (lambda records: with_another(records[1:]), r"without 1 of \d annotations and with 1 annotation besides "),
        (backwards, r"with annotations in another order, or some of them twice "),
        (with_one_twice, r"with annotations in another order, or some of them twice "),
    ],
)
def test_other_records_than_were_selected_are_counted(
    change: Callable[[list[Any]], list[Any]], told: str, four_images: Dataset, tmp_path: Path
) -> None:
    def damage(folder: Path) -> None:
        path = folder / "annotations" / "instances_train.json"
        value = json.loads(path.read_bytes())
        path.write_text(json.dumps(value | {"annotations": change(value["annotations"])}))

    (defect,) = found_after(damage, four_images, tmp_path)["defects"]
    assert re.match(f"COCO files: 1 of 2 {told}", defect)


def recoloured(pattern: str) -> Damage:
    def damage(folder: Path) -> None:
        for path in folder.rglob(pattern):
            with Image.open(path) as shown:
                values = np.asarray(shown)
            Image.fromarray(values).save(path)

    return damage


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("labels/*/*.png", "Label maps: 3 of 3 other than they were made"),
        ("voc/*/*.png", "VOC masks: 6 of 6 other than they were made"),
    ],
)
def test_maps_of_the_same_values_that_are_not_those_that_were_made_are_found(
    four_images: Dataset, tmp_path: Path, pattern: str, told: str
) -> None:
    (defect,) = found_after(recoloured(pattern), four_images, tmp_path)["defects"]
    assert defect.startswith(told)


@pytest.mark.parametrize("change", [lambda text: text.replace("\n", " \n"), lambda text: text.replace(" 0.", " 0.0")])
def test_a_text_of_the_same_lines_that_is_not_the_one_that_was_made_is_found(
    four_images: Dataset, tmp_path: Path, change: Callable[[str], str]
) -> None:
    (defect,) = found_after(rewritten("labels/*/*.txt", change), four_images, tmp_path)["defects"]
    assert defect.startswith("YOLO texts: 1 of 3 other than they were made")


def test_a_map_that_is_stored_otherwise_than_it_was_painted_is_found_in_the_first_image_of_a_split(
    four_images: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blank(runs: MapRuns, colours: bytes) -> bytes:
        return runs_png(runs.replaced(np.zeros(256, dtype=np.uint8)), colours)

    monkeypatch.setattr(label_files, "runs_png", blank)
    plan = plan_export(four_images, recipe_of(four_images, formats=("coco", "masks")))
    (defect,) = write_export(plan, tmp_path / "export")["defects"]
    told = "Label maps: 2 of 3 without a class that must be seen in it (labels/train/a.png, labels/val/c.png)."
    assert defect == told


def test_a_map_that_was_painted_wrong_is_found_in_every_image(
    four_images: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object, sizes: list[Size], **__: object) -> list[LabelMap]:
        return [np.full(size, 77, dtype=np.uint8) for size in sizes]

    monkeypatch.setattr(label_files, "ordered_label_maps", wrong)
    plan = plan_export(four_images, recipe_of(four_images, formats=("coco", "masks")))
    defects = write_export(plan, tmp_path / "export")["defects"]
    assert [each.partition(" (")[0] for each in defects] == [
        "Label maps: 3 of 3 with a class that its image has not",
        "Label maps: 3 of 3 without a class that must be seen in it",
    ]


def test_an_object_under_others_need_not_be_seen(make_dataset: MakeDataset, tmp_path: Path) -> None:
    """A cup covers the cat that is nearly as large; a tiny one vanishes at the size of the maps."""
    records = [
        *(annotation(1, 1, CAT, (2, 2, 8, 6), area=99), annotation(2, 1, CUP, (2, 2, 8, 6))),
        *(annotation(3, 2, CAT, (2, 2, 8, 6)), annotation(4, 2, CUP, (15, 5, 0.01, 0.01))),
    ]
    manifest = export_of(make_dataset([image(1), image(2)], records), tmp_path / "export", formats=FORMATS)
    assert manifest["defects"] == []


@pytest.mark.parametrize(
    "segmentation",
    [[], [rectangle(100, 100, 5, 5)], [[1, 1, 9, 9, 1, 1]], {"size": [10, 20], "counts": [200]}],
)
def test_an_object_that_nobody_could_draw_is_no_defect(
    make_dataset: MakeDataset, tmp_path: Path, segmentation: Any
) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 2, CAT, (1, 1, 15, 8), segmentation=segmentation)]
    manifest = export_of(make_dataset([image(1), image(2)], records), tmp_path / "export", formats=FORMATS)
    assert manifest["defects"] == []


# A finished export, some time later


def test_a_fresh_export_has_no_problem(folder: Path) -> None:
    assert export_problems(folder) == []


def test_an_export_that_was_moved_has_no_problem(folder: Path) -> None:
    assert export_problems(folder.rename(folder.with_name("moved"))) == []


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "mined.json").unlink()
    assert export_problems(folder) == ["mined.json is missing."]


def test_a_file_whose_name_no_disk_can_hold_is_missing(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["files"][0]["path"] = "x" * 5_000
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert export_problems(folder) == [f"{'x' * 5_000} is missing."]


def test_one_changed_byte_is_found(folder: Path) -> None:
    path = next((folder / "labels").rglob("*.png"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert export_problems(folder) == [f"{path.relative_to(folder).as_posix()} changed since it was written."]


def test_a_file_that_grew_is_found(folder: Path) -> None:
    with (folder / "README.md").open("a") as file:
        file.write("more")
    assert export_problems(folder) == ["README.md changed since it was written."]


def test_a_picture_outlives_its_original(make_dataset: MakeDataset, tmp_path: Path) -> None:
    export_of(make_dataset(), tmp_path / "export", images="link")
    (tmp_path / "data" / "all2017" / "b.jpg").unlink()
    assert export_problems(tmp_path / "export") == []


def test_what_fell_short_when_it_was_written_is_told_again(four_images: Dataset, tmp_path: Path) -> None:
    found_after(repainted(77), four_images, tmp_path)
    assert export_problems(tmp_path / "export")[0].startswith("Label maps: 1 of 3 with a class that its image has not")


def test_an_unfinished_export_is_an_error(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(ExportError, match="no complete export"):
        export_problems(folder)
