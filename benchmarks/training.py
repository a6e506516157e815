"""What does a run cost beside the bare loop of PyTorch, and what do its other parts take?

A real run trains on one thread with the paper's settings and the small encoder, so that what comes on top of a step
weighs more. Between two of its steps the bare loop takes one on another network of the same kind, so that both meet the
same weather: forward, loss, backward and the optimiser's step, its batches at hand. Ours reaches to where the next
step would begin: the batch from the disk, learning rates, lines and status included.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch.nn import functional

from benchmarks.job import LABEL_SIZE_PX, TRAINING_BATCH, Job
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import native_label_map
from cocomine.exporting.writing import write_export
from cocomine.labels.table import IGNORED_LABEL
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.system.files import write_json
from cocomine.training import loop
from cocomine.training.augmentation import training_batch
from cocomine.training.evaluation import evaluate
from cocomine.training.model import Model, build_model
from cocomine.training.resources import Resources
from cocomine.training.run_data import TrainingData, opened_export, prepared_data
from cocomine.training.runs.config import TrainingConfig, config_as_json, preset
from cocomine.training.runs.reading import CONFIG
from cocomine.training.runs.reporting import SilentReport
from cocomine.training.step import train_step

WARM_STEPS = 2
"""In which a network takes its memory; they are not counted."""
TRAINED_IMAGES, EVALUATED_IMAGES = 200, 32


class Training:
    """A run, and the bare loop inside it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        torch.set_num_threads(1)

    def has_images(self) -> bool:
        """Tell whether there are image files to train on."""
        split = open_dataset(Path(self.job.originals[0])).splits[0]
        return any(split.image_at(index).path for index in range(len(split.images)))

    def steps(self) -> tuple[list[float], list[float]]:
        """Train a run; return the CPU-seconds of its steps, and those of the bare loop's before each of them."""
        bare = BareLoop.of(self.config, self._material, self._built())
        taken = _Steps(bare=bare)
        with self._folder() as folder, patch.object(loop, "train_step", taken.between(train_step)):
            write_json(folder / CONFIG, config_as_json(self.config))
            loop.train(folder, self._resources)
        count = len(taken.ours_s)  # the last one ends with the run
        return taken.ours_s[WARM_STEPS:], taken.bare_s[WARM_STEPS:count]

    def preparation(self) -> float:
        """Make the arrays of all images; return the CPU-seconds for each."""
        with self._folder() as folder:
            began = time.process_time()
            data = self._data(folder)
            return (time.process_time() - began) / (len(data.train.image_ids) + len(data.val.image_ids))

    def evaluation(self) -> float:
        """Judge the network on validation images; return the CPU-seconds for each."""
        data, network = self._material, self._built().judged
        began = time.process_time()
        evaluate(
            network,
            data.val,
            lambda image_id: native_label_map(data.val_split, image_id),
            prior=data.prior_mask(),
            limit=EVALUATED_IMAGES,
            on_image=lambda *_: None,
        )
        return (time.process_time() - began) / min(EVALUATED_IMAGES, len(data.val.image_ids))

    @cached_property
    def config(self) -> TrainingConfig:
        """The paper's settings with the small encoder; nothing is evaluated between the steps."""
        steps = WARM_STEPS + self.job.training_steps + 1
        settings = preset("paper", export=self._export(), encoder="small", weights="none", steps=steps)
        few = replace(settings, train_image_limit=TRAINED_IMAGES, eval_image_limit=1)
        return replace(few, batch_size=TRAINING_BATCH, log_every=1, evaluate_every=steps)

    @cached_property
    def _material(self) -> TrainingData:
        return self._data(self._resources.arrays_folder)

    def _built(self) -> Model:
        return build_model(self.config, self._material, None, resources=self._resources)

    def _export(self) -> Path:
        folder = Path(self.job.scratch) / "training-export"
        dataset = open_dataset(Path(self.job.originals[0]))
        selection = Selection(classes=self.job.classes)
        recipe = Recipe(dataset_name="", sources=sources_of(dataset), selection=selection, size_px=LABEL_SIZE_PX)
        write_export(plan_export(dataset, recipe), folder)
        return folder

    def _data(self, arrays: Path) -> TrainingData:
        with self._folder() as folder:
            report = SilentReport(folder, steps=self.config.steps)
            return prepared_data(self.config, opened_export(self.config), None, arrays_folder=arrays, report=report)

    @property
    def _resources(self) -> Resources:
        return Resources(arrays_folder=Path(self.job.scratch) / "arrays", weights_files=())

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(dir=self.job.scratch) as folder:
            yield Path(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class BareLoop:
    """The peer: forward, loss, backward, step."""

    model: Model
    batches: list[Any]  # of images and labels, as the network takes them

    @classmethod
    def of(cls, config: TrainingConfig, data: TrainingData, model: Model) -> "BareLoop":
        """Return the loop over the batches of a run, all of them at hand."""
        batches = [training_batch(data.train, config, step=step, device=model.device) for step in range(config.steps)]
        model.network.train()
        return cls(model=model, batches=batches)

    def step(self, number: int) -> None:
        """Take one step."""
        images, labels = self.batches[number]
        loss = functional.cross_entropy(self.model.network(images), labels, ignore_index=IGNORED_LABEL)
        self.model.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.model.optimiser.step()


@dataclass(kw_only=True)
class _Steps:
    """The times of a run's steps, each after one of the bare loop."""

    bare: BareLoop
    ours_s: list[float] = field(default_factory=list)
    bare_s: list[float] = field(default_factory=list)
    _began: float | None = None

    def between(self, take: Callable[..., Any]) -> Callable[..., Any]:
        """Return what takes a step of the run: first it notes how long the one before took, then the bare loop's."""

        def taken(*given: Any) -> Any:
            now = time.process_time()
            if self._began is not None:
                self.ours_s.append(now - self._began)
            self.bare.step(len(self.bare_s))
            self._began = time.process_time()
            self.bare_s.append(self._began - now)
            return take(*given)

        return taken
