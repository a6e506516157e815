"""One small trained run for all tests that need one, with a network of an eighth of the channels."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from trainings import exported, run_in

from cocomine.training import loop
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.reading import Run, read_run

STEPS = 4


@pytest.fixture
def narrow_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let runs train a network with an eighth of the channels on one thread; nothing else of it differs."""
    threads, set_threads = torch.get_num_threads(), torch.set_num_threads
    _make_narrow(monkeypatch)
    yield
    set_threads(threads)


def _make_narrow(patched: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    patched.setitem(ENCODERS, "resnet50", replace(ENCODERS["resnet50"], widths=(8, 16, 32, 64)))


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> TrainingConfig:
    """A real run, as small as can be: four images of 32 px, four steps of two images."""
    folder = exported(tmp_path_factory.mktemp("trained"))
    few = preset("quick", export=folder, encoder="resnet50", weights="none", steps=STEPS, seed=3)
    return replace(few, batch_size=2, evaluate_every=2, average_decay=0.9)


@pytest.fixture(scope="session")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, config: TrainingConfig) -> Run:
    """A run that nothing disturbed; nothing may change its files."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patched:
        _make_narrow(patched)
        patched.setattr(loop, "drop_checkpoint", lambda _: None)  # the optimiser's end is compared, too
        assert run_in(folder, config) == "done"
    torch.set_num_threads(threads)
    return read_run(folder, time.time())
