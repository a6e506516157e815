"""A dataset whose exports are recorded: few images, and of all that makes an export differ one of each kind."""

import json
from io import BytesIO
from pathlib import Path
from struct import pack
from typing import Any
from zlib import compress

import numpy as np
from image_bytes import png
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask
from records import Record, annotation, category, image, rectangle, runs_of

WIDTH, HEIGHT = 48, 32
TALL = {"width": 20, "height": 40}
CAT, DOG, CUP, ODD, LONG, UNUSED = 17, 3, 90, 200, 301, 44
ODD_NAME = 'a: b, "c" & <d> | é'
LONG_NAME = "a class whose name goes on and on " * 3 + "until its end"
LICENCES = [
    {"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"},
    {"id": 2, "name": "", "url": ""},
    {"id": 12, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/3.0/"},
    {"id": 8, "url": "https://www.usa.gov/copyright"},
    {"id": 9, "name": "zoo's own terms", "url": "http://zoo.example/terms"},
    {"id": 1, "name": "Attribution-NonCommercial-NoDerivs", "url": "http://creativecommons.org/licenses/by-nc-nd/2.0/"},
]
CATEGORIES = [
    category(CUP, "cup", "kitchen"),
    category(CAT, "cat", "animal"),
    category(DOG, "dog", "animal"),
    category(ODD, ODD_NAME, "odd & <co>"),
    category(LONG, LONG_NAME),
    category(UNUSED, "unused") | {"keypoints": ["tip"], "note": None},
]


def picture(image_id: int, file_name: str, **more: Any) -> Record:
    """The record of an image of the usual size, unless told otherwise."""
    return image(image_id, file_name, **({"width": WIDTH, "height": HEIGHT} | more))


TRAIN_IMAGES = [
    picture(
        11, "a.png", license=4, flickr_url="http://flickr.example/a", coco_url="http://coco.example/a", mood="calm"
    ),
    picture(7, "b.png", license=2, date_captured="2013-11-14 17:02:52"),
    picture(42, "sub/ç d.png", license=99),
    picture(30, "empty.png", license=9),
    picture(5, "missing.jpg", license=4, coco_url='http://coco.example/"5",6'),
    picture(13, "turned.jpg", license=1),
    picture(14, "twin.png", license=12),
    picture(15, "near.png", license=9),
    picture(16, "/data/photos/e.png", license=4),
    picture(17, "tall.png", license=1, **TALL),
]
VAL_IMAGES = [picture(11, "a.png", license=4), picture(2, "v2.png", license=9), picture(3, "v3.jpg", license=8)]


def rle(mask: NDArray[np.bool_]) -> Record:
    """A mask as uncompressed run-length code."""
    return {"size": list(mask.shape), "counts": runs_of(mask)}


def compressed(mask: NDArray[np.bool_]) -> Record:
    """A mask as COCO's compressed run-length code."""
    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"size": list(mask.shape), "counts": code["counts"].decode()}


def block(rows: slice, columns: slice) -> NDArray[np.bool_]:
    """A mask of a block of pixels."""
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[rows, columns] = True
    return mask


