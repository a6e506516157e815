"""Where an image is on the web follows from its record, and where it will be never leads out of its folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from records import document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.downloading.plan import DownloadPlan, ForeignHost, image_place, missing_of, plan_download

COCO = "http://images.cocodataset.org/val2017/000000000139.jpg"
SECURE = "https://s3.amazonaws.com/images.cocodataset.org/"


def dataset_of(tmp_path: Path, *images: dict[str, Any], name: str = "all2017") -> Dataset:
    return open_dataset(write_split(tmp_path / "data", document(images, []), split=name, pictures=False))


def plan(dataset: Dataset, root: Path | None = None) -> DownloadPlan:
    return plan_download(dataset, root=root)


def test_the_address_is_the_one_of_the_record(tmp_path: Path) -> None:
    (wanted,) = plan(dataset_of(tmp_path, image(1, "a.jpg", coco_url=COCO)), tmp_path / "to").images
    assert (wanted.name, str(wanted.url), wanted.target) == ("a.jpg", COCO, tmp_path / "to" / "all2017" / "a.jpg")
    assert wanted.size.xy == (20, 10)
    assert not (tmp_path / "to").exists()


@pytest.mark.parametrize(
    ("split", "record", "path"),
    [
        ("val2017", image(1, "000000000139.jpg"), "val2017/000000000139.jpg"),
        ("train2017", image(1, "some/000000000009.jpg", coco_url=None), "train2017/000000000009.jpg"),
        ("mine", image(1, "COCO_val2014_000000000042.jpg"), "val2014/COCO_val2014_000000000042.jpg"),
        (
            "mine",
            image(1, "COCO_val2014_000000000042.jpg", coco_url="http://mscoco.org/images/42"),
            "val2014/COCO_val2014_000000000042.jpg",
        ),
    ],
)
def test_without_an_address_it_follows_from_cocos_names(
    tmp_path: Path, split: str, record: dict[str, Any], path: str
) -> None:
    (wanted,) = plan(dataset_of(tmp_path, record, name=split), tmp_path).images
    assert str(wanted.url) == SECURE + path


@pytest.mark.parametrize("record", [image(1, "000000000139.jpg"), image(1, "a.jpg"), image(1, "b.jpg", coco_url="")])
def test_an_image_of_which_nothing_tells_an_address_is_listed(tmp_path: Path, record: dict[str, Any]) -> None:
    found = plan(dataset_of(tmp_path, record, name="mine"), tmp_path)
    assert not found.images
    assert "does not say where on the web it is" in found.failures[0].reason


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "a/../../b.jpg", "a\0b.jpg", "n" * 300 + ".jpg", "folder/"])
def test_a_name_that_leads_out_or_that_no_file_can_have_is_listed(tmp_path: Path, name: str) -> None:
    found = plan(dataset_of(tmp_path, image(1, name, coco_url=COCO)), tmp_path)
    assert not found.images
    assert found.failures[0].reason.startswith("its name ")


def test_the_second_of_two_images_of_one_name_is_listed(tmp_path: Path) -> None:
    records = [image(1, "a.jpg", coco_url=COCO), image(2, "./a.jpg", coco_url=COCO.replace("139", "140"))]
    found = plan(dataset_of(tmp_path, *records))
    assert [each.name for each in found.images] == ["a.jpg"]
    assert str(found.failures[0]) == "./a.jpg: another image has the same name"


def test_the_second_of_two_records_of_one_size_is_listed(tmp_path: Path) -> None:
    records = [image(1, "a.jpg", coco_url=COCO), image(2, "a.jpg", coco_url=COCO, width=30)]
    assert len(plan(dataset_of(tmp_path, *records)).failures) == 1


def test_an_image_that_two_records_name_alike_is_wanted_once(tmp_path: Path) -> None:
    records = [image(1, "a.jpg", coco_url=COCO), image(2, "a.jpg", coco_url=COCO)]
    found = plan(dataset_of(tmp_path, *records))
    assert (len(found.images), found.failures) == (1, ())


def test_images_go_where_opening_the_dataset_finds_them(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, image(1, "a.jpg", coco_url=COCO), image(2, "b.jpg", coco_url=COCO))
    (split,) = dataset.splits
    place = image_place(split)
    assert place == tmp_path / "data" / "all2017"
    place.mkdir()
    (place / "b.jpg").touch()
    (found,) = open_dataset(dataset.path).splits
    assert found.image_folder == place == image_place(found)


def test_images_of_a_file_without_a_folder_for_annotations_go_beside_it(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, image(1, "a.jpg", coco_url=COCO))
    moved = tmp_path / "some" / "instances_all2017.json"
    moved.parent.mkdir()
    dataset.path.rename(moved)
    (split,) = open_dataset(moved).splits
    assert image_place(split) == tmp_path / "some" / "all2017"
    image_place(split).mkdir()
    (image_place(split) / "a.jpg").touch()
    assert open_dataset(moved).splits[0].image_folder == image_place(split)


def test_images_that_are_there_are_not_missing(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, *(image(number, f"{number}.jpg", coco_url=COCO) for number in range(4)))
    folder = tmp_path / "data" / "all2017"
    folder.mkdir()
    (folder / "2.jpg").touch()
    dataset = open_dataset(dataset.path)
    assert missing_of(dataset)["all2017"].tolist() == [0, 1, 3]
    assert missing_of(dataset, {"all2017": np.array([1, 2])})["all2017"].tolist() == [1]


def test_hosts_to_allow_are_counted_and_those_without_encryption_are_known(tmp_path: Path) -> None:
    urls = ["https://a.org/1.jpg", "http://b.org/2.jpg", "https://b.org/3.jpg", COCO]
    records = [image(number, coco_url=url) for number, url in enumerate(urls)]
    first, second = plan(dataset_of(tmp_path, *records)).foreign_hosts
    assert (first.name, first.image_count, first.is_plain) == ("b.org", 2, True)
    assert (second.name, second.image_count, second.is_plain) == ("a.org", 1, False)


def test_hosts_and_room_are_known_before(tmp_path: Path) -> None:
    records = [image(1, coco_url=COCO), image(2, coco_url="https://a.org/b.jpg")]
    found = plan(dataset_of(tmp_path, *records), tmp_path / "to")
    assert found.foreign_hosts == (ForeignHost(name="a.org", image_count=1, is_plain=False),)
    assert found.folders == (tmp_path / "to" / "all2017",)
    assert found.estimated_bytes == 200
    found.images[0].target.parent.mkdir(parents=True)
    found.images[0].target.touch()
    assert found.estimated_bytes == 100
