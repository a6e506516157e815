"""An image keeps its name where any system allows it; those that cannot be exported are named all at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset, export_of, files_in, recipe_of
from exports import export_problems
from PIL import Image
from records import CAT, CUP, Record, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import ExportError
from cocomine.exporting.planning.image_names import (
    name_warnings,
    recipe_without,
    unusable_images,
    unusable_list,
)
from cocomine.exporting.planning.plan import ExportPlan, plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.recipe import FORMATS, MaskShape
from cocomine.system.file_names import is_portable, name_flaw

FLAWED = {
    "": "names no file",
    ".": "names no file",
    "a.jpg/": "names no file",
    "../a.jpg": "leads out of the image folder",
    "a/../../b.jpg": "leads out of the image folder",
    "a/../b.jpg": "climbs back by “..”",
    "/etc/passwd": "leads out of the image folder",
    "C:\\a.jpg": "leads out of the image folder",
    "s3://bucket/a.jpg": "leads out of the image folder",
    "a\0.jpg": "holds a sign that no file name may have",
    "\ud83d.jpg": "holds half a character",
    "a" * 252 + ".jpg": "is longer than 255 bytes",
    "猫" * 84 + ".jp": "is longer than 255 bytes",
}
PORTABLE = ["a.jpg", "./a.jpg", "a/./b.jpg", "2017/a b/猫.jpg", "console.jpg", "a.b.c", "-x_.png", "COM.jpg"]
UNPORTABLE = [
    "a:b.jpg",
    "images\\1.jpg",
    "con.jpg",
    "a/NUL",
    "a./b.jpg",
    "a /b.jpg",
    "a?.jpg",
    "tab\t.jpg",
    "x.",
    "lpt1.x",
]


def named(*names: str) -> list[Record]:
    return [image(number, name) for number, name in enumerate(names, start=1)]


def of_names(make: MakeDataset, *names: str, pictures: bool = False) -> Dataset:
    """One image with a cat for each name."""
    return make(named(*names), [annotation(n, n, CAT) for n in range(1, len(names) + 1)], pictures=pictures)


def plan_of(dataset: Dataset, **more: Any) -> ExportPlan:
    return plan_export(dataset, recipe_of(dataset, **more))


def reasons(plan: ExportPlan) -> dict[str, str]:
    return {each.file_name: each.reason for each in unusable_images(plan)}


@pytest.mark.parametrize(("mask_shape", "has_code"), [(MaskShape.NATIVE, False), (MaskShape.SQUARE, True)])
def test_an_image_too_large_for_its_masks_is_named_before_anything_is_written(
    make_dataset: MakeDataset, mask_shape: MaskShape, *, has_code: bool
) -> None:
    huge = image(1, "huge.jpg", width=50_000, height=50_000)
    code: Record = {"segmentation": {"size": [50_000, 50_000], "counts": [0, 2_500_000_000]}} if has_code else {}
    dataset = make_dataset(
        [huge, image(2, "b.jpg")], [annotation(1, 1, CAT, **code), annotation(2, 2, CAT)], pictures=False
    )
    masks = plan_of(dataset, formats=("coco", "masks"), mask_shape=mask_shape, images="none")
    assert list(reasons(masks)) == ["huge.jpg"]
    assert "50,000 × 50,000 pixels" in reasons(masks)["huge.jpg"]
    assert reasons(plan_of(dataset, formats=("coco", "yolo"), images="none")) == {}
    assert reasons(plan_of(dataset, formats=("coco", "masks"), images="none")).keys() == (
        {"huge.jpg"} if has_code else set()
    )


@pytest.mark.parametrize("name", FLAWED)
def test_a_name_that_no_file_can_have_is_told_why(name: str) -> None:
    assert str(name_flaw(name)).startswith(FLAWED[name])


@pytest.mark.parametrize("name", [*PORTABLE, *UNPORTABLE, "a" * 251 + ".jpg"])
def test_a_name_that_this_system_can_hold_has_no_flaw(name: str) -> None:
    assert name_flaw(name) is None


def test_names_that_windows_cannot_hold_are_told_apart() -> None:
    assert [name for name in [*PORTABLE, *UNPORTABLE] if not is_portable(name)] == UNPORTABLE


def test_all_images_with_flawed_names_are_listed_at_once(make_dataset: MakeDataset) -> None:
    flawed = ["../a.jpg", "a/../../b.jpg", "a\0.jpg", "a" * 252 + ".jpg", "b.jpg/"]
    plan = plan_of(of_names(make_dataset, "fine.jpg", *flawed))
    assert list(reasons(plan)) == flawed


@pytest.mark.parametrize(("count", "end"), [(10, "file"), (11, "; and 1 more"), (13, "; and 3 more")])
def test_ten_flawed_names_are_listed_and_more_are_counted(make_dataset: MakeDataset, count: int, end: str) -> None:
    plan = plan_of(of_names(make_dataset, "fine.jpg", *(f"{number}.jpg/" for number in range(count))))
    assert end in unusable_list(unusable_images(plan))
    assert ("more" in unusable_list(unusable_images(plan))) == (count > 10)


@pytest.mark.parametrize("formats", [("coco", "masks"), ("coco", "yolo"), ("coco", "voc")])
def test_of_images_that_differ_in_the_ending_alone_the_first_keeps_the_label_file(
    make_dataset: MakeDataset, formats: tuple[str, ...]
) -> None:
    plan = plan_of(of_names(make_dataset, "a.jpg", "a.png", "b.jpg", "b.bmp", "d/a.jpg"), formats=formats)
    both = "in its ending alone, so that both would share one label file"
    assert reasons(plan) == {"a.png": f"differs from 'a.jpg' {both}", "b.bmp": f"differs from 'b.jpg' {both}"}


def test_without_label_files_images_may_differ_in_the_ending_alone(make_dataset: MakeDataset) -> None:
    assert reasons(plan_of(of_names(make_dataset, "a.jpg", "a.png"), formats=("coco", "mined"))) == {}


@pytest.mark.parametrize("seed", range(4))
def test_one_name_twice_is_refused_whatever_the_division(make_dataset: MakeDataset, seed: int) -> None:
    plan = plan_of(
        of_names(make_dataset, "a.jpg", "./a.jpg", "b.jpg", "c.jpg"), formats=("coco",), division=Division(seed=seed)
    )
    assert reasons(plan) == {"./a.jpg": "is the name of another image, too"}


def test_a_name_that_is_also_a_folder_is_refused(make_dataset: MakeDataset) -> None:
    assert list(reasons(plan_of(of_names(make_dataset, "a.jpg", "a.jpg/b.jpg")))) == ["a.jpg"]


def test_where_no_file_is_named_after_an_image_its_name_does_not_matter(make_dataset: MakeDataset) -> None:
    plan = plan_of(of_names(make_dataset, "a.jpg", "a.jpg", "../b.jpg"), formats=("coco",), images="none")
    assert unusable_images(plan) == []


def test_splits_share_no_names(tmp_path: Path) -> None:
    for split in ("train", "val"):
        write_split(tmp_path, document(named("a.jpg"), [annotation(1, 1, CAT)]), split=split)
    assert reasons(plan_of(open_dataset(tmp_path))) == {}


def test_nothing_is_written_as_long_as_an_image_cannot_be_exported(make_dataset: MakeDataset, tmp_path: Path) -> None:
    names = [f"{letter}{ending}" for letter in "abcdefghijkl" for ending in (".jpg", ".png")]
    dataset = of_names(make_dataset, *names)
    with pytest.raises(ExportError) as caught:
        export_of(dataset, tmp_path / "export", images="none")
    assert str(caught.value).startswith("12 of 24 images cannot be exported as they are: all2017: 'a.png' differs from")
    assert "; and 2 more. Correct these in the annotation file" in str(caught.value)
    assert not (tmp_path / "export").exists()


def test_unusable_images_are_left_out_with_their_reason(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = of_names(make_dataset, "a.jpg", "a.png", "../b.jpg", "c.jpg")
    plan = plan_of(dataset, images="none", excluded=(("all2017", 4),))
    recipe = recipe_without(plan.recipe, unusable_images(plan))
    assert recipe.excluded == (("all2017", 2), ("all2017", 3), ("all2017", 4))
    assert dict(recipe.reasons)["all2017", 3] == "all2017: '../b.jpg' leads out of the image folder"
    write_export(plan_export(dataset, recipe), tmp_path / "export")
    assert export_problems(tmp_path / "export") == []
    assert "Excluded images: 3" in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["2024-05-01T12:30:01.jpg", "images\\1.jpg", "con.jpg", "é\n.jpg"])
def test_a_name_that_windows_cannot_hold_is_exported_and_told(
    make_dataset: MakeDataset, tmp_path: Path, name: str
) -> None:
    dataset = of_names(make_dataset, name, "plain.jpg", pictures=True)
    manifest = export_of(dataset, tmp_path / "export", formats=FORMATS)
    assert manifest["is_complete"]
    assert f"such as those with a colon or a backslash: 1 ({name!r})" in " ".join(manifest["warnings"])
    assert len(list((tmp_path / "export" / "images").glob(f"*/{name}"))) == 1


def test_names_that_differ_in_capital_letters_are_exported_and_told(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = of_names(make_dataset, "a.jpg", "A.jpg", pictures=True)
    assert name_warnings(plan_of(dataset)) == [
        "Image names that differ in capital letters alone, and are one on Windows and macOS: 1 ('A.jpg')"
    ]
    assert export_of(dataset, tmp_path / "export", formats=FORMATS)["is_complete"]


def test_names_with_folders_called_images_are_where_each_reader_looks(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    names = ["images/0001.jpg", "images/a/images/b.jpg", "a/images.jpg"]
    manifest = export_of(of_names(make_dataset, *names, pictures=True), tmp_path / "export", formats=FORMATS)
    assert manifest["is_complete"]
    pictures = [path for path in (tmp_path / "export" / "images").rglob("*.jpg") if path.is_file()]
    for picture in pictures:
        text = Path("/labels/".join(str(picture).rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt")
        assert len(text.read_text(encoding="utf-8").splitlines()) == 1
    for split in ("train", "val"):
        value = json.loads((tmp_path / "export" / "annotations" / f"instances_{split}.json").read_bytes())
        assert all((tmp_path / "export" / "images" / split / each["file_name"]).is_file() for each in value["images"])
    assert len(pictures) == 3


def test_an_absolute_name_becomes_what_follows_the_image_folder(make_dataset: MakeDataset, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "all2017"
    folder.mkdir(parents=True)
    for name in ("a.jpg", "b.jpg", "d.jpg"):
        Image.new("RGB", (20, 10)).save(folder / name)
    extra = {"coco_url": str(folder / "a.jpg"), "note": "kept"}
    names = [str(folder / "a.jpg"), "b.jpg", "/upload/1/c.jpg", "/upload/1/d.jpg", "C:\\set\\e.jpg"]
    images = [image(number, name, **extra) for number, name in enumerate(names, start=1)]
    dataset = make_dataset(images, [annotation(n, n, CUP) for n in range(1, 6)], pictures=False)
    manifest = export_of(dataset, tmp_path / "export", formats=FORMATS)
    assert manifest["defects"] == []
    expected = "became relative ones, in the COCO file too: 4 ('a.jpg', 'upload/1/c.jpg', 'd.jpg', …)"
    assert any(expected in sentence for sentence in manifest["warnings"])
    written: dict[int, Record] = {}
    for path in (tmp_path / "export" / "annotations").iterdir():
        written |= {each["id"]: each for each in json.loads(path.read_bytes())["images"]}
    relative = ["a.jpg", "b.jpg", "upload/1/c.jpg", "d.jpg", "set/e.jpg"]
    assert written == {each["id"]: each | {"file_name": name} for each, name in zip(images, relative, strict=True)}
    pictures = {name.rpartition("/")[2] for name in files_in(tmp_path / "export" / "images")}
    assert pictures == {"a.jpg", "b.jpg", "d.jpg"}


def test_a_name_that_leads_back_into_the_image_folder_and_an_address_become_plain_ones(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "all2017"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "sub/b.jpg", "c.jpg"):
        Image.new("RGB", (20, 10)).save(folder / name)
    names = [
        "../all2017/a.jpg",
        "x/../sub/b.jpg",
        "https://bucket.example/set/c.jpg?Signature=1%2F2",
        "s3://bucket/d/e.jpg",
    ]
    dataset = of_names(make_dataset, *names)
    manifest = export_of(dataset, tmp_path / "export", formats=FORMATS)
    assert manifest["defects"] == []
    assert manifest["image_files"]["missing"] == 1
    expected = (
        "climbed or were addresses and became plain ones, in the COCO file too: 4 ('a.jpg', 'sub/b.jpg', 'c.jpg', …)"
    )
    assert any(expected in sentence for sentence in manifest["warnings"])
    files = [*(tmp_path / "export" / "annotations").iterdir()]
    written = {each["id"]: each["file_name"] for path in files for each in json.loads(path.read_bytes())["images"]}
    assert written == {1: "a.jpg", 2: "sub/b.jpg", 3: "c.jpg", 4: "d/e.jpg"}


def test_a_name_that_climbs_above_the_image_folder_stays_refused(make_dataset: MakeDataset) -> None:
    dataset = of_names(make_dataset, "fine.jpg", pictures=True)
    dataset = of_names(make_dataset, "fine.jpg", "../b.jpg", "../all2017x/c.jpg")
    assert dataset.splits[0].image_folder is not None
    assert list(reasons(plan_of(dataset))) == ["../b.jpg", "../all2017x/c.jpg"]


def test_only_the_name_of_the_image_itself_is_another(make_dataset: MakeDataset, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "all2017"
    folder.mkdir(parents=True)
    Image.new("RGB", (20, 10)).save(folder / "a.jpg")
    origin = {"file_name": "kept.jpg"}
    named = {"before": origin} | image(1, str(folder / "a.jpg")) | {"behind": origin}
    manifest = export_of(make_dataset([named], [annotation(1, 1, CAT)], pictures=False), tmp_path / "export")
    assert manifest["defects"] == []
    (path,) = (tmp_path / "export" / "annotations").glob("*train*")
    (record,) = json.loads(path.read_bytes())["images"]
    assert (record["before"], record["file_name"], record["behind"]) == (origin, "a.jpg", origin)
