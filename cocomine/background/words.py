"""How is a task told to a person?"""

from collections.abc import Sequence

from cocomine.background.reading import Task
from cocomine.background.records import Status
from cocomine.wording import TASK_STATE_NAMES, counted, duration, percent, size_words

_SEVERAL = 2


def heading(task: Task) -> str:
    """Return a task in three words, such as "Export 62 %", "Export paused, 62 %" or "Export complete"."""
    kind, share = task.request.kind.capitalize(), percent(task.status.share, decimals=0)
    if task.state == "running":
        return f"{kind} {share}"
    words = f"{kind} {TASK_STATE_NAMES[task.state]}"
    return f"{words}, {share}" if task.state in {"paused", "asleep"} else words


def overview(tasks: Sequence[Task]) -> str:
    """Return several tasks in a few words: "1 running, 2 queued"; one alone, or one that ended, by its heading."""
    active = [task for task in tasks if task.is_active]
    if len(active) < _SEVERAL:
        more = f" · +{len(tasks) - 1:,}" if tasks[1:] else ""
        return f"{heading(tasks[0])}{more}"
    states = [task.state for task in active]
    queued, paused = states.count("waiting"), states.count("paused")
    counts = {"running": len(active) - queued - paused, "paused": paused, "queued": queued}
    return ", ".join(f"{count:,} {word}" for word, count in counts.items() if count)


def waiting_words(task: Task) -> str:
    """Return for whom a task waits, or that it is to wait."""
    if task.wants_pause:
        return "Paused before its turn: others in line go first. Resume puts it back in its place."
    if not task.ahead:
        return "It starts now."
    others = f", then {len(task.ahead) - 1:,} more" if len(task.ahead) > 1 else ""
    return f"Number {len(task.ahead) + 1:,} in line, after “{task.ahead[0]}”{others}."


def progress_words(status: Status) -> str:
    """Return how far the present phase is, how fast it goes on, and how long all takes: "812 of 2,000 images · …"."""
    parts = []
    if status.total > 1:
        parts.append(f"{status.done:,} of {counted(status.total, status.unit)}")
    if status.per_s:
        parts.append(_pace_words(status.per_s, status.unit))
    if status.bytes_done:
        parts.append(_bytes_words(status))
    if status.bytes_per_s:
        parts.append(f"{size_words(round(status.bytes_per_s))}/s")
    if status.left_s is not None:
        parts.append(f"{duration(status.left_s)} left")
    return " · ".join(parts)


def _pace_words(per_s: float, unit: str) -> str:
    if per_s < 1:
        return f"{per_s * 60:.2g} {unit}s/min"
    return f"{per_s:,.0f} {unit}s/s" if per_s >= 100 else f"{per_s:.3g} {unit}s/s"


def _bytes_words(status: Status) -> str:
    done = size_words(status.bytes_done)
    return done if status.bytes_total is None else f"{done} of {size_words(status.bytes_total)}"
