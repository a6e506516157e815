"""A workspace whose Train page shows much at once: a run at work, one that is done, a queue, and a deleted run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from evaluated_runs import write_evaluated_run
from run_folders import sign_status
from small_weights import write_small_weights

from cocomine.background.records import REQUEST, STATUS, Request, Status, record_bytes
from cocomine.system.own_process import this_process
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import BEST

AT_WORK, DONE, OTHER = "cups-at-work", "cups-done", "cups-other"
FAR_S = 1e6
"""So far ahead is the heartbeat of this process, which stands for that of a run and beats no more."""


@contextmanager
def train_states(root: Path, home: Path) -> Iterator[None]:
    """Write it all; the run is at work as long as the block is."""
    runs = home / "runs"
    for name in (OTHER, DONE, AT_WORK):
        write_evaluated_run(root, runs / name, steps=(0, 4, 9))
    write_evaluated_run(root, home / "deleted-runs" / "cups-deleted")
    write_small_weights(runs / DONE / BEST)
    for number, name in enumerate((AT_WORK, "cups-next", "cups-last"), start=1):
        _queued(home / "tasks" / f"training-{number}", runs / name, is_begun=name == AT_WORK)
    sign_status(runs / AT_WORK, state="running", images_per_s=4.8, heartbeat=time.time() + FAR_S)
    with take_lock(runs / AT_WORK):
        yield


def _queued(folder: Path, run: Path, *, is_begun: bool) -> None:
    folder.mkdir(parents=True)
    arguments = {"config": config_as_json(preset("quick", export=run.parent / "gone", steps=900))}
    request = Request(
        kind="training", title=run.name, work="none", arguments=arguments, queue="training", target=str(run)
    )
    (folder / REQUEST).write_bytes(record_bytes(request))
    status = Status(
        state="running" if is_begun else "waiting",
        began=1.0 if is_begun else None,
        heartbeat=time.time() + FAR_S,
        **this_process(),
    )
    (folder / STATUS).write_bytes(record_bytes(status))
