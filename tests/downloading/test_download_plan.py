"""Where an image is on the web follows from its record, and where it will be never leads out of its folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from records import document, image, write_split

from cocomine.coco.dataset import Split
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.downloading.plan import DownloadPlan, plan_download

COCO = "http://images.cocodataset.org/val2017/000000000139.jpg"
SECURE = "https://s3.amazonaws.com/images.cocodataset.org/"


def split_of(tmp_path: Path, *images: dict[str, Any], name: str = "all2017") -> Split:
    path = write_split(tmp_path / "data", document(images, []), split=name, pictures=False)
    return open_dataset(path).splits[0]


def plan(split: Split, folder: Path) -> DownloadPlan:
    return plan_download(split, np.arange(len(split.images)), names=split.images.file_names, folder=folder)


def test_the_address_is_the_one_of_the_record(tmp_path: Path) -> None:
    (wanted,) = plan(split_of(tmp_path, image(1, "a.jpg", coco_url=COCO)), tmp_path / "to").images
    assert (wanted.name, str(wanted.url), wanted.target) == ("a.jpg", COCO, tmp_path / "to" / "a.jpg")
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
    (wanted,) = plan(split_of(tmp_path, record, name=split), tmp_path).images
    assert str(wanted.url) == SECURE + path


@pytest.mark.parametrize("record", [image(1, "000000000139.jpg"), image(1, "a.jpg"), image(1, "b.jpg", coco_url="")])
def test_an_image_of_which_nothing_tells_an_address_is_listed(tmp_path: Path, record: dict[str, Any]) -> None:
    found = plan(split_of(tmp_path, record, name="mine"), tmp_path)
    assert not found.images
    assert "does not say where on the web it is" in found.failures[0].reason


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "a/../../b.jpg", "a\0b.jpg", "n" * 300 + ".jpg", "folder/"])
def test_a_name_that_leads_out_or_that_no_file_can_have_is_listed(tmp_path: Path, name: str) -> None:
    found = plan(split_of(tmp_path, image(1, name, coco_url=COCO)), tmp_path)
    assert not found.images
    assert found.failures[0].reason.startswith("its name ")


def test_the_second_of_two_images_of_one_name_is_listed(tmp_path: Path) -> None:
    records = [image(1, "a.jpg", coco_url=COCO), image(2, "./a.jpg", coco_url=COCO)]
    found = plan(split_of(tmp_path, *records), tmp_path)
    assert [each.name for each in found.images] == ["a.jpg"]
    assert str(found.failures[0]) == "./a.jpg: another image has the same name"


def test_hosts_and_room_are_known_before(tmp_path: Path) -> None:
    records = [image(1, coco_url=COCO), image(2, coco_url="https://a.org/b.jpg")]
    found = plan(split_of(tmp_path, *records), tmp_path / "to")
    assert found.hosts == ("a.org", "images.cocodataset.org")
    assert found.estimated_bytes == 200
    (tmp_path / "to").mkdir()
    found.images[0].target.touch()
    assert found.estimated_bytes == 100
