"""Images are found in the layout of every usual tool, or where the person says."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from records import annotation, document, image

from cocomine.coco import image_folder_search
from cocomine.coco.image_folder_search import PROBED_NAMES, folders_as_good, image_folder_of, searched_folders
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.images_on_disk import missing_images
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.string_column import StringColumn, string_column
from cocomine.errors import DatasetError, SelectionError
from cocomine.system.folders import names_in

LAYOUTS = {
    "COCO": ("annotations/instances_val2017.json", "val2017", "{}"),
    "Ultralytics": ("annotations/instances_val2017.json", "images/val2017", "{}"),
    "FiftyOne": ("labels.json", "data", "{}"),
    "FiftyOne, a folder for each split": ("validation/labels.json", "validation/data", "{}"),
    "Roboflow": ("valid/_annotations.coco.json", "valid", "{}"),
    "CVAT": ("annotations/instances_default.json", "images/default", "{}"),
    "Datumaro": ("annotations/instances_train.json", "images/train", "{}"),
    "split and images": ("annotations/instances_train.json", "train/images", "{}"),
    "role and year": ("annotations/train.json", "train2017", "{}"),
    "Pascal's folder": ("train.json", "JPEGImages", "{}"),
    "capital letters": ("Annotations/Train.json", "Images/Train", "{}"),
    "a word before the role": ("annotations/person_train.json", "train", "{}"),
    "LVIS": ("lvis_v1_val.json", "val2017", "{}"),
    "LVIS, names with folders": ("annotations/lvis_v1_val.json", "", "val2017/{}"),
    "Label Studio": ("result.json", "images", "images/{}"),
    "Label Studio on Windows": ("result.json", "images", "images\\{}"),
    "a slash before each name": ("a.json", "images", "/{}"),
    "Label Studio, names of the server": ("result.json", "images", "/data/upload/1/{}"),
    "names of another computer": ("annotations/instances_train.json", "train", "C:\\Users\\me\\set\\train\\{}"),
    "one below an odd folder": ("annotations/instances_all.json", "scans 2024", "{}"),
    "patches": ("annotations/objects_train.json", "train/patch0", "patch0/{}"),
    "capital endings": ("annotations/instances_train.json", "train", "{}.JPG"),
    "addresses that a store has signed": (
        "result.json",
        "images",
        "https://b.s3.amazonaws.com/set/{}?Signature=a%2Fb=1",
    ),
    "percent signs": ("annotations/instances_train.json", "train", "my%20{}"),
}


def laid_out(root: Path, file: str, folder: str, names: Sequence[str], *, on_disk: Sequence[str]) -> Path:
    """Write annotations that name files, and other files on disk."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    records = [image(number, name) for number, name in enumerate(names, 1)]
    path.write_text(json.dumps(document(records, [annotation(1, 1, 17)])), encoding="utf-8")
    for name in on_disk:
        place = root / folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"image")
    return path


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_images_of_every_usual_layout_are_found(tmp_path: Path, layout: str) -> None:
    file, folder, form = LAYOUTS[layout]
    plain = [f"{number}.jpg" for number in range(6)]
    on_disk = [name if folder else form.format(name) for name in plain]
    if form in {"{}.JPG", "my%20{}"}:
        on_disk = [form.format(name).replace("%20", " ").lower() for name in plain]
    laid_out(tmp_path, file, folder, [form.format(name) for name in plain], on_disk=on_disk)
    (split,) = open_dataset(tmp_path).splits
    assert missing_images(split).tolist() == []
    paths = [split.image_at(index).path for index in range(6)]
    assert [path.read_bytes() if path else None for path in paths] == [b"image"] * 6


def test_a_split_is_never_given_the_images_of_another_role(tmp_path: Path) -> None:
    laid_out(tmp_path, "annotations/val.json", "train2017", ["1.jpg"], on_disk=["1.jpg"])
    assert open_dataset(tmp_path).splits[0].image_folder is None


def test_a_split_keeps_its_folder_though_another_split_s_holds_all_of_the_names(tmp_path: Path) -> None:
    for split, there in (("day", ["1.jpg", "2.jpg"]), ("night", ["1.jpg"])):
        laid_out(tmp_path, f"annotations/instances_{split}.json", split, ["1.jpg", "2.jpg"], on_disk=there)
    day, night = open_dataset(tmp_path).splits
    assert (day.image_folder, night.image_folder) == (tmp_path / "day", tmp_path / "night")
    assert missing_images(night).tolist() == [1]


