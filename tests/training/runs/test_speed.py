import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from trainings import exported

from cocomine.errors import DatasetError
from cocomine.exporting.layout import MANIFEST
from cocomine.system.jobs import Progress
from cocomine.training.runs import speed as speed_module
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.speed import Speed, kept_speed, measured_speed, run_time_s
from cocomine.workspace import Workspace

SPEED = Speed(
    start_s=6.0, prepared_image_s=0.01, step_s=0.5, evaluated_image_s=0.1, written_network_s=0.2, device="cpu"
)
FIELDS = {name: getattr(SPEED, name) for name in SPEED.__struct_fields__}


def nothing(_done: int, _total: int) -> None:
    """Take a report of progress."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(root=tmp_path / "home")


@pytest.fixture
def config(tmp_path: Path) -> TrainingConfig:
    (tmp_path / "export").mkdir()
    (tmp_path / "export" / MANIFEST).write_text("{}")
    return preset("quick", export=tmp_path / "export", weights="none", steps=100)


@pytest.fixture
def trials(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let a trial tell the fields of `SPEED`; the list has the module of each."""
    begun: list[str] = []

    def tell(module: str, _arguments: list[str], _progress: Progress, **_words: object) -> dict[str, object]:
        begun.append(module)
        return FIELDS

    monkeypatch.setattr(speed_module, "run_in_subprocess", tell)
    return begun


def test_a_run_takes_the_sum_of_its_parts() -> None:
    """100 steps, of 600 images 500 are trained on; 9 evaluations have 60 of 90 images, two have all."""
    config = preset("quick", export="/e", steps=100)
    assert (config.evaluate_every, config.train_image_limit, config.eval_image_limit) == (12, 500, 60)
    expected = 6 + (500 + 90) * 0.01 + 100 * 0.5 + (9 * 60 + 2 * 90) * 0.1 + (9 + 3) * 0.2
    assert run_time_s(config, SPEED, train_image_count=600, val_image_count=90) == pytest.approx(expected)


def test_without_limits_all_images_are_counted() -> None:
    config = replace(preset("quick", export="/e", steps=10), train_image_limit=None, eval_image_limit=None)
    expected = 6 + (700 + 100) * 0.01 + 10 * 0.5 + (10 * 100 + 2 * 100) * 0.1 + (10 + 3) * 0.2
    assert run_time_s(config, SPEED, train_image_count=700, val_image_count=100) == pytest.approx(expected)


def test_what_was_measured_is_kept(config: TrainingConfig, workspace: Workspace, trials: list[str]) -> None:
    assert kept_speed(config, workspace) is None
    assert measured_speed(config, workspace, nothing) == SPEED
    assert kept_speed(config, workspace) == measured_speed(config, workspace, nothing) == SPEED
    assert trials == ["cocomine.training.speed_trial"]


def test_what_does_not_change_a_step_is_not_measured_again(
    config: TrainingConfig, workspace: Workspace, trials: list[str]
) -> None:
    measured_speed(config, workspace, nothing)
    assert kept_speed(replace(config, steps=7, seed=9, learning_rate=0.5, preset="paper"), workspace) == SPEED
    assert len(trials) == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda config: replace(config, encoder="resnet18"),
        lambda config: replace(config, batch_size=4),
        lambda config: replace(config, frozen_stages=0),
        lambda config: replace(config, weights="/w.pth"),
        lambda config: replace(config, optimiser="sgd"),
        lambda config: replace(config, loss="ce"),
        lambda config: replace(config, augment=False),
        lambda config: replace(config, average_decay=0.9),
    ],
)
def test_what_changes_a_step_is_measured_again(
    config: TrainingConfig,
    workspace: Workspace,
    trials: list[str],  # noqa: ARG001
    change: Callable[[TrainingConfig], TrainingConfig],
) -> None:
    measured_speed(config, workspace, nothing)
    assert kept_speed(change(config), workspace) is None


def test_another_export_in_the_same_folder_is_measured_again(
    config: TrainingConfig,
    workspace: Workspace,
    trials: list[str],  # noqa: ARG001
) -> None:
    measured_speed(config, workspace, nothing)
    (Path(config.export) / MANIFEST).write_text('{"another": 1}')
    assert kept_speed(config, workspace) is None


def test_a_damaged_record_is_as_good_as_none(config: TrainingConfig, workspace: Workspace, trials: list[str]) -> None:
    measured_speed(config, workspace, nothing)
    (kept,) = workspace.speeds.iterdir()
    kept.write_bytes(b"{")
    assert kept_speed(config, workspace) is None
    assert measured_speed(config, workspace, nothing) == SPEED
    assert len(trials) == 2


@pytest.mark.parametrize("field", [name for name in FIELDS if name != "device"])
@pytest.mark.parametrize("seconds", [-0.5, 2e6])
def test_a_time_that_cannot_be_is_a_damaged_record(
    config: TrainingConfig, workspace: Workspace, trials: list[str], field: str, seconds: float
) -> None:
    measured_speed(config, workspace, nothing)
    (kept,) = workspace.speeds.iterdir()
    kept.write_text(json.dumps(FIELDS | {field: seconds}))
    assert kept_speed(config, workspace) is None
    assert len(trials) == 1


def test_an_export_that_is_gone_has_no_speed(config: TrainingConfig, workspace: Workspace) -> None:
    assert kept_speed(replace(config, export="/gone"), workspace) is None


@pytest.mark.slow
def test_a_trial_measures_an_export_and_leaves_nothing_but_the_times(tmp_path: Path, workspace: Workspace) -> None:
    export = exported(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in export.rglob("*")}
    config = replace(preset("quick", export=export, weights="none", encoder="small"), batch_size=2)
    reports: list[tuple[int, int]] = []
    began = time.monotonic()
    speed = measured_speed(config, workspace, lambda done, total: reports.append((done, total)))
    spent_s = time.monotonic() - began
    assert speed.device in {"cpu", "cuda"}
    assert 0 < speed.step_s < spent_s
    assert 0 < speed.evaluated_image_s < spent_s
    assert 0 < speed.start_s < spent_s
    assert max(reports) == (3, 4)
    assert {path: path.stat().st_mtime_ns for path in export.rglob("*")} == before
    assert [path.name for path in workspace.root.iterdir()] == ["speeds"]


def test_a_trial_that_cannot_be_made_says_why(tmp_path: Path, workspace: Workspace) -> None:
    export = exported(tmp_path, size_px=50)
    config = preset("quick", export=export, weights="none", encoder="small")
    with pytest.raises(DatasetError, match="its label maps are 50 px, but the network needs a multiple of 32 px"):
        measured_speed(config, workspace, nothing)
