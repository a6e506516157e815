"""Why did a run fail, and which change of its settings lets it go on?

Every failure is a sentence in the status, and a `Fault` beside it, by which a page offers the change as a button.
"""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cocomine.errors import CocomineError, ExportError, StorageError, TrainingError
from cocomine.training.runs.config import AMENDABLE, TrainingConfig
from cocomine.training.runs.reading import STATUS
from cocomine.training.runs.records import Fault, Status, read_record
from cocomine.training.runs.reporting import RunReport

_LEAST_BATCH = 2
_LOWER_RATE = 10
_MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory", "cannot allocate memory")


class DivergedError(TrainingError):
    """The loss or a weight is no finite number any more."""


def fault_of(error: Exception, config: TrainingConfig) -> Fault:
    """Return what kind of failure an error is, and the settings with which the run may go on."""
    if isinstance(error, DivergedError):
        return Fault(kind="diverged", changes=_lower_rates(config))
    if _is_of_memory(error):
        return Fault(kind="memory", changes=_smaller_batch(config))
    if isinstance(error, StorageError):
        return Fault(kind="storage")
    return Fault(kind="export") if isinstance(error, ExportError) else Fault(kind="other")


def sentence_of(error: Exception, config: TrainingConfig) -> str:
    """Return what to tell a person of an error that ended a run."""
    if isinstance(error, CocomineError):
        return str(error)
    if _is_of_memory(error):
        return _memory_sentence(config)
    return f"{unexpected_words(error)}. The log has the details."


def unexpected_words(error: Exception) -> str:
    """Return the kind of an error that nobody foresaw, and the last line of what it says where it says anything."""
    return ": ".join(["Unexpected", type(error).__name__, *str(error).strip().splitlines()[-1:]])


def remedy_words(fault: Fault) -> str | None:
    """Return the words of a button that resumes with the change, such as "Resume with batch 16"; None without one."""
    words = [
        f"{AMENDABLE[name]} {value:g}" for name, value in fault.changes.items() if name != "pretrained_learning_rate"
    ]
    return f"Resume with {' and '.join(words)}" if words else None


@contextmanager
def recorded_failure(folder: Path, config: TrainingConfig) -> Iterator[None]:
    """Put an error of the block into the run's last status, so that the step reached is still seen, and into the log.

    Raises:
        TrainingError: The block failed; what it says is in the status.
    """
    try:
        yield
    except Exception as error:
        _record(folder, config, error)
        if not isinstance(error, CocomineError):
            with suppress(OSError):
                print(traceback.format_exc(), file=sys.stderr, flush=True)  # noqa: T201
        raise TrainingError(sentence_of(error, config)) from error


def _record(folder: Path, config: TrainingConfig, error: Exception) -> None:
    status, _ = read_record(folder / STATUS, Status)
    kept = {} if status is None else {"step": status.step, "notices": status.notices}
    # A disk without a byte left may take neither; the folder's lock, which ends with this process, then says "lost".
    with suppress(CocomineError, OSError):
        report = RunReport(folder, steps=config.steps)
        report.say("failed", sentence_of(error, config), fault=fault_of(error, config), **kept)


def _is_of_memory(error: Exception) -> bool:
    is_runtime = isinstance(error, RuntimeError) and not isinstance(error, CocomineError)
    return isinstance(error, MemoryError) or (
        is_runtime and any(words in str(error).lower() for words in _MEMORY_WORDS)
    )


def _memory_sentence(config: TrainingConfig) -> str:
    start = f"Training: memory ran out with {config.batch_size:,} images in each step."
    if changes := _smaller_batch(config):
        return f"{start} Resume with batch {changes['batch_size']}, or end other programs and resume."
    return f"{start} End other programs and resume, or start a new run with a smaller encoder or smaller masks."


def _smaller_batch(config: TrainingConfig) -> dict[str, float]:
    half = config.batch_size // 2
    return {"batch_size": half} if half >= _LEAST_BATCH else {}


def _lower_rates(config: TrainingConfig) -> dict[str, float]:
    return {name: getattr(config, name) / _LOWER_RATE for name in ("learning_rate", "pretrained_learning_rate")}
