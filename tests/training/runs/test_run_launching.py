"""A process that trains is asked to end by signals, and finds in its folder nothing that a killed one left."""

import os
import signal
from pathlib import Path

import pytest

from cocomine.training.runs.launching import (
    drop_checkpoint,
    process_count,
    process_rank,
    remove_leftovers,
    stop_signals,
)

STOPPING = (signal.SIGTERM, signal.SIGINT)


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_is_noted_inside_and_does_afterwards_what_it_did_before(number: signal.Signals) -> None:
    heard: list[int] = []
    before = signal.signal(number, lambda got, _frame: heard.append(got))
    try:
        with pytest.raises(ZeroDivisionError), stop_signals() as is_asked_to_end:  # noqa: PT012 - it ends by an error
            assert not is_asked_to_end()
            os.kill(os.getpid(), number)
            assert is_asked_to_end()
            raise ZeroDivisionError
        assert heard == []
        os.kill(os.getpid(), number)
        assert heard == [number]
    finally:
        signal.signal(number, before)


@pytest.mark.parametrize(
    ("environment", "count", "rank"),
    [({}, 1, 0), ({"WORLD_SIZE": " ", "RANK": ""}, 1, 0), ({"WORLD_SIZE": "4", "RANK": " 3 "}, 4, 3)],
)
def test_a_launcher_says_how_many_there_are_and_which_this_is(
    environment: dict[str, str], count: int, rank: int
) -> None:
    assert (process_count(environment), process_rank(environment)) == (count, rank)


def test_half_files_of_our_own_names_alone_are_removed(tmp_path: Path) -> None:
    ours = (
        "status.json",
        "run_info.json",
        "metrics.jsonl",
        "last.pt",
        "best.safetensors",
        "last.safetensors",
        "model_card.md",
        "evaluation_best.npz",
        "samples/7.jpg",
        "samples/7_truth.png",
        "samples/step_20/7.png",
    )
    others = ("notes.txt", "samples/notes.txt", "samples/old/7.png")
    for name in (*ours, *others):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        path.with_name(f"{path.name}.part-17").touch()
    remove_leftovers(tmp_path)
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*ours, *others, *(f"{name}.part-17" for name in others)}


@pytest.mark.parametrize("is_done", [True, False])
def test_a_checkpoint_is_dropped_once_the_last_weights_are_there(tmp_path: Path, is_done: bool) -> None:
    (tmp_path / "last.pt").touch()
    if is_done:
        (tmp_path / "last.safetensors").touch()
    drop_checkpoint(tmp_path)
    assert (tmp_path / "last.pt").exists() is not is_done
