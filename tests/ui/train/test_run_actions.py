"""A run is renamed, duplicated, deleted and brought back on the page; every state says what it means and what helps."""

import time
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from apps import OpenApp, read
from run_folders import sign_status, write_run
from split_exports import exported
from streamlit.testing.v1 import AppTest

from cocomine.errors import TrainingError
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.keeping import delete_run
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.records import Fault, Phase
from cocomine.ui.train import deleted_runs, new_run


def shown_run(open_app: OpenApp, run: Path) -> AppTest:
    """The page with this run on it."""
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()
    assert not app.exception
    return app


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def test_a_run_gets_the_name_that_is_typed_and_stays_in_view(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1")
    write_run(home / "runs/mine-2")
    app = shown_run(open_app, run)
    app.text_input(key=f"run-name-{run}").set_value("first try").run()
    assert not app.exception
    assert not run.exists()
    assert app.selectbox(key="shown-run").value == str(home / "runs/first try")

    run = home / "runs/first try"
    app.text_input(key=f"run-name-{run}").set_value("mine-2").run()
    assert run.is_dir()
    assert app.text_input(key=f"run-name-{run}").value == "first try"


def test_a_deleted_run_is_listed_comes_back_and_goes_for_good(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1")
    app = shown_run(open_app, run)
    app.button(key=f"delete-{run}").click().run()
    next(button for button in app.button if button.label == "Move to trash").click().run()
    assert not run.exists()
    assert "mine-1 is deleted." in read(app)
    assert "Deleted runs (1)" in [each.label for each in app.expander][-1]

    app.button(key="runs-said-restore").click().run()
    assert run.is_dir()
    assert "mine-1 is back." in read(app)
    assert app.selectbox(key="shown-run").value == str(run)

    app.button(key=f"delete-{run}").click().run()
    next(button for button in app.button if button.label == "Move to trash").click().run()
    app.button(key="remove-runs").click().run()
    assert "1 deleted run will be gone for good. That frees" in read(app)
    next(button for button in app.button if button.label == "Delete for good").click().run()
    assert "The deleted runs are gone for good." in read(app)
    assert not list((home / "deleted_runs").iterdir())


def test_the_size_of_a_deleted_run_is_taken_once(
    open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deleted = delete_run(write_run(home / "runs/mine-1"), home / "deleted_runs")
    walked: list[Path] = []

    def size_bytes(folder: Path) -> int:
        walked.append(folder)
        return 123_000

    monkeypatch.setattr(deleted_runs, "run_size_bytes", size_bytes)
    app = open_app("train")
    assert "Deleted runs (1) · 123 kB" in [each.label for each in app.run().expander]
    assert walked == [deleted]


def not_measured(*_: object) -> NoReturn:
    raise TrainingError("not now")


def test_the_settings_of_a_run_are_filled_in_for_a_new_one(
    open_app: OpenApp, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(new_run, "MEASURED_AFTER_S", 0.0)
    monkeypatch.setattr(new_run, "measured_speed", not_measured)
    export = home / "exports/cats"
    export.parent.mkdir(parents=True)
    exported(tmp_path).rename(export)
    own = preset("recommended", export=export, steps=77, encoder="resnet18", weights="none", seed=5)
    config = replace(own, batch_size=4, learning_rate=2e-3, loss="ce", augment=False, train_image_limit=9)
    run = write_run(home / "runs/mine-1", config=config)
    app = shown_run(open_app, run)
    app.button(key=f"duplicate-{run}").click().run()
    assert not app.exception
    assert app.selectbox(key="train-export").value == str(export)
    started: list[TrainingConfig] = []
    monkeypatch.setattr(new_run, "start_in_turn", lambda config, *_: started.append(config))
    next(button for button in app.button if button.label in {"Start training", "Train anyway"}).click().run()
    assert started == [config]


def test_a_run_at_work_is_stopped_and_neither_renamed_nor_deleted(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1", state="running")
    sign_status(run, state="running", images_per_s=4.8, seconds_left=120.0, message="training")
    with take_lock(run):
        app = shown_run(open_app, run)
        assert "step 3 / 9 · 4.8 images/s · 2 min left" in read(app)
        assert app.text_input(key=f"run-name-{run}").disabled
        assert app.button(key=f"delete-{run}").disabled
        assert not labels(app) & {"Resume"}
        app.button(key=f"stop-{run}").click().run()
    assert (run / "STOP").is_file()


def test_before_its_first_step_a_run_tells_its_phases(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1", metrics=())
    loading = Phase(name="Loading PyTorch", began=1.0, took_s=6.0)
    sign_status(run, state="preparing", phases=[loading, Phase(name="Preparing 147 images", began=7.0, share=0.62)])
    with take_lock(run):
        assert "Loading PyTorch ✓ 6 s · Preparing 147 images 62 % · First step" in read(shown_run(open_app, run))


FAULTS = (
    (Fault(kind="memory", changes={"batch_size": 4}), "Resume with batch 4"),
    (Fault(kind="memory"), None),
    (
        Fault(kind="diverged", changes={"learning_rate": 5e-4, "pretrained_learning_rate": 1e-5}),
        "Resume with learning rate 0.0005",
    ),
    (Fault(kind="storage"), None),
    (Fault(kind="export"), None),
    (Fault(kind="other"), None),
)


def test_each_failure_says_its_cause_and_offers_the_change_that_helps(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1")
    app = shown_run(open_app, run)
    for fault, words in FAULTS:
        sign_status(run, state="failed", message=f"It went wrong by {fault.kind}. Do this.", fault=fault)
        app.run()
        assert [error.value for error in app.error] == [f"It went wrong by {fault.kind}. Do this."]
        assert "Resume" in labels(app)
        assert [label for label in labels(app) if label.startswith("Resume with")] == ([words] if words else [])


def test_runs_that_were_stopped_lost_or_are_asleep_say_what_can_be_done(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine-1", state="stopped")
    app = shown_run(open_app, run)
    assert "Resume" in labels(app)
    assert not app.error

    sign_status(run, state="running", pid=2**31 - 1)
    assert "There is no checkpoint yet: Resume starts it over." in read(app.run())
    (run / "last.pt").touch()
    assert "Resume continues from the last checkpoint." in read(app.run())

    sign_status(run, state="running", heartbeat=time.time() - 1000)
    with take_lock(run):
        app.run()
    assert "Training process is alive but silent" in read(app)
    assert "Resume" not in labels(app)
