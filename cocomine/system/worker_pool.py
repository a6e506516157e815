"""How is work on many small tasks spread over processes, without anything that outlives who asked for it?

Each worker is `python -m cocomine.system.worker_pool` and gets one task after the other: a function, by its name, and
what it is called with. It leaves at once when its stdin closes, as it does when this process is killed. Tasks are
handed out where progress is told: while that call waits, as it does for a pause, no new task begins.

multiprocessing is not used: its workers import the script that was started, such as Streamlit's, and wait for ever
where this process is killed.
"""

import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from types import TracebackType
from typing import IO, Any, Self, TypeVar

from cocomine.errors import CocomineError, DatasetError, ExportError
from cocomine.system.cores import usable_cores
from cocomine.system.subprocesses import LONGEST_SILENCE_S, with_this_package

LENGTH_BYTES = 8
EXPORT_LOST = (
    "A process that wrote a part of the export ended before its work was done. If memory ran out, close other programs "
    "and export again."
)
IMAGES_LOST = (
    "A process that looked at some of the images ended before its work was done. If memory ran out, close other "
    "programs and begin again."
)
Task = TypeVar("Task")
Result = TypeVar("Result")
Reply = tuple[int, Any]
"""The number of a worker, and what it says: ("result", value), ("error", exception), or None where it died."""


def worker_count(item_count: int, least: int) -> int:
    """Return how many processes are worth their beginning.

    Args:
        item_count: what there is to do.
        least: so many items take longer than a process takes to begin.
    """
    return max(1, min(usable_cores(), item_count // least))


def images_lost() -> CocomineError:
    """Return what is raised where a process died that looked at images."""
    return DatasetError(IMAGES_LOST)


class WorkerPool:
    """Processes that do tasks; they begin with the first one and end with the block.

    With a count of one no process begins, and tasks are done in this one, unless it does others of the same tasks.
    """

    def __init__(
        self,
        count: int,
        *,
        lost: Callable[[], CocomineError] = lambda: ExportError(EXPORT_LOST),
        beside_this: bool = False,
    ) -> None:
        """Prepare a pool.

        Args:
            count: of processes.
            lost: makes what is raised when one of them died.
            beside_this: this process works as well, so that one other is of use.
        """
        self._count, self._lost, self._is_alone = count, lost, count < 2 and not beside_this
        self._replies: queue.Queue[Reply] = queue.Queue()
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for process in self._processes:
            process.kill()
        with suppress(BrokenPipeError):  # what was not read any more
            self._ending.close()

    def results(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], told: Callable[[int], None]
    ) -> list[Result]:
        """Return what a function gives for each task, in the order of the tasks.

        Args:
            function: of a module that workers can import; it may not change what others look at.
            tasks: each is made when its turn comes.
            told: called with how many tasks are done, at least twice a second; what it raises ends the work.

        Raises:
            CocomineError: a worker died.
            Exception: what the function raised.
        """
        results: dict[int, Result] = {}
        for number, result in self.results_as_they_come(function, tasks, lambda: told(len(results))):
            results[number] = result
            told(len(results))
        return [results[number] for number in sorted(results)]

    def results_as_they_come(
        self, function: Callable[[Task], Result], tasks: Iterable[Task], while_waiting: Callable[[], None]
    ) -> Iterator[tuple[int, Result]]:
        """Yield the number of each task, from 0, and what a function gives for it; no new task begins meanwhile.

        Args:
            function: as for `results`.
            tasks: as for `results`.
            while_waiting: called at least twice a second while nothing is yielded; what it raises ends the work.

        Raises:
            CocomineError: a worker died.
            Exception: what the function raised.
        """
        if self._is_alone:
            yield from ((number, function(task)) for number, task in enumerate(tasks))
            return
        self._start()
        at_work: dict[int, int] = {}
        waiting = enumerate(tasks)
        for worker in range(self._count):
            self._hand_next(worker, function, waiting, at_work)
        while at_work:
            worker, value = self._next_reply(while_waiting)
            yield at_work.pop(worker), value
            self._hand_next(worker, function, waiting, at_work)

    def _start(self) -> None:
        while len(self._processes) < self._count:
            process = self._ending.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "cocomine.system.worker_pool"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=with_this_package(os.environ),
                    start_new_session=True,
                )
            )
            listener = threading.Thread(target=self._listen, args=(len(self._processes), process), daemon=True)
            listener.start()
            self._ending.callback(listener.join)
            self._processes.append(process)

    def _hand_next(
        self, worker: int, function: Callable[[Task], Any], waiting: Iterator[tuple[int, Task]], at_work: dict[int, int]
    ) -> None:
        """Hand the next task to a worker that has none, if there is one."""
        number, task = next(waiting, (None, None))
        if number is None:
            return
        at_work[worker] = number
        stdin = self._processes[worker].stdin
        assert stdin is not None  # noqa: S101 - for the type checker; it is a pipe
        with suppress(BrokenPipeError):  # its listener says that it died
            _send(stdin, (function, task))

    def _listen(self, worker: int, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None  # noqa: S101 - for the type checker; it is a pipe
        while (reply := _received(process.stdout)) is not None:
            self._replies.put((worker, reply))
        self._replies.put((worker, None))

    def _next_reply(self, while_waiting: Callable[[], None]) -> tuple[int, Any]:
        while True:
            try:
                worker, reply = self._replies.get(timeout=LONGEST_SILENCE_S)
            except queue.Empty:
                while_waiting()
                continue
            if reply is None:
                raise self._lost()
            kind, value = reply
            if kind == "error":
                raise value
            return worker, value


def _send(file: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    file.write(len(data).to_bytes(LENGTH_BYTES, "little") + data)
    file.flush()


def _received(file: IO[bytes]) -> Any:
    """Return what was sent, None at the end."""
    head = file.read(LENGTH_BYTES)
    data = file.read(int.from_bytes(head, "little")) if len(head) == LENGTH_BYTES else b""
    return pickle.loads(data) if data else None  # noqa: S301 - from our own process


def _receive_tasks(tasks: "queue.Queue[Any]") -> None:
    """Pass on tasks, and leave with who sends them."""
    stdin = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    while (task := _received(stdin)) is not None:
        tasks.put(task)
    os._exit(0)


def _outcome(function: Callable[[Any], Any], task: Any) -> tuple[str, Any]:
    try:
        return "result", function(task)
    except Exception as error:
        return "error", error


def main() -> None:
    """Do the tasks that come over stdin, until it closes."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a package prints is no reply
    tasks: queue.Queue[Any] = queue.Queue()
    threading.Thread(target=_receive_tasks, args=(tasks,), daemon=True).start()
    while True:
        function, task = tasks.get()
        _send(replies, _outcome(function, task))


if __name__ == "__main__":
    main()
