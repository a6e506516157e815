"""What may stand in the files of a run's folder?

A folder outlives the program that wrote it: disks fail, files are cut, copied half or edited by hand. So each file is
read as if a stranger had written it. What has the shape that pages, table and charts rely on is taken as it is, with
all its fields; what has not is left out, and a sentence says so. One damaged file thus costs its own numbers, never
those of the other files, and never the page.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Count = Annotated[int, Meta(ge=0, le=10**9)]
Seconds = Annotated[float, Meta(ge=0, le=1e11)]
State = Literal["starting", "preparing", "running", "stopping", "stopped", "done", "failed"]


class StatusRecord(msgspec.Struct):
    """`status.json`: how far the run is, and which process says so."""

    state: State
    step: Count = 0
    steps: Count = 0
    heartbeat: Seconds = 0.0  # since the epoch
    images_per_s: Seconds | None = None
    seconds_left: Seconds | None = None
    message: str = ""
    notices: list[str] = []
    pid: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    started: Seconds | None = None  # of the process, since the epoch
    host: str | None = None


class LabelRecord(msgspec.Struct):
    """A mask value."""

    label: Annotated[int, Meta(ge=0, le=255)]
    name: str
    colour: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]
    picked: bool


class WeightsRecord(msgspec.Struct):
    """Where the encoder's first weights came from."""

    source: str
    random: list[str] = []


class FactsRecord(msgspec.Struct):
    """`facts.json`: what the run is made of, as far as pages rely on it."""

    labels: Annotated[list[LabelRecord], Meta(min_length=1, max_length=256)]
    val_image_count: Count
    eval_image_count: Count
    val_split: str
    export_manifest_sha256: str
    weights: WeightsRecord
    notices: list[str] = []
    sources: list[str] = []  # SHA-256 of the annotation files that the export was made from
    dataset: str = ""  # its name

    def __post_init__(self) -> None:
        if [each.label for each in self.labels] != list(range(len(self.labels))):
            raise ValueError("its labels are not numbered from 0")  # an IoU is looked up by them


class ScoresRecord(msgspec.Struct):
    """The numbers of a prediction, or of predicting nothing."""

    mean_iou: float | None
    iou: list[float | None]
    pixel_accuracy: float | None
    eq2: float | None
    eq3: float | None


class TrainLine(msgspec.Struct, tag_field="kind", tag="train"):
    """A line of `metrics.jsonl` about a step."""

    step: Count
    loss: float


class EvaluationLine(msgspec.Struct, tag_field="kind", tag="eval"):
    """A line about an evaluation during the run."""

    step: Count
    image_count: Count
    mean_iou: float | None
    iou: list[float | None]
    pixel_accuracy: float | None
    eq2: float | None
    eq3: float | None
    nothing: ScoresRecord


class FinalLine(EvaluationLine, tag_field="kind", tag="final"):
    """A line about the evaluation of the finished network on all images."""

    weights: Literal["last", "best"]


MetricLine = TrainLine | EvaluationLine | FinalLine


def read_record(path: Path, shape: type[msgspec.Struct]) -> tuple[dict[str, Any], str | None]:
    """Return a JSON object of a run, and what is wrong with it; {} and None where there is no such file.

    Args:
        path: In a run's folder.
        shape: What it must have; other fields are kept.
    """
    try:
        data = path.read_bytes()
        msgspec.json.decode(data, type=shape)
        value: dict[str, Any] = msgspec.json.decode(data)
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError, RecursionError) as error:
        return {}, f"{path.name} is damaged and left out ({_reason(error)})."
    return value, None


def read_metrics(path: Path, label_count: int | None) -> tuple[tuple[dict[str, Any], ...], str | None]:
    """Return the whole lines of `metrics.jsonl` that can be used, and what is wrong with the others.

    Args:
        path: In a run's folder; what follows its last line end is still being written.
        label_count: Of the network, if it is known: an evaluation has an IoU for each.
    """
    try:
        written = path.read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return (), None
    except OSError as error:
        return (), f"{path.name} cannot be read, so there are no curves ({_reason(error)})."
    lines, damaged = [], []
    for number, data in enumerate(written, start=1):
        try:
            lines.append(_metric_line(data, label_count))
        except (ValueError, RecursionError) as error:
            damaged.append(f"line {number}: {_reason(error)}")
    if not damaged:
        return tuple(lines), None
    return tuple(lines), (
        f"{path.name}: {len(damaged):,} of {len(written):,} lines are damaged and left out ({damaged[0]})."
    )


def _metric_line(data: bytes, label_count: int | None) -> dict[str, Any]:
    line = msgspec.json.decode(data, type=MetricLine)
    if isinstance(line, EvaluationLine) and label_count not in {None, len(line.iou)}:
        raise ValueError(f"IoU of {len(line.iou)} labels, not of {label_count}")
    value: dict[str, Any] = msgspec.json.decode(data)
    return value


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
