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
from cocomine.claim.predicted_maps import read_map
from cocomine.claim.protocol import read_protocol
from cocomine.claim.reading import read_claim
from cocomine.claim.records import PROTOCOL
from cocomine.claim.truth import image_truth, selected_labels, truth_export
from cocomine.exporting.reading import read_export
from cocomine.labels.table import IGNORED_LABEL
from cocomine.system.subprocesses import with_this_package
from cocomine.workspace import workspace_from_environment

KILLS = 3
SUPPORT = Path(__file__).parents[1] / "support"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_kills_change_no_bit_of_what_comes_out(tmp_path: Path) -> None:
    environment = with_this_package(os.environ) | {"COCOMINE_HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] += os.pathsep + str(SUPPORT)
    command = [sys.executable, str(SUPPORT / "killed_claims.py"), str(tmp_path), str(KILLS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    counts, states = json.loads(done.stdout.splitlines()[-1])
    assert counts[-1] == 2  # a round was kept, and another one was going on
    assert states == ["lost", "failed", "paused", "cancelled", "done"]  # its process, a run's, and what a person asks
    whole = tmp_path / "whole"
    shown = sorted(str(path.relative_to(whole)) for path in whole.glob("predictions/*/*.png"))
    assert shown
    tested = sorted(path.name for path in (whole / "tests").iterdir())
    assert len(tested) == 4
    for name in ("result.json", "report.html", "report.md", *(f"tests/{each}" for each in tested), *shown):
        for other in ("killed", "disturbed"):
            assert (tmp_path / other / name).read_bytes() == (whole / name).read_bytes(), (other, name)
    assert any(
        np.load(whole / "tests" / each)["predicted"].any() for each in tested
    )  # so that there is what to compare
    assert {cell.state for cell in read_claim(tmp_path / "disturbed", time.time()).cells} == {"done"}
    for name in shown:
        see_that_it_was_counted(whole, Path(name))


def see_that_it_was_counted(claim: Path, shown: Path) -> None:
    """A prediction that is shown has as many pixels of the class, where it is judged, as were counted."""
    protocol, image_id = read_protocol(claim), int(shown.stem)
    truths = next(part for part in read_export(truth_export(claim, protocol)).splits if part.name == "test")
    truth = image_truth(truths, image_id, selected_labels(truths, protocol)).labels
    labels = read_map(claim / shown)
    assert labels is not None
    counts = np.load(claim / "tests" / f"{shown.parent.name}.npz")
    place = counts["image_ids"].tolist().index(image_id)
    assert np.count_nonzero((labels == 1) & (truth != IGNORED_LABEL)) == counts["predicted"][place, 0]


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
