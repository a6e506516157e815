"""How far is a run, told in one line?"""

from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import Phase
from cocomine.training.runs.reporting import FIRST_STEP
from cocomine.wording import brief_duration, percent

SHOWN_FROM_S = 0.5
"""A phase that was over sooner is not worth a word."""


def progress_words(run: Run) -> str:
    """Return how far a run is, such as "step 140 / 200 · 4.8 images/s · 2 min left"; before its steps, its phases."""
    status = run.status
    if status is not None and run.is_active and (phases := phase_words(status.phases)):
        return " · ".join(phases)
    words = [f"step {run.step:,} / {run.config.steps:,}"]
    if status is None or not run.is_active:
        return words[0]
    if status.message and run.state != "running":
        words.append(status.message)
    if status.images_per_s:
        words.append(f"{status.images_per_s:.1f} images/s")
    return " · ".join([*words, *_time_left(run), *_side_work(run)])


def phase_words(phases: list[Phase]) -> list[str]:
    """Return the phases before the steps, up to the first step; nothing where they are over, or not known.

    Such as "Loading PyTorch ✓ 6 s", "Preparing 147 images 62 %", "First step".
    """
    if not phases or phases[-1].took_s is not None:
        return []
    ended = [
        f"{phase.name} ✓ {brief_duration(phase.took_s)}"
        for phase in phases
        if phase.took_s is not None and phase.took_s >= SHOWN_FROM_S
    ]
    present = phases[-1]
    share = "" if present.share is None else f" {percent(present.share, decimals=0)}"
    ahead = [] if present.name == FIRST_STEP else [FIRST_STEP]
    return [*ended, f"{present.name}{share}", *ahead]


def _time_left(run: Run) -> list[str]:
    left_s = None if run.status is None else run.status.seconds_left
    return [f"{brief_duration(left_s)} left"] if left_s else []


def _side_work(run: Run) -> list[str]:
    """Return what a run does besides its steps, such as an evaluation."""
    return [run.message] if run.state == "running" and run.message not in {"", "training"} else []
