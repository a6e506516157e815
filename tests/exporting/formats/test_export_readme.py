"""What a person reads who finds an export folder."""

from pathlib import Path

import pytest
from datasets import MakeDataset, export_of
from records import CAT, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.exporting.formats.pascal_voc import voc_losses_sentence
from cocomine.exporting.formats.readme import SHARED, loss_sentences
from cocomine.exporting.formats.yolo import box_losses_sentence, losses_sentence, passed_over_sentence


def test_what_each_format_loses_is_a_sentence_over_all_splits() -> None:
    splits = [
        {"outlinings": {"joined": 1, "as_written": 5}, "boxes": {"nothing": 1}, "voc_entries": {"no_mask": 2}},
        {"outlinings": {"joined": 2, "box": 1}, "boxes": {"crowd": 3}, "voc_entries": {"no_mask": 1}},
    ]
    assert loss_sentences(splits) == [
        losses_sentence({"joined": 3, "box": 1}),
        box_losses_sentence({"nothing": 1, "crowd": 3}),
        voc_losses_sentence({"no_mask": 3}),
    ]


@pytest.mark.parametrize(
    ("images", "formats", "is_said"),
    [
        ("copy", ("coco", "voc"), True),
        ("copy", ("coco", "masks"), False),
        ("none", ("coco", "voc"), False),
        ("symlink", ("coco", "voc"), False),
    ],
)
def test_that_layouts_share_their_images_is_said_where_there_are_several_with_files(
    four_images: Dataset, tmp_path: Path, images: str, formats: tuple[str, ...], is_said: bool
) -> None:
    export_of(four_images, tmp_path / "export", images=images, formats=formats)
    assert (SHARED in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")) is is_said


def test_images_that_ultralytics_does_not_read_are_counted_with_their_endings() -> None:
    assert passed_over_sentence(["a.JPG", "b.png", "d.x/c.TIFF", "e.webp"]) == ""
    told = passed_over_sentence(["a.jpg", "b.GIF", "c.jfif", "d.x/e"])
    assert "3 images have endings that it passes over (.gif, .jfif and no ending)" in told
    assert "1 image has an ending that it passes over (.gif)" in passed_over_sentence(["b.gif"])


@pytest.mark.parametrize(("formats", "is_told"), [(("yolo",), True), (("yolo-detect",), True), (("voc",), False)])
def test_what_ultralytics_does_not_read_is_told_where_it_is_asked_for(
    make_dataset: MakeDataset, tmp_path: Path, formats: tuple[str, ...], *, is_told: bool
) -> None:
    dataset = make_dataset([image(1, "1.gif")], [annotation(1, 1, CAT)])
    manifest = export_of(dataset, tmp_path / "export", formats=formats, images="none")
    assert any("passes over (.gif)" in sentence for sentence in manifest["warnings"]) == is_told


@pytest.mark.parametrize(("count", "said"), [(2, "1 annotation has an id that an"), (3, "2 annotations have ids that")])
def test_annotations_whose_id_is_taken_are_counted(
    make_dataset: MakeDataset, tmp_path: Path, count: int, said: str
) -> None:
    dataset = make_dataset([image(1)], [annotation(5, 1, CAT)] * count)
    manifest = export_of(dataset, tmp_path / "export", images="none")
    (told,) = [sentence for sentence in manifest["warnings"] if "pycocotools" in sentence]
    assert told.startswith(f"COCO JSON: {said} earlier")
