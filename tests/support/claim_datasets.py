"""A dataset in two splits for claim checks, with a file for each image, and a check as small as can be."""

from pathlib import Path

from PIL import Image
from records import CAT, CUP, DOG, HEIGHT, WIDTH, annotation, document, image, write_split

from cocomine.claim.arms import ArmName
from cocomine.claim.records import ClaimSettings
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset

SMALL = ClaimSettings(
    classes=("cat",),
    arms=(ArmName.SELECTED, ArmName.ALL),
    seed_count=2,
    steps=18,
    is_trained_longer=False,
    size_px=32,
    batch_size=4,
    train_image_count=8,
    test_image_count=12,
)


def cats_in(folder: Path) -> Dataset:
    """Ninety images, of which every third has a cat, which is red; no two files are equal."""
    for split, first, count in (("train2017", 1, 60), ("val2017", 1001, 30)):
        ids = range(first, first + count)
        records = [annotation(10 * each, each, CAT, (2, 2, 9, 6)) for each in ids if each % 3 == 0]
        records += [annotation(10 * each + 1, each, DOG, (6, 3, 9, 6)) for each in ids if each % 2]
        records += [annotation(10 * each + 2, each, CUP, (1, 1, 4, 4)) for each in ids if each % 5 == 0]
        write_split(folder, document([image(each) for each in ids], records), split=split)
        for each in ids:
            drawn = Image.new("RGB", (WIDTH, HEIGHT), (2 * (each % 100), 90, each // 10))
            if each % 3 == 0:
                drawn.paste((220, 30, 30), (2, 2, 11, 8))
            drawn.save(folder / split / f"{each}.jpg")
    return open_dataset(folder)
