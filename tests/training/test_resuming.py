"""A run goes on as if nothing had happened, or says why it does not; nothing of it is lost or written twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from disks import largest_file, small_disk
from run_folders import resume
from safetensors.torch import load_file
from trainings import exported, run_in

from cocomine.errors import CocomineError, TrainingError
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import read_export
from cocomine.system.files import write_json
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import with_this_package
from cocomine.training import carrying_out
from cocomine.training.checkpoint import read_checkpoint
from cocomine.training.provenance import Provenance, check_sizes, differences, provenance_of
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.reading import Run, read_run, request_stop
from cocomine.training.runs.records import RunInfo

RunMain = Callable[[Path], int]
pytestmark = pytest.mark.usefixtures("narrow_network")


@pytest.fixture
def stopped(tmp_path: Path, config: TrainingConfig, narrow_network: None) -> Path:  # noqa: ARG001  (it must come first)
    """A run that was stopped after its first evaluation."""
    folder = tmp_path / "stopped"
    folder.mkdir()
    request_stop_after(folder, lambda text: '"kind":"eval"' in text, config)
    return folder


def request_stop_after(folder: Path, is_reached: Callable[[str], bool], config: TrainingConfig) -> None:
    """Run until the metrics say so."""
    metrics = folder / "metrics.jsonl"
    assert run_in(folder, config, lambda: metrics.exists() and is_reached(metrics.read_text())) == "stopped"


def info_of(folder: Path) -> RunInfo:
    info = read_run(folder, time.time()).info
    assert info is not None
    return info


@pytest.fixture
def rewritten(config: TrainingConfig) -> Iterator[Path]:
    """The export's folder, put back as it was afterwards."""
    folder = Path(config.export)
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept, symlinks=True)
    yield folder
    shutil.rmtree(folder)
    kept.rename(folder)


def test_what_a_run_depends_on_is_that_of_its_export(config: TrainingConfig) -> None:
    made_of = provenance_of(read_export(Path(config.export)))
    assert (made_of.size_px, made_of.labels) == (32, ("background", "cat", "cup"))
    assert (made_of.splits, made_of.image_counts) == (("train2017", "val2017"), (4, 4))


def test_what_changed_in_an_export_is_named() -> None:
    before = Provenance(
        manifest_sha256="a",
        size_px=128,
        labels=("background", "cup", "boat"),
        splits=("train", "val"),
        image_counts=(8, 4),
    )
    assert differences(before, before) == []
    assert differences(before, replace(before, manifest_sha256="b")) == [
        "its files are others (the SHA-256 of manifest.json differs)"
    ]
    other = replace(before, manifest_sha256="b", labels=("background", "boat", "cup"), size_px=64, image_counts=(9, 4))
    assert differences(before, other) == [
        "the order of the labels was background, cup, boat and is now background, boat, cup",
        "label maps were 128 px and are 64 px",
        "training images were 8 and are 9",
    ]
    assert differences(before, replace(before, image_counts=(8, 5))) == ["validation images were 4 and are 5"]
    assert differences(before, replace(before, labels=("background", "cup", "dog"))) == [
        "the labels were background, cup, boat and is now background, cup, dog"
    ]
    assert differences(before, replace(before, labels=("background", "boat", "car"))) == [
        "the labels were background, cup, boat and is now background, boat, car"
    ]


def test_a_run_whose_export_has_another_order_of_labels_stops_and_says_so(
    stopped: Path, config: TrainingConfig, rewritten: Path, tmp_path: Path
) -> None:
    shutil.rmtree(rewritten)
    shutil.move(exported(tmp_path / "other", classes=("cup", "cat")), rewritten)
    before = (stopped / "last.pt").stat().st_mtime_ns
    with pytest.raises(TrainingError, match=r"changed since step 1.*order of the labels was background, cat, cup"):
        run_in(stopped, config)
    assert (stopped / "last.pt").stat().st_mtime_ns == before


