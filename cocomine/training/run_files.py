"""What does a run keep on the disk for the time after it?

Its checkpoint, to go on from; the best and the last weights, to use; for each of them what it was judged by, image by
image; and the model card. Of several processes the first alone writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors.torch import load_file

from cocomine.exporting.formats.label_png import palette
from cocomine.system.files import write_text
from cocomine.system.space import require_space, writing_to
from cocomine.training.checkpoint import Checkpoint, TrainState, tensor_bytes, write_checkpoint
from cocomine.training.data import UInt8Array
from cocomine.training.evaluation import Evaluation
from cocomine.training.model import Model
from cocomine.training.model_card import model_card
from cocomine.training.network_file import NetworkDescription, write_network
from cocomine.training.run_data import TrainingData
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.evaluation_file import ImageCounts, write_counts
from cocomine.training.runs.faults import DivergedError
from cocomine.training.runs.needs import moments_per_weight
from cocomine.training.runs.reading import BEST, CARD, CHECKPOINT
from cocomine.training.runs.records import FinalLine, RunInfo
from cocomine.training.runs.sample_files import SAMPLES
from cocomine.training.samples import write_sample


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFiles:
    """The folder of a run, and all that its files are made from."""

    folder: Path
    config: TrainingConfig
    data: TrainingData
    model: Model
    info: RunInfo

    def require_space(self) -> None:
        """Refuse to begin where the checkpoints find no room: two of them, since a new one is written beside the old.

        Raises:
            StorageError: Less than that is free, what is there already counted in.
        """
        network = tensor_bytes(self.model.network.state_dict())
        trained = sum(p.nbytes for p in self.model.network.parameters() if p.requires_grad)
        checkpoint = network + trained * moments_per_weight(self.config)
        there = sum(path.stat().st_size for name in (CHECKPOINT, BEST) if (path := self.folder / name).is_file())
        if self.model.average is not None:
            checkpoint += network
        require_space(self.folder, max(0, 2 * checkpoint + network - there), "The run, with its checkpoints,")

    def write_checkpoint(self, state: TrainState, metrics: str) -> None:
        """Write what the run goes on from.

        Raises:
            DivergedError: A weight is no finite number; the checkpoint before stays, to go on from.
            StorageError: It cannot be written; the one before stays.
        """
        self._refuse_lost_weights(state.step)
        checkpoint = Checkpoint(
            config=self.config,
            provenance=self.data.provenance,
            images_sha256=self.data.images_sha256,
            state=state,
            metrics=metrics,
            weights=self.model.weights,
            network=self.model.network.state_dict(),
            optimiser=self.model.optimiser.state_dict(),
            average=None if self.model.average is None else self.model.average.state_dict(),
        )
        write_checkpoint(self.folder / CHECKPOINT, checkpoint)

    def _refuse_lost_weights(self, step: int) -> None:
        for name, tensor in self.model.network.state_dict().items():
            if not tensor.isfinite().all():
                raise DivergedError(
                    f"Training: after step {step} '{name}' holds values that are no numbers, so the run "
                    f"diverged. Resume, or start a new run, with a lower learning rate (it was "
                    f"{self.config.learning_rate:g})."
                )

    def write_weights(self, name: str, step: int) -> None:
        """Write the weights that the network has now."""
        if self.model.group.is_first:
            description = NetworkDescription(
                step=step, encoder=self.config.encoder, size_px=self.info.size_px, labels=self.info.labels
            )
            write_network(self.folder / name, self.model.judged, description)

    def load_best(self) -> None:
        """Give the network, in all processes, the best weights that it had."""
        group, network = self.model.group, self.model.judged
        with group.together():
            if group.is_first:
                network.load_state_dict(load_file(self.folder / BEST))
        group.spread(network)

    def write_counts(self, name: str, step: int, evaluation: Evaluation) -> None:
        """Write what an evaluation counted in each image."""
        if self.model.group.is_first:
            counts = ImageCounts(step=step, image_ids=evaluation.image_ids, confusions=evaluation.network)
            with writing_to(self.folder / name):
                write_counts(self.folder / name, counts)

    def is_sample(self, index: int) -> bool:
        """Return whether the validation image at an index is one whose predictions are kept."""
        return any(sample.image_id == self.data.val.image_ids[index] for sample in self.info.samples)

    def write_sample(self, step: int, index: int, truth: UInt8Array, prediction: UInt8Array) -> None:
        """Write what a validation image is predicted as at a step.

        Args:
            index: Of the image among the validation images.
            truth: (height, width), at the image's own size, as `prediction` is.

        Raises:
            UnreadableImage: The image is gone or damaged.
            StorageError: It cannot be written.
        """
        image, samples = self.data.val_images[index], self.folder / SAMPLES
        with writing_to(samples):
            write_sample(
                samples,
                step,
                image_id=image.image_id,
                image_path=image.image_path,
                truth=truth,
                prediction=prediction,
                colours=palette(self.data.export.table),
            )

    def write_card(self, finals: Sequence[FinalLine]) -> None:
        """Write the model card, from what the weights were judged by."""
        if self.model.group.is_first:
            with writing_to(self.folder / CARD):
                write_text(self.folder / CARD, model_card(self.config, self.info, finals))
