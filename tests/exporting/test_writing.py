"""A recipe becomes the same folder every time, whole or not at all, and touches nothing that is not its own."""

import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset, export_of, files_in, recipe_of
from exports import export_problems
from PIL import Image
from records import CAT, CATEGORIES, CUP, DOG, annotation, category, crowd, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import DatasetError, ExportError, SelectionError
from cocomine.exporting.formats.readme import summed_tally
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.recipe import FORMATS, recipe_from_text
from cocomine.mining.selection.selection import Mode, Others, Selection


def test_an_export_holds_what_its_layout_says(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cup",)), division=Division(val_share=0.5))
    held = {name.replace("train", "SPLIT").replace("val", "SPLIT") for name in files_in(tmp_path)}
    assert held == {
        "annotations/instances_SPLIT.json",
        *(
            f"{place}/SPLIT/{name}"
            for name in "ac"
            for place, name in (("images", name + ".jpg"), ("labels", name + ".png"))
        ),
        "labels.json",
        "mined.json",
        "ATTRIBUTION.csv",
        "README.md",
        "contact_sheet.jpg",
        "recipe.yaml",
        "manifest.json",
    }


def test_the_manifest_lists_every_other_file_with_size_and_hash(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path)
    held = files_in(tmp_path)
    assert manifest == json.loads(held.pop(MANIFEST)) == read_manifest(tmp_path)
    listed = {entry["path"]: (entry["size"], entry["sha256"]) for entry in manifest["files"]}
    assert listed == {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in held.items()}


def test_an_export_without_images_needs_no_image_file(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], pictures=False)
    assert export_of(dataset, tmp_path / "export", images="none")["is_complete"]


def test_the_manifest_counts_each_split(four_images: Dataset, tmp_path: Path) -> None:
    train, val = export_of(four_images, tmp_path, division=Division(val_share=0.4))["splits"]
    assert (train["split"], train["image_count"], train["image_file_count"]) == ("train", 2, 2)
    assert (val["split"], val["image_count"], val["image_file_count"]) == ("val", 1, 1)
    assert train["annotation_count"] + val["annotation_count"] == 5


def test_the_manifest_counts_objects_crowds_and_images_of_each_class(tmp_path: Path) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 1, CAT), crowd(3, 2, CAT), annotation(4, 2, CUP)]
    write_split(tmp_path / "data", document([image(1), image(2)], records), split="train")
    write_split(tmp_path / "data", document([image(3)], [annotation(5, 3, CUP)]), split="val")
    train, val = export_of(open_dataset(tmp_path / "data"), tmp_path / "export")["splits"]
    assert (train["role"], val["role"]) == ("train", "val")
    assert train["instance_counts"] == {"cat": 2, "cup": 1}
    assert train["crowd_counts"] == {"cat": 1, "cup": 0}
    assert train["image_counts"] == {"cat": 2, "cup": 1}
    assert (val["instance_counts"], val["image_counts"]) == ({"cat": 0, "cup": 1}, {"cat": 0, "cup": 1})


def test_the_role_of_a_split_that_is_not_there_is_refused(four_images: Dataset) -> None:
    with pytest.raises(SelectionError, match="no split 'all2071'"):
        plan_export(four_images, recipe_of(four_images, roles=(("all2071", SplitRole.VAL),)))


@pytest.mark.parametrize("name", ["..", "../../elsewhere", "a/b", ".", "x" * 256])
def test_a_split_that_no_folder_can_be_called_after_is_refused(tmp_path: Path, name: str) -> None:
    """As by a recipe that somebody made."""
    for split in ("train", "val"):
        write_split(tmp_path / "data", document(), split=split, pictures=False)
    recipe = recipe_of(open_dataset(tmp_path / "data"), images="none")
    sources = (replace(recipe.sources[0], split=name), recipe.sources[1])
    made = replace(recipe, sources=sources, dataset_name=str(tmp_path / "data"))
    with pytest.raises(ExportError, match=rf"no folder can be called '{re.escape(name)}'.* Rename the annotation file"):
        plan_export(dataset_of_recipe(made, path=tmp_path / "data"), made)


