"""The images of an overfit test show every class, and are the same for the same export."""

from collections.abc import Sequence
from pathlib import Path

from records import annotation, category, crowd, document, image, write_split

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import ExportSplit, read_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.training.covering import covering_images

NAMES = ("cat", "cup", "bus", "kite")


def split_of(root: Path, objects: Sequence[tuple[int, int]], *, crowds: Sequence[tuple[int, int]] = ()) -> ExportSplit:
    """An export's training split, with an object or a crowd region for each pair of image and category, from 1."""
    pairs = [*objects, *crowds]
    makers = [annotation] * len(objects) + [crowd] * len(crowds)
    records = [make(number, *pair) for number, (make, pair) in enumerate(zip(makers, pairs, strict=True), start=1)]
    images = [image(number) for number in sorted({each for each, _ in pairs})]
    categories = [category(number, name) for number, name in enumerate(NAMES, start=1)]
    for name in ("train", "val"):
        write_split(root / "data", document(images, records, categories), split=name)
    dataset = open_dataset(root / "data")
    recipe = Recipe(dataset_name="x", sources=sources_of(dataset), selection=Selection(classes=NAMES), size_px=32)
    write_export(plan_export(dataset, recipe), root / "export")
    return read_export(root / "export").train_split


def chosen(split: ExportSplit, count: int) -> list[int]:
    return [each.image_id for each in covering_images(split, count)]


def test_the_rare_classes_are_among_the_few(tmp_path: Path) -> None:
    common = [(number, 1) for number in range(1, 41)]
    split = split_of(tmp_path, [*common, (17, 2), (23, 3), (31, 4)])
    assert set(chosen(split, 4)) >= {17, 23, 31}
    assert len(set(chosen(split, 8))) == 8
    assert chosen(split, 8)[:4] == chosen(split, 4)


def test_one_image_with_all_classes_comes_first(tmp_path: Path) -> None:
    split = split_of(tmp_path, [(1, 1), (2, 2), (3, 1), (3, 2), (3, 3), (3, 4), (4, 3)])
    assert chosen(split, 2)[0] == 3


def test_fewer_images_than_asked_for_are_all_taken(tmp_path: Path) -> None:
    assert sorted(chosen(split_of(tmp_path, [(1, 1), (2, 2)]), 8)) == [1, 2]


def test_a_crowd_region_shows_no_class(tmp_path: Path) -> None:
    split = split_of(tmp_path, [(1, 1), (2, 1), (3, 2)], crowds=[(1, 2), (2, 2)])
    assert 3 in chosen(split, 2)
