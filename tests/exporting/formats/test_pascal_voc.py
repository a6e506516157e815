"""Pascal VOC's files by hand: boxes in whole pixels from 1, both ends included."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from datasets import MakeDataset, export_of, recipe_of
from hypothesis import given
from hypothesis import strategies as st
from label_files import read_label_png
from records import CAT, CUP, DOG, annotation, category, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.masks import Shape
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.exporting.formats.pascal_voc import NOT_IN_XML, pixel_box, voc_annotation, voc_objects, voc_tally
from cocomine.exporting.formats.voc_lists import voc_lists
from cocomine.exporting.formats.voc_masks import has_value_for_each, voc_palette
from cocomine.exporting.label_file_checks import planned_labels
from cocomine.exporting.planning.plan import plan_export
from cocomine.labels.table import Label, LabelTable, label_table
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.recipe import MaskShape
from cocomine.mining.selection.selection import Others, Selection

NATIVE = Size(10, 20)
NAN = float("nan")
A_CUP = Shape(
    annotation_id=1,
    category_id=CUP,
    category_index=0,
    is_crowd=False,
    area_px=1.0,
    box_xywh=(2, 2, 6, 4),
    segmentation=None,
    has_mask=True,
)


def annotations_of(folder: Path, name: str) -> ET.Element:
    (path,) = (folder / "voc").rglob(f"{name}.xml")
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - we wrote it


def boxes(root: ET.Element) -> list[tuple[str | None, ...]]:
    return [
        (entry.findtext("name"), *(side.text for side in entry.findall("bndbox/*"))) for entry in root.findall("object")
    ]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((2, 2, 6, 4), (3, 3, 8, 6)),
        ((0, 0, 20, 10), (1, 1, 20, 10)),
        ((0, 0, 1, 1), (1, 1, 1, 1)),
        ((0.5, 0.5, 1, 1), (1, 1, 2, 2)),
        ((1.9, 0.2, 0.1, 0.1), (2, 1, 2, 1)),
        ((0.7, 0, 0.1 + 0.2, 1), (1, 1, 1, 1)),
        ((2.9999996, 0, 3.0000008, 1), (4, 1, 6, 1)),  # less than a millionth of a pixel is none
        ((-3, -3, 5, 5), (1, 1, 2, 2)),
        ((18.5, 8.5, 50, 50), (19, 9, 20, 10)),
    ],
)
def test_a_box_ends_at_the_pixels_it_touches(box: Any, expected: tuple[int, ...]) -> None:
    assert pixel_box(box, NATIVE) == expected


@pytest.mark.parametrize(
    "box",
    [
        (20, 0, 5, 5),
        (0, 10, 5, 5),
        (-5, 0, 5, 5),
        (2, 2, 0, 4),
        (2.5, 2, 0, 4),
        (2, 2.5, 4, 0),
        (2, 2, 4, -1),
        (6, 2, -4, 4),
        (2, 2, -1, 4),
        (NAN,) * 4,
        (0, 0, float("inf"), 1),
        (1e308, 0, 1e308, 1),
    ],
)
def test_a_box_with_nothing_in_the_image_is_none(box: Any) -> None:
    assert pixel_box(box, NATIVE) is None


@given(st.integers(0, 19), st.integers(0, 9), st.integers(1, 20), st.integers(1, 10))
def test_a_reader_that_counts_from_1_gets_a_whole_box_back(left: int, top: int, width: int, height: int) -> None:
    found = pixel_box((left, top, width, height), Size(30, 40))
    assert found is not None
    xmin, ymin, xmax, ymax = found
    assert (xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1) == (left, top, width, height)


def test_a_file_has_the_fields_of_pascal_voc(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert [entry.tag for entry in root] == ["folder", "filename", "source", "size", "segmented", "object", "object"]
    assert [side.text for side in root.findall("size/*")] == ["20", "10", "3"]
    assert root.findtext("segmented") == "1"
    fields = [(entry.tag, entry.text) for entry in root.find("object") or [] if entry.tag != "bndbox"]
    assert fields == [("name", "cat"), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")]


def added(parent: ET.Element, **texts: object) -> ET.Element:
    for name, text in texts.items():
        ET.SubElement(parent, name).text = str(text)
    return parent


@given(st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=8))
def test_a_file_is_what_a_writer_of_xml_makes_of_its_fields(name: str) -> None:
    """Whatever the names of classes, folders and files hold."""
    cat = Label(label=1, name=name, category_ids=(17,), colour="#000000", selected=True)
    table = LabelTable(labels=(replace(cat, label=0, category_ids=()), cat))
    shape = Shape(
        annotation_id=1,
        category_id=17,
        category_index=0,
        is_crowd=False,
        area_px=1,
        box_xywh=(0, 0, 1, 1),
        segmentation=None,
        has_mask=False,
    )
    written = voc_annotation([(shape, (1, 2, 3, 4))], table, image_path=f"x/{name}", native=NATIVE, has_masks=False)
    folder, _, file_name = f"x/{name}".rpartition("/")
    root = added(ET.Element("annotation"), folder=folder, filename=file_name)
    added(ET.SubElement(root, "source"), database="mined by CocoMine, see ATTRIBUTION.csv")
    added(ET.SubElement(root, "size"), width=20, height=10, depth=3)
    entry = added(added(root, segmented=0), object="")[-1]
    added(entry, name=name, pose="Unspecified", truncated=0, difficult=0)
    added(ET.SubElement(entry, "bndbox"), xmin=1, ymin=2, xmax=3, ymax=4)
    ET.indent(root, "\t")
    if not name.endswith("/") and NOT_IN_XML.search(name) is None:
        assert written == ET.tostring(root, encoding="unicode") + "\n"
    ET.fromstring(written)  # noqa: S314 - we wrote it


@pytest.mark.parametrize("name", ["cup\0", "a\rb", "a\r\nb", "\ufffe", "a\x1bb"])
def test_a_class_name_that_xml_cannot_hold_is_no_flaw_of_the_export(
    make_dataset: MakeDataset, tmp_path: Path, name: str
) -> None:
    categories = [{"id": CAT, "name": name}]
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], categories)
    manifest = export_of(dataset, tmp_path / "export", Selection(classes=(name,)), formats=("coco", "voc"))
    assert manifest["defects"] == []


def test_each_class_has_one_line_of_the_label_map_whatever_its_name(make_dataset: MakeDataset, tmp_path: Path) -> None:
    categories = [{"id": number, "name": name} for number, name in enumerate(["a:b", "c\nd", "#e", "f"], start=1)]
    dataset = make_dataset([image(1)], [annotation(number, 1, number) for number in range(1, 5)], categories)
    chosen = Selection(classes=("a:b", "c\nd", "#e", "f"))
    manifest = export_of(dataset, tmp_path / "export", chosen, formats=("coco", "voc"))
    lines = (tmp_path / "export" / "voc" / "labelmap.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines[2:6]] == ["a_b", "c_d", "_e", "f"]
    assert all(line.count(":") == 3 for line in lines)
    assert any("labelmap.txt" in each and "'a:b', 'c\\nd', '#e'" in each for each in manifest["warnings"])


def test_boxes_are_those_of_the_objects_by_hand(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert boxes(root) == [("cat", "3", "3", "8", "6"), ("cup", "5", "4", "6", "5")]


def test_the_picture_is_found_from_the_export_s_folder(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert (tmp_path / str(root.findtext("folder")) / str(root.findtext("filename"))).is_file()


def test_a_folder_holds_all_that_readers_of_pascal_voc_look_for(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"), division=Division(val_share=0.4))
    voc = tmp_path / "voc"
    for sets in ("Main", "Segmentation"):
        named = [name for path in sorted((voc / "ImageSets" / sets).iterdir()) for name in path.read_text().split()]
        assert sorted(named) == ["a", "b", "c"]
        assert {path.name for path in (voc / "ImageSets" / sets).iterdir()} == {"train.txt", "val.txt"}
    for what, ending in (("JPEGImages", "jpg"), ("Annotations", "xml"), ("SegmentationClass", "png")):
        assert {path.name for path in (voc / what).iterdir()} == {f"{name}.{ending}" for name in "abc"}
    assert {path.name for path in (voc / "SegmentationObject").iterdir()} == {"a.png", "b.png", "c.png"}


def test_names_say_their_split_only_where_two_splits_share_one(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_split(tmp_path / "data", document(), split=split)
    export_of(open_dataset(tmp_path / "data"), tmp_path / "export", formats=("coco", "voc"))
    assert (tmp_path / "export/voc/ImageSets/Main/val.txt").read_text().split() == ["val/a", "val/b", "val/c"]
    assert (tmp_path / "export/voc/JPEGImages/val/a.jpg").is_file()


def test_masks_show_classes_and_objects_by_hand(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cup", "cat", "dog")), formats=("coco", "voc"))
    classes = read_label_png(tmp_path / "voc/SegmentationClass/a.png")
    objects = read_label_png(tmp_path / "voc/SegmentationObject/a.png")
    assert (classes.shape, classes[3, 4], classes[2, 2], classes[0, 0]) == ((10, 20), 1, 2, 0)
    assert (objects[3, 4], objects[2, 2], objects[0, 0]) == (2, 1, 0)  # the cat is the first of the file
    crowded = read_label_png(tmp_path / "voc/SegmentationClass/b.png")
    assert (crowded[0, 19], crowded[3, 12]) == (255, 2)  # a crowd is void where no object is painted


@pytest.mark.parametrize("others", Others)
def test_a_class_mask_is_the_label_map_at_the_image_s_own_size(
    make_dataset: MakeDataset, tmp_path: Path, others: Others
) -> None:
    chosen, shape = Selection(classes=("cat",), others=others), MaskShape.NATIVE
    formats = ("coco", "masks", "voc")
    export_of(make_dataset(), tmp_path / "export", chosen, formats=formats, mask_shape=shape)
    for path in (tmp_path / "export" / "voc" / "SegmentationClass").iterdir():
        (label_map,) = (tmp_path / "export" / "labels").rglob(path.name)
        np.testing.assert_array_equal(read_label_png(path), read_label_png(label_map))


def test_an_image_of_128_megapixels_has_masks_and_a_larger_one_has_none(make_dataset: MakeDataset) -> None:
    images = [image(1, width=1 << 14, height=1 << 13), image(2, width=(1 << 27) + 1, height=1)]
    dataset = make_dataset(images, [annotation(1, 1, CAT), annotation(2, 2, CAT)], pictures=False)
    plan = plan_export(dataset, recipe_of(dataset, images="none", formats=("coco", "voc")))
    for what, listed in (("Main", "1\n2\n"), ("Segmentation", "1\n")):
        assert "".join(text for path, text in voc_lists(plan).items() if f"/{what}/" in path) == listed
    masks = [each.path for each in planned_labels(plan) if "Segmentation" in each.path]
    assert masks == ["voc/SegmentationClass/1.png", "voc/SegmentationObject/1.png"]


def test_the_palette_is_pascal_voc_s_own() -> None:
    triples = np.frombuffer(voc_palette(), dtype=np.uint8).reshape(-1, 3).tolist()
    assert triples[:4] == [[0, 0, 0], [128, 0, 0], [0, 128, 0], [128, 128, 0]]
    assert (triples[15], triples[255]) == ([192, 128, 128], [224, 224, 192])


def test_with_more_classes_than_values_boxes_are_written_and_the_lack_of_masks_is_said(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    names = tuple(f"c{index}" for index in range(300))
    dataset = make_dataset(
        [image(1)], [annotation(1, 1, 299)], [category(index, name) for index, name in enumerate(names)]
    )
    manifest = export_of(dataset, tmp_path / "export", Selection(classes=names), formats=("coco", "voc"))
    assert manifest["defects"] == []
    assert not (tmp_path / "export/voc/SegmentationClass").exists()
    told = (tmp_path / "export/README.md").read_text()
    assert "1 of the images too large, or with too many classes, for masks" in told


def test_a_crowd_region_has_no_box(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("dog", "cat")), formats=("coco", "voc"))
    assert [entry[0] for entry in boxes(annotations_of(tmp_path, "b"))] == ["cat"]


def test_each_annotation_is_counted_by_what_became_of_it(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup", "cat")))
    shapes = [
        A_CUP,
        replace(A_CUP, annotation_id=2, category_id=CAT, has_mask=False),
        replace(A_CUP, annotation_id=3, box_xywh=(50, 2, 6, 4)),
        replace(A_CUP, annotation_id=4, is_crowd=True),
        replace(A_CUP, annotation_id=5, category_id=DOG),
        replace(A_CUP, annotation_id=6, is_ignored=True),
        replace(A_CUP, annotation_id=7, is_crowd=True, has_mask=False),
        replace(A_CUP, annotation_id=8, is_ignored=True, has_mask=False),
    ]
    objects = voc_objects(shapes, table, NATIVE)
    assert objects == [(shapes[0], (3, 3, 8, 6)), (shapes[1], (3, 3, 8, 6))]
    counts = {"entry": 2, "no_mask": 1, "nothing": 1, "crowd": 1, "ignored": 2, "bare": 2}
    assert voc_tally(shapes, objects, table, has_masks=True) == counts
    assert voc_tally(shapes, objects, table, has_masks=False) == counts | {"image_without_masks": 1}


@pytest.mark.parametrize(("object_count", "beyond"), [(254, 0), (256, 2)])
def test_a_mask_numbers_254_objects(four_images: Dataset, object_count: int, beyond: int) -> None:
    table = label_table(four_images, Selection(classes=("cup",)))
    shapes = [replace(A_CUP, annotation_id=each) for each in range(object_count)]
    objects = voc_objects(shapes, table, NATIVE)
    assert voc_tally(shapes, objects, table, has_masks=True)["no_number"] == beyond
    assert voc_tally(shapes, objects, table, has_masks=False)["no_number"] == 0


@pytest.mark.parametrize(
    ("others", "names"),
    [
        (Others.BACKGROUND, ["cat"]),
        (Others.KEEP, ["cat", "cup"]),
        (Others.MERGE, ["cat", "other"]),
        (Others.IGNORE, ["cat"]),
    ],
)
def test_the_other_classes_follow_the_policy(
    four_images: Dataset, tmp_path: Path, others: Others, names: list[str]
) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cat",), others=others), formats=("coco", "voc"))
    assert [entry[0] for entry in boxes(annotations_of(tmp_path, "a"))] == names


@pytest.mark.parametrize(("name", "read"), [("<tea> & 'cup'", None), ("Tasse à café", None), ("a\x01b", "a\ufffdb")])
def test_any_name_gives_a_file_that_can_be_read(
    make_dataset: MakeDataset, tmp_path: Path, name: str, read: str | None
) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], [category(CAT, name)])
    export_of(dataset, tmp_path / "export", Selection(classes=(name,)), formats=("coco", "voc"))
    assert boxes(annotations_of(tmp_path / "export", "1"))[0][0] == (read or name)


@pytest.mark.parametrize(("label_count", "has_masks"), [(255, True), (256, False)])
def test_masks_have_values_for_254_classes(label_count: int, has_masks: bool) -> None:
    labels = tuple(
        Label(label=at, name=str(at), category_ids=(), colour="#000000", selected=False) for at in range(label_count)
    )
    assert has_value_for_each(LabelTable(labels=labels)) is has_masks
