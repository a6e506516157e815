"""An export that is killed while several processes write it: they end with it, and nothing is taken for an export."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from places import REPOSITORY
from records import CAT, annotation, document, image, write_split
from watching import workers_of

from cocomine.exporting.staging import SUFFIX, clear_killed

IMAGES = 64
WORKERS = 2
WRITE = """
import sys
from pathlib import Path

from datasets import recipe_of

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.selection import Selection

PHASE, DATA, OUT, WORKERS = sys.argv[1:]


def told(phase):
    def wait_when_at_work(done, _total):
        if phase == PHASE and done:
            print("at work", flush=True)
            sys.stdin.read()

    return wait_when_at_work


dataset = open_dataset(Path(DATA))
plan = plan_export(dataset, recipe_of(dataset, Selection(classes=("cat",))))
write_export(plan, Path(OUT), progress=told, workers=int(WORKERS))
"""
"""Writes an export by several processes, and says when the first batch of a phase is done; then it waits."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("phase", ["Writing labels", "Verifying"])
def test_an_export_that_is_killed_with_its_workers_at_work_leaves_none_and_no_export(
    phase: str, tmp_path: Path
) -> None:
    numbers = range(1, IMAGES + 1)
    value = document([image(number) for number in numbers], [annotation(each, each, CAT) for each in numbers])
    data, out = write_split(tmp_path / "data", value), tmp_path / "exports" / "out"
    command = [sys.executable, "-c", WRITE, phase, str(data), str(out), str(WORKERS)]
    places = os.pathsep.join(map(str, (REPOSITORY, REPOSITORY / "tests" / "support")))
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": places}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"at work\n"
        workers = workers_of(process.pid)
        assert len(workers) == WORKERS
        process.send_signal(signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert alive == []
    assert [path.name for path in out.parent.iterdir()] == [f".out{SUFFIX}"]
    clear_killed(out.parent)
    assert list(out.parent.iterdir()) == []
