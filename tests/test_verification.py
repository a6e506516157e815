"""What was written is looked at again, independently."""

import json
from pathlib import Path

import pytest
from conftest import MakeDataset, export_of

from cocomine.errors import DatasetError, ExportError
from cocomine.exporting.folder import MANIFEST
from cocomine.exporting.verification import export_problems


@pytest.fixture
def folder(make_dataset: MakeDataset, tmp_path: Path) -> Path:
    export_of(make_dataset(), tmp_path / "export", val_share=0.4)
    return tmp_path / "export"


def test_a_fresh_export_has_no_problem(folder: Path) -> None:
    assert export_problems(folder) == []


def test_an_export_that_was_moved_has_no_problem(folder: Path) -> None:
    assert export_problems(folder.rename(folder.with_name("moved"))) == []


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "mined.json").unlink()
    assert export_problems(folder) == ["mined.json is missing."]


def test_one_changed_byte_is_found(folder: Path) -> None:
    path = next((folder / "labels").rglob("*.png"))
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert export_problems(folder) == [f"{path.relative_to(folder).as_posix()} changed since it was written."]


def test_a_file_that_grew_is_found(folder: Path) -> None:
    with (folder / "README.md").open("a") as file:
        file.write("more")
    assert export_problems(folder) == ["README.md changed since it was written."]


def test_a_picture_whose_original_is_gone_is_missing(make_dataset: MakeDataset, tmp_path: Path) -> None:
    export_of(make_dataset(), tmp_path / "export", images="link")
    (tmp_path / "data" / "all2017" / "b.jpg").unlink()
    (problem,) = export_problems(tmp_path / "export")
    assert problem.endswith("/b.jpg is missing.")


def test_counts_that_differ_when_read_back_are_told(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    manifest["splits"][0]["annotation_count"] += 1
    (folder / MANIFEST).write_text(json.dumps(manifest))
    (problem,) = export_problems(folder)
    assert problem.startswith("train holds 2 images and ")
    assert problem.endswith(" annotations when read back.")


def test_a_damaged_annotation_file_is_an_error(folder: Path) -> None:
    (folder / "annotations" / "instances_val.json").write_text("{")
    with pytest.raises(DatasetError, match=r"instances_val.json: not valid JSON"):
        export_problems(folder)


def test_an_unfinished_export_is_an_error(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(ExportError, match="no complete export"):
        export_problems(folder)
