"""Thirteen real files that break naive readers open, or are refused for the right reason."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from apps import OpenApp, widget
from datasets import recipe_of
from exports import export_problems
from odd_files import REFUSED

from cocomine.cli.parser import main
from cocomine.coco.dataset import Dataset
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.errors import NotInstancesError
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.labels.label_map import label_map
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.selection.selection import Selection
from cocomine.mining.statistics.categories import category_statistics, presence

pytestmark = pytest.mark.real

OPEN = {  # images, annotations, categories, findings beside no_image_folder and unused_category
    "balloon_val": (13, 50, 1, {"category_id_zero", "vanishes_at_128px", "area_zero", "area_unlike_mask"}),
    "bill_no_segmentation_key": (274, 4370, 16, {"annotation_without_mask"}),
    "datumaro_instances_train_emptyseg": (1, 1, 3, {"annotation_without_mask"}),
    "datumaro_labels_val_nobbox": (1, 2, 2, {"missing_box", "annotation_without_mask"}),
    "datumaro_stuff_val_uncompressedRLE": (1, 1, 2, {"crowd_region", "crowd_only"}),
    "kasurashan_extra_keypoint_field": (16, 197, 80, {"crowd_region"}),
    "lvis_v0.5_val_100": (100, 977, 1230, {"image_without_annotations", "vanishes_at_128px"}),
    "panoptic_as_detection_compressedRLE": (2, 50, 133, {"crowd_region"}),
    "roboflow_sharks_test.coco": (1, 6, 4, {"category_id_zero", "area_unlike_mask"}),
    "sahi_evaluate_emptyseg": (2, 249, 80, {"annotation_without_mask", "area_beyond_box", "category_id_zero"}),
}
KINDS = {"lvis_v0.5_val_100": "lvis"}
"""All others hold instances."""
DRAWN = {"balloon_val", "datumaro_stuff_val_uncompressedRLE", "kasurashan_extra_keypoint_field", "lvis_v0.5_val_100"}
DRAWN |= {"panoptic_as_detection_compressedRLE", "roboflow_sharks_test.coco"}
"""The others have boxes alone."""


def opened(folder: Path, name: str) -> Dataset:
    return open_dataset(folder / f"{name}.json")


def test_every_file_of_the_folder_is_looked_at(oddities_folder: Path) -> None:
    assert {path.stem for path in oddities_folder.glob("*.json")} == OPEN.keys() | REFUSED.keys()


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_without_instances_is_refused_by_kind(oddities_folder: Path, name: str) -> None:
    with pytest.raises(NotInstancesError, match=REFUSED[name]):
        opened(oddities_folder, name)


@pytest.mark.parametrize("name", OPEN)
def test_an_odd_file_opens_whole(oddities_folder: Path, name: str) -> None:
    dataset = opened(oddities_folder, name)
    counts = dataset.image_count, dataset.annotation_count, len(dataset.categories)
    assert counts == OPEN[name][:3]
    assert all(dataset.splits[0].images.file_names)


@pytest.mark.parametrize("name", OPEN)
def test_what_is_odd_is_in_its_report(oddities_folder: Path, name: str) -> None:
    codes = {found.code for found in integrity_report(opened(oddities_folder, name))}
    assert codes - {"unused_category"} == OPEN[name][3] | {"no_image_folder"}


@pytest.mark.parametrize("name", OPEN)
def test_an_odd_file_can_be_counted(oddities_folder: Path, name: str) -> None:
    dataset = opened(oddities_folder, name)
    statistics = category_statistics(dataset)
    assert sum(each.instance_count + each.crowd_count for each in statistics) == OPEN[name][1]
    assert not np.isnan([each.median_area_share for each in statistics]).any()
    table = pair_table(presence(dataset), dataset.category_names)
    assert table.counts.diagonal().tolist() == [each.image_count for each in statistics]


@pytest.mark.parametrize("name", OPEN)
def test_an_odd_file_can_be_drawn(oddities_folder: Path, name: str) -> None:
    (split,) = opened(oddities_folder, name).splits
    labels = dict.fromkeys(range(2000), 1)
    drawn = False
    for index in range(min(20, len(split.images))):
        native = split.images.size_at(index)
        shapes = split.image_at(index).shapes()
        drawn |= bool(label_map(shapes, labels, native=native, size=Size(64, 64)).any())
    assert drawn == (name in DRAWN)


@pytest.mark.parametrize("name", OPEN)
def test_an_odd_file_can_be_exported(oddities_folder: Path, tmp_path: Path, name: str) -> None:
    dataset = opened(oddities_folder, name)
    chosen = max(category_statistics(dataset), key=lambda each: each.image_count).name
    write_export(plan_export(dataset, recipe_of(dataset, Selection(classes=(chosen,)), images="none")), tmp_path)
    assert export_problems(tmp_path) == []


@pytest.mark.parametrize("name", OPEN)
def test_the_command_line_tells_kind_counts_and_findings(
    oddities_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))
    for _ in range(2):  # read, and then taken from the index
        assert main(["check", str(oddities_folder / f"{name}.json"), "--json"]) == 0
        value = json.loads(capsys.readouterr().out)
        assert value["kind"] == KINDS.get(name, "instances")
        assert [value[f"{what}_count"] for what in ("image", "annotation", "category")] == list(OPEN[name][:3])
        assert {each["code"] for each in value["findings"]} - {"unused_category"} == OPEN[name][3] | {"no_image_folder"}


@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_refuses_with_one_message(
    oddities_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))
    path = oddities_folder / f"{name}.json"
    assert main(["check", str(path), "--json"]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(rf"cocomine: {re.escape(str(path))}: {REFUSED[name]}.*\n", output.err)


@pytest.mark.parametrize("name", OPEN)
def test_the_pages_show_an_odd_file(oddities_folder: Path, open_app: OpenApp, name: str) -> None:
    path = oddities_folder / f"{name}.json"
    statistics = category_statistics(open_dataset(path))
    names = [each.name for each in sorted(statistics, key=lambda each: -each.image_count)]
    app = open_app("data", data=str(path), classes=names[0], **({"exclude": names[1]} if names[1:] else {}))
    shown = {metric.label: metric.value for metric in app.metric}
    assert [shown[label] for label in ("Images", "Annotations", "Categories")] == [f"{n:,}" for n in OPEN[name][:3]]
    for page in ("data", "understand", "choose"):
        app.switch_page(f"pages/{page}.py").run()
        assert (len(app.exception), len(app.error)) == (0, 0)
    widget(app.radio, "selected_mode").set_value("only").run()
    assert (len(app.exception), len(app.error)) == (0, 0)


@pytest.mark.parametrize("name", REFUSED)
def test_the_data_page_refuses_a_file_without_instances(oddities_folder: Path, open_app: OpenApp, name: str) -> None:
    app = open_app()
    app.text_input[0].set_value(str(oddities_folder / f"{name}.json"))
    next(button for button in app.button if button.label == "Open").click().run()
    assert not app.exception
    assert [re.search(REFUSED[name], error.value.replace("\\", "")) is not None for error in app.error] == [True]
    assert not app.metric
