import json
import logging
import os
import re
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from trainings import assert_same_end, exported, run_in, run_until

from cocomine.errors import TrainingError
from cocomine.system.files import write_json
from cocomine.training import loop, run_files
from cocomine.training.checkpoint import TrainState, read_checkpoint
from cocomine.training.evaluation import Evaluation, predicted_labels
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.reading import Run, read_run, request_stop
from cocomine.training.runs.records import EvalLine, TrainLine
from cocomine.training.runs.reporting import RunReport, setting_lines
from cocomine.training.runs.times import TIMES, TimesReader
from cocomine.training.step import train_step

pytestmark = pytest.mark.usefixtures("narrow_network")


def test_a_run_leaves_curves_samples_weights_and_a_card(uninterrupted: Run) -> None:
    run = uninterrupted
    assert run.state == "done"
    assert [line.step for line in run.metrics.train] == [1, 2, 3, 4]
    assert [line.step for line in run.metrics.evaluations] == [0, 2, 4]
    assert [line.weights for line in run.metrics.finals] == ["last", "best"]
    assert [(sample.step, len(sample.predictions)) for sample in run.samples] == [(0, 4), (2, 4), (4, 4)]
    assert "empty prediction" in (run.folder / "model_card.md").read_text(encoding="utf-8")
    assert run.status is not None
    assert (run.status.step, run.status.steps, run.status.seconds_left) == (4, 4, 0.0)
    assert any("Random initialisation" in notice for notice in run.status.notices)


def test_every_evaluation_has_its_baseline_beside_it(uninterrupted: Run) -> None:
    lines = uninterrupted.metrics.evaluations
    assert all(line.background_baseline.iou[1:] == [0.0, 0.0] for line in lines)
    assert all(line.background_baseline == lines[0].background_baseline for line in lines)
    assert all(line.prior_baseline == lines[0].prior_baseline is not None for line in lines)


def test_the_counts_of_each_image_add_up_to_the_final_numbers(uninterrupted: Run) -> None:
    stored = np.load(uninterrupted.folder / "evaluation_last.npz")
    true, predicted = np.divmod(stored["cell"], stored["label_count"])
    assert sorted(stored["image_ids"]) == [7, 11, 30, 42]
    assert stored["step"] == 4
    assert stored["pixels"][true == predicted].sum() / stored["pixels"].sum() == pytest.approx(
        uninterrupted.metrics.finals[0].pixel_accuracy, abs=1e-6
    )


def test_the_best_weights_say_what_their_labels_are(uninterrupted: Run) -> None:
    with safe_open(uninterrupted.folder / "best.safetensors", "pt") as file:
        description = json.loads(file.metadata()["cocomine"])
        assert len(file.keys()) == 415
    assert [label["name"] for label in description["labels"]] == ["background", "cat", "cup"]
    assert description["size_px"] == 32
    assert description["step"] > 0  # never the untrained network


def test_a_resumed_run_equals_an_uninterrupted_one_bit_for_bit(
    tmp_path: Path, config: TrainingConfig, uninterrupted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "drop_checkpoint", lambda _: None)
    folder = tmp_path / "resumed"

    assert run_until(folder, config, 3) == "stopped"
    stopped = read_run(folder, time.time())
    assert (stopped.state, stopped.step, stopped.can_be_resumed) == ("stopped", 3, True)
    with (folder / "metrics.jsonl").open("a") as file:  # what a killed run wrote after its last checkpoint
        file.write('{"step": 4, "kind": "train", "loss": 9}\n{"step": 4, "ki')
    assert run_in(folder, config) == "done"

    assert TimesReader().read(folder / TIMES).steps.tolist() == [0, 1, 2, 3, 4]
    assert_same_end(folder, uninterrupted.folder, config)
    end = read_checkpoint(folder / "last.pt", config)
    assert end is not None
    assert end.average


