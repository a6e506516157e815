"""What must be there before the first step?

The export's arrays, the network with its first weights (or those of the checkpoint), and what a
person needs to know to judge the result by, written down before there is one.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from cocomine.errors import CocomineError, TrainingError
from cocomine.exporting.reading import Export, ExportImage, ExportSplit, read_entry, read_export
from cocomine.training.checkpoint import Checkpoint
from cocomine.training.covering import covering_images, first_covering
from cocomine.training.data import SplitArrays, UInt8Array, label_shares, prepare_arrays, prior_mask, shuffled_images
from cocomine.training.group import ALONE, Group, share_statistics
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.optimiser import build_optimiser
from cocomine.training.provenance import Provenance, check_sizes, differences, provenance_of
from cocomine.training.runs.comparison import few_images_notice
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS
from cocomine.training.runs.overfitting import overfit_notice
from cocomine.training.runs.reading import CHECKPOINT
from cocomine.training.runs.records import EncoderWeights, RunInfo, RunLabel, SampleImage
from cocomine.training.runs.reporting import RunReport
from cocomine.training.runs.suitability import size_trouble
from cocomine.training.runs.weights_files import frozen_stage_count, weights_candidates
from cocomine.training.samples import SAMPLE_COUNT
from cocomine.training.weights import load_encoder
from cocomine.wording import counted
from cocomine.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a run uses outside its own folder."""

    arrays_folder: Path  # cache of prepared images and label maps
    weights_files: tuple[Path, ...]  # where to look for pretrained weights, best first


