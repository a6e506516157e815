"""What must be there before the first step?

The export's arrays, the network with its first weights (or those of the checkpoint), and the
facts that a person needs to judge the result by, written down before there is one.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from cocomine.errors import CocomineError, TrainingError
from cocomine.exporting.reading import Export, ExportImage, ExportSplit, read_entry, read_export
from cocomine.training.checkpoint import Checkpoint, Position
from cocomine.training.data import SplitArrays, label_shares, prepare_arrays, shuffled_images
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.optimiser import build_optimiser
from cocomine.training.provenance import Provenance, check_sizes, differences, images_sha256, provenance_of
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoder_tensors import ENCODER_PARTS
from cocomine.training.runs.folder import CHECKPOINT
from cocomine.training.runs.reporting import RunReport
from cocomine.training.runs.suitability import size_trouble
from cocomine.training.runs.verdict import few_images_notice
from cocomine.training.runs.weights_files import held_parts, torch_hub_folder, weights_candidates
from cocomine.training.samples import SAMPLE_COUNT
from cocomine.training.weights import LoadedWeights, load_encoder
from cocomine.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders outside the run that it uses."""

    arrays: Path  # cache of prepared pictures and label maps
    weights: tuple[Path, ...]  # files to look for pretrained weights in, best first


def places_in(workspace: Workspace, environment: Mapping[str, str] = os.environ) -> Places:
    """Return the places of a workspace."""
    candidates = weights_candidates(workspace.weights, torch_hub_folder(environment))
    return Places(arrays=workspace.root / "arrays", weights=candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a run learns from and is judged on."""

    export: Export
    provenance: Provenance
    train: SplitArrays
    val: SplitArrays
    val_images: tuple[ExportImage, ...]  # in the order of `val`
    notices: tuple[str, ...]  # what is missing of it

    @property
    def picked(self) -> tuple[int, ...]:
        """The labels of the classes that the headline is the mean of."""
        return tuple(label.label for label in self.export.labels if label.picked)

    @property
    def images_sha256(self) -> str:
        """SHA-256 of which images it holds, in which order."""
        return images_sha256(self.train.image_ids, self.val.image_ids)


def opened_export(config: TrainingConfig) -> Export:
    """Open the export of a run and see whether the network can be trained on it.

    Raises:
        TrainingError: Its size does not fit the network, or a file of it was changed.
        ExportError: It is no complete export, or a split has no pictures.
    """
    export = read_export(Path(config.export))
    if trouble := size_trouble(export.size_px):
        raise TrainingError(f"{export.folder}: {trouble}")
    check_sizes(export)
    return export


def prepared_material(
    config: TrainingConfig, export: Export, checkpoint: Checkpoint | None, *, arrays_folder: Path, report: RunReport
) -> Material:
    """Prepare the arrays of an export, telling `report` how far that is.

    Raises:
        TrainingError: It is not what the checkpoint was trained on, or a file of it cannot be used.
        StorageError: There is no room for the arrays.
    """
    provenance = provenance_of(export)
    if checkpoint is not None:
        _refuse_changes(export, checkpoint, differences(checkpoint.provenance, provenance))
    chosen = [
        (export.train_split, shuffled_images(export.train_split, config.train_image_limit)),
        (export.val_split, shuffled_images(export.val_split)),
    ]
    total = sum(len(images) for _, images in chosen)
    arrays: list[SplitArrays] = []
    notices: list[str] = []
    for split, images in chosen:
        before = sum(len(made.image_ids) for made in arrays)

        def progress(done: int, _: int, before: int = before) -> None:
            report.progress(f"preparing images {before + done} of {total}")

        made = prepare_arrays(export, images, folder=arrays_folder, split_name=split.name, progress=progress)
        notices += _gaps(split, len(images), made)
        arrays.append(made)
    kept = set(arrays[1].image_ids)
    material = Material(
        export=export,
        provenance=provenance,
        train=arrays[0],
        val=arrays[1],
        val_images=tuple(image for image in chosen[1][1] if image.image_id in kept),
        notices=tuple(notices),
    )
    if checkpoint is not None and checkpoint.images_sha256 != material.images_sha256:
        _refuse_changes(export, checkpoint, ["other images of it can be read now"])
    return material


def _refuse_changes(export: Export, checkpoint: Checkpoint, changes: Sequence[str]) -> None:
    if changes:
        raise TrainingError(
            f"{export.folder}: the export changed since step {checkpoint.position.step} of this run: "
            f"{'; '.join(changes)}. Start a new run on it, or put the export back as it was and resume."
        )


def _gaps(split: ExportSplit, chosen_count: int, made: SplitArrays) -> list[str]:
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
            f"{len(made.unreadable):,} of {chosen_count:,} images of {split.name} could not be read; they are left "
            f"out. The first: {made.unreadable[0]}"
        )
    return sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network with its optimiser and where it came from."""

    network: LinkNet
    optimiser: torch.optim.Optimizer
    weights: LoadedWeights
    device: torch.device


def built_model(
    config: TrainingConfig, material: Material, checkpoint: Checkpoint | None, *, places: Places
) -> tuple[Model, Position]:
    """Return the network and its position: from the checkpoint if there is one, else from its first weights.

    Raises:
        WeightsError: The weights file that was named cannot be used.
        TrainingError: The checkpoint is damaged.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    label_count = len(material.export.labels)
    network = LinkNet(label_count)
    if checkpoint is None:
        initialise(network, config.seed, label_shares(material.train.labels, label_count))
        weights = load_encoder(network, config.weights, places.weights)
    else:
        weights = checkpoint.weights
        with _checkpoint_that_fits():
            network.load_state_dict(checkpoint.network)
    network.freeze(held_parts(config, weights.complete_parts))
    network.to(device)
    optimiser = build_optimiser(network, config, weights.complete_parts)
    if checkpoint is not None:
        with _checkpoint_that_fits():
            optimiser.load_state_dict(checkpoint.optimiser)
    model = Model(network=network, optimiser=optimiser, weights=weights, device=device)
    return model, Position() if checkpoint is None else checkpoint.position


@contextmanager
def _checkpoint_that_fits() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, KeyError, TypeError, AttributeError) as error:
        first_line = str(error).partition("\n")[0]
        raise TrainingError(
            f"{CHECKPOINT}: does not fit the network ({first_line}). Delete it in the run's folder to start over."
        ) from error


def run_facts(config: TrainingConfig, material: Material, model: Model) -> dict[str, Any]:
    """Return the content of `facts.json`: what the run is made of."""
    parameters = list(model.network.parameters())
    val_count = len(material.val_images)
    return {
        "size_px": material.export.size_px,
        "labels": [
            {"label": label.label, "name": label.name, "colour": label.colour, "picked": label.picked}
            for label in material.export.labels
        ],
        "train_image_count": len(material.train.image_ids),
        "val_image_count": val_count,
        "eval_image_count": min(val_count, config.eval_image_limit or val_count),
        "train_split": material.export.train_split.name,
        "val_split": material.export.val_split.name,
        "export_manifest_sha256": material.export.manifest_sha256,
        **_origin(material.export),
        "parameter_count": sum(p.numel() for p in parameters),
        "trained_parameter_count": sum(p.numel() for p in parameters if p.requires_grad),
        "frozen": list(ENCODER_PARTS[: model.network.frozen_parts]),
        "weights": asdict(model.weights),
        "notices": [*material.notices, *_notices(config, model, val_count)],
        "samples": [
            {"image_id": image.image_id, "file_name": image.file_name} for image in material.val_images[:SAMPLE_COUNT]
        ],
        "device": str(model.device),
        "thread_count": torch.get_num_threads(),
        "torch_version": torch.__version__,
    }


def _origin(export: Export) -> dict[str, Any]:
    """Return which dataset an export was made from, and the SHA-256 of its annotation files; empty if unknown."""
    try:
        recipe = read_entry(export.folder).recipe
    except CocomineError:
        return {"dataset": "", "sources": []}
    return {"dataset": Path(recipe.dataset_path).name, "sources": sorted(source.sha256 for source in recipe.sources)}


def _notices(config: TrainingConfig, model: Model, val_count: int) -> list[str]:
    notices = [model.weights.notice] if model.weights.notice else []
    held = model.network.frozen_parts
    if held < config.frozen_parts and model.weights.source != "random":
        notices.append(
            f"Frozen: {', '.join(ENCODER_PARTS[:held]) or 'nothing'} instead of {config.frozen_parts} encoder parts, "
            "since a part that starts at random must learn."
        )
    if few := few_images_notice(val_count):
        notices.append(few)
    return notices
