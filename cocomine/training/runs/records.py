"""What stands in the files of a run's folder?

Both processes know the files by these records alone: the run's process writes them, the server reads them. A folder
outlives the program that wrote it: disks fail, files are cut, copied half or edited by hand. So each file is read as
if a stranger had written it. What has the shape of its record is taken; what has not is left out, and a sentence says
so. One damaged file thus costs its own numbers, never those of the other files, and never the page.

Keys of former versions are translated where a file is read, see `FORMER_KEYS`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from cocomine.training.runs.encoders import ENCODER_STAGES

Count = Annotated[int, Meta(ge=0, le=10**9)]
Pixels = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(ge=0, le=1e11)]
Share = Annotated[float, Meta(ge=0, le=1)]
Number = Annotated[float, Meta(ge=-1e39, le=1e39)]
R = TypeVar("R", bound=msgspec.Struct)
State = Literal["starting", "preparing", "running", "stopping", "stopped", "done", "failed"]

METRICS = "metrics.jsonl"
FORMER_KEYS = {
    "eq2": "mean_true_probability",
    "eq3": "cross_entropy",
    "nothing": "background_baseline",
    "rate": "learning_rate",
    "picked": "selected",
    "frozen": "frozen_stages",
    "complete_parts": "complete_stages",
}
"""Keys of records by the keys that took their place."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What kind of failure ended a run, and the settings with which it may go on."""

    kind: Literal["memory", "diverged", "storage", "export", "other"]
    changes: dict[str, Number] = {}  # new values of `config.AMENDABLE` settings


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """What a run does before its first step, such as loading PyTorch."""

    name: str
    began: Seconds  # since the epoch
    took_s: Seconds | None = None  # None while it goes on
    share: Share | None = None  # of it that is done; None where that is not counted


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`status.json`: how far the run is, and which process says so."""

    state: State
    step: Count = 0
    steps: Count = 0
    heartbeat: Seconds = 0.0  # since the epoch
    images_per_s: Seconds | None = None
    seconds_left: Seconds | None = None
    message: str = ""
    phases: list[Phase] = []  # since its process started, up to its first step
    notices: list[str] = []
    fault: Fault | None = None  # of a failed run
    pid: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    started: Seconds | None = None  # of the process, since the epoch
    host: str | None = None


class RunLabel(msgspec.Struct, frozen=True, kw_only=True):
    """A mask value: what it stands for, and whether that is one of the selected classes."""

    label: Annotated[int, Meta(ge=0, le=255)]
    name: str
    colour: Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$")]
    selected: bool


class EncoderWeights(msgspec.Struct, frozen=True, kw_only=True):
    """Where the encoder's first weights come from."""

    source: str  # a file, or "random"
    sha256: str | None = None  # of the file
    loaded_count: Count = 0  # encoder tensors taken from the file
    random: tuple[str, ...] = ()  # encoder tensors that start at random, by name
    complete_stages: Count = 0  # stages from the bottom without any random tensor; only these can be frozen

    @property
    def notice(self) -> str | None:
        """What a person must know about this start for as long as the run is looked at; None if complete."""
        if self.source == "random":
            return (
                "Random initialisation: no pretrained encoder weights are used, so nothing is frozen and many more "
                "steps are needed. Results are not comparable with those of a pretrained encoder."
            )
        if self.random:
            stages = ", ".join(ENCODER_STAGES[self.complete_stages :])
            return (
                f"Partly pretrained: {Path(self.source).name} filled {self.loaded_count} encoder tensors; "
                f"{len(self.random)} start at random (in {stages})."
            )
        return None


