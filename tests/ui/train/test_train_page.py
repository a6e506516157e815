"""Train and Compare speak of the dataset that is open, and say what a run will do before it starts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from apps import OpenApp, on_compare, read
from records import document, write_split
from run_folders import write_run
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.system import extras
from cocomine.system.jobs import Progress
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.encoders import ENCODERS, Encoder
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.speed import Speed
from cocomine.training.runs.weights_files import WeightsFile
from cocomine.ui.session.jobs import existing_job
from cocomine.ui.train import new_run, plan_line
from cocomine.workspace import Workspace

MakeExport = Callable[..., Path]


@pytest.fixture
def make_export(tmp_path: Path) -> MakeExport:
    """Write a dataset of this name and an export of it into the workspace; return the dataset's folder."""

    def make(
        name: str, *, classes: tuple[str, ...] = ("cat", "cup"), splits: tuple[str, ...] = ("train", "val")
    ) -> Path:
        for split in splits:
            write_split(tmp_path / name, document(info={"description": name}), split=split)
        dataset = open_dataset(tmp_path / name)
        selection = Selection(classes=classes)
        recipe = Recipe(dataset_name=str(dataset.path), sources=sources_of(dataset), selection=selection, size_px=32)
        folder = tmp_path / "home" / "exports" / f"{name}-{'-'.join(classes)}"
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_export(plan_export(dataset, recipe), folder)
        return tmp_path / name

    return make


def start_button(app: AppTest) -> bool:
    """Whether a run can be started."""
    return not next(button for button in app.button if button.label == "Start training").disabled


def test_the_export_of_the_open_dataset_and_selection_is_taken_first(
    open_app: OpenApp, make_export: MakeExport
) -> None:
    folder = make_export("mine")
    make_export("mine", classes=("cat",))
    make_export("theirs")
    app = open_app("train", data=str(folder), classes="cat")
    export = app.selectbox(key="train-export")
    assert str(export.value).endswith("mine-cat")
    assert export.options[-1].endswith("other dataset: theirs")
    assert sum("other dataset" in option for option in export.options) == 1


def test_no_export_of_another_dataset_is_taken_by_itself(open_app: OpenApp, make_export: MakeExport) -> None:
    make_export("theirs")
    for name in ("mine", "third"):
        app = open_app("train", data=str(make_export(name)), classes="cat")
        assert name in str(app.selectbox(key="train-export").value)


def test_without_an_export_of_the_open_dataset_none_is_chosen(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path
) -> None:
    make_export("theirs")
    write_split(tmp_path / "mine", document(info={"description": "mine"}), split="train")
    app = open_app("train", data=str(tmp_path / "mine"), classes="cat")
    assert app.selectbox(key="train-export").value is None
    assert not start_button(app)


def test_runs_of_other_datasets_are_named_so_and_not_shown_by_themselves(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path
) -> None:
    folder = make_export("mine")
    runs = tmp_path / "home" / "runs"
    write_run(runs / "theirs-1", sources=["c" * 64], dataset="theirs")
    app = open_app("train", data=str(folder), classes="cat")
    shown = app.selectbox(key="shown-run")
    assert (shown.value, shown.options) == (None, ["theirs-1 · other dataset: theirs"])
    export = tmp_path / "home" / "exports" / "mine-cat-cup"
    write_run(runs / "mine-1", config=preset("quick", export=export, steps=9), sources=[], dataset="")
    app = open_app("train", data=str(folder), classes="cat")
    assert str(app.selectbox(key="shown-run").value).endswith("mine-1")


def test_compare_sets_other_datasets_apart(open_app: OpenApp, make_export: MakeExport, tmp_path: Path) -> None:
    folder = make_export("mine")
    for name in ("theirs-1", "theirs-2"):
        write_run(tmp_path / "home" / "runs" / name, sources=["c" * 64], dataset="theirs")
    app = on_compare(open_app, "Runs", data=str(folder), classes="cat")
    assert "No run was trained on the open dataset yet." in read(app)
    assert "No run was trained on this selection yet." in read(app)
    app.toggle(key="compare-this-selection").set_value(False).run()
    assert app.dataframe[0].value["dataset"].tolist() == ["theirs", "theirs"]
    assert "With 12 validation images an mIoU is uncertain: on COCO's, with 8 classes, by about ±31 points" in read(app)