RING = block(slice(4, 20), slice(4, 24)) & ~block(slice(8, 14), slice(10, 18))
CROWD = block(slice(0, HEIGHT), slice(30, WIDTH))
DISC = np.hypot(*np.ogrid[-24 : HEIGHT - 24, -12 : WIDTH - 12]) < 6
TRAIN_ANNOTATIONS = [
    annotation(101, 11, CAT, (4, 4, 20, 16), certainty=0.50, of={"category_id": 5, "names": ["]", '"}']}),
    annotation(102, 11, CUP, (10, 8, 6, 6)),  # over the cat
    annotation(103, 11, CAT, (30, 2, 16, 26), area=100, segmentation=[rectangle(30, 2, 6, 6), rectangle(38, 20, 8, 8)]),
    annotation(104, 7, DOG, (30, 0, 18, 32), iscrowd=1, area=576, segmentation=rle(CROWD)),
    annotation(105, 7, CAT, (4, 4, 20, 16), area=272, segmentation=rle(RING)),
    annotation(106, 7, CUP, (7, 19, 11, 11), area=float(DISC.sum()), segmentation=compressed(DISC)),
    annotation(107, 42, CUP, (0, 0, 5, 5)),
    annotation(108, 42, CUP, (40, 25, 12, 12)),  # beyond the border
    annotation(109, 42, DOG, (20.5, 10.25, 8, 9.5), segmentation=[]),  # a box alone
    annotation(110, 5, CAT, (2, 2, 30, 20)),
    annotation(111, 13, DOG, (8, 4, 24, 20), area=240, segmentation=[[8, 24, 20, 4, 32, 24]]),
    annotation(112, 13, ODD, (40, 10, 0.25, 0.25)),  # below a pixel
    annotation(122, 13, CUP, (42, 28, 2, 2)),  # below a pixel of a small map
    annotation(113, 14, CAT, (4, 4, 20, 16)),
    annotation(114, 15, LONG, (1, 1, 44, 29)),
    annotation(115, 15, CUP, (5, 5, 8, 8)),
    annotation(116, 15, DOG, (5, 5, 8, 8)),  # on the cup, of which nothing is seen
    annotation(117, 16, ODD, (3, 3, 20, 20), area=4000),  # another area than that of its outline
    annotation(118, 16, DOG, (26, 4, 16, 16), segmentation=[rectangle(26, 4, 10, 10), rectangle(32, 10, 10, 10)]),
    annotation(119, 17, CAT, (2, 2, 10, 30)),
    annotation(120, 17, CUP, (100, 100, 5, 5)),  # outside
    {"id": 121, "image_id": 17, "category_id": DOG, "iscrowd": 0, "segmentation": [rectangle(12, 20, 6, 12)]},
]
VAL_ANNOTATIONS = [
    annotation(201, 11, CAT, (4, 4, 20, 16)),
    annotation(202, 2, CUP, (6, 6, 12, 12)),
    annotation(203, 2, DOG, (14, 10, 20, 18)),
    annotation(204, 3, ODD, (3, 3, 9, 9)),
    annotation(205, 3, CAT, (30, 0, 18, 32), iscrowd=1, area=576, segmentation=compressed(CROWD)),
]


def pixels(number: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """The picture of a number, (height, width, 3)."""
    rows, columns = np.mgrid[:height, :width]
    colours = rows * (3 + number), columns * 4 + 20 * number, (rows * columns * number) // 8
    return (np.stack(colours, axis=-1) % 200).astype(np.uint8)


def stored_png(picture: NDArray[np.uint8]) -> bytes:
    """A PNG whose pixels are stored as they are, grey or in colour: the same bytes by every zlib."""
    height, width = picture.shape[:2]
    rows = b"".join(b"\0" + row.tobytes() for row in picture)
    return png(pack(">IIBBBBB", width, height, 8, 2 if picture.ndim == 3 else 0, 0, 0, 0), compress(rows, 0))


def jpeg(picture: NDArray[np.uint8], orientation: int = 1) -> bytes:
    """A JPEG that says how it is to be turned."""
    buffer, exif = BytesIO(), Image.Exif()
    exif[274] = orientation
    Image.fromarray(picture).save(buffer, format="JPEG", exif=exif)
    return buffer.getvalue()


def picture_files() -> dict[str, bytes]:
    """The image files, by their paths in the dataset."""
    near = np.minimum(pixels(2) + np.uint8(9), 255).astype(np.uint8)
    return {
        "train2017/a.png": stored_png(pixels(1)),
        "train2017/b.png": stored_png(pixels(2)),
        "train2017/sub/ç d.png": stored_png(pixels(3)[..., 1]),
        "train2017/empty.png": stored_png(pixels(4)),
        "train2017/turned.jpg": jpeg(pixels(5), orientation=6),
        "train2017/twin.png": stored_png(pixels(1)),
        "train2017/near.png": stored_png(near),
        "train2017/e.png": stored_png(pixels(6)),
        "train2017/tall.png": stored_png(pixels(7, **TALL)),
        "val2017/a.png": stored_png(pixels(1)),
        "val2017/v2.png": stored_png(pixels(8)),
        "val2017/v3.jpg": jpeg(pixels(9)),
    }


def write_recorded_dataset(folder: Path) -> Path:
    """Write the dataset into a folder, with two splits, and return it."""
    splits = {"train2017": (TRAIN_IMAGES, TRAIN_ANNOTATIONS), "val2017": (VAL_IMAGES, VAL_ANNOTATIONS)}
    files = {f"annotations/instances_{split}.json": _document(*records) for split, records in splits.items()}
    for path, data in (picture_files() | files).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def _document(images: list[Record], annotations: list[Record]) -> bytes:
    info = {"year": 2017, "description": "Recorded"}
    lists = {"licenses": LICENCES, "images": images, "annotations": annotations, "categories": CATEGORIES}
    return json.dumps({"info": info} | lists, ensure_ascii=False).encode()
