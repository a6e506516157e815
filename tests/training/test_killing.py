"""A run that is killed again and again, wherever it is, ends as one that nothing disturbed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import killed_trainings
import pytest
from trainings import exported

from cocomine.system.subprocesses import with_this_package
from cocomine.training.runs.times import TIMES, TimesReader

KILLS = 20
RESULTS = ("metrics.jsonl", "last.safetensors", "best.safetensors", "evaluation_last.npz", "evaluation_best.npz")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_twenty_kills_at_random_moments_change_no_bit_of_the_result(tmp_path: Path) -> None:
    script = Path(killed_trainings.__file__)
    export = exported(tmp_path)
    command = [sys.executable, str(script), str(tmp_path), str(export), str(KILLS), "1"]
    environment = with_this_package(os.environ)
    environment["PYTHONPATH"] += os.pathsep + str(script.parent)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    steps = json.loads(done.stdout.splitlines()[-1])
    assert len(steps) == KILLS
    for name in RESULTS:
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not list((tmp_path / "killed").glob("last.pt"))
    whole, killed = (TimesReader().read(tmp_path / name / TIMES) for name in ("whole", "killed"))
    assert killed.steps.tolist() == whole.steps.tolist() == list(range(killed_trainings.settings("", KILLS).steps + 1))
    assert killed.seconds[0] >= 0
