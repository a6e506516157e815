"""The paper's settings, as a run carries them out: loaded, partly frozen weights and plain SGD.

With ResNet-18: the 31 million weights of the paper's network would take 25 s of initialising and writing, and its names
and blocks are in the other tests of resuming.
"""

import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from trainings import assert_same_end, exported, run_in, run_until

from cocomine.training import loop
from cocomine.training.linknet import ResNetEncoder
from cocomine.training.runs.config import preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.reading import read_run

SMALLER = {"export", "weights", "encoder", "steps", "batch_size", "evaluate_every", "log_every"}
"""What a run of seconds must have otherwise."""


@pytest.mark.slow
def test_a_resumed_run_with_the_papers_settings_equals_an_uninterrupted_one_bit_for_bit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "drop_checkpoint", lambda _: None)  # the optimiser's end is compared, too
    torch.manual_seed(0)
    save_file(ResNetEncoder(ENCODERS["resnet18"]).state_dict(), tmp_path / "weights.safetensors")
    published = preset("paper", export=exported(tmp_path), weights=tmp_path / "weights.safetensors", encoder="resnet18")
    config = replace(published, steps=2, batch_size=2, evaluate_every=2, log_every=1)
    assert {
        name for name, value in asdict(config).items() if value != getattr(preset("paper", export="x"), name)
    } == SMALLER
    whole, resumed = tmp_path / "whole", tmp_path / "resumed"
    assert run_in(whole, config) == "done"
    assert run_until(resumed, config, 1) == "stopped"
    assert run_in(resumed, config) == "done"
    assert_same_end(whole, resumed, config)
    info = read_run(whole, time.time()).info
    assert info is not None
    assert info.frozen_stages == ["stem", "layer1", "layer2"]
