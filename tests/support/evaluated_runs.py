"""A run on the four images as its process leaves it after an evaluation, with predictions that were made up."""

from pathlib import Path

import msgspec
import numpy as np
from PIL import Image
from run_folders import LABELS, evaluation_line, write_run
from trainings import exported

from cocomine.exporting.formats.label_png import palette
from cocomine.exporting.reading import Export, native_label_map, read_export
from cocomine.labels.label_map import LabelMap
from cocomine.training.runs.config import preset
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, write_counts
from cocomine.training.runs.records import EvalLine, MetricLine, RunLabel, SampleImage
from cocomine.training.runs.sample_files import SAMPLES
from cocomine.training.samples import write_sample

CUP = RunLabel(label=2, name="cup", colour="#00aa00", selected=True)
SAMPLE_IDS = (11, 30)


def predicted(truth: LabelMap) -> LabelMap:
    """All cups are taken for cats, and the upper two rows for background."""
    prediction = np.where(truth == 2, 1, truth).astype(np.uint8)
    prediction[truth == 255] = 0
    prediction[:2] = 0
    return prediction


def line(step: int, counts: Confusions) -> EvalLine:
    """The numbers of that, but for those that no test looks at."""
    areas = counts.areas()
    iou = (areas.right.sum(0) / areas.union.sum(0)).tolist()
    base = evaluation_line(step)
    return msgspec.structs.replace(
        base,
        image_count=counts.image_count,
        iou=iou,
        image_counts=(areas.true > 0).sum(0).tolist(),
        pixel_counts=areas.true.sum(0).tolist(),
    )


def write_evaluated_run(root: Path, folder: Path, *, steps: tuple[int, ...] = (0, 9), state: str = "done") -> Path:
    """Write the export in `root` unless it is there, and the run's folder; return that."""
    export = read_export(root / "export" if (root / "export").is_dir() else exported(root))
    ids = [image.image_id for image in export.val_split.images]
    truths = {image_id: native_label_map(export.val_split, image_id) for image_id in ids}
    counts = Confusions.joined([Confusions.of_image(truth, predicted(truth), 3) for truth in truths.values()])
    metrics: tuple[MetricLine, ...] = tuple(line(step, counts) for step in steps)
    write_run(
        folder,
        config=preset("quick", export=export.folder, steps=9),
        state=state,
        metrics=metrics,
        labels=msgspec.to_builtins([*LABELS, CUP]),
        export_manifest_sha256=export.manifest_sha256,
        val_split=export.val_split.name,
        samples=msgspec.to_builtins([SampleImage(image_id=each, file_name=f"{each}.jpg") for each in SAMPLE_IDS]),
    )
    write_counts(folder / LAST_EVALUATION, ImageCounts(step=steps[-1], image_ids=tuple(ids), confusions=counts))
    for step in steps:
        draw_samples(export, folder, step)
    return folder


def draw_samples(export: Export, folder: Path, step: int, *, mistake: bool = True) -> None:
    """Write the samples of an evaluation; without mistakes the prediction is the truth."""
    for image in export.val_split.images:
        if image.image_id in SAMPLE_IDS:
            truth = native_label_map(export.val_split, image.image_id)
            write_sample(
                folder / SAMPLES,
                step,
                image_id=image.image_id,
                image_path=image.image_path,
                truth=truth,
                prediction=predicted(truth) if mistake else truth,
                colours=palette(export.table),
            )


def write_former_samples(folder: Path, step: int) -> None:
    """Write a strip as former versions did."""
    path = folder / SAMPLES / f"step_{step:06d}" / "0.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (968, 160), "blue").save(path)
