"""A dataset of the size of Objects365 without a download: `python -m benchmarks.large_tables DIR`.

Parquet tables of boxes, drawn by a seed and written in groups of images, so that memory does not grow with them: two
million images and 30 million boxes of 365 classes take 0.44 GB on the disk, and 0.5 GB of memory to write.
Classes are as unequal as in real datasets: the share of the n-th falls as 1 / n, and each image has a theme, whose
classes it prefers, so that pairs co-occur by more than chance.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cocomine.coco.arrays import Ints
from cocomine.coco.table_folder import ANNOTATIONS, CATEGORIES, IMAGES, partition_name
from cocomine.system.space import require_space

IMAGE_COUNT, BOX_COUNT, CATEGORY_COUNT = 2_000_000, 30_000_000, 365
IMAGES_AT_ONCE = 1 << 16
THEMES = 12
THEME_SHARE = 0.6
"""Of an image's boxes whose class is one of its theme's."""
SIDES = np.array([[480, 640], [640, 480], [768, 1024], [512, 512]])
"""Height and width of images, pixels."""
BYTES_OF_BOX = 40
"""On the disk, at most."""
SPLIT = "train"


def write_large_tables(folder: Path, *, image_count: int, box_count: int, category_count: int, seed: int = 0) -> None:
    """Write tables of one split.

    Args:
        folder: a new one.
        box_count: of all images; each image has about as many.

    Raises:
        StorageError: the disk has no room for them.
    """
    require_space(folder, box_count * BYTES_OF_BOX, "The dataset")
    rng = np.random.default_rng(seed)
    paths = {
        name: folder / name / partition_name(SPLIT) / "part-0.parquet" for name in (IMAGES, ANNOTATIONS, CATEGORIES)
    }
    for path in paths.values():
        path.parent.mkdir(parents=True)
    pq.write_table(_categories(category_count), paths[CATEGORIES])
    starts = np.append(np.arange(0, image_count, IMAGES_AT_ONCE), image_count)
    stops_of_boxes = starts * box_count // image_count
    first = next(_groups(np.random.default_rng(seed), starts[:2], stops_of_boxes[:2], category_count))
    with (
        pq.ParquetWriter(paths[IMAGES], first[0].schema, compression="zstd") as images,
        pq.ParquetWriter(paths[ANNOTATIONS], first[1].schema, compression="zstd") as annotations,
    ):
        for some_images, boxes in _groups(rng, starts, stops_of_boxes, category_count):
            images.write_table(some_images)
            annotations.write_table(boxes, row_group_size=1 << 18)


def category_names(count: int) -> tuple[str, ...]:
    """Return the names of the classes, the most frequent first."""
    return tuple(f"class {number:03d}" for number in range(1, count + 1))


def _categories(count: int) -> pa.Table:
    return pa.table({"id": np.arange(1, count + 1), "name": category_names(count), "supercategory": ["thing"] * count})


def _groups(
    rng: np.random.Generator, starts: Ints, box_starts: Ints, category_count: int
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Yield images with their boxes, the ranges of both given by their borders."""
    for index in range(len(starts) - 1):
        ids = np.arange(starts[index], starts[index + 1]) + 1
        sides = SIDES[rng.integers(len(SIDES), size=len(ids))]
        names = pa.array([f"{image_id:012d}.jpg" for image_id in ids.tolist()])
        images = pa.table({"id": ids, "file_name": names, "width": sides[:, 1], "height": sides[:, 0]})
        yield images, _boxes(rng, ids, sides, range(box_starts[index], box_starts[index + 1]), category_count)


def _boxes(rng: np.random.Generator, image_ids: Ints, sides: Ints, numbers: range, category_count: int) -> pa.Table:
    count = len(numbers)
    owners = np.sort(rng.integers(len(image_ids), size=count))
    share = rng.random((count, 2)) ** 2 * 0.6 + 0.01
    extent = share * sides[owners][:, ::-1]
    corner = rng.random((count, 2)) * (sides[owners][:, ::-1] - extent)
    boxes = np.round(np.concatenate([corner, extent], axis=1), 1)
    return pa.table(
        {
            "id": np.arange(numbers.start, numbers.stop) + 1,
            "image_id": image_ids[owners],
            "category_id": _classes(rng, owners, len(image_ids), category_count) + 1,
            "area": np.round(boxes[:, 2] * boxes[:, 3], 1),
            "bbox": pa.FixedSizeListArray.from_arrays(pa.array(boxes.ravel()), 4).cast(pa.list_(pa.float64())),
        }
    )


def _classes(rng: np.random.Generator, owners: Ints, image_count: int, category_count: int) -> Ints:
    """Return the position of each box's class: of its image's theme, or of all, the frequent ones first."""
    weights = 1 / np.arange(1, category_count + 1)
    found = rng.choice(category_count, size=len(owners), p=weights / weights.sum())
    themes = rng.integers(THEMES, size=image_count)[owners]
    in_theme = found - found % THEMES + themes
    is_themed = (rng.random(len(owners)) < THEME_SHARE) & (in_theme < category_count)
    return np.where(is_themed, in_theme, found)


def main() -> None:
    """Write the tables that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--images", type=int, default=IMAGE_COUNT)
    parser.add_argument("--boxes", type=int, default=BOX_COUNT)
    parser.add_argument("--classes", type=int, default=CATEGORY_COUNT)
    asked = parser.parse_args()
    write_large_tables(asked.folder, image_count=asked.images, box_count=asked.boxes, category_count=asked.classes)


if __name__ == "__main__":
    main()