def test_a_single_split_that_is_said_to_be_for_something_is_not_divided(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path, roles=(("all2017", SplitRole.TEST),))
    assert [(entry["split"], entry["role"]) for entry in manifest["splits"]] == [("all2017", "test")]


@pytest.mark.parametrize("others", Others)
@pytest.mark.parametrize("images", ["link", "copy", "none"])
def test_replaying_a_recipe_gives_the_same_bytes(
    four_images: Dataset, tmp_path: Path, others: Others, images: str
) -> None:
    selection = Selection(classes=("cup", "cat"), mode=Mode.ANY, others=others)
    export_of(
        four_images, tmp_path / "one", selection, images=images, excluded=(("all2017", 42),), division=Division(seed=3)
    )
    recipe = recipe_from_text((tmp_path / "one" / "recipe.yaml").read_text(encoding="utf-8"))
    write_export(plan_export(dataset_of_recipe(recipe, path=four_images.path), recipe), tmp_path / "two")
    assert files_in(tmp_path / "one") == files_in(tmp_path / "two")


def test_official_splits_keep_their_names(tmp_path: Path) -> None:
    for name in ("train2017", "val2017"):
        write_split(tmp_path / "data", document(), split=name)
    manifest = export_of(open_dataset(tmp_path / "data"), tmp_path / "export")
    assert [entry["split"] for entry in manifest["splits"]] == ["train2017", "val2017"]
    assert export_problems(tmp_path / "export") == []


def test_an_export_with_links_opens_as_a_dataset_with_its_pictures(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, images="link", division=Division(val_share=0.4))
    again = open_dataset(tmp_path)
    assert again.image_count == 3
    assert all(split.image_at(index).path for split in again.splits for index in range(len(split.images)))
    assert "image_leads_out" not in {found.code for found in integrity_report(again)}


def test_an_export_of_a_former_version_tells_where_its_links_lead(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, images="link", division=Division(val_share=0.4))
    folder = four_images.splits[0].image_folder
    assert folder is not None
    for path in (tmp_path / "images").rglob("*.jpg"):
        path.unlink()
        path.symlink_to(folder / path.name)
    told = [found for found in integrity_report(open_dataset(tmp_path)) if found.code == "image_leads_out"]
    assert sum(found.count for found in told) == 3
    assert all(f"lead to {folder}." in found.message for found in told)
    again = open_dataset(tmp_path, image_folders=ImageFolders(linked=(folder,)))
    assert all(split.image_at(index).path for split in again.splits for index in range(len(split.images)))