class SampleImage(msgspec.Struct, frozen=True, kw_only=True):
    """A validation image whose prediction is drawn at each evaluation."""

    image_id: int
    file_name: str


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """`run_info.json`: what the run is made of; written before the first step."""

    size_px: Count
    labels: Annotated[list[RunLabel], Meta(min_length=1, max_length=256)]
    train_image_count: Count
    val_image_count: Count
    eval_image_count: Count  # of each evaluation during the run
    train_split: str
    val_split: str
    export_manifest_sha256: str
    dataset: str = ""  # name of the dataset that the export was made from
    sources: list[str] = []  # SHA-256 of its annotation files
    parameter_count: Count
    trained_parameter_count: Count
    frozen_stages: list[str]
    weights: EncoderWeights
    notices: list[str] = []
    samples: list[SampleImage] = []
    device: str
    thread_count: Count
    process_count: Annotated[int, Meta(ge=1)] = 1
    torch_version: str

    def __post_init__(self) -> None:
        if [each.label for each in self.labels] != list(range(len(self.labels))):
            raise ValueError("its labels are not numbered from 0")  # an IoU is looked up by them

    @property
    def selected_labels(self) -> list[RunLabel]:
        """The labels of the selected classes."""
        return [label for label in self.labels if label.selected]


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a prediction; None where they are not defined. See `metrics` for what each is."""

    mean_iou: Share | None  # of the selected classes
    mean_iou_with_background: Share | None = None  # former versions did not say it
    iou: list[Share | None]  # by label
    pixel_accuracy: Share | None
    mean_true_probability: Share | None  # the paper's Eq. 2
    cross_entropy: Number | None  # the paper's Eq. 3


class TrainLine(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="train"):
    """A line of `metrics.jsonl` about an optimiser step."""

    step: Count
    loss: Number
    cross_entropy: Number
    dice: Number | None
    learning_rate: Number


class EvalLine(Scores, frozen=True, kw_only=True, tag_field="kind", tag="eval"):
    """A line about an evaluation during the run."""

    step: Count
    image_count: Count
    background_baseline: Scores  # of the empty prediction, which calls every pixel background, on the same images
    prior_baseline: Scores | None = None  # of the prior mask; None in lines of former versions, as all that follows
    mean_iou_interval: tuple[Share, Share] | None = None  # 95 %, over images
    image_counts: list[Count] = []  # by label: images with true pixels of it
    pixel_counts: list[Pixels] = []  # by label: true pixels

    def __post_init__(self) -> None:
        for name in ("image_counts", "pixel_counts"):
            if len(getattr(self, name)) not in {0, len(self.iou)}:
                raise ValueError(f"{name} of {len(getattr(self, name))} labels, not of {len(self.iou)}")


class FinalLine(EvalLine, frozen=True, kw_only=True, tag_field="kind", tag="final"):
    """A line about the evaluation of the finished network on all validation images."""

    weights: Literal["last", "best"]


MetricLine = TrainLine | EvalLine | FinalLine


def encoded_line(line: MetricLine) -> str:
    """Return a line of `metrics.jsonl`, with its line end."""
    return msgspec.json.encode(line).decode() + "\n"


def readable_json(record: msgspec.Struct) -> bytes:
    """Return the content of a record's file."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


def read_record(path: Path, kind: type[R]) -> tuple[R | None, str | None]:
    """Return the record in a file, and what is wrong with it; None and None where there is no such file."""
    try:
        return decoded(path.read_bytes(), kind), None
    except FileNotFoundError:
        return None, None
    except (OSError, ValueError, RecursionError) as error:
        return None, f"{path.name} is damaged and left out ({reason(error)})."


def decoded(data: bytes, kind: Any) -> Any:
    """Return the record of a kind in JSON, also under the keys of former versions.

    Raises:
        ValueError: It is no JSON, or no such record.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:
        value = msgspec.json.decode(data)
        if (translated := _with_present_keys(value)) == value:
            raise
        return msgspec.convert(translated, type=kind)


def _with_present_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {FORMER_KEYS.get(key, key): _with_present_keys(each) for key, each in value.items()}
    return [_with_present_keys(each) for each in value] if isinstance(value, list) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The whole lines of `metrics.jsonl` that can be used, by kind, as they came."""

    train: tuple[TrainLine, ...] = ()
    evaluations: tuple[EvalLine, ...] = ()
    finals: tuple[FinalLine, ...] = ()
    problem: str | None = None  # a sentence about the others

    def __bool__(self) -> bool:
        return bool(self.train or self.evaluations or self.finals)


def reason(error: Exception) -> str:
    """Return what an error of reading says, short enough for the end of a sentence."""
    return str(getattr(error, "strerror", None) or error)
