"""Opening the large file: first with its checks, and again; beside pycocotools and hotcoco."""

import os
import shutil
from collections.abc import Iterator, Sequence

from benchmarks.job import Job
from benchmarks.measuring import fresh, in_turns, refuse_difference
from benchmarks.report import Omitted, Row
from benchmarks.sides import HOTCOCO, HOTCOCO_OPENING, OURS, PYCOCOTOOLS, PYCOCOTOOLS_OPENING, hotcoco_is_missing
from benchmarks.worker import Sample

CORE_COUNTS = (1, 2)
FIRST = "first open, checks included"


def opening_rows(job: Job, repeats: int) -> Iterator[Row | Omitted]:
    """Open the file: first, and again from the columns that the first time left."""
    sides = in_turns(
        repeats,
        lambda: [_first_open(job), fresh(OURS, job, "open_file")],
        lambda: [fresh(PYCOCOTOOLS, job, "open_file")],
        lambda: [] if hotcoco_is_missing() else [fresh(HOTCOCO, job, "open_and_check")],
    )
    refuse_difference("open", [sample.outcome for side in sides for turn in side for sample in turn])
    first, again = ([turn[place] for turn in sides[0]] for place in (0, 1))
    peers = [turn[0] for turn in sides[1]]
    yield from _beside_pycocotools(first, again, peers)
    if hotcoco_is_missing():
        yield Omitted(work=f"{FIRST}, beside hotcoco", reason="hotcoco is not installed")
        return
    yield from _beside_hotcoco(first, [turn[0] for turn in sides[2]])
    for cores in CORE_COUNTS:
        yield from _on_cores(job, repeats, cores)


def _first_open(job: Job, cores: int | None = None) -> Sample:
    shutil.rmtree(job.index, ignore_errors=True)
    return fresh(OURS, job, "first_open", cores=cores)


def _beside_pycocotools(first: Sequence[Sample], again: Sequence[Sample], peers: Sequence[Sample]) -> Iterator[Row]:
    peer, cpu_s = PYCOCOTOOLS_OPENING, [sample.cpu_s for sample in peers]
    yield Row(work=FIRST, unit="CPU-s", ours=[each.cpu_s for each in first], peer=peer, peers=cpu_s, target=6)
    yield Row(work="memory of the first open", unit="GB", ours=_gb(first), peer=peer, peers=_gb(peers), target=3)
    yield Row(work="reopen", unit="CPU-s", ours=[each.cpu_s for each in again], peer=peer, peers=cpu_s, target=750)
    yield Row(work="reopen, time to wait", unit="s", ours=[sample.wall_s for sample in again], target=0.05)


def _beside_hotcoco(first: Sequence[Sample], peers: Sequence[Sample]) -> Iterator[Row]:
    peer = HOTCOCO_OPENING
    yield Row(
        work=FIRST,
        unit="CPU-s",
        ours=[each.cpu_s for each in first],
        peer=peer,
        peers=[each.cpu_s for each in peers],
        target=None,
    )
    yield Row(work="memory of the first open", unit="GB", ours=_gb(first), peer=peer, peers=_gb(peers), target=2)
    yield Row(
        work=f"{FIRST}, time to wait on all cores",
        unit="s",
        ours=[each.wall_s for each in first],
        peer=peer,
        peers=[each.wall_s for each in peers],
        target=1.43,
    )


def _on_cores(job: Job, repeats: int, cores: int) -> Iterator[Row | Omitted]:
    """Wait for the first open where no more cores may be used."""
    work = f"{FIRST}, time to wait on {cores} core{'s' if cores > 1 else ''}"
    if not hasattr(os, "sched_setaffinity"):
        yield Omitted(work=work, reason="this system does not let a process be bound to cores")
    elif cores > len(os.sched_getaffinity(0)):
        yield Omitted(work=work, reason=f"only {len(os.sched_getaffinity(0))} may be used here")
    elif cores < len(os.sched_getaffinity(0)):  # with as many as there are it is the row before
        ours, peers = in_turns(
            repeats, lambda: _first_open(job, cores), lambda: fresh(HOTCOCO, job, "open_and_check", cores=cores)
        )
        yield Row(
            work=work,
            unit="s",
            ours=[sample.wall_s for sample in ours],
            peer=HOTCOCO_OPENING,
            peers=[sample.wall_s for sample in peers],
            target=None,
        )


def _gb(samples: Sequence[Sample]) -> list[float]:
    return [sample.peak_bytes / 1e9 for sample in samples]