def test_images_that_came_last_are_found_though_the_first_are_missing(tmp_path: Path) -> None:
    names = [f"{number:04}.jpg" for number in range(80)]
    laid_out(tmp_path, "annotations/instances_val2017.json", "val2017", names, on_disk=names[60:])
    (split,) = open_dataset(tmp_path).splits
    assert split.image_folder == tmp_path / "val2017"
    assert len(missing_images(split)) == 60


def test_one_image_of_a_thousand_finds_its_folder(tmp_path: Path) -> None:
    names = [f"{number:04}.jpg" for number in range(1000)]
    laid_out(tmp_path, "annotations/instances_val2017.json", "val2017", names, on_disk=[names[437]])
    assert open_dataset(tmp_path).splits[0].image_folder == tmp_path / "val2017"


def test_a_few_of_a_thousand_images_are_found_among_files_of_others(tmp_path: Path) -> None:
    names = [f"{number:06d}.jpg" for number in range(1000)]
    file = laid_out(tmp_path, "annotations/instances_train.json", "scans", names, on_disk=names[5:8])
    laid_out(tmp_path, "annotations/instances_train.json", "notes", names, on_disk=[f"{n}.txt" for n in range(100)])
    laid_out(tmp_path, "annotations/instances_train.json", "more", names, on_disk=[names[3], "x000005.jpg"])
    assert open_dataset(file).splits[0].image_folder == tmp_path / "scans"


class CountedNames(StringColumn):
    """Names that tell how many of them are decoded."""

    decoded = 0

    def __getitem__(self, index: Any) -> Any:
        self.decoded += 1
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[str]:
        self.decoded += len(self)
        return super().__iter__()


def test_where_no_image_is_on_disk_no_folder_is_listed_twice_and_hardly_a_name_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed: list[Path] = []

    def listed_names(folder: Path) -> list[str]:
        listed.append(folder)
        return names_in(folder)

    monkeypatch.setattr(image_folder_search, "names_in", listed_names)
    others = [*(f"{number}.txt" for number in range(100)), "g"]
    file = laid_out(tmp_path, "annotations/instances_train.json", "notes", ["a.jpg"], on_disk=others)
    column = string_column(f"{number:012d}.jpg" for number in range(2000))
    names = CountedNames(column.utf8, column.ends)
    assert image_folder_of(file, names) is None
    assert sorted(listed) == sorted(searched_folders(file))
    assert names.decoded <= 4 * PROBED_NAMES


def test_the_folder_with_most_of_the_names_is_taken(tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(10)]
    laid_out(tmp_path, "annotations/instances_all.json", "images", names, on_disk=names[:3])
    laid_out(tmp_path, "annotations/instances_all.json", "scans", names, on_disk=names)
    assert open_dataset(tmp_path).splits[0].image_folder == tmp_path / "scans"


def test_two_names_that_end_alike_are_not_given_one_file(tmp_path: Path) -> None:
    names = ["/server/a/1.jpg", "/server/b/1.jpg", "/server/a/2.jpg"]
    laid_out(tmp_path, "annotations/instances_all.json", "images", names, on_disk=["1.jpg", "2.jpg"])
    (split,) = open_dataset(tmp_path).splits
    assert split.found_names == {2: "2.jpg"}
    assert missing_images(split).tolist() == [0, 1]


def test_a_file_that_another_record_names_is_not_given_twice(tmp_path: Path) -> None:
    laid_out(tmp_path, "annotations/instances_all.json", "images", ["a.jpg", "A.JPG"], on_disk=["a.jpg"])
    (split,) = open_dataset(tmp_path).splits
    assert missing_images(split).tolist() == [1]


def test_letters_of_another_case_and_the_other_unicode_form_are_the_same_name(tmp_path: Path) -> None:
    names = ["IMG_2.JPG", "cafe\u0301.jpg", "x.png", "ok.jpg"]
    laid_out(tmp_path, "a.json", "images", names, on_disk=["IMG_2.jpg", "caf\u00e9.jpg", "x.jpg", "ok.jpg"])
    (split,) = open_dataset(tmp_path).splits
    assert split.found_names == {0: "IMG_2.jpg", 1: "caf\u00e9.jpg"}
    assert missing_images(split).tolist() == [2]  # another ending may be another image


def test_one_name_of_a_thousand_that_is_written_otherwise_is_found(tmp_path: Path) -> None:
    on_disk = [f"{number:04}.jpg" for number in range(1000)]
    names = [*on_disk[:500], "0500.JPG", *on_disk[501:]]
    laid_out(tmp_path, "a.json", "images", names, on_disk=on_disk)
    assert open_dataset(tmp_path).splits[0].found_names == {500: "0500.jpg"}


