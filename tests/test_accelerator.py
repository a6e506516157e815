"""What measures an accelerator says where there is none, and works: here on the CPU, in its place."""

from pathlib import Path

import pytest
import torch

from benchmarks import accelerator
from benchmarks.accelerator import HEADER, NONE_HERE, Size, main, told


def test_where_there_is_no_accelerator_that_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accelerator, "best_device", lambda: torch.device("cpu"))
    assert main([]) == 1
    assert capsys.readouterr().out == f"{NONE_HERE}\n"


@pytest.mark.slow
def test_every_way_is_measured_and_a_resumed_run_ends_as_one_that_was_not(tmp_path: Path, demo_folder: Path) -> None:
    size = Size(presets=("quick",), first_steps=1, timed_steps=1, run_steps=2)
    header, *rows, resumed = told(demo_folder, tmp_path, torch.device("cpu"), size)
    assert header == HEADER
    cells = [row.split(" | ") for row in rows]
    assert [row[1:3] for row in cells] == [["no", "no"], ["no", "yes"], ["yes", "no"], ["yes", "yes"]]
    assert all(row[5].startswith("0 of ") for row in (cells[0], cells[2]))
    assert resumed == "\nA run stopped at step 1 and resumed ends with the same metrics as one that was not."