def test_no_more_is_written_than_the_formats_ask_for(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco",), images="none")
    assert not (tmp_path / "mined.json").exists()
    assert not (tmp_path / "labels").exists()
    assert not (tmp_path / "images").exists()


def test_an_export_in_all_formats_verifies_and_is_replayed(four_images: Dataset, tmp_path: Path) -> None:
    one = export_of(four_images, tmp_path / "one", formats=FORMATS)
    assert export_problems(tmp_path / "one") == []
    recipe = recipe_from_text((tmp_path / "one" / "recipe.yaml").read_text(encoding="utf-8"))
    again = dataset_of_recipe(recipe, path=four_images.path)
    assert write_export(plan_export(again, recipe), tmp_path / "two") == one


def test_label_files_are_written_where_nothing_else_is_asked_for(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("masks", "yolo", "voc"))
    assert [len(list(tmp_path.glob(f"{where}/*"))) for where in ("labels/*", "voc/Annotations")] == [6, 3]


def test_yolo_and_voc_are_written_only_when_asked_for(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path)
    assert not (tmp_path / "yolo").exists()
    assert not (tmp_path / "voc").exists()
    assert not list(tmp_path.rglob("*.txt"))


def boxes_alone(dataset: MakeDataset) -> Dataset:
    """Two images with three cats and a dog of which only one cat has a mask; and a crowd without one."""
    bare: dict[str, Any] = {"segmentation": []}
    records = [annotation(1, 1, CAT), annotation(2, 1, CAT, **bare), annotation(3, 2, CAT, **bare)]
    more = [annotation(4, 2, DOG, **bare), annotation(5, 2, CAT, iscrowd=1, **bare)]
    return dataset([image(1), image(2)], [*records, *more])


@pytest.mark.parametrize(
    ("others", "count"), [(Others.BACKGROUND, 2), (Others.KEEP, 3), (Others.MERGE, 3), (Others.IGNORE, 3)]
)
def test_objects_that_label_maps_cannot_show_are_counted(
    make_dataset: MakeDataset, tmp_path: Path, others: Others, count: int
) -> None:
    chosen = Selection(classes=("cat",), others=others)
    manifest = export_of(boxes_alone(make_dataset), tmp_path / "export", chosen, division=Division(val_share=0.5))
    assert sum(entry["without_mask_count"] for entry in manifest["splits"]) == count
    text = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert f"Objects without a mask, such as a box alone: {count}. They are background in the label maps." in text


def test_each_split_counts_its_own_objects_without_a_mask(tmp_path: Path) -> None:
    for name, segmentation in (("train", []), ("val", [[1, 1, 4, 1, 4, 4]])):
        records = [annotation(1, 1, CAT, segmentation=segmentation)]
        write_split(tmp_path / "data", document([image(1)], records), split=name)
    manifest = export_of(open_dataset(tmp_path / "data"), tmp_path / "export", Selection(classes=("cat",)))
    assert [(entry["split"], entry["without_mask_count"]) for entry in manifest["splits"]] == [("train", 1), ("val", 0)]


@pytest.mark.parametrize(
    ("box", "area", "count"),
    [
        ((0.1, 0.2, 0.4, 0.3), 0.12, 1),  # shares of the image
        ((1, 1, 4, 4), 0, 0),  # the area is wrong, not the object
        ((1, 1, 4, 4), 16, 0),
        ((1, 1, 0.4, 0.4), 0.16, 1),
        ((1, 1, 4, 0.1), 0.01, 0),  # of area and box the larger
        ((1, 1, 0.1, 4), 0.01, 0),
        ((1, 1, 0.625, 0.3125), 200 / 32**2, 0),  # just one of the map's 32 x 32 pixels
    ],
)
def test_objects_of_less_than_a_pixel_of_their_label_map_are_counted_and_told(
    make_dataset: MakeDataset, tmp_path: Path, box: tuple[float, ...], area: float, count: int
) -> None:
    records = [annotation(1, 11, CAT, box, area=area), annotation(2, 7, CAT)]
    manifest = export_of(
        make_dataset(annotations=records),
        tmp_path / "export",
        Selection(classes=("cat",)),
        division=Division(val_share=0.5),
    )
    assert sum(entry["too_small_count"] for entry in manifest["splits"]) == count
    assert any("less than a pixel" in each for each in manifest["warnings"]) == bool(count)


@pytest.mark.parametrize(
    "nothing",
    [
        {"size": [10, 20], "counts": [200]},
        [[1, 1, 9, 1, 1, 1, 9, 1]],
        [[1e9, 1e9, 2e9, 1e9, 2e9, 2e9]],
    ],
)
def test_a_label_map_of_background_alone_is_told_where_its_image_has_an_object(
    make_dataset: MakeDataset, tmp_path: Path, nothing: Any
) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 2, CAT), annotation(3, 3, DOG)]
    records[1]["segmentation"] = nothing
    dataset = make_dataset([image(1), image(2), image(3)], records)
    manifest = export_of(dataset, tmp_path / "export", Selection(classes=("cat",)))
    (told,) = [each for each in manifest["warnings"] if "background alone" in each]
    assert re.search(r": 1 of 2 \(labels/\w+/2.png\)\. ", told)
    sound = make_dataset([image(1), image(3)], [records[0], records[2]])
    assert not [each for each in export_of(sound, tmp_path / "b")["warnings"] if "background alone" in each]
    others = Selection(classes=("cat",), others=Others.IGNORE, limits=Limits(negatives=0.5))
    assert not [each for each in export_of(sound, tmp_path / "c", others)["warnings"] if "background alone" in each]