def test_a_run_whose_export_has_other_files_stops_and_says_so(
    stopped: Path, config: TrainingConfig, rewritten: Path
) -> None:
    manifest = json.loads((rewritten / MANIFEST).read_text())
    (rewritten / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(TrainingError, match=r"the SHA-256 of manifest.json differs.*Start a new run on it, or put"):
        run_in(stopped, config)


@pytest.mark.parametrize("kind", ["images/", "labels/", "annotations/"])
def test_files_of_another_size_under_the_same_manifest_are_named(
    stopped: Path, config: TrainingConfig, rewritten: Path, kind: str
) -> None:
    name = next(entry["path"] for entry in read_manifest(rewritten)["files"] if entry["path"].startswith(kind))
    data = (rewritten / name).read_bytes()
    (rewritten / name).unlink()
    (rewritten / name).write_bytes(data + b" ")
    with pytest.raises(
        TrainingError, match=rf"1 of its files changed since it was written: {name} \({len(data):,} bytes"
    ):
        run_in(stopped, config)


def test_images_that_are_gone_are_left_out_of_a_new_run_and_end_an_old_one(
    stopped: Path, config: TrainingConfig, rewritten: Path, tmp_path: Path
) -> None:
    gone = next(
        entry["path"] for entry in read_manifest(rewritten)["files"] if entry["path"].startswith("images/train")
    )
    (rewritten / gone).unlink()
    with pytest.raises(TrainingError, match="training images were 4 and are 3"):
        run_in(stopped, config)
    folder = tmp_path / "fewer"
    folder.mkdir()
    request_stop_after(folder, lambda text: '"kind":"eval"' in text, config)
    assert info_of(folder).notices[0].startswith("1 of 4 images of train2017 have no image file")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 cut"), r"last\.pt: is damaged .*Delete it to start the run over"),
        (lambda path: torch.save({"version": 1, "config": {}}, path), r"its format is 1, this one reads 3\)"),
        (lambda path: torch.save({"version": 3, "config": {}}, path), r"made with other settings than config\.json"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_a_sentence(
    config: TrainingConfig, tmp_path: Path, change: Callable[[Path], None], message: str
) -> None:
    folder = tmp_path / "unusable"
    folder.mkdir(exist_ok=True)
    change(folder / "last.pt")
    with pytest.raises(TrainingError, match=message):
        run_in(folder, config)


class Harm:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


def test_a_checkpoint_runs_no_code_and_is_refused_in_one_line(config: TrainingConfig, tmp_path: Path) -> None:
    torch.save({"version": 3, "config": Harm(tmp_path / "harm")}, tmp_path / "last.pt")
    with pytest.raises(TrainingError, match=r"last\.pt: is damaged \(\w[^\n]+\)\. Delete it") as refusal:
        read_checkpoint(tmp_path / "last.pt", config)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "harm").exists()


def test_files_that_training_does_not_read_may_change(config: TrainingConfig, rewritten: Path) -> None:
    for name in ("recipe.yaml", "README.md", "mined.json"):
        (rewritten / name).write_text("another")
    check_sizes(read_export(Path(config.export)))


def test_three_files_that_changed_are_named_and_others_are_hinted_at(config: TrainingConfig, rewritten: Path) -> None:
    export, maps = read_export(Path(config.export)), sorted(rewritten.glob("labels/*/*.png"))
    for path in maps[:3]:
        path.write_bytes(b"")
    with pytest.raises(TrainingError, match=r"3 of its files changed .* found\)\. Put them back"):
        check_sizes(export)
    maps[3].write_bytes(b"")
    with pytest.raises(TrainingError, match=r"4 of its files changed .* found\) and others\. Put them back"):
        check_sizes(export)


def test_a_run_that_was_stopped_in_the_former_version_is_resumed(
    stopped: Path, config: TrainingConfig, uninterrupted: Run
) -> None:
    value = torch.load(stopped / "last.pt", weights_only=True)
    former = {"state": "position", "evaluations_without_gain": "stale_count", "complete_stages": "complete_parts"}
    former |= {"initial_lr": "base_rate", "learning_rate": "rate", "pretrained_learning_rate": "pretrained_rate"}
    former |= {"frozen_stages": "frozen_parts"}

    def in_former_names(part: Any) -> Any:
        if isinstance(part, dict):
            return {former.get(name, name): in_former_names(each) for name, each in part.items()}
        return [in_former_names(each) for each in part] if isinstance(part, list) else part

    settings = in_former_names(value["config"]) | {"preset": "try"}
    network = value["network"]
    torch.save(in_former_names(value) | {"version": 2, "config": settings, "network": network}, stopped / "last.pt")
    assert run_in(stopped, config) == "done"
    assert read_run(stopped, time.time()).metrics.finals == uninterrupted.metrics.finals


def test_a_stop_while_the_best_weights_are_judged_leaves_each_line_once(tmp_path: Path, config: TrainingConfig) -> None:
    """The best weights are then in the network, and must not become the last ones."""
    folder = tmp_path / "judging"
    folder.mkdir()
    peaked = replace(
        config, learning_rate=0.0, warmup_steps=0
    )  # the first result is never beaten, so it is not the last
    request_stop_after(folder, lambda text: '"weights":"last"' in text, peaked)
    assert [line.weights for line in read_run(folder, time.time()).metrics.finals] == ["last"]
    before = read_checkpoint(folder / "last.pt", peaked)
    assert run_in(folder, peaked) == "done"
    finals = read_run(folder, time.time()).metrics.finals
    assert [(line.weights, line.step) for line in finals] == [("last", 4), ("best", 2)]
    after = load_file(folder / "last.safetensors")
    assert before is not None
    assert all(torch.equal(tensor, after[name]) for name, tensor in (before.average or before.network).items())


def test_an_image_that_goes_while_a_run_is_at_work_costs_its_sample_alone(
    config: TrainingConfig, rewritten: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "going"
    folder.mkdir()

    def has_begun() -> bool:
        for path in rewritten.glob("images/val*/*.jpg"):
            if (folder / "run_info.json").is_file():  # then the arrays are made
                path.unlink()
        return len(read_run(folder, time.time()).metrics.train) == 1

    assert run_in(folder, config, has_begun) == "stopped"
    run = read_run(folder, time.time())
    assert (len(run.metrics.evaluations), run.state) == (1, "stopped")
    assert [len(sample.predictions) for sample in run.samples] == [1]  # drawn before the images went


@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"\x00" * 10)])
def test_metrics_that_were_lost_are_written_anew_from_the_checkpoint(
    stopped: Path, config: TrainingConfig, damage: Callable[[Path], None]
) -> None:
    before = (stopped / "metrics.jsonl").read_bytes()
    assert before
    damage(stopped / "metrics.jsonl")
    request_stop(stopped)
    assert run_in(stopped, config) == "stopped"
    assert (stopped / "metrics.jsonl").read_bytes().startswith(before)


