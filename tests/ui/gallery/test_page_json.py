"""What the pages' scripts are told of images."""

from dataclasses import replace
from pathlib import Path

import pytest
from datasets import MakeDataset
from records import image

from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folders import with_address
from cocomine.ui.gallery.page_json import reduced_jpeg
from cocomine.ui.session.view import View


def test_images_that_were_not_fetched_together_are_not_fetched_one_by_one(
    make_dataset: MakeDataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an image is fetched alone")

    monkeypatch.setattr(ImageAddress, "file", refuse)
    dataset = make_dataset([image(1)], [])
    split = with_address(dataset.splits[0], ImageAddress.of("https://images.example", tmp_path))
    view = View(dataset=replace(dataset, splits=(split,)), stamp=())
    assert reduced_jpeg(view, (split.name, 1), 100) is None
