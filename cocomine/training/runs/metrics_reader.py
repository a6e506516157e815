"""How are the metrics of a run at work read again and again without parsing all of them?

They are kept, and each line of a file that grows is read and parsed once, see `growing_file`.
"""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from cocomine.training.runs.growing_file import GrowingFile
from cocomine.training.runs.records import METRICS, EvalLine, FinalLine, MetricLine, Metrics, TrainLine, decoded, reason


class MetricsReader:
    """Reads metrics and keeps them, so that of a file which grew only the new is read."""

    def __init__(self) -> None:
        self._kept: dict[Path, _ParsedMetrics] = {}
        self._lock = threading.Lock()  # the sessions of a server share one reader

    def read(self, path: Path, label_count: int | None) -> Metrics:
        """Return the lines of a run.

        Args:
            path: In a run's folder; what follows its last line end is still being written.
            label_count: Of the network, if it is known: an evaluation has an IoU for each.
        """
        try:
            with self._lock, path.open("rb") as file:
                return self._read(path, file, label_count)
        except FileNotFoundError:
            return Metrics()
        except OSError as error:
            return Metrics(problem=f"{path.name} cannot be read, so there are no curves ({reason(error)}).")

    def _read(self, path: Path, file: BinaryIO, label_count: int | None) -> Metrics:
        kept = self._kept.get(path)
        if kept is None or kept.label_count != label_count:
            kept = self._kept[path] = _ParsedMetrics(label_count)
        kept.look(file)
        return kept.metrics


class _ParsedMetrics:
    """What was made of a metrics file so far."""

    def __init__(self, label_count: int | None) -> None:
        self.label_count = label_count
        self._file = GrowingFile()
        self._forget()

    def _forget(self) -> None:
        self.metrics = Metrics()
        self._lines: dict[type, list[Any]] = {TrainLine: [], EvalLine: [], FinalLine: []}
        self._damage: list[str] = []
        self._line_count = 0

    def look(self, file: BinaryIO) -> None:
        """Parse the lines that were not parsed yet; all of them where the file was replaced or edited."""
        new = self._file.look(file)
        if new.is_anew:
            self._forget()
        if new.lines or new.is_anew:
            self._take(new.lines)

    def _take(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            self._line_count += 1
            try:
                parsed = self._line(line)
                self._lines[type(parsed)].append(parsed)
            except (ValueError, RecursionError) as error:
                self._damage.append(f"line {self._line_count}: {reason(error)}")
        self.metrics = Metrics(
            train=tuple(self._lines[TrainLine]),
            evaluations=tuple(self._lines[EvalLine]),
            finals=tuple(self._lines[FinalLine]),
            problem=self._problem(),
        )

    def _line(self, data: bytes) -> MetricLine:
        line: MetricLine = decoded(data, MetricLine)
        if isinstance(line, EvalLine) and self.label_count not in {None, len(line.iou)}:
            raise ValueError(f"IoU of {len(line.iou)} labels, not of {self.label_count}")
        return line

    def _problem(self) -> str | None:
        if not self._damage:
            return None
        return (
            f"{METRICS}: {len(self._damage):,} of {self._line_count:,} lines are damaged and left out "
            f"({self._damage[0]})."
        )
