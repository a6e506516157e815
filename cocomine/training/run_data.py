"""What is a run trained and judged on?

The arrays of an export, or of a few images of it, and a sentence for each kind of image that they lack. A run that goes
on gets what it began with, or is told what changed.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import TrainingError
from cocomine.exporting.reading import Export, ExportImage, ExportSplit, read_export
from cocomine.training.checkpoint import Checkpoint
from cocomine.training.covering import covering_images
from cocomine.training.data import SplitArrays, UInt8Array, prepare_arrays, prior_mask, shuffled_images
from cocomine.training.provenance import Provenance, check_sizes, differences, provenance_of
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.reporting import RunReport
from cocomine.training.runs.suitability import size_trouble
from cocomine.wording import counted


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
