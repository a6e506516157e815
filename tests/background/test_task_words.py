"""A task is told in few words, with numbers and without what is not known."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from works import request

from cocomine.background.reading import Task
from cocomine.background.records import PAUSE, Status
from cocomine.background.words import heading, overview, progress_words, waiting_words


def task(state: str, **more: Any) -> Task:
    said = state if state not in {"asleep", "lost"} else "running"
    return Task(
        folder=Path("test-1"),
        request=request("count"),
        status=Status(state=said, share=0.618),  # type: ignore[arg-type]  # one of those it may have
        state=state,
        **more,
    )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("running", "Test 62 %"),
        ("paused", "Test paused, 62 %"),
        ("asleep", "Test suspended, 62 %"),
        ("waiting", "Test waiting"),
        ("done", "Test complete"),
        ("failed", "Test failed"),
        ("cancelled", "Test cancelled"),
        ("lost", "Test interrupted"),
    ],
)
def test_a_state_has_its_words(state: str, words: str) -> None:
    assert heading(task(state)) == words


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (["running"], "Test 62 %"),
        (["running", "done", "failed"], "Test 62 % · +2"),
        (["done"], "Test complete"),
        (["running", "waiting", "waiting"], "1 running, 2 queued"),
        (["asleep", "running", "paused", "done"], "2 running, 1 paused"),
        (["waiting", "waiting"], "2 queued"),
    ],
)
def test_several_tasks_are_counted(states: list[str], words: str) -> None:
    assert overview([task(state) for state in states]) == words


def test_who_waits_is_told_for_whom() -> None:
    assert waiting_words(task("waiting", ahead=("A",))) == "Number 2 in line, after “A”."
    assert waiting_words(task("waiting", ahead=("A", "B", "C"))) == "Number 4 in line, after “A”, then 2 more."
    assert waiting_words(task("waiting")) == "It starts now."


def test_a_task_that_is_paused_in_line_is_not_said_to_start_now(tmp_path: Path) -> None:
    (tmp_path / PAUSE).touch()
    words = waiting_words(replace(task("waiting"), folder=tmp_path))
    assert words == "Paused before its turn: others in line go first. Resume puts it back in its place."


def test_progress_is_told_in_numbers() -> None:
    status = Status(
        state="running",
        done=812,
        total=2000,
        per_s=143.21,
        bytes_done=12_000_000,
        bytes_total=40_000_000,
        bytes_per_s=4_100_000.0,
        left_s=120.0,
    )
    told = "812 of 2,000 images · 143 images/s · 12.0 MB of 40.0 MB · 4.1 MB/s · about 2 minutes left"
    assert progress_words(status) == told


def test_what_is_not_known_is_not_told() -> None:
    assert progress_words(Status(state="running")) == ""
    assert progress_words(Status(state="running", done=1, total=2, bytes_done=900)) == "1 of 2 images · 900 bytes"


@pytest.mark.parametrize(
    ("per_s", "words"),
    [
        (0.0523, "3.1 images/min"),
        (2.0, "2 images/s"),
        (12.34, "12.3 images/s"),
        (143.2, "143 images/s"),
        (1234.5, "1,234 images/s"),
    ],
)
def test_a_pace_has_few_digits_and_no_exponent(per_s: float, words: str) -> None:
    assert progress_words(Status(state="running", per_s=per_s)) == words
