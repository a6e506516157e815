"""What must be there before the first step?

The export's arrays, the network with its first weights (or those of the checkpoint), and the
facts that a person needs to judge the result by, written down before there is one.
"""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from cocomine.errors import TrainingError
from cocomine.exporting.folder import Export, ExportImage, read_export
from cocomine.training.checkpoint import Position, read_checkpoint
from cocomine.training.config import TrainingConfig
from cocomine.training.data import SplitArrays, label_shares, prepare_arrays, shuffled_images
from cocomine.training.linknet import ENCODER_PARTS, LinkNet, initialise
from cocomine.training.optimisation import build_optimiser
from cocomine.training.reporting import RunReport
from cocomine.training.samples import SAMPLE_COUNT
from cocomine.training.weights import LoadedWeights, load_encoder, torch_hub_folder, weights_candidates
from cocomine.workspace import Workspace

_SIZE_STEP_PX = 32  # the encoder halves five times
_MANY_VAL_IMAGES = 1000


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
    train: SplitArrays
    val: SplitArrays
    val_images: tuple[ExportImage, ...]  # in the order of `val`

    @property
    def picked(self) -> tuple[int, ...]:
        """The labels of the classes that the headline is the mean of."""
        return tuple(label.label for label in self.export.labels if label.picked)


def prepared_material(config: TrainingConfig, arrays_folder: Path, report: RunReport) -> Material:
    """Open the export and prepare its arrays, telling `report` how far that is.

    Raises:
        TrainingError: The export's size does not fit the network, or a file of it cannot be used.
        ExportError: It is no complete export, or a split has no pictures.
    """
    export = read_export(Path(config.export))
    if export.size_px % _SIZE_STEP_PX:
        near = max(1, round(export.size_px / _SIZE_STEP_PX)) * _SIZE_STEP_PX
        raise TrainingError(
            f"{export.folder}: its label maps are {export.size_px} px, but the network needs a multiple of "
            f"{_SIZE_STEP_PX} px. Export again with {near} px."
        )
    chosen = [
        (export.train_split, shuffled_images(export.train_split, config.train_image_limit)),
        (export.val_split, shuffled_images(export.val_split)),
    ]
    total = sum(len(images) for _, images in chosen)
    arrays: list[SplitArrays] = []
    for split, images in chosen:
        before = sum(len(made.image_ids) for made in arrays)

        def progress(done: int, _: int, before: int = before) -> None:
            report.progress(f"preparing images {before + done} of {total}")

        arrays.append(prepare_arrays(export, images, folder=arrays_folder, split_name=split.name, progress=progress))
    return Material(export=export, train=arrays[0], val=arrays[1], val_images=chosen[1][1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network with its optimiser and where it came from."""

    network: LinkNet
    optimiser: torch.optim.Optimizer
    weights: LoadedWeights
    device: torch.device


def built_model(
    config: TrainingConfig, material: Material, *, places: Places, checkpoint_path: Path
) -> tuple[Model, Position]:
    """Return the network and its position: from the checkpoint if there is one, else from its first weights.

    Raises:
        WeightsError: The weights file that was named cannot be used.
        TrainingError: The checkpoint cannot be used.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    label_count = len(material.export.labels)
    network = LinkNet(label_count)
    checkpoint = read_checkpoint(checkpoint_path, config)
    if checkpoint is None:
        initialise(network, config.seed, label_shares(material.train.labels, label_count))
        weights = load_encoder(network, config.weights, places.weights)
    else:
        network.load_state_dict(checkpoint.network)
        weights = checkpoint.weights
    network.freeze(min(config.frozen_parts, weights.complete_parts))
    network.to(device)
    optimiser = build_optimiser(network, config, weights.complete_parts)
    if checkpoint is not None:
        optimiser.load_state_dict(checkpoint.optimiser)
    model = Model(network=network, optimiser=optimiser, weights=weights, device=device)
    return model, Position() if checkpoint is None else checkpoint.position


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
        "parameter_count": sum(p.numel() for p in parameters),
        "trained_parameter_count": sum(p.numel() for p in parameters if p.requires_grad),
        "frozen": list(ENCODER_PARTS[: model.network.frozen_parts]),
        "weights": asdict(model.weights),
        "notices": _notices(config, model, val_count),
        "samples": [
            {"image_id": image.image_id, "file_name": image.file_name} for image in material.val_images[:SAMPLE_COUNT]
        ],
        "device": str(model.device),
        "thread_count": torch.get_num_threads(),
        "torch_version": torch.__version__,
    }


def _notices(config: TrainingConfig, model: Model, val_count: int) -> list[str]:
    notices = [model.weights.notice] if model.weights.notice else []
    held = model.network.frozen_parts
    if held < config.frozen_parts and model.weights.source != "random":
        notices.append(
            f"Frozen: {', '.join(ENCODER_PARTS[:held]) or 'nothing'} instead of {config.frozen_parts} encoder parts, "
            "since a part that starts at random must learn."
        )
    if val_count < _MANY_VAL_IMAGES:
        # Half of the 95 % interval, measured by resampling images of COCO, 8 classes: 7 points at 242 images.
        half_width = 7 * (242 / val_count) ** 0.5
        notices.append(
            f"Only {val_count} validation images: class mIoU is then uncertain by about ±{half_width:.0f} points, "
            "so smaller differences between runs tell nothing."
        )
    return notices
