"""A claim check that is killed again and again ends with the same files as one that nothing disturbed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cocomine.background.reading import TaskReader
from cocomine.claim.reading import read_claim
from cocomine.claim.records import PROTOCOL
from cocomine.system.subprocesses import with_this_package
from cocomine.workspace import workspace_from_environment

KILLS = 3
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_kills_change_no_bit_of_what_comes_out(tmp_path: Path) -> None:
    environment = with_this_package(os.environ) | {"COCOMINE_HOME": str(tmp_path / "home")}
    environment["PYTHONPATH"] += os.pathsep + str(SUPPORT)
    command = [sys.executable, str(SUPPORT / "killed_claims.py"), str(tmp_path), str(KILLS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])[-1] == 2  # a round was kept, and another one was going on
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    tested = sorted(path.name for path in (whole / "tests").iterdir())
    assert len(tested) == 4
    for name in ("result.json", "report.html", "report.md", *(f"tests/{each}" for each in tested)):
        assert (killed / name).read_bytes() == (whole / name).read_bytes(), name
    assert any(
        np.load(whole / "tests" / each)["predicted"].any() for each in tested
    )  # so that there is what to compare
    assert {cell.state for cell in read_claim(killed, time.time()).cells} == {"done"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no Ctrl-C for one process here")
def test_the_command_is_interrupted_and_goes_on(
    demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "claim"
    few = ["--arms", "A,E", "--seeds", "2", "--steps", "10", "--no-longer", "--train-images", "12", "--size", "32"]
    command = [sys.executable, "-m", "cocomine", "claim", str(demo_folder), "--classes", "cup,boat", *few]
    command += ["--test-images", "12", "--run", str(folder), "--json"]
    environment = with_this_package(os.environ) | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while process.poll() is None and not list(folder.glob("runs/*/metrics.jsonl")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        stdout, _ = process.communicate(timeout=600)
    assert (process.returncode, json.loads(stdout)["result"]) == (1, None)
    (task,) = TaskReader().tasks(workspace_from_environment().tasks)
    assert task.state == "cancelled"
    protocol = (folder / PROTOCOL).read_bytes()
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert again.returncode == 0, again.stderr
    assert "running, 0 of 4 runs done: Training arm A, 10 steps, seed 0" in again.stderr
    assert (folder / PROTOCOL).read_bytes() == protocol
    value = json.loads(again.stdout)
    assert [run["state"] for run in value["runs"]] == ["done"] * 4
    assert "2 seeds" in " ".join(value["result"]["sentences"])
