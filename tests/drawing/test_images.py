"""Still pictures with masks: coloured where an object is, untouched elsewhere; label maps in their very colours."""

import io
import time
from pathlib import Path

import numpy as np
from datasets import MakeDataset
from PIL import Image
from records import CAT, CUP, Record, annotation, image

from cocomine.colours import rgb
from cocomine.drawing.images import annotated_jpeg, image_jpeg, label_map_png

GREY = (90, 90, 90)


def pixels(data: bytes) -> "np.ndarray[tuple[int, int, int], np.dtype[np.int64]]":
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(np.int64)


def test_masks_are_coloured_and_the_rest_of_the_photo_stays(make_dataset: MakeDataset, tmp_path: Path) -> None:
    size: Record = {"width": 400, "height": 200}
    crowd = {"size": [200, 400], "counts": [300 * 200, 100 * 200]}  # the right quarter
    marks = [
        annotation(1, 7, CAT, (20, 20, 60, 60)),
        annotation(2, 7, CUP, (300, 0, 100, 200), iscrowd=1, segmentation=crowd),
    ]
    dataset = make_dataset([image(7) | size], marks)
    (split,) = dataset.splits
    path = tmp_path / "photo.png"
    Image.new("RGB", (size["width"], size["height"]), GREY).save(path)
    photo = pixels(image_jpeg(path, longest_px=200))
    drawn = pixels(annotated_jpeg(path, split.image_at(0).shapes(), longest_px=200))
    assert photo.shape == drawn.shape == (100, 200, 3)
    changed = np.abs(drawn - photo).sum(axis=2) > 30
    in_cat, between, in_crowd = (25, 25), (100, 50), (180, 90)
    assert [bool(changed[y, x]) for x, y in (in_cat, between, in_crowd)] == [True, False, True]


def test_without_a_shape_the_picture_is_the_photo(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (64, 32), GREY).save(path)
    assert annotated_jpeg(path, [], longest_px=32) == image_jpeg(path, longest_px=32)
    assert pixels(image_jpeg(path, longest_px=32)).shape == (16, 32, 3)


def test_a_label_map_is_enlarged_in_its_exact_colours() -> None:
    colours = bytes(range(256)) * 3
    labels = np.array([[0, 7], [255, 7]], dtype=np.uint8)
    shown = pixels(label_map_png(labels, colours, side_px=8))
    assert shown.shape == (8, 8, 3)
    for (row, column), label in np.ndenumerate(labels.astype(int)):
        expected = tuple(colours[3 * label : 3 * label + 3])
        assert {tuple(pixel) for pixel in shown[4 * row : 4 * row + 4, 4 * column : 4 * column + 4].reshape(-1, 3)} == {
            expected
        }


def test_colours_are_read_as_red_green_blue() -> None:
    assert rgb("#102030") == (16, 32, 48)


def test_of_equal_areas_the_higher_id_is_drawn_on_top_as_in_the_label_maps(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    size: Record = {"width": 100, "height": 100}
    box = (20, 20, 60, 60)
    marks = [annotation(9, 7, CAT, box), annotation(4, 7, CUP, box)]  # not in the order of their ids
    path = tmp_path / "photo.png"
    Image.new("RGB", (100, 100), GREY).save(path)
    shapes = make_dataset([image(7) | size], marks).splits[0].image_at(0).shapes()
    cat = next(shape for shape in shapes if shape.annotation_id == 9)
    both, cat_alone = (pixels(annotated_jpeg(path, drawn, longest_px=100)) for drawn in (shapes, [cat]))
    assert np.array_equal(both[40:60, 40:60], cat_alone[40:60, 40:60])


def test_a_corner_far_off_the_image_is_drawn_at_once(make_dataset: MakeDataset, tmp_path: Path) -> None:
    """Pillow would visit a million million pixels of its lines."""
    Image.new("RGB", (40, 40), "white").save(tmp_path / "photo.png")
    wild = [-1e12, -1e12, 1e12, -1e12, 1e12, 1e12, -1e12, 1e12]
    dataset = make_dataset(
        images=[image(1, width=40, height=40)], annotations=[annotation(1, 1, CAT, segmentation=[wild])]
    )
    shapes = dataset.splits[0].image_at(0).shapes()
    began = time.process_time()
    drawn = np.asarray(Image.open(io.BytesIO(annotated_jpeg(tmp_path / "photo.png", shapes, longest_px=40))))
    assert time.process_time() - began < 2
    assert (drawn < 250).any(axis=2).all()
