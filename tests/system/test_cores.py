import os
from pathlib import Path

import pytest

from cocomine.system import cores
from cocomine.system.cores import computing_threads, usable_cores


@pytest.fixture(autouse=True)
def eight_cores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that may run on eight cores, in the control groups of `tmp_path`."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(cores, "CGROUPS", tmp_path / "cgroup")
    monkeypatch.setattr(cores, "OWN_CGROUPS", tmp_path / "own")


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_without_a_limit_the_process_has_the_cores_it_may_run_on() -> None:
    assert usable_cores() == 8


@pytest.mark.parametrize(("limit", "count"), [("200000 100000", 2), ("150000 100000", 2), ("50000 100000", 1)])
def test_a_container_grants_fewer(tmp_path: Path, limit: str, count: int) -> None:
    written(tmp_path / "own", "0::/box\n")
    written(tmp_path / "cgroup" / "box" / "cpu.max", f"{limit}\n")
    assert usable_cores() == count


def test_the_least_of_all_groups_above_counts(tmp_path: Path) -> None:
    written(tmp_path / "own", "0::/outer/inner\n")
    written(tmp_path / "cgroup" / "outer" / "cpu.max", "300000 100000\n")
    written(tmp_path / "cgroup" / "outer" / "inner" / "cpu.max", "max 100000\n")
    assert usable_cores() == 3


def test_groups_of_the_first_version_count_as_well(tmp_path: Path) -> None:
    written(tmp_path / "own", "4:memory:/a\n1:cpu,cpuacct:/a\n")
    written(tmp_path / "cgroup" / "cpu" / "a" / "cpu.cfs_quota_us", "400000\n")
    written(tmp_path / "cgroup" / "cpu" / "a" / "cpu.cfs_period_us", "100000\n")
    assert usable_cores() == 4
    written(tmp_path / "cgroup" / "cpu" / "a" / "cpu.cfs_quota_us", "-1\n")
    assert usable_cores() == 8


def test_a_limit_above_what_there_is_changes_nothing(tmp_path: Path) -> None:
    written(tmp_path / "own", "0::/\n")
    written(tmp_path / "cgroup" / "cpu.max", "6400000 100000\n")
    assert usable_cores() == 8


@pytest.mark.parametrize(("said", "count"), [("3", 3), ("2,1", 2), ("64", 8), ("0", 1), ("", 8), ("two", 8)])
def test_a_person_may_say_how_many_threads_compute(monkeypatch: pytest.MonkeyPatch, said: str, count: int) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert computing_threads() == count
    assert usable_cores() == 8


def test_without_a_word_as_many_threads_compute_as_there_are_cores() -> None:
    assert computing_threads() == 8
