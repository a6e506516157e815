"""Runs are compared only where they were judged on the same images, and of the others it is said why not."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from run_folders import LABELS, train_line, write_run

from cocomine.training.runs.comparable import is_judged, why_not_comparable
from cocomine.training.runs.config import preset
from cocomine.training.runs.reading import Run, read_run

CUP = replace(LABELS[1], name="cup")
OTHER_EXPORT = {"export_manifest_sha256": "c" * 64}
OVERFIT = preset("overfit", export="/e")


def read(folder: Path, **contents: Any) -> Run:
    return read_run(write_run(folder, **contents), now=0.0)


@pytest.mark.parametrize(
    ("contents", "reason"),
    [
        ({}, None),
        ({"config": preset("paper", export="/e", seed=3), "dataset": "renamed"}, None),
        ({"config": OVERFIT}, "overfit test"),
        ({"metrics": (train_line(1),)}, "no evaluation yet"),
        (OTHER_EXPORT, "other export"),
        (OTHER_EXPORT | {"sources": ["d" * 64]}, "other dataset"),
        (OTHER_EXPORT | {"sources": [], "dataset": ""}, "other export"),
        (OTHER_EXPORT | {"labels": msgspec.to_builtins([LABELS[0], CUP])}, "other classes"),
        (OTHER_EXPORT | {"val_image_count": 13}, "other validation images"),
        (OTHER_EXPORT | {"val_split": "other"}, "other validation images"),
        ({"export_manifest_sha256": "0" * 64}, "other export"),
        ({"eval_image_count": 1200}, "evaluated on 1,200 validation images"),
        ({"eval_image_count": 1}, "evaluated on 1 validation image"),
    ],
)
def test_why_a_run_cannot_stand_beside_another_is_told_in_a_few_words(
    tmp_path: Path, contents: dict[str, Any], reason: str | None
) -> None:
    assert why_not_comparable(read(tmp_path / "run"), read(tmp_path / "other", **contents)) == reason
    assert len((reason or "").split()) <= 8


def test_a_run_that_is_not_judged_has_nothing_beside_it(tmp_path: Path) -> None:
    assert is_judged(read(tmp_path / "judged"))
    assert not is_judged(read(tmp_path / "overfit", config=OVERFIT))
    assert not is_judged(read(tmp_path / "begun", metrics=(train_line(1),)))
    begun = write_run(tmp_path / "unknown")
    (begun / "run_info.json").unlink()
    assert not is_judged(read_run(begun, now=0.0))
    assert why_not_comparable(read(tmp_path / "run"), read_run(begun, now=0.0)) == "no evaluation yet"
