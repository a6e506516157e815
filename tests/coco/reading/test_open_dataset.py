"""A folder or a file becomes one dataset, whatever the usual layout."""

import json
from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset
from records import CAT, CATEGORIES, CUP, annotation, category, document, image, write_split

from cocomine.coco.dataset import unknown_name_message
from cocomine.coco.image_folder_search import image_folder_of, split_name
from cocomine.coco.reading.open_dataset import annotation_files, open_dataset
from cocomine.errors import DatasetError, NotInstancesError, SelectionError


@pytest.fixture
def two_splits(tmp_path: Path) -> Path:
    write_split(tmp_path, document(), split="train2017")
    write_split(tmp_path, document([image(8)], [annotation(1, 8, CUP)], CATEGORIES[::-1]), split="val2017")
    return tmp_path


def put(path: Path, value: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def test_a_folder_in_coco_s_layout_opens_with_all_its_splits(two_splits: Path) -> None:
    dataset = open_dataset(two_splits)
    assert [split.name for split in dataset.splits] == ["train2017", "val2017"]
    assert [split.image_folder for split in dataset.splits] == [two_splits / "train2017", two_splits / "val2017"]
    assert (dataset.image_count, dataset.annotation_count) == (5, 7)


def test_the_annotations_folder_itself_opens_as_well(two_splits: Path) -> None:
    dataset = open_dataset(two_splits / "annotations")
    assert [split.image_folder for split in dataset.splits] == [two_splits / "train2017", two_splits / "val2017"]


def test_splits_that_list_categories_in_another_order_share_one_list(two_splits: Path) -> None:
    dataset = open_dataset(two_splits)
    assert dataset.category_names == ("cat", "dog", "cup")
    assert dataset.splits[1].annotations.category_index.tolist() == [2]


def test_one_split_of_several_can_be_taken(two_splits: Path) -> None:
    assert [split.name for split in open_dataset(two_splits, splits=["val2017"]).splits] == ["val2017"]


def test_an_unknown_split_is_an_error_that_offers_the_known(two_splits: Path) -> None:
    with pytest.raises(SelectionError, match=r"no split 'val2071'.*Did you mean val2017"):
        open_dataset(two_splits, splits=["val2071"])


def test_coco_s_other_files_beside_the_instances_are_not_read(two_splits: Path) -> None:
    put(two_splits / "annotations" / "captions_train2017.json", {"images": [], "annotations": [{"caption": ""}]})
    assert [split.name for split in open_dataset(two_splits).splits] == ["train2017", "val2017"]


def test_a_file_of_another_kind_is_skipped_and_told(tmp_path: Path) -> None:
    put(tmp_path / "settings.json", {"colour": "red"})
    put(tmp_path / "results.json", [{"score": 1}])
    put(tmp_path / "cats.json", document())
    dataset = open_dataset(tmp_path)
    assert [split.name for split in dataset.splits] == ["cats"]
    assert [found.examples for found in dataset.splits[0].findings] == [("results.json",), ("settings.json",)]
    assert {found.code for found in dataset.splits[0].findings} == {"file_skipped"}


def test_a_folder_with_files_of_another_kind_alone_is_refused_by_kind(tmp_path: Path) -> None:
    put(tmp_path / "results.json", [{"score": 1}])
    with pytest.raises(NotInstancesError, match=r"results.json: this is a list"):
        open_dataset(tmp_path)


def test_a_damaged_file_is_never_skipped(two_splits: Path) -> None:
    (two_splits / "annotations" / "instances_val2017.json").write_text('{"images": [')
    with pytest.raises(DatasetError, match=r"val2017.json: not valid JSON"):
        open_dataset(two_splits)


def test_roboflow_s_layout_names_splits_by_folder(tmp_path: Path) -> None:
    for name in ("train", "valid"):
        put(tmp_path / name / "_annotations.coco.json", document([image(0, "x.jpg")], []))
        (tmp_path / name / "x.jpg").write_bytes(b"picture")
    dataset = open_dataset(tmp_path)
    assert [split.name for split in dataset.splits] == ["train", "valid"]
    assert [split.image_folder for split in dataset.splits] == [tmp_path / "train", tmp_path / "valid"]


def test_files_of_one_name_in_two_folders_become_two_splits(tmp_path: Path) -> None:
    for name in ("one", "two"):
        put(tmp_path / name / "data.json", document([], []))
    assert [split.name for split in open_dataset(tmp_path).splits] == ["one-data", "two-data"]


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("annotations/instances_train2017.json", "train2017"),
        ("valid/_annotations.coco.json", "valid"),
        ("sharks.coco.json", "sharks"),
        ("cats.json", "cats"),
        ("instances_.json", "instances_"),
        ("instances_...json", "instances_...json"),
        ("...json", "...json"),
        ("/_annotations.coco.json", "_annotations.coco.json"),
    ],
)
def test_a_split_is_named_for_its_file(file: str, name: str) -> None:
    assert split_name(Path("/data") / file) == name


@pytest.mark.parametrize("folder", ["val", "images/val", "images", "annotations", "annotations/images", "."])
def test_pictures_are_found_in_every_usual_place(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "a.jpg").write_bytes(b"picture")
    found = image_folder_of(tmp_path / "annotations" / "instances_val.json", ["missing.jpg", "a.jpg"])
    assert found == place


def test_without_a_single_picture_there_is_no_image_folder(tmp_path: Path) -> None:
    assert image_folder_of(tmp_path / "annotations" / "instances_val.json", ["a.jpg", ""]) is None