def test_where_every_object_has_a_mask_the_readme_says_nothing_of_it(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path)
    assert [entry["without_mask_count"] for entry in manifest["splits"]] == [0, 0]
    assert "without a mask" not in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_without_label_maps_masks_are_not_counted(make_dataset: MakeDataset, tmp_path: Path) -> None:
    manifest = export_of(boxes_alone(make_dataset), tmp_path / "export", formats=("coco",))
    assert {entry["without_mask_count"] for entry in manifest["splits"]} == {None}


@pytest.mark.parametrize("formats", [("coco",), ("coco", "masks"), ("coco", "mined"), ("coco", "voc"), FORMATS])
@pytest.mark.parametrize("images", ["link", "copy", "none"])
def test_the_readme_describes_what_is_there_and_nothing_else(
    four_images: Dataset, tmp_path: Path, formats: tuple[str, ...], images: str
) -> None:
    export_of(four_images, tmp_path, formats=formats, images=images)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    names = ["annotations/", "images/", "labels/", "labels.json", "mined.json", "yolo/data.yaml", "voc/"]
    for name in (*names, "ATTRIBUTION.csv", "recipe.yaml"):
        assert (f"`{name}`" in text or f" {name} " in text) == (tmp_path / name).exists(), name


@pytest.mark.parametrize("selection", [Selection(), Selection(classes=("cat", "dog", "cup"), mode=Mode.ALL)])
def test_a_selection_without_images_is_not_planned(four_images: Dataset, selection: Selection) -> None:
    with pytest.raises(ExportError, match=r"holds no image.*Choose other classes or a wider mode"):
        plan_export(four_images, recipe_of(four_images, selection))


def test_where_no_class_could_give_an_image_the_reason_is_told(make_dataset: MakeDataset) -> None:
    chosen = Selection(classes=("cat",))
    lost = make_dataset([image(1)], [annotation(1, 1001, CAT)])
    with pytest.raises(ExportError, match="All annotations name images or categories that are not in their file"):
        plan_export(lost, recipe_of(lost, chosen))
    bare = make_dataset([image(1)], [])
    with pytest.raises(ExportError, match="has no annotations"):
        plan_export(bare, recipe_of(bare, chosen))
    sound = make_dataset([image(1)], [annotation(1, 1, CAT)])
    with pytest.raises(ExportError, match=r"Excluded: all that it gives .1 image.. Take some back"):
        plan_export(sound, recipe_of(sound, chosen, excluded=((sound.splits[0].name, 1),)))


