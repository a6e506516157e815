"""Erase classes from validation images, and count what the network sees in them then.

As a process, `python -m cocomine.claim.networks.erasing REQUEST`, it serves `claim.erase_test`. What the counts
mean stands in `claim.erasure`.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch

from cocomine.claim.erasure import FILLS, ErasedCounts, ErasedImages
from cocomine.drawing.erasing import control_mask, filled_with_blur, filled_with_ring
from cocomine.labels.table import IGNORED_LABEL
from cocomine.system.cores import computing_threads
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.augmentation import normalised
from cocomine.training.data import SplitArrays, UInt8Array, prepare_arrays, shuffled_images
from cocomine.training.linknet import LinkNet
from cocomine.training.network_file import read_network
from cocomine.training.resources import resources_of
from cocomine.training.run_data import opened_export
from cocomine.training.runs.config import read_config
from cocomine.training.runs.predicting import weights_of_run
from cocomine.training.runs.reading import CONFIG
from cocomine.workspace import workspace_from_environment

IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What the process is asked for."""

    run: str
    image_limit: int | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _ImageCounts:
    """What is counted where one class is erased from one image; the axes are those of `ErasedCounts` without images."""

    right_before: IntArray
    union_before: IntArray
    right_after: IntArray
    union_after: IntArray
    true: IntArray


def erased_images(request: Request, progress: Progress) -> ErasedImages:
    """Return the counts of all classes that validation images of a run have.

    Raises:
        CocomineError: The weights or the export cannot be used.
    """
    run = Path(request.run)
    description, network = read_network(weights_of_run(run))
    export = opened_export(read_config(run / CONFIG))
    arrays = prepare_arrays(
        export,
        shuffled_images(export.val_split, request.image_limit),
        folder=resources_of(workspace_from_environment()).arrays_folder,
        split_name=export.val_split.name,
        progress=progress,
    )
    network.eval()
    counts = _counts(network, arrays, label_count=len(description.labels), progress=progress)
    return ErasedImages(
        labels=description.labels,
        size_px=description.size_px,
        image_count=len(arrays.image_ids),
        erased=list(counts),
        counts=[_lists(counts[label]) for label in counts],
    )


def _counts(network: LinkNet, arrays: SplitArrays, *, label_count: int, progress: Progress) -> dict[int, ErasedCounts]:
    """Return the counts by erased label, rising; labels that no image has are not there."""
    found: dict[int, list[_ImageCounts]] = {}
    for index, image_id in enumerate(arrays.image_ids):
        progress(index, len(arrays.image_ids))
        pixels, truth = np.asarray(arrays.images[index]), np.asarray(arrays.labels[index])
        seen = _predicted(network, pixels[np.newaxis])[0]
        for label in np.unique(truth[(truth > 0) & (truth != IGNORED_LABEL)]).tolist():
            if (truth == label).all():
                continue  # nothing is left to fill it with, nor to judge
            rng = np.random.default_rng((image_id % 2**63, label))
            counted = _erased(network, pixels, truth, seen, label=label, label_count=label_count, rng=rng)
            found.setdefault(label, []).append(counted)
    progress(len(arrays.image_ids), len(arrays.image_ids))
    return {label: _joined(found[label]) for label in sorted(found)}


def _erased(
    network: LinkNet,
    pixels: UInt8Array,
    truth: UInt8Array,
    seen: UInt8Array,
    *,
    label: int,
    label_count: int,
    rng: np.random.Generator,
) -> _ImageCounts:
    """Return what is counted where a label is erased from an image.

    Args:
        pixels: (h, w, 3).
        truth: (h, w).
        seen: what the network predicts in the whole image, (h, w).
    """
    objects: Mask = truth == label
    masks = [objects, control_mask(objects, truth != 0, rng)]
    filled = [filled_with_ring(pixels, mask, rng) for mask in masks] + [filled_with_blur(pixels, m) for m in masks]
    after = _predicted(network, np.stack(filled)).reshape(len(FILLS), len(masks), *truth.shape)
    judged = [np.where(mask, IGNORED_LABEL, truth) for mask in masks]
    before = [_areas(each, seen, label_count) for each in judged]
    by_fill = [[_areas(each, fill[k], label_count) for k, each in enumerate(judged)] for fill in after]
    return _ImageCounts(
        right_before=np.stack([right for right, _, _ in before]),
        union_before=np.stack([union for _, union, _ in before]),
        right_after=np.stack([[right for right, _, _ in places] for places in by_fill]),
        union_after=np.stack([[union for _, union, _ in places] for places in by_fill]),
        true=before[0][2],
    )


def _areas(truth: UInt8Array, prediction: UInt8Array, label_count: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return the right, the joined and the true pixels of each label, (labels,) each; ignored ones count nowhere."""
    counted = truth != IGNORED_LABEL
    true = np.bincount(truth[counted], minlength=label_count)
    predicted = np.bincount(prediction[counted], minlength=label_count)
    right = np.bincount(truth[counted & (truth == prediction)], minlength=label_count)
    return right, true + predicted - right, true


@torch.no_grad()
def _predicted(network: LinkNet, images: UInt8Array) -> UInt8Array:
    """Return the labels of images (n, size, size, 3) at that size, (n, size, size)."""
    logits: torch.Tensor = network(normalised(images, torch.device("cpu")))
    return logits.argmax(1).to(torch.uint8).numpy()


def _joined(images: Sequence[_ImageCounts]) -> ErasedCounts:
    """Return the counts of images along an axis that is the last but one."""
    return ErasedCounts(
        right_before=np.stack([each.right_before for each in images], axis=-2),
        union_before=np.stack([each.union_before for each in images], axis=-2),
        right_after=np.stack([each.right_after for each in images], axis=-2),
        union_after=np.stack([each.union_after for each in images], axis=-2),
        true=np.stack([each.true for each in images], axis=-2),
    )


def _lists(counts: ErasedCounts) -> dict[str, object]:
    return {name: getattr(counts, name).tolist() for name in ErasedCounts.__dataclass_fields__}


def main(arguments: Sequence[str]) -> None:
    """Erase, count and tell: REQUEST as JSON."""
    (text,) = arguments
    torch.set_num_threads(computing_threads())
    request = msgspec.json.decode(text, type=Request)
    serve_parent(lambda progress: msgspec.to_builtins(erased_images(request, progress)))


if __name__ == "__main__":
    main(sys.argv[1:])
