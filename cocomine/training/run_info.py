"""What is told of a run before its first step: what it is made of, and what to know when judging its result."""

from collections.abc import Sequence
from pathlib import Path

import torch

from cocomine.errors import CocomineError
from cocomine.exporting.reading import Export, read_entry
from cocomine.training.covering import first_covering
from cocomine.training.model import Model
from cocomine.training.run_data import TrainingData
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS
from cocomine.training.runs.overfitting import overfit_notice
from cocomine.training.runs.records import RunInfo, RunLabel, SampleImage
from cocomine.training.runs.run_scores import few_images_notice
from cocomine.training.samples import SAMPLE_COUNT


def run_info(config: TrainingConfig, data: TrainingData, model: Model, *, amendments: Sequence[str] = ()) -> RunInfo:
    """Return what the run is made of, and which settings changed on the way."""
    parameters = list(model.network.parameters())
    val_count = len(data.val_images)
    eval_image_count = min(val_count, config.eval_image_limit or val_count)
    dataset, sources = _origin(data.export)
    return RunInfo(
        size_px=data.export.size_px,
        labels=[
            RunLabel(label=label.label, name=label.name, colour=label.colour, selected=label.selected)
            for label in data.export.labels
        ],
        train_image_count=len(data.train.image_ids),
        val_image_count=val_count,
        eval_image_count=eval_image_count,
        train_split=data.export.train_split.name,
        val_split=data.val_split.name,
        export_manifest_sha256=data.export.manifest_sha256,
        dataset=dataset,
        sources=sources,
        parameter_count=sum(p.numel() for p in parameters),
        trained_parameter_count=sum(p.numel() for p in parameters if p.requires_grad),
        frozen_stages=list(ENCODER_STAGES[: model.network.frozen_stages]),
        weights=model.weights,
        notices=[*amendments, *data.notices, *_notices(config, model, val_count)],
        samples=_samples(data, eval_image_count),
        device=str(model.device),
        thread_count=torch.get_num_threads(),
        process_count=model.group.size,
        torch_version=str(torch.__version__),
    )


def _samples(data: TrainingData, eval_image_count: int) -> list[SampleImage]:
    """Return the images that are drawn at each evaluation."""
    images = first_covering(data.val_split, data.val_images[:eval_image_count], SAMPLE_COUNT)
    return [SampleImage(image_id=image.image_id, file_name=image.file_name) for image in images]


def _origin(export: Export) -> tuple[str, list[str]]:
    """Return the name of the dataset that an export was made from, and the SHA-256 of its annotation files."""
    try:
        recipe = read_entry(export.folder).recipe
    except CocomineError:
        return "", []
    return Path(recipe.dataset_name).name, sorted(source.sha256 for source in recipe.sources)


def _notices(config: TrainingConfig, model: Model, val_count: int) -> list[str]:
    encoder, notice = ENCODERS[config.encoder], model.weights.notice
    if model.weights.source == "random" and not encoder.is_published:
        notice = (
            f"Random initialisation: there are no published weights of a {encoder.title}. Results are not comparable "
            "with those of a pretrained encoder."
        )
    notices = [notice] if notice else []
    frozen_count = model.network.frozen_stages
    if frozen_count < config.frozen_stages and model.weights.source != "random":
        notices.append(
            f"Frozen: {', '.join(ENCODER_STAGES[:frozen_count]) or 'nothing'} instead of {config.frozen_stages} "
            "encoder stages, since a stage that starts at random must learn."
        )
    if config.is_overfit_test:
        notices.append(overfit_notice(val_count))
    elif few := few_images_notice(val_count):
        notices.append(few)
    return notices