def test_the_weights_that_will_be_used_are_told_before_the_start(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    folder = make_export("mine")
    app = open_app("train", data=str(folder), classes="cat")
    assert "Random initialisation: there are no published weights of a small ResNet." in read(app)
    app.selectbox(key="encoder-for-quick").set_value("resnet50").run()
    assert "Auto-detect (found: none → random)" in app.selectbox(key="weights-from").options
    assert "None found: random initialisation; nothing is frozen. Expect many more steps." in read(app)

    weights = tmp_path / "home" / "weights"
    weights.mkdir()
    tensors = {name: torch.zeros(shape, dtype=torch.float16) for name, shape in ENCODERS["resnet50"].shapes().items()}
    save_file({name: tensor for name, tensor in tensors.items() if "layer4" not in name}, weights / "a.safetensors")
    app = open_app("train", data=str(folder), classes="cat")
    app.selectbox(key="encoder-for-quick").set_value("resnet50").run()
    assert "a.safetensors: partial, 215 of 265 tensors found; 50 start at random (in layer4)." in read(app)

    save_file(tensors, weights / "b.safetensors")
    app = open_app("train", data=str(folder), classes="cat")
    app.selectbox(key="encoder-for-quick").set_value("resnet50").run()
    assert "b.safetensors: complete, all 265 tensors found." in read(app)


@pytest.fixture(autouse=True)
def speed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let half a second be measured for a step, at once; a run without weights differs from one with them."""

    def measured(config: TrainingConfig, workspace: Workspace, _progress: Progress) -> Speed:
        value = Speed(
            start_s=0.0,
            prepared_image_s=0.0,
            step_s=0.5 if config.weights == "none" else 0.25,
            evaluated_image_s=0.0,
            written_network_s=0.0,
            device="cpu",
        )
        speeds[(config.weights, workspace)] = value
        return value

    speeds: dict[tuple[str, Workspace], Speed] = {}
    monkeypatch.setattr(new_run, "MEASURED_AFTER_S", 0.0)
    monkeypatch.setattr(new_run, "measured_speed", measured)
    for module in (new_run, plan_line):
        monkeypatch.setattr(module, "kept_speed", lambda config, workspace: speeds.get((config.weights, workspace)))


def test_how_long_a_run_takes_is_measured_beside_the_page(open_app: OpenApp, make_export: MakeExport) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    assert "900 steps of 8 images" in read(app)
    job = existing_job(app.session_state["job-speed"])
    assert job is not None
    assert job.wait(20)
    assert "900 steps of 8 images, about 8 minutes on this computer (measured, CPU)." in read(app.run())


def test_nothing_is_measured_beside_a_run_at_work(open_app: OpenApp, make_export: MakeExport, tmp_path: Path) -> None:
    folder = make_export("mine")
    with take_lock(write_run(tmp_path / "home" / "runs" / "mine-1", state="running")):
        app = open_app("train", data=str(folder), classes="cat")
    assert "How long that takes here is measured when no run is active." in read(app)


def test_a_measurement_ends_where_a_run_begins(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_run, "MEASURED_AFTER_S", 60.0)
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    key = app.session_state["job-speed"]
    job = existing_job(key)
    assert job is not None
    with take_lock(write_run(tmp_path / "home" / "runs" / "mine-1", state="running")):
        app.run()
    assert job.wait(20)
    assert (job.state, existing_job(key)) == ("cancelled", None)


def test_weights_files_are_looked_into_once_for_each_encoder(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TORCH_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    asked: list[tuple[Path, ...]] = []

    def usable(files: tuple[Path, ...], _: Encoder) -> list[WeightsFile]:
        asked.append(files)
        return []

    monkeypatch.setattr(new_run, "usable_files", usable)
    folder = make_export("mine")
    weights = tmp_path / "home" / "weights" / "w.safetensors"
    weights.parent.mkdir()
    weights.touch()
    app = open_app("train", data=str(folder), classes="cat")
    app.run()
    assert asked == [(weights,)] * 2  # the small encoder's, and the ResNet-50's of the other presets
    weights.write_bytes(b"longer")
    app.run()
    assert len(asked) == 4


def test_a_weights_file_that_does_not_fit_is_told_before_the_start(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path
) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    app.selectbox(key="weights-from").select_index(1).run()
    assert "Enter the path of the weights file." in read(app)
    assert not start_button(app)
    (tmp_path / "w.safetensors").write_bytes(b"<html>")
    app.text_input(key="weights-file").set_value(str(tmp_path / "w.safetensors")).run()
    assert "w.safetensors: cannot be read as safetensors" in read(app).replace("\\", "")
    assert not start_button(app)


def test_an_export_without_validation_images_says_why_it_cannot_be_trained_on(
    open_app: OpenApp, make_export: MakeExport
) -> None:
    app = open_app("train", data=str(make_export("odd", splits=("medieval", "modern"))), classes="cat")
    text = read(app).replace("\\", "")
    assert "no split is for training; there are medieval, modern, whose names do not say it" in text
    assert "--role SPLIT=train" in text
    assert not start_button(app)


def test_a_last_export_that_was_deleted_takes_nothing_else_away(open_app: OpenApp, make_export: MakeExport) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    app.session_state["last_export"] = {"folder": "/gone/export"}
    app.run()
    assert not app.exception
    assert start_button(app)


def test_without_pytorch_the_page_names_the_command_that_installs_it(
    open_app: OpenApp, make_export: MakeExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "torch" else object())
    assert "Training needs torch, not installed here" in open_app("train").warning[0].value
    app = open_app("train", data=str(make_export("mine")), classes="cat,cup")
    assert ' -m pip install "safetensors' in app.error[0].value
    assert not start_button(app)


def test_what_the_export_holds_and_what_the_run_needs_is_told_before_the_start(
    open_app: OpenApp, make_export: MakeExport
) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat,cup")
    table = app.dataframe[0].value
    assert table["class"].tolist() == ["cat", "cup"]
    assert table["training images"].tolist() == table["validation images"].tolist() == [2, 2]
    assert table["share of pixels"].tolist() == pytest.approx([10.1, 6.9], abs=3)
    text = read(app)
    assert "Background: " in text
    assert "all images 20 × 10 px" in text
    assert "of memory" in text
    assert "Images at 32 × 32 px, the size of the export's masks." in text
    assert "below 45.1 % (that took 92 images)" in text


def test_flaws_are_told_with_a_way_out_and_do_not_prevent_a_run(
    open_app: OpenApp, make_export: MakeExport, tmp_path: Path
) -> None:
    folder = make_export("mine")
    path = tmp_path / "home" / "exports" / "mine-cat-cup" / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["splits"][1]["image_counts"]["cup"] = 0
    path.write_text(json.dumps(manifest))
    app = open_app("train", data=str(folder), classes="cat,cup")
    assert "cup has no validation image (val)." in read(app).replace("\\", "")
    assert not next(button for button in app.button if button.label == "Train anyway").disabled


def test_a_preset_says_how_long_it_was_measured_to_take(open_app: OpenApp, make_export: MakeExport) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    preset_choice = app.segmented_control(key="preset")
    assert preset_choice.options[0] == "Quick test · not measured yet"
    job = existing_job(app.session_state["job-speed"])
    assert job is not None
    assert job.wait(20)
    options = app.run().segmented_control(key="preset").options
    assert options[0] == "Quick test · ~8 min"
    assert len(options) == 3


def advanced(app: AppTest, kind: str, name: str) -> Any:
    """The widget of an advanced setting."""
    return next(each for each in getattr(app, kind) if str(each.key).startswith(f"set-quick-{name}-"))


def test_a_changed_setting_is_marked_and_goes_back_by_itself_or_with_all(
    open_app: OpenApp, make_export: MakeExport
) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    assert "modified" not in read(app)
    advanced(app, "number_input", "learning_rate").set_value(0.001).run()
    advanced(app, "selectbox", "loss").set_value("ce").run()
    assert [each.label for each in app.expander if "Advanced" in each.label] == ["Advanced · 2 modified"]
    assert [each.label for each in app.button if each.label.startswith("Reset to")] == [
        "Reset to 0.005",
        "Reset to ce+dice",
    ]
    app.button(key="reset-loss").click().run()
    assert advanced(app, "selectbox", "loss").value == "ce+dice"
    app.button(key="reset-all").click().run()
    assert advanced(app, "number_input", "learning_rate").value == 0.005
    assert [each.label for each in app.expander if "Advanced" in each.label] == ["Advanced"]


def test_settings_that_follow_the_steps_are_not_marked_as_changed(open_app: OpenApp, make_export: MakeExport) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    advanced(app, "number_input", "steps").set_value(100).run()
    assert advanced(app, "number_input", "warmup_steps").value == 10
    assert [each.label for each in app.expander if "Advanced" in each.label] == ["Advanced · 1 modified"]
    assert "100 steps of 8 images" in read(app)


def test_a_setting_that_cannot_be_is_told_and_nothing_starts(open_app: OpenApp, make_export: MakeExport) -> None:
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    advanced(app, "number_input", "average_decay").set_value(1.0).run()
    assert "'average_decay' is 1.0. It must be a number from 0 to below 1" in read(app).replace("\\", "")
    assert not start_button(app)


def test_the_changed_settings_and_the_overfit_test_are_what_is_started(
    open_app: OpenApp, make_export: MakeExport, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[TrainingConfig] = []

    def begin(config: TrainingConfig, *_: Path) -> bool:
        started.append(config)
        return False

    monkeypatch.setattr(new_run, "start_in_turn", begin)
    app = open_app("train", data=str(make_export("mine")), classes="cat")
    advanced(app, "number_input", "steps").set_value(7)
    advanced(app, "toggle", "augment").set_value(False).run()
    next(button for button in app.button if button.label == "Start training").click().run()
    app.button(key="overfit-first").click().run()
    assert [(config.preset, config.steps, config.augment, config.overfit_images) for config in started] == [
        ("quick", 7, False, 0),
        ("overfit", 300, False, 8),
    ]
