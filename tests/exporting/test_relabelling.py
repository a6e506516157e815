"""A person's mask images become label maps: which labels, which files, and all of them or none."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from label_files import read_label_png
from numpy.typing import NDArray
from PIL import Image

from cocomine.errors import ExportError, UnreadableImage
from cocomine.exporting.relabelling import (
    grey_mask,
    labels_value,
    look_at_masks,
    plan_relabelling,
    write_relabelling,
)

MaskFile = Callable[..., Path]


@pytest.fixture
def mask_file(tmp_path: Path) -> MaskFile:
    """Write one mask in a single row."""

    def write(name: str, *values: int) -> Path:
        path = tmp_path / "masks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.array([values], dtype=np.uint8)).save(path)
        return path

    return write


def quiet(done: int, total: int) -> None:
    """Nobody watches."""


def relabelled(folder: Path, out: Path, values: tuple[int, ...] | None = None) -> dict[str, list[int]]:
    write_relabelling(plan_relabelling(folder, values), out, progress=quiet)
    return {path.relative_to(out).as_posix(): read_label_png(path)[0].tolist() for path in sorted(out.rglob("*.png"))}


def test_all_masks_of_a_folder_get_the_same_labels(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 50, 255)
    mask_file("deep/b.bmp", 100, 0, 100)
    assert relabelled(tmp_path / "masks", tmp_path / "out") == {"a.png": [0, 1, 255], "deep/b.png": [2, 0, 2]}
    assert json.loads((tmp_path / "out" / "labels.json").read_text()) == {
        "image_count": 2,
        "labels": [{"label": label, "grey_value": value} for label, value in enumerate((0, 50, 100))],
        "ignored_label": 255,
    }


def test_each_label_has_a_colour_of_its_own_on_black(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 50, 100, 150, 255)
    relabelled(tmp_path / "masks", tmp_path / "out")
    with Image.open(tmp_path / "out" / "a.png") as image:
        background, *labels, ignored = np.asarray(image.convert("RGB"))[0].tolist()
    assert (background, ignored) == ([0, 0, 0], [255, 255, 255])
    assert len({tuple(colour) for colour in [background, *labels, ignored]}) == 5


def test_values_that_no_label_has_are_black(tmp_path: Path, mask_file: MaskFile) -> None:
    for count in (2, 3):
        mask_file(f"{count}/a.png", *range(count))
        relabelled(tmp_path / "masks" / str(count), tmp_path / f"out{count}")
        with Image.open(tmp_path / f"out{count}" / "a.png") as image:
            palette = np.reshape(image.getpalette() or [], (-1, 3))
        assert palette[1:count].any(axis=1).all()
        assert not palette[count:255].any()


def test_each_mask_that_is_written_is_told(tmp_path: Path, mask_file: MaskFile) -> None:
    for name in ("a.png", "b.png", "c.png"):
        mask_file(name, 0, 50)
    told: list[tuple[int, int]] = []
    plan = plan_relabelling(tmp_path / "masks", None)
    write_relabelling(plan, tmp_path / "out", progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_named_values_become_labels_in_their_order_255_too(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 3, 1, 255, 2)
    assert plan_relabelling(tmp_path / "masks", (3, 1, 2)).ignored_px == 1
    assert plan_relabelling(tmp_path / "masks", (3, 1, 255, 2)).ignored_px == 0
    assert relabelled(tmp_path / "masks", tmp_path / "out", (3, 1, 255, 2)) == {"a.png": [0, 1, 2, 3]}


def test_a_value_that_is_not_named_is_refused_before_anything_is_written(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 7)
    with pytest.raises(ExportError, match=r"the grey values \[7\], which are not among \[0\]"):
        relabelled(tmp_path / "masks", tmp_path / "out", (0,))
    assert not (tmp_path / "out").exists()


def test_masks_that_end_half_way_leave_no_folder(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 1)
    second = mask_file("b.png", 0, 1)
    plan = plan_relabelling(tmp_path / "masks")
    second.write_bytes(b"no image any more")
    with pytest.raises(UnreadableImage):
        write_relabelling(plan, tmp_path / "out", progress=quiet)
    assert [path.name for path in tmp_path.iterdir()] == ["masks"]


def test_a_folder_that_holds_something_is_refused(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0)
    with pytest.raises(ExportError, match="holds other files"):
        relabelled(tmp_path / "masks", tmp_path)


def test_two_masks_of_one_name_are_refused(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0)
    mask_file("a.bmp", 0)
    mask_file("b.png", 0)
    mask_file("b.bmp", 0)
    with pytest.raises(ExportError, match=r"two masks would both become a\.png"):
        plan_relabelling(tmp_path / "masks")


def test_a_folder_without_masks_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="there are no mask images"):
        plan_relabelling(tmp_path)


@pytest.mark.parametrize(
    ("mode", "pixels"),
    [
        ("P", np.array([[0, 2]], dtype=np.uint8)),
        ("RGB", np.array([[[0] * 3, [2] * 3]], dtype=np.uint8)),
        ("RGBA", np.array([[[0, 0, 0, 9], [2, 2, 2, 8]]], dtype=np.uint8)),
        ("LA", np.array([[[0, 9], [2, 8]]], dtype=np.uint8)),
        ("I;16", np.array([[0, 2]], dtype=np.uint16)),
    ],
)
def test_grey_is_read_from_every_kind_of_image(tmp_path: Path, mode: str, pixels: NDArray[np.uint16]) -> None:
    image = Image.fromarray(pixels)
    if mode == "P":
        image.putpalette(bytes(range(255, -1, -1)) * 3)
    assert image.mode == mode
    image.save(tmp_path / "a.png")
    assert grey_mask(tmp_path / "a.png").tolist() == [[0, 2]]


@pytest.mark.parametrize(
    "pixels", [np.array([[[0, 1, 0]]], dtype=np.uint8), np.array([[256]], dtype=np.uint16)], ids=["colours", "levels"]
)
def test_what_is_no_mask_is_told(tmp_path: Path, pixels: NDArray[np.uint16]) -> None:
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with pytest.raises(ExportError, match=r"a\.png: this is no mask of 256 grey values"):
        grey_mask(tmp_path / "a.png")


def test_labels_have_the_names_that_are_given(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 50)
    plan = plan_relabelling(tmp_path / "masks", (50, 0), ("cat", "background"))
    assert labels_value(plan)["labels"] == [
        {"label": 0, "grey_value": 50, "name": "cat"},
        {"label": 1, "grey_value": 0, "name": "background"},
    ]
    with pytest.raises(ExportError, match="There are 1 names for 2 grey values"):
        plan_relabelling(tmp_path / "masks", (50, 0), ("cat",))


def test_masks_are_counted_by_pixels_and_by_files(tmp_path: Path, mask_file: MaskFile) -> None:
    mask_file("a.png", 0, 7, 7)
    mask_file("b.png", 0, 255, 255)
    told: list[tuple[int, int]] = []
    found = look_at_masks(tmp_path / "masks", lambda done, total: told.append((done, total)))
    assert (found.values, found.pixel_counts[[0, 7, 255]].tolist()) == ((0, 7), [2, 2, 2])
    assert found.mask_counts[[0, 7, 255]].tolist() == [2, 1, 1]
    assert told == [(1, 2), (2, 2)]
