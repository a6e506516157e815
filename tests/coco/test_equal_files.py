"""Files are equal where all their bytes are, whatever their names."""

from pathlib import Path

import numpy as np
import pytest
from datasets import MakeDataset
from records import image

from cocomine.coco.dataset import Split
from cocomine.coco.equal_files import LAST_BYTES, equal_files

END = b"x" * LAST_BYTES
CONTENTS = {
    10: b"photograph" + END,
    20: b"photograpH" + END,  # as long, and with the same end
    30: b"photograph" + END,
    40: b"short",
    50: b"short",
    60: b"longer",
    70: b"",
    80: b"",
    90: None,
    95: None,
}
EVERY = np.arange(len(CONTENTS))


@pytest.fixture
def split(make_dataset: MakeDataset) -> Split:
    (split,) = make_dataset([image(image_id) for image_id in CONTENTS], [], pictures=True).splits
    assert split.image_folder is not None
    for image_id, content in CONTENTS.items():
        write(split.image_folder / f"{image_id}.jpg", content)
    return split


def write(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)


def test_files_of_the_same_bytes_are_found_and_no_others(split: Split) -> None:
    assert set(equal_files(split, EVERY)) == {(10, 30), (40, 50)}


def test_only_the_images_that_are_asked_about_are_compared(split: Split) -> None:
    assert equal_files(split, np.array([0, 1, 3, 4])) == ((40, 50),)


def test_of_no_images_none_are_equal(split: Split) -> None:
    assert equal_files(split, EVERY[:0]) == ()
