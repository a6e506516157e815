"""Overlap and contact from masks: laws over rectangles, hand-checked pictures, a slow loop over pycocotools."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from overlaps import overlap_from_masks
from pycocotools.coco import COCO
from records import CAT, CUP, DOG, HEIGHT, WIDTH, Record, annotation, crowd, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.interference import mask_overlap
from cocomine.mining.interference.mask_overlap import MaskCounts, OverlapTable, mask_counts

CAT_INDEX, DOG_INDEX, CUP_INDEX = 0, 1, 2
Box = tuple[int, int, int, int]
BOXES = st.builds(
    lambda left, top, width, height: (left, top, min(width, WIDTH - left), min(height, HEIGHT - top)),
    *(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, WIDTH), st.integers(1, HEIGHT)),
)
SCENES = st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from([CAT, DOG, CUP]), BOXES), max_size=7)


def nobody(done: int, total: int) -> None:
    del done, total


def measured(dataset: Dataset) -> OverlapTable:
    return overlap_from_masks(dataset, nobody, size_px=None)


def counted(scene: Sequence[tuple[int, int, Box]]) -> MaskCounts:
    """What two images with these rectangles give."""
    records = [annotation(number, image_id, class_id, box) for number, (image_id, class_id, box) in enumerate(scene)]
    with TemporaryDirectory() as folder:
        path = write_split(Path(folder), document([image(1), image(2)], records), pictures=False)
        return mask_counts(open_dataset(path), nobody, size_px=None)


def pair(make_dataset: MakeDataset, first: Box, second: Box) -> OverlapTable:
    """A cat and a dog of these rectangles in one image."""
    return measured(make_dataset([image(1)], [annotation(1, 1, CAT, first), annotation(2, 1, DOG, second)]))


def test_a_small_one_inside_a_large_one(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (2, 2, 6, 4), (4, 3, 2, 2))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 4 / 24
    assert table.overlap[DOG_INDEX, CAT_INDEX] == 1
    assert table.contact[CAT_INDEX, DOG_INDEX] == 0
    assert table.contact[DOG_INDEX, CAT_INDEX] == 1


def test_a_mask_in_run_lengths_counts_beside_polygons_of_its_class(make_dataset: MakeDataset) -> None:
    runs = crowd(1, 1, CAT) | {"iscrowd": 0}  # columns 12 to 19
    records = [runs, annotation(2, 1, CAT, (0, 0, 4, 4)), annotation(3, 1, DOG, (10, 0, 4, 5))]
    table = measured(make_dataset([image(1)], records))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 10 / 96
    assert table.overlap[DOG_INDEX, CAT_INDEX] == 10 / 20


def test_rectangles_side_by_side_touch_along_their_common_side(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (2, 2, 4, 4), (6, 3, 5, 2))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.overlap[DOG_INDEX, CAT_INDEX] == 0
    assert table.contact[CAT_INDEX, DOG_INDEX] == 2 / 16
    assert table.contact[DOG_INDEX, CAT_INDEX] == 2 / 14


def test_rectangles_that_overlap_in_a_corner(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (2, 2, 4, 4), (4, 4, 4, 4))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 4 / 16
    assert table.contact[CAT_INDEX, DOG_INDEX] == 4 / 16


def test_rectangles_that_share_a_corner_alone_do_not_touch(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (2, 2, 3, 3), (5, 5, 3, 3))
    assert table.contact[CAT_INDEX, DOG_INDEX] == table.contact[DOG_INDEX, CAT_INDEX] == 0


def test_identical_masks_overlap_wholly_and_do_not_touch(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (2, 2, 4, 4), (2, 2, 4, 4))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.overlap[DOG_INDEX, CAT_INDEX] == 1
    assert table.contact[CAT_INDEX, DOG_INDEX] == 0


def test_disjoint_masks_neither_overlap_nor_touch(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (1, 1, 4, 4), (10, 5, 4, 4))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.contact[CAT_INDEX, DOG_INDEX] == 0


def test_a_class_without_a_mask_has_no_shares_and_claims_none_of_others(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (1, 1, 4, 4), (10, 5, 4, 4))
    assert np.isnan(table.overlap[CUP_INDEX]).all()
    assert np.isnan(table.contact[CUP_INDEX]).all()
    assert table.overlap[CAT_INDEX, CUP_INDEX] == table.contact[CAT_INDEX, CUP_INDEX] == 0


def test_the_edge_of_the_picture_is_no_border(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (0, 0, 10, HEIGHT), (10, 0, 10, HEIGHT))
    assert table.contact[CAT_INDEX, DOG_INDEX] == table.contact[DOG_INDEX, CAT_INDEX] == 1


def test_a_class_that_fills_its_pictures_has_pixels_and_no_border(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (0, 0, WIDTH, HEIGHT), (2, 2, 4, 4))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 16 / 200
    assert np.isnan(table.contact[CAT_INDEX, DOG_INDEX])


def test_a_row_does_not_touch_the_next_one_at_its_end(make_dataset: MakeDataset) -> None:
    table = pair(make_dataset, (3, HEIGHT - 2, 1, 2), (4, 0, 1, 1))
    assert table.contact[CAT_INDEX, DOG_INDEX] == table.contact[DOG_INDEX, CAT_INDEX] == 0


def test_objects_of_one_class_are_laid_together(make_dataset: MakeDataset) -> None:
    boxes = [(CAT, (0, 0, 4, 4)), (CAT, (2, 0, 4, 4)), (DOG, (5, 0, 4, 4))]
    table = measured(make_dataset([image(1)], [annotation(n, 1, each, box) for n, (each, box) in enumerate(boxes)]))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 4 / 24


def test_crowd_regions_and_boxes_without_a_mask_are_left_out(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (10, 0, 8, 10)), crowd(2, 1, DOG), annotation(3, 1, CUP, (10, 0, 4, 4))]
    del records[2]["segmentation"]
    table = measured(make_dataset([image(1), image(2)], records))
    assert table.image_count == 1
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.overlap[CAT_INDEX, CUP_INDEX] == 0
    assert np.isnan(table.overlap[[DOG_INDEX, CUP_INDEX]]).all()


def test_images_are_pooled_by_pixels_and_sides(make_dataset: MakeDataset) -> None:
    records = [
        annotation(1, 1, CAT, (2, 2, 2, 2)),
        annotation(2, 1, DOG, (2, 2, 2, 2)),
        annotation(3, 2, CAT, (1, 1, 6, 6)),
        annotation(4, 2, DOG, (7, 1, 6, 6)),
    ]
    table = measured(make_dataset([image(1), image(2)], records))
    assert table.overlap[CAT_INDEX, DOG_INDEX] == 4 / 40
    assert table.contact[CAT_INDEX, DOG_INDEX] == 6 / 32


def test_the_four_images_by_hand(four_images: Dataset) -> None:
    table = measured(four_images)
    assert table.names == ("cat", "dog", "cup")
    assert table.from_masks
    assert table.image_count == 3
    assert table.overlap[CAT_INDEX, CUP_INDEX] == 4 / (24 + 9 + 16)
    assert table.overlap[CUP_INDEX, CAT_INDEX] == 4 / (4 + 25 + 25)


def test_masks_are_drawn_at_the_size_that_is_asked_for(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (0, 0, 10, 10)), annotation(2, 1, DOG, (4, 0, 8, 10))]
    dataset = make_dataset([image(1)], records)
    assert mask_counts(dataset, nobody, size_px=10).pixels.diagonal().tolist() == [25, 20, 0]
    assert mask_counts(dataset, nobody, size_px=400).pixels.diagonal().tolist() == [100, 80, 0]  # never enlarged


def test_splits_in_view_are_added_up(tmp_path: Path) -> None:
    for name in ("a", "b"):
        path = write_split(tmp_path, document([image(1)], [annotation(1, 1, CAT)]), split=name, pictures=False)
    dataset = open_dataset(path.parent.parent)
    assert mask_counts(dataset, nobody).pixels[CAT_INDEX, CAT_INDEX] == 32
    assert mask_counts(dataset.with_splits(["b"]), nobody).pixels[CAT_INDEX, CAT_INDEX] == 16


@pytest.mark.parametrize(
    ("wide", "high", "segmentation"),
    [
        (1 << 20, 1 << 20, {"size": [1 << 20, 1 << 20], "counts": [1 << 40]}),
        (1, 1, [[0, 0, 1, 0, 1, 1]]),
        (20, 10, [[1, 1, 2]]),
        (20, 10, {"size": [3, 3], "counts": [9]}),
    ],
)
def test_odd_masks_claim_what_they_can(
    make_dataset: MakeDataset, wide: int, high: int, segmentation: list[list[int]] | Record
) -> None:
    odd = annotation(1, 1, CAT, segmentation=segmentation)
    dataset = make_dataset([image(1, width=wide, height=high)], [odd], pictures=False)
    assert mask_counts(dataset, nobody).pixels.sum() <= 1


def test_the_report_reaches_the_number_of_images(four_images: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mask_overlap, "IMAGES_AT_ONCE", 1)
    reports: list[tuple[int, int]] = []
    overlap_from_masks(four_images, lambda done, total: reports.append((done, total)))
    assert reports == [(1, 4), (2, 4), (3, 4), (4, 4)]


@given(scene=SCENES)
def test_counts_keep_the_laws(scene: list[tuple[int, int, Box]]) -> None:
    counts = counted(scene)
    assert (counts.pixels == counts.pixels.T).all()
    assert (counts.pixels <= counts.pixels.diagonal()[:, None]).all()
    assert (counts.touching <= counts.sides[:, None]).all()
    assert (counts.touching >= 0).all()
    assert not counts.touching.diagonal().any()


@settings(max_examples=50)
@given(scene=SCENES, chance=st.randoms(use_true_random=False))
def test_the_order_of_the_annotations_does_not_matter(scene: list[tuple[int, int, Box]], chance: Random) -> None:
    shuffled = list(scene)
    chance.shuffle(shuffled)
    first, second = counted(scene), counted(shuffled)
    assert (first.pixels == second.pixels).all()
    assert (first.sides == second.sides).all()
    assert (first.touching == second.touching).all()


@given(scene=SCENES)
def test_counts_are_those_of_a_slow_loop(scene: list[tuple[int, int, Box]]) -> None:
    masks = np.zeros((2, 3, HEIGHT, WIDTH), dtype=bool)
    for image_id, class_id, (left, top, width, height) in scene:
        place = {CAT: CAT_INDEX, DOG: DOG_INDEX, CUP: CUP_INDEX}[class_id]
        masks[image_id - 1, place, top : top + height, left : left + width] = True
    expected, counts = slow_counts(list(masks)), counted(scene)
    assert (counts.pixels == expected.pixels).all()
    assert (counts.sides == expected.sides).all()
    assert (counts.touching == expected.touching).all()


def slow_counts(images: Sequence[NDArray[np.bool_]]) -> MaskCounts:
    """Count pixel by pixel and side by side.

    Args:
        images: the class masks of each, (k, height, width).
    """
    k = len(images[0])
    pixels, touching = np.zeros((k, k), dtype=np.int64), np.zeros((k, k), dtype=np.int64)
    sides = np.zeros(k, dtype=np.int64)
    for masks in images:
        height, width = masks.shape[1:]
        for row, column in np.argwhere(masks.any(axis=0)).tolist():
            claiming = np.flatnonzero(masks[:, row, column])
            pixels[np.ix_(claiming, claiming)] += 1
            for beside in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
                if not (0 <= beside[0] < height and 0 <= beside[1] < width):
                    continue
                outside = masks[:, beside[0], beside[1]]
                for each in claiming[~outside[claiming]]:
                    sides[each] += 1
                    touching[each] += outside
    return MaskCounts(image_count=len(images), pixels=pixels, sides=sides, touching=touching)


@pytest.mark.real
def test_counts_agree_with_pycocotools_on_real_images(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder).with_splits(["val2017"])
    (split,) = dataset.splits
    coco = COCO(split.source.path)
    ids = [each.category_id for each in dataset.categories]
    few = split.images.ids[np.argsort(split.images.widths * split.images.heights)[:3]].tolist()
    masks = [np.zeros((len(ids), coco.imgs[each]["height"], coco.imgs[each]["width"]), dtype=bool) for each in few]
    for each, drawn in zip(few, masks, strict=True):
        for record in coco.loadAnns(coco.getAnnIds([each], iscrowd=False)):
            drawn[ids.index(record["category_id"])] |= coco.annToMask(record).astype(bool)
    expected = slow_counts(masks)
    counts = mask_counts(_only(dataset, few), nobody, size_px=None)
    assert counts.image_count == len(few)
    assert (counts.pixels == expected.pixels).all()
    assert (counts.sides == expected.sides).all()
    assert (counts.touching == expected.touching).all()


def _only(dataset: Dataset, image_ids: list[int]) -> Dataset:
    """The dataset with the masks of these images alone."""
    (split,) = dataset.splits
    keep = np.isin(split.images.ids[split.annotations.image_index], image_ids)
    return replace(dataset, splits=(replace(split, annotations=replace(split.annotations, is_crowd=~keep)),))
