"""How far a run is, in one line: its phases before the first step, then steps, pace and time left."""

import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from run_folders import sign_status, write_run

from cocomine.training.runs.config import preset
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.progress_words import phase_words, progress_words
from cocomine.training.runs.reading import SILENT_AFTER_S, read_run
from cocomine.training.runs.records import Phase

LOADED = Phase(name="Loading PyTorch", began=1.0, took_s=6.2)


@pytest.mark.parametrize(
    ("phases", "words"),
    [
        ([], []),
        ([Phase(name="Loading PyTorch", began=1.0)], ["Loading PyTorch", "First step"]),
        (
            [LOADED, Phase(name="Preparing 147 images", began=7.2, share=0.62)],
            ["Loading PyTorch ✓ 6 s", "Preparing 147 images 62 %", "First step"],
        ),
        (
            [LOADED, Phase(name="Opening", began=7.2, took_s=0.1), Phase(name="First step", began=9.0)],
            ["Loading PyTorch ✓ 6 s", "First step"],
        ),
        ([LOADED], []),
    ],
)
def test_phases_are_told_until_they_are_over(phases: list[Phase], words: list[str]) -> None:
    assert phase_words(phases) == words


def words_of(folder: Path, **fields: Any) -> str:
    """The words of a run that this process stands for."""
    write_run(folder, config=preset("quick", export="/e", steps=200))
    sign_status(folder, **{"step": 140, "steps": 200} | fields)
    with take_lock(folder):
        return progress_words(read_run(folder, time.time()))


def test_a_run_at_work_tells_pace_and_time_left(tmp_path: Path) -> None:
    pace = {"images_per_s": 4.83, "seconds_left": 118.0}
    assert words_of(tmp_path, state="running", message="training", phases=[LOADED], **pace) == (
        "step 140 / 200 · 4.8 images/s · 2 min left"
    )
    assert words_of(tmp_path, state="running", message="evaluating image 3 of 40", **pace).endswith(
        "2 min left · evaluating image 3 of 40"
    )


def test_a_run_that_begins_tells_its_phases(tmp_path: Path) -> None:
    going_on = msgspec.structs.replace(LOADED, took_s=None)
    assert words_of(tmp_path, state="starting", phases=[going_on]) == "Loading PyTorch · First step"
    assert words_of(tmp_path, state="stopping", message="saving a checkpoint") == (
        "step 140 / 200 · saving a checkpoint"
    )


def test_what_a_run_did_when_it_fell_silent_is_told_once(tmp_path: Path) -> None:
    silent_since = time.time() - SILENT_AFTER_S - 5
    words = words_of(tmp_path, state="running", message="evaluating image 3 of 40", heartbeat=silent_since)
    assert words == "step 140 / 200 · evaluating image 3 of 40"


@pytest.mark.parametrize("state", ["stopped", "done", "failed"])
def test_a_run_that_has_ended_tells_its_step_alone(tmp_path: Path, state: str) -> None:
    phases = [msgspec.structs.replace(LOADED, took_s=None)]
    words = words_of(tmp_path, state=state, message="so it is", phases=phases, images_per_s=4.8, seconds_left=9.0)
    assert words == "step 140 / 200"