def test_a_checkpoint_that_finds_no_room_is_named_and_the_old_one_stays(stopped: Path, run_main: RunMain) -> None:
    before = (stopped / "last.pt").read_bytes()
    (stopped / "last.pt.part-1-1").write_bytes(b"what a killed process left")
    with largest_file(len(before) - 1):
        assert run_main(stopped) == 1
    run = read_run(stopped, time.time())
    assert run.state == "failed"
    assert run.message.startswith(f"{stopped / 'last.pt'}: cannot be written, the file would grow larger")
    assert (stopped / "last.pt").read_bytes() == before
    assert not list(stopped.glob("*.part-*"))


def test_a_disk_without_room_is_said_before_the_first_step(config: TrainingConfig, tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "small", "1m") as small,
        pytest.raises(CocomineError, match=r"run: The run, with its checkpoints, needs about .* are free there"),
    ):
        run_in(small / "run", config)


def test_a_failure_is_recorded_on_a_disk_without_a_byte_left(
    config: TrainingConfig, tmp_path: Path, run_main: RunMain, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "small", "1m") as small:
        (folder := small / "run").mkdir()
        (folder / "config.json").write_text(json.dumps(config_as_json(config)))
        monkeypatch.setattr(carrying_out, "_trained", lambda *_: fill(small / "filler"))
        assert run_main(folder) == 1
        run = read_run(folder, time.time())
    assert run.state == "failed"
    assert f"{folder}: cannot be written, the disk is full" in run.message


