"""Several processes train one network: what they compute is what one computes, and the end of one is the end of all."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from forker import CAN_FORK, Forker, forker
from ports import free_port
from torch import nn
from trainings import exported, run_in, run_until

from cocomine.errors import TrainingError
from cocomine.system.subprocesses import with_this_package
from cocomine.training.agreement import refuse_empty_shares
from cocomine.training.augmentation import training_batch
from cocomine.training.checkpoint import read_checkpoint
from cocomine.training.data import SplitArrays
from cocomine.training.group import Group, SharedBatchNorm
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.reading import CHECKPOINT, read_run, request_stop

GUIDE = (Path(__file__).parents[2] / "docs" / "several-computers.md").read_text(encoding="utf-8")
LIMIT_S = 200


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("several"), size_px=64)


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    own = {"COCOMINE_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    return with_this_package(os.environ | own | more)


def test_shares_cover_a_batch_once_in_order() -> None:
    shares = [range(7)[Group(rank=rank, size=3).share(7)] for rank in range(3)]
    assert [list(share) for share in shares] == [[0, 1], [2, 3], [4, 5, 6]]


def test_the_batches_of_all_processes_are_those_of_one() -> None:
    random = np.random.default_rng(0)
    arrays = SplitArrays(
        images=random.integers(0, 256, (6, 32, 32, 3), dtype=np.uint8),
        labels=random.integers(0, 3, (6, 32, 32), dtype=np.uint8),
        image_ids=(1, 2, 3, 4, 5, 6),
    )
    config = replace(preset("recommended", export="x"), batch_size=5)
    whole = training_batch(arrays, config, step=3, device=torch.device("cpu"))
    for size in (2, 3, 5):
        groups = [Group(rank=rank, size=size) for rank in range(size)]
        parts = [training_batch(arrays, config, step=3, device=torch.device("cpu"), group=each) for each in groups]
        assert torch.equal(torch.cat([images for images, _ in parts]), whole[0])
        assert torch.equal(torch.cat([labels for _, labels in parts]), whole[1])


def test_shared_statistics_of_one_process_are_those_of_pytorch() -> None:
    values = torch.randn(3, 2, 4, 5, generator=torch.Generator().manual_seed(0)) * 3 + 100
    expected, shared = nn.BatchNorm2d(2), SharedBatchNorm(2)
    for _ in range(2):
        assert torch.allclose(shared(values), expected(values), atol=1e-4)
    for name, tensor in expected.state_dict().items():
        assert torch.allclose(shared.state_dict()[name], tensor, rtol=1e-5), name
    assert torch.equal(shared.eval()(values), expected.eval()(values))


def test_more_processes_than_images_in_a_step_are_refused() -> None:
    config = replace(preset("quick", export="x"), batch_size=2)
    with pytest.raises(TrainingError, match="a batch of 2 images cannot be divided among 3 processes"):
        refuse_empty_shares(config, Group(size=3))


@pytest.mark.slow
def test_two_computers_as_documented_give_what_one_process_gives(export: Path, tmp_path: Path) -> None:
    """The example's two commands, with the address of this computer and few steps of a small network."""
    example = re.search(r"```bash\n(torchrun .*?)```", GUIDE, re.DOTALL)
    assert example is not None
    small = ["--encoder", "small", "--weights", "none", "--steps", "2"]
    places = {
        "192.168.0.10": "127.0.0.1",
        "29500": str(free_port()),
        "export": str(export),
        "run": str(tmp_path / "run"),
    }
    words = [places.get(word, word) for word in shlex.split(example[1].replace("\\\n", " "))]
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:], *small]
    second = ["1" if before == "--node-rank" else word for before, word in zip(["", *command], command, strict=False)]
    nodes = [
        subprocess.Popen(each, env=environment(tmp_path), stderr=subprocess.PIPE, text=True)
        for each in (command, second)
    ]
    said = [node.communicate(timeout=LIMIT_S)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], said
    config = preset("recommended", export=export, encoder="small", weights="none", steps=2)
    assert run_in(tmp_path / "alone", config) == "done"
    together, alone = (read_run(tmp_path / name, time.time()) for name in ("run", "alone"))
    assert together.config == config
    assert together.info is not None
    assert together.info.process_count == 2
    losses = [[line.loss for line in run.metrics.train] for run in (together, alone)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    assert [line.image_count for line in together.metrics.finals] == [4, 4]
    numbers = [run.metrics.finals[0].cross_entropy for run in (together, alone)]
    assert numbers[0] == pytest.approx(numbers[1], rel=1e-3)


def start_two(training: Forker, folder: Path, tmp_path: Path) -> list[int]:
    """Start both processes as a launcher does, without one; return their ids."""
    common = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port()), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
    environment = {"COCOMINE_HOME": str(tmp_path / "home"), **common}
    said = tmp_path / "said.txt"
    ranks = [{"RANK": rank, "LOCAL_RANK": rank} for rank in ("0", "1")]
    return [training.start("cocomine.training", folder, said, **environment, **rank) for rank in ranks]


def running_mean(folder: Path, config: TrainingConfig) -> dict[str, torch.Tensor]:
    """Return the mean of the weights that a run would go on from."""
    checkpoint = read_checkpoint(folder / CHECKPOINT, config)
    assert checkpoint is not None
    assert checkpoint.average is not None
    return checkpoint.average


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def training() -> Iterator[Forker]:
    """A process that has loaded PyTorch: that takes longer than a few steps."""
    with forker("cocomine.training.loop", "cocomine.training.group") as training:
        yield training


@pytest.mark.slow
@pytest.mark.skipif(not CAN_FORK, reason="no fork here")
def test_a_run_of_one_goes_on_with_two_which_end_together_and_with_one_again(
    export: Path, tmp_path: Path, training: Forker
) -> None:
    config = preset("paper", export=export, encoder="small", weights="none")
    config = replace(config, batch_size=4, loss="ce+dice", augment=True, log_every=1, average_decay=0.9)
    folder, metrics = tmp_path / "run", tmp_path / "run" / "metrics.jsonl"
    assert run_until(folder, config, 2) == "stopped"

    first, second = start_two(training, folder, tmp_path)
    wait_until(lambda: '"step":4,' in metrics.read_text())
    os.kill(second, signal.SIGKILL)
    assert [training.exit_code(pid) for pid in (first, second)] == [1, -signal.SIGKILL]
    run = read_run(folder, time.time())
    assert run.state == "failed"
    told = rf"process 1 \(id {second} on .*\) of 2 ended without a word: killed.*All processes stopped\. The same"
    assert re.search(told, run.message)
    assert f"Process 0 ends. {run.message}" in (tmp_path / "said.txt").read_text()

    pids = start_two(training, folder, tmp_path)
    wait_until(lambda: '"step":5,' in metrics.read_text())
    request_stop(folder)
    assert [training.exit_code(pid) for pid in pids] == [0, 0]
    together = read_run(folder, time.time())
    assert together.state == "stopped"
    assert run_until(tmp_path / "alone", config, together.step) == "stopped"
    means = [running_mean(each, config) for each in (folder, tmp_path / "alone")]
    torch.testing.assert_close(means[0], means[1], rtol=1e-3, atol=1e-5)

    assert run_until(folder, config, together.step + 1) == "stopped"
    losses = [
        [line.loss for line in read_run(each, time.time()).metrics.train] for each in (folder, tmp_path / "alone")
    ]
    assert len(losses[0]) == together.step + 1
    assert losses[0][:5] == pytest.approx(losses[1][:5], rel=1e-3)
