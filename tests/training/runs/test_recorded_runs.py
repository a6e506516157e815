"""What runs leave in their folders, and what is said of them, is as it was checked and recorded.

Files of a run, tables, verdicts, reasons why runs cannot be compared, faults and cautions on runs that were made up:
each number follows from the few lines that are written here, and each sentence was read beside them.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec import structs
from recorded import check, written
from run_folders import EVALUATION, FINAL, INFO, LABELS, METRICS, PRIOR, evaluation_line, train_line, write_run
from trainings import exported

from cocomine.coco.size import Size
from cocomine.errors import CocomineError, ExportError, StorageError, TrainingError
from cocomine.exporting.reading import read_entry
from cocomine.training.model_card import model_card
from cocomine.training.runs.class_scores import class_scores
from cocomine.training.runs.comparable import is_judged, why_not_comparable
from cocomine.training.runs.config import amended, config_from_json, preset
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, write_counts
from cocomine.training.runs.faults import DivergedError, fault_of, remedy_words, sentence_of
from cocomine.training.runs.fingerprint import Fingerprint, class_counts, fingerprint
from cocomine.training.runs.flaws import flaws_of
from cocomine.training.runs.image_ranking import lowest_iou, most_confused
from cocomine.training.runs.interval import Interval
from cocomine.training.runs.modified import modified_settings, preset_words
from cocomine.training.runs.network_size import parameter_count
from cocomine.training.runs.overfitting import judged_images, overfit_notice, overfit_verdict
from cocomine.training.runs.paired_difference import PairedDifference, paired_difference
from cocomine.training.runs.progress_words import phase_words
from cocomine.training.runs.reading import Run, judged_state, read_run
from cocomine.training.runs.records import (
    EncoderWeights,
    Fault,
    MetricLine,
    Phase,
    RunInfo,
    SampleImage,
    Status,
    decoded,
    encoded_line,
    readable_json,
)
from cocomine.training.runs.reporting import score_words, setting_lines
from cocomine.training.runs.run_rows import class_names, differing_settings, run_row
from cocomine.training.runs.run_scores import (
    absent_classes,
    baseline_sentence,
    comparable_groups,
    comparison_table,
    encoder_words,
    few_images_notice,
    half_width_points,
    interval_words,
    score,
)
from cocomine.training.runs.suitability import missing_file_count, size_trouble, training_cautions, training_trouble
from cocomine.training.runs.true_images import shown_size
from cocomine.training.runs.verdict import best_evaluation, no_mean_iou, verdict

RECORDED = Path(__file__).parent / "recorded"
CUP = structs.replace(LABELS[1], label=2, name="cup", colour="#00aa00")
THREE = {"labels": msgspec.to_builtins([*LABELS, CUP])}
WEIGHTS = EncoderWeights(
    source="/w/resnet50.pth", sha256="c" * 64, loaded_count=310, random=("layer4.2.bn3.bias",), complete_stages=4
)
RECOMMENDED = preset("recommended", export="/export", seed=7)
CHANGED = replace(preset("paper", export="/export"), batch_size=16, momentum=0.9, train_image_limit=120)


def line(step: int, mean_iou: float | None, **more: Any) -> Any:
    """An evaluation of two classes and the background."""
    iou = [0.9, mean_iou and mean_iou + 0.04, mean_iou and max(0.0, mean_iou - 0.04)]
    counts = {"image_counts": [12, 5, 4], "pixel_counts": [70_000, 30_000, 900]}
    return evaluation_line(step, mean_iou=mean_iou, iou=iou, **counts | more)


def rising(*values: float | None, images: int = 12, interval: tuple[float, float] | None = None) -> tuple[Any, ...]:
    """Evaluations every 100 steps."""
    return tuple(
        line(100 * index, value, image_count=images, mean_iou_interval=interval) for index, value in enumerate(values)
    )


METRICS_OF = {
    "begun": (train_line(1),),
    "untrained": rising(0.02),
    "no class": rising(None, None),
    "no better": rising(0.0, 0.004, 0.009),
    "better, perhaps": rising(0.0, 0.05, 0.1, interval=(0.0, 0.3)),
    "better": rising(0.0, 0.1, 0.3, 0.45, 0.5, 0.52, images=240, interval=(0.46, 0.57)),
    "without interval": rising(0.0, 0.1, 0.2, images=1200),
    "falling": rising(0.0, 0.5, 0.45, 0.4, 0.35, images=1000, interval=(0.33, 0.38)),
    "no change": rising(0.0, 0.5, 0.5, 0.505, interval=(0.4, 0.6)),
    "final": (*rising(0.0, 0.619, 0.5), structs.replace(FINAL, iou=[0.9, 0.5, None], image_counts=[], pixel_counts=[])),
    "best before last": (
        *rising(0.1, 0.7, 0.5),
        structs.replace(FINAL, iou=[0.9, 0.5, 0.5], mean_iou=0.48, image_counts=[1, 2, 3], pixel_counts=[4, 5, 6]),
        structs.replace(FINAL, iou=[0.9, 0.6, 0.5], weights="best", mean_iou=0.56, image_counts=[], pixel_counts=[]),
    ),
}


@pytest.fixture
def runs(tmp_path: Path) -> dict[str, Run]:
    """A run for each of these metrics, by name; some of other settings, states, weights, exports."""
    weights = {"weights": msgspec.to_builtins(WEIGHTS)}
    more: dict[str, dict[str, Any]] = {
        "begun": {"state": "running"},
        "better": {"config": RECOMMENDED} | weights,
        "falling": {"config": CHANGED, "state": "stopped", "export_manifest_sha256": "d" * 64, "sources": []},
        "no change": {"config": preset("overfit", export="/export"), "state": "failed"},
        "without interval": {"eval_image_count": 1200, "val_image_count": 1200},
        "final": {"export_manifest_sha256": "d" * 64, "val_split": "other"},
        "no better": {"export_manifest_sha256": "d" * 64, "sources": ["e" * 64]},
    }
    return {
        name: read_run(write_run(tmp_path / name, metrics=metrics, **THREE | more.get(name, {})), now=0.0)
        for name, metrics in METRICS_OF.items()
    }


def test_what_is_said_of_runs(runs: dict[str, Run]) -> None:
    told = {}
    for name, run in runs.items():
        line, best = score(run), best_evaluation(run)
        told[name] = {
            "verdict": verdict(run),
            "no mIoU": no_mean_iou(run),
            "score": line and [line.step, line.mean_iou, interval_words(line), score_words(line, run.config)],
            "best": best and [best.step, best.mean_iou],
            "row": {key: value for key, value in run_row(run, "tiny").items() if key != "date"},
            "classes": class_names(run),
            "absent": run.info and line and absent_classes(line, run.info),
            "encoder": encoder_words(run),
            "class scores": _class_scores(run),
            "judged": is_judged(run),
            "beside better": why_not_comparable(runs["better"], run),
            "modified": modified_settings(run.config),
        }
    check(RECORDED / "said of runs.json", written(told))


def _class_scores(run: Run) -> Any:
    scores = class_scores(run, [None, Interval(low=0.1, high=0.2), None])
    if scores is None:
        return None
    rows = [[each.label.name, each.iou, each.history, each.best, each.image_count] for each in scores.classes]
    return [scores.step, scores.image_count, scores.is_of_fewer_images, *rows, scores.classes[0].interval]


def test_runs_side_by_side(runs: dict[str, Run]) -> None:
    groups = comparable_groups(list(runs.values()))
    told = {
        "groups": [[group.title, baseline_sentence(group), comparison_table(group)] for group in groups],
        "differing": differing_settings([runs[name] for name in ("better", "falling", "final")]),
        "half widths": {count: half_width_points(count) for count in (0, 1, 12, 242, 999, 1000, 5000)},
        "few images": [few_images_notice(count) for count in (4, 999, 1000)],
        "presets": [preset_words(each) for each in (RECOMMENDED, CHANGED, preset("quick", export="/e", steps=9))],
    }
    check(RECORDED / "side by side.json", written(told))


def test_a_long_curve_is_thinned(tmp_path: Path) -> None:
    metrics = rising(*(step / 200 for step in range(130)))
    scores = class_scores(read_run(write_run(tmp_path / "long", metrics=metrics, **THREE), now=0.0))
    assert scores is not None
    check(RECORDED / "long curve.json", written([scores.classes[1].history, scores.classes[1].best]))


def test_differences_in_pairs(tmp_path: Path) -> None:
    runs = {}
    for name, right in {
        "one": range(10, 34, 2),
        "two": range(12, 36, 2),
        "far": range(5, 40, 3),
        "few": (9, 20),
    }.items():
        truth = np.repeat([1, 0], [40, 60])
        images = [np.repeat([1, 0], [each, 100 - each]) for each in right]
        counts = Confusions.joined([Confusions.of_image(truth, image, 2) for image in images])
        folder = write_run(tmp_path / name, metrics=(*METRICS[:-1], structs.replace(FINAL, mean_iou=sum(right) / 480)))
        ids = tuple(range(len(images)))
        write_counts(folder / LAST_EVALUATION, ImageCounts(step=9, image_ids=ids, confusions=counts))
        runs[name] = read_run(folder, now=0.0)
    told = {}
    for one, other in (("one", "two"), ("two", "one"), ("one", "far"), ("one", "few"), ("one", "one")):
        found = paired_difference(runs[one], runs[other])
        told[f"{one}, {other}"] = [found, found.sentence] if isinstance(found, PairedDifference) else found
    check(RECORDED / "differences.json", written(told))


def test_files_of_a_run() -> None:
    info = structs.replace(
        INFO,
        labels=[*LABELS, CUP],
        frozen_stages=["stem", "layer1"],
        weights=WEIGHTS,
        notices=["A notice."],
        samples=[SampleImage(image_id=11, file_name="a.jpg")],
    )
    status = Status(
        state="failed",
        step=40,
        steps=90,
        heartbeat=1234.5,
        images_per_s=4.25,
        seconds_left=100.0,
        message="so it is",
        phases=[Phase(name="Loading PyTorch", began=1000.0, took_s=6.25), Phase(name="First step", began=1007.0)],
        notices=["Images: 1 left out."],
        fault=Fault(kind="memory", changes={"batch_size": 4}),
        pid=77,
        started=999.0,
        host="here",
    )
    final = structs.replace(FINAL, iou=[0.9, 0.5, None], image_counts=[12, 5, 0], pixel_counts=[70_000, 30_000, 0])
    best = structs.replace(
        final, weights="best", step=5, mean_iou=0.625, iou=[0.75, 0.5, 0.75], image_counts=[1] * 3, pixel_counts=[2] * 3
    )
    lines: tuple[MetricLine, ...] = (train_line(5), EVALUATION, final)
    without_prior = structs.replace(FINAL, prior_baseline=None)
    parts = {
        "status.json": readable_json(status).decode(),
        "run_info.json": readable_json(info).decode(),
        "metrics.jsonl": "".join(map(encoded_line, lines)),
        "model_card.md": model_card(RECOMMENDED, info, [final, best]),
        "model_card.md of a random start": model_card(CHANGED, INFO, [without_prior, FINAL]),
        "log": "\n".join([*setting_lines(info), *setting_lines(INFO)]),
        "notices": "\n".join(str(each.notice) for each in (WEIGHTS, INFO.weights, structs.replace(WEIGHTS, random=()))),
        "prior": "\n".join(map(str, msgspec.to_builtins(PRIOR).items())),
    }
    check(RECORDED / "files.txt", "".join(f"=== {name}\n{text}\n" for name, text in parts.items()))


def test_states_and_phases() -> None:
    phases = [Phase(name="Loading PyTorch", began=0.0, took_s=6.2), Phase(name="Opening", began=6.2, took_s=0.4)]
    going = Phase(name="Preparing 147 images", began=7.0, share=0.617)
    told: dict[str, Any] = {
        "phases": [
            phase_words(each) for each in ([], phases, [*phases, going], [*phases, Phase(name="First step", began=9.0)])
        ],
        "sizes on the page": {str(size): shown_size(size) for size in (Size(480, 640), Size(7, 3), Size(3000, 10))},
    }
    for state in ("starting", "running", "stopping", "stopped", "done", "failed"):
        status = Status(state=state, heartbeat=1000.0)
        told[state] = {
            f"{held}, {after} s": judged_state(status, is_held=held, now=1000.0 + after)
            for held in (True, False, None)
            for after in (0, 119, 121)
        }
    told["unknown"] = [judged_state(None, is_held=held, now=0.0) for held in (True, False, None)]
    check(RECORDED / "states.json", written(told))


STATUS_VALUES: dict[str, tuple[Any, ...]] = {
    "state": ("failed", "asleep", None),
    "step": (0, 10**9, 10**9 + 1, -1),
    "heartbeat": (0, 1e11, 1e11 + 1, -0.5),
    "pid": (0, 1, 2**31 - 1, 2**31),
    "phases": ([], [{"name": "Opening", "began": 1e11, "share": 1}], [{"name": "Opening", "began": 0, "share": 1.01}]),
    "message": ("", None),
}


def test_bounds_of_what_is_read() -> None:
    told, info = {}, msgspec.to_builtins(INFO)
    lines = {"eval": msgspec.to_builtins(EVALUATION), "train": msgspec.to_builtins(train_line(5))}
    of_lines: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
        ("eval", "pixel_counts", ([2**53, 0], [2**53 + 1, 0], [-1, 0], [1])),
        ("eval", "image_counts", ([10**9, 0], [10**9 + 1, 0], [], [1, 2, 3])),
        ("eval", "mean_iou", (0.0, 1.0, -0.001, 1.001, None, "0.5")),
        ("eval", "mean_iou_interval", ([0, 1], [0], None)),
        ("eval", "step", (0, 10**9, 10**9 + 1, -1, 1.5)),
        ("train", "loss", (1e39, -1e39, 2e39, None)),
        ("train", "kind", ("test", None)),
    )
    for kind, name, values in of_lines:
        for value in values:
            told[f"{name} {value}"] = _read_as(MetricLine, lines[kind] | {name: value})
    for field, values in {
        "label": (1, 2, -1, 256),
        "colour": ("#12345G", "#aBcDeF", "red"),
        "selected": (None,),
    }.items():
        for value in values:
            labels = [msgspec.to_builtins(LABELS[0]), msgspec.to_builtins(LABELS[1]) | {field: value}]
            told[f"label: {field} {value}"] = _read_as(RunInfo, info | {"labels": labels})
    for field, value in (("process_count", 0), ("labels", []), ("size_px", -1), ("weights", None)):
        told[f"info: {field} {value}"] = _read_as(RunInfo, info | {field: value})
    for name, values in STATUS_VALUES.items():
        for value in values:
            told[f"status: {name} {value}"] = _read_as(Status, {"state": "running"} | {name: value})
    check(RECORDED / "bounds.json", written(told))


def _read_as(kind: Any, value: dict[str, Any]) -> str:
    try:
        decoded(msgspec.json.encode(value), kind)
    except ValueError:
        return "refused"
    return "read"


def test_images_with_a_pixel_of_a_class() -> None:
    """The class is one pixel of the first image, two of the second and so on; a half of them is right."""
    truths = [np.repeat([1, 2, 0], [count, 3, 97 - count]) for count in range(1, 10)]
    images = [np.where(np.arange(100) < (count + 1) // 2, 1, 0) for count in range(1, 10)]
    parts = [Confusions.of_image(truth, image, 3) for truth, image in zip(truths, images, strict=True)]
    counts = ImageCounts(step=1, image_ids=tuple(range(50, 59)), confusions=Confusions.joined(parts))
    told = [lowest_iou(counts, [1]), lowest_iou(counts, [1, 2], most=3), most_confused(counts, 1, 0)]
    check(RECORDED / "few pixels.json", written(told))


ERRORS = (
    MemoryError(),
    RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"),
    RuntimeError("[enforce fail] can't allocate memory"),
    RuntimeError("not enough memory: you tried 9 bytes"),
    RuntimeError("sizes differ\nat dimension 3"),
    DivergedError("The loss is nan."),
    StorageError("/d: full"),
    ExportError("/e: gone"),
    TrainingError("out of memory, it says"),
    KeyError("layer"),
    ValueError(),
)


def test_failures() -> None:
    told = {}
    for config in (preset("quick", export="/e"), replace(CHANGED, batch_size=3)):
        for error in ERRORS:
            fault = fault_of(error, config)
            said = [msgspec.to_builtins(fault), remedy_words(fault), sentence_of(error, config)]
            told[f"{config.batch_size} images: {error!r}"] = said
    told["overfit"] = [
        overfit_notice(8),
        judged_images(preset("overfit", export="/e"), 8),
        judged_images(CHANGED, 1),
        *(
            overfit_verdict(structs.replace(EVALUATION, mean_iou=reached), is_over=is_over)
            for reached in (None, 0.4, 0.9, 0.901)
            for is_over in (False, True)
        ),
    ]
    check(RECORDED / "failures.json", written(told))


CONFIGS: dict[str, Any] = {
    "no object": [],
    "unknown": {"rat": 3},
    "missing": {"export": "/e", "preset": "try", "steps": 9},
    "former": {"export": "/e", "preset": "modern", "steps": 9, "batch_size": 2, "rate": 0.5, "frozen_parts": 1},
    "text for a number": {"export": "/e", "preset": "paper", "steps": "9", "batch_size": 2},
    "fraction for a whole": {"export": "/e", "preset": "paper", "steps": 9.5, "batch_size": 2},
    "whole for a fraction": {"export": "/e", "preset": "paper", "steps": 9, "batch_size": 2, "momentum": 1},
    "truth for a number": {"export": "/e", "preset": "paper", "steps": True, "batch_size": 2},
    "null": {"export": "/e", "preset": "paper", "steps": 9, "batch_size": 2, "train_image_limit": None, "seed": None},
    "odd text": {"export": "/e\n", "preset": "paper", "steps": 9, "batch_size": 2},
}


def test_settings_that_are_read() -> None:
    told = {name: _read(value) for name, value in CONFIGS.items()}
    told |= {
        f"amended: {changes}": _amended(changes)
        for changes in ({"batch_size": 4.0}, {"learning_rate": 1.0}, {"steps": 7.0}, {"batch_size": 1.0})
    }
    check(RECORDED / "settings.json", written(told))


def _read(value: object) -> Any:
    try:
        return config_from_json(value, where="/run/config.json")
    except CocomineError as error:
        return str(error)


def _amended(changes: dict[str, float]) -> Any:
    try:
        config = amended(CHANGED, changes)
    except CocomineError as error:
        return str(error)
    return [config.batch_size, config.learning_rate]


def test_what_an_export_gives_to_learn_from(tmp_path: Path) -> None:
    entry = read_entry(exported(tmp_path))
    shares = {
        "cat": 0.2,
        "cup": 0.0009,
        "dog": 0.0,
        "bus": 0.001,
        "car": 0.0,
        "fork": 0.0,
        "cow": 0.0,
        "pie": 0.0,
        "ox": 0.0,
    }
    found = Fingerprint(sizes=None, pixel_shares=shares, background_share=0.799, mask_count=500, mask_total=1234)
    told = {
        "counts": class_counts(entry),
        "fingerprint": fingerprint(entry, lambda _done, _total: None),
        "trouble": training_trouble(entry),
        "cautions": [training_cautions(entry), missing_file_count(entry)],
        "flaws": [flaws_of(entry), flaws_of(entry, found)],
        "sizes": {size: size_trouble(size) for size in (1, 15, 32, 100, 128, 129, 500)},
        "parameters": [parameter_count(each, 2) for each in ENCODERS.values()],
    }
    check(RECORDED / "export.json", written(told))
