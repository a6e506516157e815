"""How long may something take that may never end, such as the answer of a server?"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result(Generic[R]):
    value: R


def within(seconds: float, work: Callable[[], R]) -> R:
    """Return what work returns, or raise what it raises, in a thread of its own.

    Raises:
        TimeoutError: it takes longer; its thread is left to itself, and ends with the process at the latest.
    """
    told: queue.SimpleQueue[_Result[R] | BaseException] = queue.SimpleQueue()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # raised for who waits
            told.put(error)
        else:
            told.put(_Result(value=result))

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = told.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:.0f} s") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer.value