@pytest.mark.parametrize("name", ["../secret.jpg", "sub/../../secret.jpg", "ABSOLUTE", "sub/link/../../../secret.jpg"])
def test_a_path_like_name_is_never_read_from_outside_the_image_folder(make_dataset: MakeDataset, name: str) -> None:
    dataset = make_dataset([image(1), image(2)], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    secret = folder.parent / "secret.jpg"
    secret.write_bytes(b"secret")
    (folder / "sub").mkdir()
    path_like = name.replace("ABSOLUTE", str(secret))
    again = make_dataset([image(1), image(2, path_like)], [], pictures=False)
    assert again.splits[0].image_folder == folder
    assert again.splits[0].image_at(0).path == folder / "1.jpg"
    assert again.splits[0].image_at(1).path is None


def test_path_like_names_alone_find_no_image_folder(make_dataset: MakeDataset, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    dataset = make_dataset([image(1, str(tmp_path / "secret.jpg")), image(2, "../../secret.jpg")], [], pictures=False)
    assert dataset.splits[0].image_folder is None


@pytest.mark.parametrize("name", ["a\0b.jpg", "long" * 100, "deep/" * 1000 + "a.jpg", ".", ""])
def test_a_name_that_no_file_can_have_is_a_missing_picture(make_dataset: MakeDataset, name: str) -> None:
    make_dataset([image(1)], [])
    dataset = make_dataset([image(1), image(2) | {"file_name": name}], [], pictures=False)
    assert dataset.splits[0].image_at(0).path is not None
    assert dataset.splits[0].image_at(1).path is None


def test_one_id_with_two_names_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a.json", document([], [], [category(1, "cat")]))
    put(tmp_path / "b.json", document([], [], [category(1, "dog")]))
    with pytest.raises(DatasetError, match=r"b.json: category 1 is 'dog' here.* 1 is 'cat'.*Open the files one by one"):
        open_dataset(tmp_path)


def test_one_name_with_two_ids_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "a.json", document([], [], [category(1, "cat")]))
    put(tmp_path / "b.json", document([], [], [category(2, "cat")]))
    with pytest.raises(DatasetError, match=r"b.json: category 2 is 'cat' here.* 1 is 'cat'.*Open the files one by one"):
        open_dataset(tmp_path)


def test_a_split_may_have_categories_of_its_own(tmp_path: Path) -> None:
    put(tmp_path / "a.json", document([], [], [category(CAT, "cat")]))
    put(tmp_path / "b.json", document([image(1)], [annotation(1, 1, 5)], [category(5, "bus")]))
    dataset = open_dataset(tmp_path)
    assert dataset.category_names == ("cat", "bus")
    np.testing.assert_array_equal(dataset.splits[1].annotations.category_index, [1])


@pytest.mark.parametrize("path", ["/no/such/place", "~nobody-of-that-name/x", "/" + "long" * 2000, "/a\0b"])
def test_a_path_that_does_not_exist_is_an_error_that_says_so(path: str) -> None:
    with pytest.raises(DatasetError, match=r"there is no such file or folder. Check the spelling"):
        open_dataset(Path(path))


def test_an_empty_folder_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"no annotation file \(\*.json\) was found here, in 'annotations' or one"):
        open_dataset(tmp_path)


def test_an_archive_is_named_that_lies_where_annotations_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances_train.json.gz").write_bytes(b"packed")
    with pytest.raises(DatasetError, match=r"Unpack instances_train\.json\.gz"):
        open_dataset(tmp_path)


def test_the_ending_of_an_annotation_file_may_have_capital_letters(tmp_path: Path) -> None:
    put(tmp_path / "Train.JSON", document())
    assert len(open_dataset(tmp_path).splits) == 1


def test_a_path_through_a_parent_folder_never_names_a_split_dot_dot(tmp_path: Path) -> None:
    put(tmp_path / "valid" / "_annotations.coco.json", document([], []))
    (tmp_path / "valid" / "images").mkdir()
    dataset = open_dataset(tmp_path / "valid" / "images" / ".." / "_annotations.coco.json")
    assert dataset.splits[0].name == "valid"


def test_our_own_json_files_are_no_annotation_files(tmp_path: Path) -> None:
    wanted = put(tmp_path / "annotations" / "instances_train.json", document())
    for name in ("labels.json", "manifest.json", "mined.json"):
        put(tmp_path / name, {})
    assert annotation_files(tmp_path) == [wanted]


def test_no_names_give_no_splits(two_splits: Path) -> None:
    assert open_dataset(two_splits).with_splits([]).splits == ()


def test_an_unknown_category_offers_the_nearest(make_dataset: MakeDataset) -> None:
    with pytest.raises(SelectionError, match=r"no category 'cats'.*Did you mean cat\?"):
        make_dataset().category_index_of("cats")


@pytest.mark.real
def test_the_real_folder_opens_with_both_splits_and_every_picture(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder)
    assert {split.name: len(split.images) for split in dataset.splits} == {"train2017": 350, "val2017": 130}
    assert len(dataset.categories) == 80
    assert all(split.image_at(index).path for split in dataset.splits for index in range(len(split.images)))


def test_a_name_with_a_comma_is_offered_as_it_is_typed() -> None:
    assert unknown_name_message("category", "a", ["a,b", "dog"]).endswith('Did you mean "a,b"?')
    assert unknown_name_message("category", "zzzz", ["a,b", "dog"]).endswith('Known: "a,b", dog.')
