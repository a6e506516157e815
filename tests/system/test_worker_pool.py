"""Tasks are shared by processes, in their order, and nobody outlives who asked for them."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import psutil
import pytest
from places import REPOSITORY
from watching import workers_of

from cocomine.coco.masks import native_mask
from cocomine.coco.size import Size
from cocomine.errors import DatasetError, ExportError
from cocomine.system.jobs import JobCancelled
from cocomine.system.worker_pool import WorkerPool


def nothing(_done: int) -> None:
    pass


@pytest.mark.parametrize("count", [1, 3])
def test_results_come_in_the_order_of_the_tasks(count: int) -> None:
    told: list[int] = []
    with WorkerPool(count) as pool:
        assert pool.results(abs, [-3, 2, -1, 5, -8], told.append) == [3, 2, 1, 5, 8]
        assert pool.results(str, range(3), told.append) == ["0", "1", "2"]
    assert sorted({*told} - {0}) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_task_raises_is_raised_here(count: int) -> None:
    with WorkerPool(count) as pool, pytest.raises(ValueError, match="invalid literal"):
        pool.results(int, ["1", "x", "3"], nothing)


def test_an_error_of_ours_keeps_its_words() -> None:
    sizes = [Size(1 << 20, 1 << 20)] * 2
    with WorkerPool(2) as pool, pytest.raises(DatasetError, match="too large for its masks"):
        pool.results(partial(native_mask, None), sizes, nothing)


def test_a_cancelled_work_leaves_no_process() -> None:
    def cancel(_done: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled), WorkerPool(2) as pool:
        pool.results(time.sleep, [0.01] * 50, cancel)
    assert not workers_of(os.getpid())


def test_a_worker_that_dies_is_told() -> None:
    with WorkerPool(2) as pool, pytest.raises(ExportError, match=r"ended before its work was done.*export again"):
        pool.results(os._exit, [3, 3, 3], nothing)


@pytest.mark.slow
def test_workers_leave_with_who_started_them_even_if_that_one_is_killed() -> None:
    code = (
        "import time; from cocomine.system.worker_pool import WorkerPool\n"
        "with WorkerPool(2) as pool: pool.results(time.sleep, [60] * 4, lambda done: print(done, flush=True))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=REPOSITORY) as process:
        assert process.stdout is not None
        process.stdout.readline()
        workers = workers_of(process.pid)
        assert len(workers) == 2
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
