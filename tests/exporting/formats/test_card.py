"""The card of an export says what is in it, what is not and why, and under which licences; the sheet shows it."""

import hashlib
import io
from pathlib import Path

import pytest
from datasets import export_of
from PIL import Image
from records import CAT, annotation, category, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.contact_sheet import CONTACT_SHEET, sheet_size
from cocomine.mining.selection.selection import Selection

LICENCES = [
    {"id": 1, "name": "NC | ND", "url": "http://creativecommons.org/licenses/by-nc-nd/2.0/"},
    {"id": 4, "name": "Attribution", "url": "http://creativecommons.org/licenses/by/2.0/"},
]
CATS = Selection(classes=("cat",))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Twelve images with a cat each: five under one licence, six under another, one under none that is listed."""
    licences = [1] * 5 + [4] * 6 + [9]
    images = [image(number, license=licence) for number, licence in enumerate(licences, start=1)]
    cats = [annotation(number, number, CAT) for number in range(1, 13)]
    path = write_split(tmp_path / "zoo", document(images, cats, licenses=LICENCES), split="train")
    del path
    return open_dataset(tmp_path / "zoo")


def card_of(dataset: Dataset, folder: Path, **more: object) -> str:
    export_of(dataset, folder, CATS, **more)
    return (folder / "README.md").read_text(encoding="utf-8")


def test_it_names_the_dataset_itself(dataset: Dataset, tmp_path: Path) -> None:
    assert card_of(dataset, tmp_path / "export").startswith("# A subset of zoo, made with CocoMine\n")


def test_classes_have_their_shares_in_each_split(dataset: Dataset, tmp_path: Path) -> None:
    card = card_of(dataset, tmp_path / "export")
    assert "| class | images | objects | images in train | objects in train | images in val | objects in val |" in card
    assert "| cat | 12 | 12 | 10 (83 %) | 10 | 2 (17 %) | 2 |" in card


def test_a_class_name_with_a_bar_stays_in_its_cell(tmp_path: Path) -> None:
    name = "cat | dog"
    write_split(tmp_path / "zoo", document([image(1)], [annotation(1, 1, CAT)], [category(CAT, name)]), split="train")
    export_of(open_dataset(tmp_path / "zoo"), tmp_path / "export", Selection(classes=(name,)), formats=("masks", "hf"))
    for path, cells in (("README.md", "| 1 | cat \\| dog |"), ("hf/README.md", "| 0 | cat \\| dog |")):
        assert cells in (tmp_path / "export" / path).read_text(encoding="utf-8").splitlines()


def test_exclusions_are_counted_by_their_reasons(dataset: Dataset, tmp_path: Path) -> None:
    excluded = tuple(("train", number) for number in (1, 2, 3, 4))
    reasons = tuple(zip(excluded, ("blurred", "blurred", "a|b\nc"), strict=False))
    card = card_of(dataset, tmp_path / "export", excluded=excluded, reasons=reasons)
    assert "Excluded images: 4; `recipe.yaml` names each." in card
    rows = [line for line in card.splitlines() if line.startswith(("| blurred", "| a", "| no reason"))]
    assert rows == ["| blurred | 2 |", "| a\\|b c | 1 |", "| no reason given | 1 |"]


def test_without_exclusions_nothing_is_said_of_them(dataset: Dataset, tmp_path: Path) -> None:
    assert "Excluded images" not in card_of(dataset, tmp_path / "export")


def test_licences_are_counted_with_what_they_allow(dataset: Dataset, tmp_path: Path) -> None:
    card = card_of(dataset, tmp_path / "export")
    assert "| Attribution | 6 | yes, yes |\n| NC \\| ND | 5 | no, no |\n| not named | 1 | not known |" in card


def test_a_licence_with_a_name_after_not_named_is_known_by_its_address_too(tmp_path: Path) -> None:
    licence = {"id": 1, "name": "share alike", "url": "http://creativecommons.org/licenses/by-nc/2.0/"}
    value = document([image(1, license=1)], [annotation(1, 1, CAT)], licenses=[licence])
    card = card_of(open_dataset(write_split(tmp_path / "zoo", value)), tmp_path / "export")
    assert "| share alike | 1 | no, yes |" in card


def test_the_recipe_is_known_by_its_hash(dataset: Dataset, tmp_path: Path) -> None:
    card = card_of(dataset, tmp_path / "export")
    assert hashlib.sha256((tmp_path / "export" / "recipe.yaml").read_bytes()).hexdigest() in card


def test_eight_images_from_the_first_to_the_last_are_on_one_sheet(dataset: Dataset, tmp_path: Path) -> None:
    card = card_of(dataset, tmp_path / "export")
    with Image.open(io.BytesIO((tmp_path / "export" / CONTACT_SHEET).read_bytes())) as sheet:
        assert (sheet.format, sheet.size) == ("JPEG", sheet_size()) == ("JPEG", (4 * 260 + 4, 2 * 196 + 4))
    line = next(line for line in card.splitlines() if line.startswith("From left to right:"))
    assert line.count("`train/") + line.count("`val/") == 8


def test_the_same_export_has_the_same_sheet(dataset: Dataset, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export_of(dataset, tmp_path / name, CATS)
    one, two = ((tmp_path / name / CONTACT_SHEET).read_bytes() for name in ("one", "two"))
    assert one == two


def test_an_image_that_cannot_be_read_leaves_its_place_empty(dataset: Dataset, tmp_path: Path) -> None:
    for path in (tmp_path / "zoo" / "train").glob("1?.jpg"):
        path.write_bytes(path.read_bytes()[:200])
    manifest = export_of(dataset, tmp_path / "export", CATS)
    line = next(
        line for line in (tmp_path / "export" / "README.md").read_text().splitlines() if "left to right" in line
    )
    names = line.removeprefix("From left to right: ").rstrip(".").split(", ")
    with Image.open(tmp_path / "export" / CONTACT_SHEET) as sheet:
        cells = [sheet.crop(_cell_box(place)).getextrema() for place in range(len(names))]
    is_empty = [cell == ((238, 238),) * 3 for cell in cells]
    assert is_empty == [len(name) == len("`train/10.jpg`") or name.startswith("`val/1") for name in names]
    assert not manifest["defects"]


def _cell_box(place: int) -> tuple[int, int, int, int]:
    """Return the middle of a place on the sheet."""
    row, column = divmod(place, 4)
    left, top = 4 + column * 260 + 120, 4 + row * 196 + 90
    return left, top, left + 8, top + 8


def test_an_export_of_annotations_has_no_sheet(dataset: Dataset, tmp_path: Path) -> None:
    card = card_of(dataset, tmp_path / "export", images="none")
    assert "contact_sheet" not in card
    assert not (tmp_path / "export" / CONTACT_SHEET).exists()


def test_licences_and_reasons_of_as_many_images_come_by_name(tmp_path: Path) -> None:
    licences = [{"id": each, "name": name, "url": ""} for each, name in ((1, "zeta"), (2, "alpha"), (3, "mean"))]
    images = [image(number, license=1 + number // 2 % 3) for number in range(8)]
    cats = [annotation(number, number, CAT) for number in range(8)]
    write_split(tmp_path / "zoo", document(images, cats, licenses=licences), split="train")
    excluded = (("train", 6), ("train", 7))
    reasons = ((excluded[0], "dark"), (excluded[1], "blurred"))
    card = card_of(open_dataset(tmp_path / "zoo"), tmp_path / "export", excluded=excluded, reasons=reasons)
    for names in (("alpha", "mean", "zeta"), ("blurred", "dark")):
        places = [card.index(f"| {name} |") for name in names]
        assert places == sorted(places)