def fill(path: Path) -> None:
    """Take every byte that a disk has left, and try to take one more, as a run does."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            with suppress(OSError):
                while file.write(b"x" * size) == size:
                    pass
    with writing_to(path.parent / "run"):
        (path.parent / "run" / "more").write_bytes(b"x" * 4096)


@pytest.mark.slow
def test_a_suspended_process_is_asleep_gets_no_twin_and_goes_on(config: TrainingConfig, tmp_path: Path) -> None:
    """It outlives the server that started it, too, and is found by the next one."""
    folder = tmp_path / "asleep"
    start_in_a_server_that_is_killed(replace(config, steps=10_000), folder, tmp_path / "home")
    pid = awaited(folder, lambda run: bool(run.metrics.train)).pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        run = awaited(folder, lambda run: run.state == "asleep")
        assert (run.is_active, run.can_be_resumed) == (True, False)
        assert read_run(folder, time.time() + 1e6).state == "asleep"  # however long the lid was closed
        with pytest.raises(TrainingError, match=rf"its process {pid} is alive but suspended"):
            resume(folder)
    finally:
        os.kill(pid, signal.SIGCONT)
    reached = read_run(folder, time.time()).step
    awaited(folder, lambda run: run.state == "running" and run.step > reached)
    with pytest.raises(TrainingError, match="a run is at work there"):
        resume(folder)
    os.kill(pid, signal.SIGKILL)
    assert awaited(folder, lambda run: not run.is_active).state == "lost"
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_process_that_is_terminated_saves_a_checkpoint_and_ends(
    config: TrainingConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own, as the system ends it when the computer shuts down."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    start_run(replace(config, steps=10_000, evaluate_every=10_000), tmp_path / "run")
    pid = awaited(tmp_path / "run", lambda run: bool(run.metrics.train)).pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    assert awaited(tmp_path / "run", lambda run: not run.is_active).state == "stopped"
    assert (tmp_path / "run" / "last.pt").is_file()


def start_in_a_server_that_is_killed(config: TrainingConfig, folder: Path, home: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from cocomine.training.runs.config import read_config;"
        "from cocomine.training.runs.launching import start_run;"
        "start_run(read_config(Path(sys.argv[1])), Path(sys.argv[2])); os.kill(os.getpid(), signal.SIGKILL)"
    )
    settings = folder.with_suffix(".json")
    settings.write_text(json.dumps(config_as_json(config)))
    environment = with_this_package(os.environ | {"COCOMINE_HOME": str(home)})
    server = subprocess.run([sys.executable, "-c", code, settings, folder], env=environment, check=False)
    assert server.returncode == -signal.SIGKILL


def awaited(folder: Path, is_so: Callable[[Run], bool]) -> Run:
    """Return the run as soon as it is so."""
    for _ in range(600):
        run = read_run(folder, time.time())
        if is_so(run):
            return run
        time.sleep(0.1)
    raise AssertionError(f"{folder} does not come to it: {run.state} {run.status}")


def test_a_run_goes_on_with_a_smaller_batch_and_lower_rates_and_says_so(stopped: Path, config: TrainingConfig) -> None:
    before = read_run(stopped, time.time()).step
    other = replace(config, batch_size=3, learning_rate=1e-5)
    assert run_in(stopped, other) == "done"
    run = read_run(stopped, time.time())
    assert run.info is not None
    assert run.info.notices[0] == f"From step {before} on: batch 3 instead of 2, learning rate 1e-05 instead of 0.005."
    assert all(line.learning_rate <= 1e-5 for line in run.metrics.train if line.step > before)
    assert run.metrics.train[-1].step == config.steps
    names = {path.name for path in stopped.iterdir()}  # of a done run the weights stay, and nothing of the optimiser
    assert ({"last.safetensors", "best.safetensors"} <= names, "last.pt" in names) == (True, False)


def test_a_checkpoint_without_numbers_is_not_written(stopped: Path, config: TrainingConfig, run_main: RunMain) -> None:
    before = (stopped / "last.pt").read_bytes()
    write_json(stopped / "config.json", config_as_json(replace(config, learning_rate=1e30)))
    assert run_main(stopped) == 1
    run = read_run(stopped, time.time())
    assert (run.state, run.status.fault.kind if run.status and run.status.fault else None) == ("failed", "diverged")
    assert "lower learning rate" in run.message
    assert (stopped / "last.pt").read_bytes() == before