def test_a_name_is_not_taken_for_one_outside_that_happens_to_be_there(tmp_path: Path) -> None:
    outside = tmp_path / "set" / "1.jpg"
    names = [str(outside), "../2.jpg", str(tmp_path / "set" / "images" / "deep" / "3.jpg")]
    laid_out(tmp_path / "set", "a.json", "images", names, on_disk=["1.jpg", "2.jpg", "deep/3.jpg"])
    for name in ("1.jpg", "2.jpg"):
        outside.with_name(name).write_bytes(b"another")
    (split,) = open_dataset(tmp_path / "set").splits
    assert missing_images(split).tolist() == []
    assert split.found_names == {0: "1.jpg", 1: "2.jpg"}  # the third is in the image folder as it is written


def test_a_name_that_climbs_is_never_read_from_outside(tmp_path: Path) -> None:
    laid_out(tmp_path, "a.json", "images", ["../secret.jpg", "ok.jpg"], on_disk=["ok.jpg"])
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    (split,) = open_dataset(tmp_path).splits
    assert split.image_at(0).path is None


def test_a_folder_that_is_named_is_taken(tmp_path: Path) -> None:
    laid_out(tmp_path / "set", "a.json", "../far/away", ["1.jpg"], on_disk=["1.jpg"])
    assert open_dataset(tmp_path / "set").splits[0].image_folder is None
    for text in (str(tmp_path / "far" / "away"), f"a={tmp_path / 'far' / 'away'}"):
        folders = ImageFolders.from_texts([text], [], tmp_path)
        assert open_dataset(tmp_path / "set", image_folders=folders).splits[0].image_at(0).path is not None


def test_a_folder_with_a_folder_for_each_split_is_named_once(tmp_path: Path) -> None:
    for split in ("train", "val"):
        laid_out(tmp_path, f"set/{split}.json", f"far/{split}", [f"{split}.jpg"], on_disk=[f"{split}.jpg"])
    folders = ImageFolders.from_texts([str(tmp_path / "far")], [], tmp_path)
    dataset = open_dataset(tmp_path / "set", image_folders=folders)
    assert [split.image_folder for split in dataset.splits] == [tmp_path / "far" / "train", tmp_path / "far" / "val"]


def test_a_named_folder_without_a_single_image_is_refused_with_what_it_holds(tmp_path: Path) -> None:
    laid_out(tmp_path, "a.json", "wrong", ["1.jpg"], on_disk=["2.jpg"])
    with pytest.raises(DatasetError, match=r"wrong: none of 1 image .* 1 file, such as 2.jpg.* such as 1.jpg"):
        open_dataset(tmp_path, image_folders=ImageFolders.from_texts([str(tmp_path / "wrong")], [], tmp_path))


def test_a_folder_or_a_split_that_is_not_there_is_refused(tmp_path: Path) -> None:
    laid_out(tmp_path, "train.json", "images", ["1.jpg"], on_disk=["1.jpg"])
    with pytest.raises(DatasetError, match=r"nowhere: there is no such folder"):
        ImageFolders.from_texts([str(tmp_path / "nowhere")], [], tmp_path)
    with pytest.raises(SelectionError, match=r"no split 'trian'.*Did you mean train"):
        open_dataset(tmp_path, image_folders=ImageFolders.from_texts([f"trian={tmp_path / 'images'}"], [], tmp_path))


def test_a_folder_with_an_equals_sign_in_its_name_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a=b").mkdir()
    assert ImageFolders.from_texts([str(tmp_path / "a=b")], [], tmp_path).named == {"": tmp_path / "a=b"}


def test_links_out_of_the_dataset_still_tell_where_its_images_would_be(tmp_path: Path) -> None:
    laid_out(tmp_path, "set/a.json", "elsewhere", ["1.jpg"], on_disk=["1.jpg"])
    (tmp_path / "set" / "images").mkdir()
    (tmp_path / "set" / "images" / "1.jpg").symlink_to(tmp_path / "elsewhere" / "1.jpg")
    (split,) = open_dataset(tmp_path / "set").splits
    assert (split.image_folder, split.image_at(0).path) == (tmp_path / "set" / "images", None)
    folders = ImageFolders.from_texts([], [tmp_path / "elsewhere"], tmp_path)
    assert open_dataset(tmp_path / "set", image_folders=folders).splits[0].image_at(0).path is not None


def test_a_loop_or_a_locked_folder_beside_the_annotations_ends_nothing(tmp_path: Path) -> None:
    laid_out(tmp_path, "a.json", "images", ["1.jpg"], on_disk=["1.jpg"])
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "images" / "round").symlink_to(tmp_path / "images" / "round")
    (tmp_path / "images" / b"\xff.jpg".decode("utf-8", "surrogateescape")).write_bytes(b"")
    (split,) = open_dataset(tmp_path).splits
    assert split.image_at(0).path == tmp_path / "images" / "1.jpg"