def resources_of(workspace: Workspace, environment: Mapping[str, str] = os.environ) -> Resources:
    """Return what runs of a workspace use."""
    return Resources(
        arrays_folder=workspace.root / "arrays", weights_files=weights_candidates(workspace.weights, environment)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """What a run is trained and validated on."""

    export: Export
    provenance: Provenance
    train: SplitArrays
    val: SplitArrays
    val_split: ExportSplit  # that `val` is of; in an overfit test the training split
    val_images: tuple[ExportImage, ...]  # in the order of `val`
    notices: tuple[str, ...]  # what is missing of it

    @property
    def selected_labels(self) -> tuple[int, ...]:
        """The labels of the selected classes, which the headline is the mean of."""
        return tuple(label.label for label in self.export.labels if label.selected)

    def prior_mask(self) -> UInt8Array:
        """Return the most frequent label of each place in the training maps, (size, size)."""
        return prior_mask(self.train.labels, len(self.export.labels))

    @property
    def images_sha256(self) -> str:
        """SHA-256 of which images it holds, in which order."""
        return hashlib.sha256(json.dumps([self.train.image_ids, self.val.image_ids]).encode()).hexdigest()


def opened_export(config: TrainingConfig) -> Export:
    """Open the export of a run and see whether the network can be trained on it.

    Raises:
        TrainingError: Its size does not fit the network, or a file of it was changed.
        ExportError: It is no complete export, or a split has no images.
    """
    export = read_export(Path(config.export))
    if trouble := size_trouble(export.size_px):
        raise TrainingError(f"{export.folder}: {trouble}")
    check_sizes(export)
    return export


def prepared_data(
    config: TrainingConfig, export: Export, checkpoint: Checkpoint | None, *, arrays_folder: Path, report: RunReport
) -> TrainingData:
    """Prepare the arrays of an export, telling `report` how far that is.

    Raises:
        TrainingError: It is not what the checkpoint was trained on, or a file of it cannot be used.
        StorageError: There is no room for the arrays.
    """
    provenance = provenance_of(export)
    if checkpoint is not None:
        _refuse_changes(export, checkpoint, differences(checkpoint.provenance, provenance))
    splits = _used_images(config, export)
    total = sum(len(images) for _, images in splits)
    arrays: list[SplitArrays] = []
    notices: list[str] = []
    before_split = 0
    report.begin_phase(f"Preparing {counted(total, 'image')}")
    for split, images in splits:

        def progress(done: int, _: int, before: int = before_split) -> None:
            report.progress(f"preparing images {before + done} of {total}", share=(before + done) / total)

        made = prepare_arrays(export, images, folder=arrays_folder, split_name=split.name, progress=progress)
        notices += _left_out(split, len(images), made)
        arrays.append(made)
        before_split += len(images)
    kept = set(arrays[1].image_ids)
    data = TrainingData(
        export=export,
        provenance=provenance,
        train=arrays[0],
        val=arrays[1],
        val_split=splits[1][0],
        val_images=tuple(image for image in splits[1][1] if image.image_id in kept),
        notices=tuple(notices),
    )
    if checkpoint is not None and checkpoint.images_sha256 != data.images_sha256:
        _refuse_changes(export, checkpoint, ["other images of it can be read now"])
    return data


def _used_images(config: TrainingConfig, export: Export) -> list[tuple[ExportSplit, tuple[ExportImage, ...]]]:
    """Return the images to train on and those to judge the network on, in the order of their arrays."""
    if config.is_overfit_test:
        return [(export.train_split, covering_images(export.train_split, config.overfit_images))] * 2
    return [
        (export.train_split, shuffled_images(export.train_split, config.train_image_limit)),
        (export.val_split, shuffled_images(export.val_split)),
    ]


def _refuse_changes(export: Export, checkpoint: Checkpoint, changes: Sequence[str]) -> None:
    if changes:
        raise TrainingError(
            f"{export.folder}: the export changed since step {checkpoint.state.step} of this run: "
            f"{'; '.join(changes)}. Start a new run on it, or put the export back as it was and resume."
        )


def _left_out(split: ExportSplit, image_count: int, made: SplitArrays) -> list[str]:
    """Return a sentence for each kind of image of a split that is left out."""
    sentences = []
    there, recorded = len(split.images), len(split.split.images.ids)
    if there < recorded:
        sentences.append(
            f"{recorded - there:,} of {recorded:,} images of {split.name} have no image file in the export; they are "
            "left out. Export again where the files are at hand to have them."
        )
    if made.unreadable:
        sentences.append(
            f"{len(made.unreadable):,} of {image_count:,} images of {split.name} could not be read; they are left "
            f"out. The first: {made.unreadable[0]}"
        )
    return sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network with its optimiser and where it came from."""

    network: LinkNet
    optimiser: torch.optim.Optimizer
    weights: EncoderWeights
    device: torch.device
    group: Group = ALONE
    parallel: nn.Module | None = None  # the network, wrapped for several processes
    average: LinkNet | None = None  # running mean of the network's weights

    @property
    def trained(self) -> nn.Module:
        """What answers in a training step."""
        return self.network if self.parallel is None else self.parallel

    @property
    def judged(self) -> LinkNet:
        """What is evaluated and kept."""
        return self.network if self.average is None else self.average


def build_model(
    config: TrainingConfig,
    data: TrainingData,
    checkpoint: Checkpoint | None,
    *,
    resources: Resources,
    group: Group = ALONE,
) -> Model:
    """Return the network and its optimiser: as in the checkpoint if there is one, else with the first weights.

    Of several processes the first alone reads checkpoint and weights, and gives them to the others.

    Raises:
        WeightsError: The weights file that was named cannot be used.
        TrainingError: The checkpoint is damaged.
    """
    device = best_device(group)
    network = LinkNet(ENCODERS[config.encoder], len(data.export.labels))
    weights = group.from_first(lambda: _first_weights(network, config, data, checkpoint, resources))
    network.freeze(frozen_stage_count(config, weights.complete_stages))
    network.to(device)
    if device.type == "cuda":
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster convolutions
    group.spread(network)
    share_statistics(network, group)
    optimiser = build_optimiser(network, config, weights.complete_stages)
    moments = group.shared(None if checkpoint is None else checkpoint.optimiser)
    if moments is not None:
        _take_moments(optimiser, moments)
    parallel = None if group.size == 1 else group.trained(network)
    return Model(
        network=network,
        optimiser=optimiser,
        weights=weights,
        device=device,
        group=group,
        parallel=parallel,
        average=_first_average(network, config, checkpoint, group),
    )


def _take_moments(optimiser: torch.optim.Optimizer, moments: dict[str, Any]) -> None:
    """Load the state of an optimiser; its learning rates stay those of the settings, which may have changed."""
    initial = [group["initial_lr"] for group in optimiser.param_groups]
    with _checkpoint_that_fits():
        optimiser.load_state_dict(moments)
    for group, initial_lr in zip(optimiser.param_groups, initial, strict=True):
        group["initial_lr"] = initial_lr


def best_device(group: Group = ALONE) -> torch.device:
    """Return what computes fastest here: a GPU of NVIDIA or AMD, Apple's (one process alone), or the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", group.local_rank) if group.size > 1 else torch.device("cuda")
    if group.size == 1 and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _first_weights(
    network: LinkNet,
    config: TrainingConfig,
    data: TrainingData,
    checkpoint: Checkpoint | None,
    resources: Resources,
) -> EncoderWeights:
    """Fill the network, from the checkpoint if there is one, and return where its encoder's weights came from."""
    if checkpoint is None:
        initialise(network, config.seed, label_shares(data.train.labels, len(data.export.labels)))
        return load_encoder(network, config.weights, resources.weights_files)
    with _checkpoint_that_fits():
        network.load_state_dict(checkpoint.network)
    return checkpoint.weights


def _first_average(
    network: LinkNet, config: TrainingConfig, checkpoint: Checkpoint | None, group: Group
) -> LinkNet | None:
    """Return the running mean of the weights to go on from; None where there is none."""
    if not config.average_decay:
        return None
    average = LinkNet(network.encoder.kind, network.head.out_channels)  # without what ties its statistics to a group
    kept = None if checkpoint is None else checkpoint.average
    with _checkpoint_that_fits():
        average.load_state_dict(network.state_dict() if kept is None else kept)
    average.requires_grad_(requires_grad=False).to(network.head.weight.device)
    group.spread(average)
    return average


@contextmanager
def _checkpoint_that_fits() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"{CHECKPOINT}: does not fit the network ({first_line}). Delete it in the run's folder to start over."
        ) from error


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