def test_a_source_that_changed_since_stops_the_export(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    plan = plan_export(dataset, recipe_of(dataset))
    make_dataset([image(5)], [])
    with pytest.raises(DatasetError, match="changed since it was opened"):
        write_export(plan, tmp_path / "export")
    assert not (tmp_path / "export" / MANIFEST).exists()


def test_an_original_is_never_changed(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    before = files_in(tmp_path / "data")
    for images in ("link", "copy"):
        for folder in (tmp_path / images, tmp_path / images):
            export_of(dataset, folder, images=images)
    assert files_in(tmp_path / "data") == before


def test_progress_counts_up_to_the_whole(four_images: Dataset, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    plan = plan_export(four_images, recipe_of(four_images))
    write_export(plan, tmp_path, progress=lambda what: lambda done, total: told.append((what, done, total)))
    by_what = {what: [(done, total) for name, done, total in told if name == what] for what, _, _ in told}
    assert list(by_what) == ["Writing labels", "Placing image files", "Verifying"]
    for steps in by_what.values():
        assert [done for done, _ in steps] == sorted({done for done, _ in steps})
        assert steps[-1] == (3, 3)


def test_a_class_of_a_split_out_of_view_can_be_kept(tmp_path: Path) -> None:
    more = [*CATEGORIES, category(5, "bus")]
    write_split(tmp_path / "data", document([], [], more), split="train", pictures=False)
    write_split(tmp_path / "data", document(), split="val")
    view = open_dataset(tmp_path / "data").with_splits(["val"])
    export_of(view, tmp_path / "export", Selection(classes=("cup",), others=Others.KEEP))
    assert export_problems(tmp_path / "export") == []


def test_the_readme_tells_the_selection_in_words(four_images: Dataset, tmp_path: Path) -> None:
    selection = Selection(classes=("cat", "cup"), excluded_classes=("dog",), mode=Mode.ANY, others=Others.IGNORE)
    export_of(four_images, tmp_path, selection)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Images with any of cat, cup, none with dog: 2 images, 4 objects of these classes." in text
    assert "Unselected classes are ignored: their pixels are 255." in text
    assert "| 2 | cup |" in text


def test_one_image_with_one_object_is_told_as_one(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)])
    manifest = export_of(dataset, tmp_path / "export", Selection(classes=("cat",)))
    assert "Images with any of cat: 1 image, 1 object of these classes." in (tmp_path / "export/README.md").read_text()
    assert (manifest["is_complete"], manifest["defects"]) == (True, [])


@pytest.mark.parametrize(
    ("licences", "words"),
    [
        (("Attribution License",), "Attribution License"),
        (("free", "Attribution License"), "free or Attribution License"),
    ],
)
def test_the_readme_names_the_licences_that_were_chosen(
    four_images: Dataset, tmp_path: Path, licences: tuple[str, ...], words: str
) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cat",), licences=licences))
    assert f"Images with any of cat, under {words}: 1 image" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_readme_names_the_mode_as_the_pages_do(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cup",), mode=Mode.ONLY))
    assert "Images with only cup: 1 image" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_grey_picture_or_one_of_another_size_is_brought_as_it_is(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CUP)])
    assert dataset.splits[0].image_folder is not None
    odd = dataset.splits[0].image_folder / "2.jpg"
    Image.fromarray(np.zeros((3, 5), dtype=np.uint8)).save(odd)
    os.utime(odd, (0, 0))
    export_of(dataset, tmp_path / "export")
    (found,) = (tmp_path / "export" / "images").rglob("2.jpg")
    assert found.read_bytes() == odd.read_bytes()


@pytest.mark.real
def test_a_real_export_is_the_same_twice_and_verifies(coco_folder: Path, tmp_path: Path) -> None:
    dataset = open_dataset(coco_folder)
    chosen = Selection(classes=("giraffe", "bus", "broccoli", "laptop"))
    manifests = [export_of(dataset, tmp_path / name, chosen, size_px=64, images="link") for name in ("one", "two")]
    assert manifests[0] == manifests[1]
    assert export_problems(tmp_path / "one") == []
    assert all(entry["image_file_count"] == entry["image_count"] for entry in manifests[0]["splits"])


def test_the_lines_of_all_splits_are_added_up_by_how_they_came_about() -> None:
    splits: list[dict[str, Any]] = [
        {"outlinings": {"cut": 2}},
        {"outlinings": None},
        {},
        {"outlinings": {"cut": 1, "crowd": 4}},
    ]
    assert summed_tally(splits, "outlinings") == {"cut": 3, "crowd": 4}
    assert summed_tally([], "outlinings") == {}