def test_labels_json_of_ours_is_no_annotation_file_and_of_others_is_one(tmp_path: Path) -> None:
    laid_out(tmp_path, "labels.json", "data", ["1.jpg"], on_disk=["1.jpg"])
    assert [split.name for split in open_dataset(tmp_path).splits] == ["labels"]
    (tmp_path / "labels.json").write_text('{"size_px": 128, "labels": []}')
    with pytest.raises(DatasetError, match="no annotation file"):
        open_dataset(tmp_path)


def test_the_folders_that_were_searched_are_those_that_are_there(tmp_path: Path) -> None:
    file = laid_out(tmp_path, "annotations/val.json", "images", ["1.jpg"], on_disk=[])
    (tmp_path / "val2017").mkdir()
    (tmp_path / "train2017").mkdir()
    assert image_folder_of(file, ["1.jpg"]) is None
    assert searched_folders(file) == [tmp_path / "annotations", tmp_path, tmp_path / "val2017"]


def told(folder: Path, code: str) -> str:
    (found,) = [each for each in integrity_report(open_dataset(folder)) if each.code == code]
    return f"{found.message} {found.examples}"


def test_missing_images_are_counted_and_files_of_nearly_their_names_are_offered(tmp_path: Path) -> None:
    names = [*(f"{number}.jpg" for number in range(78)), "a.jpeg", "b.jpeg"]
    laid_out(tmp_path, "a.json", "images", names, on_disk=[*names[:20], "a.jpg", "b.png", "b.bmp"])
    message = told(tmp_path, "image_file_missing")
    assert f"Found in {tmp_path / 'images'}: 20 of 80 images; 60 missing; " in message
    assert "a file of nearly the same name is there for 1 of them (a.jpeg: a.jpg)." in message


def test_where_nothing_is_found_the_folders_are_named(tmp_path: Path) -> None:
    laid_out(tmp_path, "annotations/train.json", "train", ["1.jpg"], on_disk=["2.jpg"])
    assert f"Searched: {tmp_path / 'train'}, {tmp_path / 'annotations'}, {tmp_path}." in told(
        tmp_path, "no_image_folder"
    )


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("1.png", "1.jpg"),
        ("1", "1.jpg"),
        ("sub/1.png", "sub/1.jpg"),
        ("data/upload/2/0a1b2c3d-1.jpg", "1.jpg"),
        ("1_jpg.rf.0A1B2C3D.jpg", "1.jpg"),
    ],
)
def test_where_nothing_is_found_a_file_of_nearly_the_same_name_is_offered(tmp_path: Path, name: str, file: str) -> None:
    laid_out(tmp_path, "annotations/train.json", "train", ["0.jpg", name], on_disk=[file])
    offered = f" {tmp_path / 'train'} holds {file} where {name} is named: if that is the same image, correct"
    assert offered in told(tmp_path, "no_image_folder")


@pytest.mark.parametrize(
    ("folders", "others"),
    [
        (["depth", "rgb"], ["rgb"]),
        (["images/left", "images/right"], ["images/right"]),
        (["depth", "images"], []),
        (["depth", "train"], []),
        (["rgb"], []),
    ],
)
def test_that_other_folders_hold_the_same_names_is_told(tmp_path: Path, folders: list[str], others: list[str]) -> None:
    names = ["1.jpg", "2.jpg", "3.jpg"]
    for folder in folders:
        laid_out(tmp_path, "train.json", folder, names, on_disk=names)
    laid_out(tmp_path, "train.json", "some", names, on_disk=names[:2])
    (split,) = open_dataset(tmp_path).splits
    assert folders_as_good(split) == [tmp_path / other for other in others]
    findings = [each for each in integrity_report(open_dataset(tmp_path)) if each.code == "several_image_folders"]
    told_in = f"are in {tmp_path / folders[0]}, which is read, and in {tmp_path}/"
    assert [told_in in each.message for each in findings] == [True] * len(others)


def test_images_under_another_name_are_told_with_both_names(tmp_path: Path) -> None:
    laid_out(tmp_path, "a.json", "images", ["x\\1.jpg", "2.jpg"], on_disk=["1.jpg", "2.jpg"])
    assert told(tmp_path, "image_respelled").startswith("The names of 1 of 2 images ")
    assert "x\\\\1.jpg → 1.jpg" in told(tmp_path, "image_respelled")