def test_a_run_asks_for_the_room_of_two_checkpoints_and_the_best_weights_less_what_is_there(
    tmp_path: Path, config: TrainingConfig, uninterrupted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AdamW keeps two numbers of four bytes for each trained weight."""
    asked: list[int] = []
    monkeypatch.setattr(run_files, "require_space", lambda _folder, need_bytes, _what: asked.append(need_bytes))
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "best.safetensors").write_bytes(bytes(1000))
    assert run_in(folder, replace(config, steps=1), lambda: bool(asked)) == "stopped"
    network = sum(tensor.nbytes for tensor in load_file(uninterrupted.folder / "best.safetensors").values())
    assert uninterrupted.info is not None
    checkpoint = 2 * network + 2 * 4 * uninterrupted.info.trained_parameter_count  # weights and their running mean
    assert asked == [2 * checkpoint + network - 1000]


@pytest.fixture
def speeds(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, float]]:
    """What runs tell of their speed after each step, by a clock that a look moves by 3 s."""
    told: list[dict[str, float]] = []
    progress = RunReport.progress

    def note(report: RunReport, message: str, **changes: float) -> None:
        if "seconds_left" in changes:
            told.append(changes)
        progress(report, message, **changes)

    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=count(step=3).__next__))
    monkeypatch.setattr(RunReport, "progress", note)
    return told


def test_the_time_left_is_that_of_steps_evaluations_and_two_of_all_images(
    tmp_path: Path, config: TrainingConfig, speeds: list[dict[str, float]]
) -> None:
    """A step of two images takes 3 s, and so does an evaluation of two of the four images."""
    assert run_in(tmp_path / "run", replace(config, eval_image_limit=2)) == "done"
    assert [told["seconds_left"] for told in speeds] == [9 + 6 + 12, 6 + 3 + 12, 3 + 3 + 12, 0 + 0 + 12]
    assert {told["images_per_s"] for told in speeds} == {0.67}


def test_the_time_left_of_a_resumed_run_is_never_negative(
    tmp_path: Path, config: TrainingConfig, speeds: list[dict[str, float]]
) -> None:
    assert run_in(tmp_path / "run", config, lambda: len(speeds) == 3) == "stopped"
    speeds.clear()
    assert run_in(tmp_path / "run", config) == "done"
    (told,) = speeds  # before the first evaluation of this process
    assert told["seconds_left"] >= 0


@pytest.mark.parametrize(("step_s", "written"), [(10, [4]), (130, [1, 2, 3, 4, 4])])
def test_a_checkpoint_is_written_where_the_last_one_is_over_two_minutes_old_and_at_the_end(
    tmp_path: Path,
    config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    step_s: int,
    written: list[int],
) -> None:
    clock = count(time.monotonic())  # seconds

    def slow_step(*given: Any) -> TrainLine:
        for _ in range(step_s):
            next(clock)
        return train_step(*given)

    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=clock.__next__))
    monkeypatch.setattr(loop, "train_step", slow_step)
    with caplog.at_level(logging.INFO):
        assert run_in(tmp_path / "run", config) == "done"
    assert re.findall(r"step (\d): checkpoint written", caplog.text) == [str(step) for step in written]


def test_a_stop_file_ends_the_run_and_is_taken_away(tmp_path: Path, config: TrainingConfig) -> None:
    folder = tmp_path / "stopped"
    folder.mkdir()
    request_stop(folder)
    assert run_in(folder, config) == "stopped"
    assert not (folder / "STOP").exists()


def test_a_run_ends_early_where_evaluations_bring_no_gain(
    tmp_path: Path, config: TrainingConfig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    level = replace(config, steps=50, learning_rate=0.0, warmup_steps=0, patience=1)  # the first result stays the best
    assert run_in(tmp_path / "level", replace(level, log_every=3)) == "done"
    run = read_run(tmp_path / "level", time.time())
    assert [line.step for line in run.metrics.evaluations] == [0, 2, 4]
    assert [line.step for line in run.metrics.train] == [1, 3]  # the first and every third
    assert run.info is not None
    assert {*setting_lines(run.info)} <= {*caplog.messages}  # with what it trains is in its log
    assert [(line.weights, line.step) for line in run.metrics.finals] == [("last", 4), ("best", 2)]


@pytest.mark.parametrize(
    ("mean_ious", "best_step"),
    [((0.9, 0.0, 0.2), 4), ((0.9, 0.2, 0.0), 2), ((0.9, 0.3, 0.3), 2), ((0.9, None, 0.0), 2)],
)
def test_the_best_weights_are_the_first_of_the_highest_miou_after_a_step(
    mean_ious: tuple[float | None, ...],
    best_step: int,
    tmp_path: Path,
    config: TrainingConfig,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    line_of, mean_iou_of = Evaluation.line, dict(zip((0, 2, 4), mean_ious, strict=True))

    def line(self: Evaluation, step: int, selected: Sequence[int], *, limit: int | None = None) -> EvalLine:
        return msgspec.structs.replace(line_of(self, step, selected, limit=limit), mean_iou=mean_iou_of[step])

    monkeypatch.setattr(Evaluation, "line", line)
    assert run_in(tmp_path / "run", config) == "done"
    assert [final.step for final in read_run(tmp_path / "run", time.time()).metrics.finals] == [4, best_step]


def test_a_loss_that_is_no_number_ends_the_run_with_a_reason(tmp_path: Path, config: TrainingConfig) -> None:
    wild = replace(config, optimiser="sgd", learning_rate=1e30, warmup_steps=0, evaluate_every=50)
    with pytest.raises(TrainingError, match=r"the loss of step 2 is nan.*lower learning rate \(it was 1e\+30\)"):
        run_in(tmp_path / "wild", wild)


def test_a_terminated_process_stops_with_a_checkpoint(
    tmp_path: Path, config: TrainingConfig, run_main: Callable[[Path], int]
) -> None:
    (folder := tmp_path / "terminated").mkdir()
    write_json(folder / "config.json", config_as_json(replace(config, steps=10_000)))

    def terminate() -> None:
        while not read_run(folder, time.time()).metrics.train:
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGTERM)

    with ThreadPoolExecutor(1) as pool:
        terminated = pool.submit(terminate)
        assert run_main(folder) == 0
        terminated.result()
    assert read_run(folder, time.time()).state == "stopped"
    assert (folder / "last.pt").is_file()


def test_an_export_whose_size_the_network_cannot_take_is_refused(tmp_path: Path, config: TrainingConfig) -> None:
    odd = replace(config, export=str(exported(tmp_path, size_px=50)))
    with pytest.raises(TrainingError, match=r"label maps are 50 px.*multiple of 32 px. Export again with 64 px"):
        run_in(tmp_path / "run", odd)


def test_enlarged_logits_give_the_labels_that_enlarging_all_at_once_gives() -> None:
    logits = torch.randn(5, 8, 8, generator=torch.Generator().manual_seed(0))
    at_once = torch.nn.functional.interpolate(logits[None], size=(21, 13), mode="bilinear")[0].argmax(0)
    assert np.array_equal(predicted_labels(logits, 21, 13), at_once.numpy())


def test_an_evaluation_tells_which_image_of_how_many_it_is_at(
    tmp_path: Path, config: TrainingConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(RunReport, "progress", lambda _self, message, **_changes: heard.append(message))
    assert run_in(tmp_path / "run", replace(config, steps=1, evaluate_every=1)) == "done"
    told = [message for message in heard if message.startswith("evaluating")]
    assert told[:4] == [f"evaluating image {number} of 4" for number in (1, 2, 3, 4)]
    assert set(told) == set(told[:4])


@pytest.mark.gpu
def test_a_run_works_on_a_gpu(tmp_path: Path, config: TrainingConfig) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    assert run_in(tmp_path / "gpu", config) == "done"


def test_patience_counts_from_nothing() -> None:
    assert TrainState().evaluations_without_gain == 0
