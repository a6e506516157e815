"""How long does a training step of a claim check take?

As long as in the runs that have ended here; until one has, as long as the stated speed of another computer says
(`claim.budgets`). A pause counts nothing, see `training.runs.run_clock`.
"""

from pathlib import Path

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.budgets import images_per_s
from cocomine.claim.records import Protocol
from cocomine.training.runs.times import TIMES, TimesReader


def step_time_s(folder: Path, protocol: Protocol) -> float:
    """Return the mean time of a training step, with its share of the evaluations, in seconds.

    Args:
        folder: of the check.
        protocol: its protocol.
    """
    reader, steps, seconds = TimesReader(), 0, 0.0
    for run in runs_of(protocol):
        for trained_s in reader.read(run.folder(folder) / TIMES).at([run.steps]):
            steps += run.steps
            seconds += trained_s
    return seconds / steps if steps else _stated_s(protocol)


def _stated_s(protocol: Protocol) -> float:
    settings = protocol.settings
    return settings.batch_size / images_per_s(settings.encoder, settings.size_px)
