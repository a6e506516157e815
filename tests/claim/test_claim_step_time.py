"""How long a training step of a check takes: as stated until a run has ended, then as measured."""

import json
from pathlib import Path

import pytest
from judged_claims import made_protocol

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.budgets import images_per_s
from cocomine.claim.step_time import step_time_s

PROTOCOL = made_protocol()


def trained(folder: Path, index: int, *times: tuple[int, float]) -> None:
    """Let a run have been at these steps after so many seconds."""
    run = list(runs_of(PROTOCOL))[index].folder(folder)
    run.mkdir(parents=True)
    lines = (json.dumps({"step": step, "seconds": seconds}) for step, seconds in times)
    (run / "times.jsonl").write_text("".join(f"{line}\n" for line in lines))


def test_until_a_run_has_ended_the_stated_speed_is_taken(tmp_path: Path) -> None:
    stated = 8 / images_per_s("small", 64)
    assert step_time_s(tmp_path, PROTOCOL) == pytest.approx(stated)
    trained(tmp_path, 0, (0, 0.0), (149, 600.0))
    assert step_time_s(tmp_path, PROTOCOL) == pytest.approx(stated)


def test_runs_that_have_ended_tell_it_by_their_own_times(tmp_path: Path) -> None:
    trained(tmp_path, 0, (0, 0.0), (50, 20.0), (150, 60.0))
    assert step_time_s(tmp_path, PROTOCOL) == pytest.approx(0.4)
    trained(tmp_path, 3, (450, 240.0))
    assert step_time_s(tmp_path, PROTOCOL) == pytest.approx(300 / 600)
