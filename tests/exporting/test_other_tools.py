"""Tools of other people load an export, and count in it what its COCO files hold, after its source is gone."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasets import export_of
from places import REPOSITORY

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Mode, Others, Selection

OURS = Path(sys.executable)
THEIRS = Path(f"{sys.prefix}-tools", *OURS.parts[-2:])
TOOLS = {
    "pycocotools": OURS,
    "fiftyone": OURS,
    **dict.fromkeys(("supervision", "datumaro", "ultralytics", "hugging_face"), THEIRS),
}
SELECTIONS = (
    Selection(classes=("kite",)),
    Selection(classes=("sheep", "horse"), mode=Mode.ANY),
    Selection(classes=("donut", "dining table"), mode=Mode.ALL),
    Selection(classes=("sandwich", "hot dog"), excluded_classes=("person",)),
)
ORDERED_BY_ID = {"fiftyone", "supervision", "datumaro"}
"""Their lists of COCO's classes; only pycocotools takes the order of the file."""
BESIDE_CLASSES = {("datumaro", "voc"): ("background", "ignored")}
"""What a tool's list of classes holds beside them."""


@pytest.fixture(scope="module")
def exports(coco_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four selections under each policy, in all formats; their source is no longer where it was."""
    place = tmp_path_factory.mktemp("exports")
    source = place / "source"
    _link_tree(coco_folder, source)
    dataset, folders = open_dataset(source), []
    for number, selection in enumerate(SELECTIONS):
        for others in Others:
            folders.append(place / f"{number}-{others}")
            chosen = replace(selection, others=others)
            manifest = export_of(dataset, folders[-1], chosen, formats=FORMATS, images="link")
            assert manifest["is_complete"]
    source.rename(place / "elsewhere")
    return folders


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("tool", TOOLS)
def test_a_tool_counts_what_the_coco_files_hold(tool: str, exports: list[Path], tmp_path: Path) -> None:
    for folder, found in zip(exports, said_by(tool, exports, tmp_path), strict=True):
        truth = contents(folder)
        for format_name, splits in found.items():
            assert_alike(truth, splits, tool, format_name)


def said_by(tool: str, folders: list[Path], home: Path) -> list[dict[str, dict[str, Any]]]:
    """What a tool counts in each folder, by format and split."""
    if not TOOLS[tool].exists():
        pytest.skip("the tools of other people are not installed: make tools")  # as make test does
    settings = {"HOME": str(home), "YOLO_CONFIG_DIR": str(home), "YOLO_OFFLINE": "true", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [TOOLS[tool], "-P", REPOSITORY / "tests" / "support" / "other_tools.py", tool, *folders],
        capture_output=True,
        env=os.environ | settings | {"FIFTYONE_DISABLE_SERVICES": "1", "FIFTYONE_DO_NOT_TRACK": "1"},
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def contents(folder: Path) -> dict[str, dict[str, Any]]:
    """What the COCO files of an export hold, by role."""
    found = {}
    for path in sorted((folder / "annotations").glob("instances_*.json")):
        value = json.loads(path.read_bytes())
        names = {each["id"]: each["name"] for each in value["categories"]}
        found[role_of(path.stem.removeprefix("instances_"))] = {
            "images": len(value["images"]),
            "names": names,
            "objects": Counter(names[each["category_id"]] for each in value["annotations"] if not each["iscrowd"]),
            "crowds": Counter(names[each["category_id"]] for each in value["annotations"] if each["iscrowd"]),
        }
    return found


def role_of(split: str) -> str:
    """The role that a split's name in some format says."""
    return "val" if split.startswith("val") else "train"


def assert_alike(
    truth: Mapping[str, dict[str, Any]], splits: Mapping[str, dict[str, Any]], tool: str, format_name: str
) -> None:
    if set(splits) == {""}:  # the tool has no splits in this format
        assert splits[""]["images"] == sum(each["images"] for each in truth.values())
        assert Counter(splits[""]["objects"]) == sum((each["objects"] for each in truth.values()), Counter[str]())
        return
    assert {role_of(split) for split in splits} == set(truth)
    for split, found in splits.items():
        expected = truth[role_of(split)]
        is_coco = format_name in {"coco", "roboflow"}
        tells_none_apart = is_coco and found["crowds"] is None
        objects = expected["objects"] + (expected["crowds"] if tells_none_apart else Counter())
        names = expected["names"]
        order = sorted(names) if is_coco and tool in ORDERED_BY_ID else [*names]
        beside = BESIDE_CLASSES.get((tool, format_name), ())
        assert found["images"] == expected["images"]
        assert Counter(found["objects"]) == objects
        assert found["classes"] in (None, [*beside[:1], *(names[each] for each in order), *beside[1:]])


def _link_tree(source: Path, target: Path) -> None:
    """A dataset of the same files at a place that may be renamed."""
    for path in source.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                place.hardlink_to(path)
            except OSError:  # another disk
                place.write_bytes(path.read_bytes())
