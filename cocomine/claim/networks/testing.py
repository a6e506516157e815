"""What do the networks of runs of a claim check predict on the test images?

The last weights are judged, on each image at its own size, by the one truth of all arms (`claim.truth`). What a network
that knows more classes says of those that are not selected is background.

As a process, `python -m cocomine.claim.networks.testing REQUEST`, it serves `claim.running`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import torch
from torch import Tensor

from cocomine.claim.arm_runs import ArmRun
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import IntArray
from cocomine.claim.counts_file import RunCounts, write_run_counts
from cocomine.claim.predicted_maps import all_are_tested, map_path, shown_images, shown_runs, write_map
from cocomine.claim.protocol import read_protocol
from cocomine.claim.records import Protocol
from cocomine.claim.truth import image_truth, selected_labels, truth_export
from cocomine.coco.split_role import SplitRole
from cocomine.errors import ClaimError
from cocomine.exporting.reading import Export, ExportSplit, read_export
from cocomine.labels.table import BACKGROUND_LABEL, IGNORED_LABEL
from cocomine.system.cores import computing_threads
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.augmentation import normalised
from cocomine.training.data import SplitArrays, UInt8Array, prepare_arrays
from cocomine.training.evaluation import predicted_labels
from cocomine.training.linknet import LinkNet
from cocomine.training.network_file import read_network
from cocomine.training.resources import resources_of
from cocomine.training.runs.reading import LAST
from cocomine.workspace import workspace_from_environment

BATCH_SIZE = 16


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """Which runs of which check, each by arm, steps and seed; with none, what is to be shown alone."""

    claim: str
    runs: list[tuple[ArmName, int, int]]


def write_tested(request: Request, progress: Progress) -> None:
    """Write what the networks of some runs predict on the test images; after the last one what is to be shown of it.

    Raises:
        ClaimError: the export lacks a test image, or one cannot be read.
        CocomineError: weights or exports cannot be used, or the counts cannot be written.
    """
    claim = Path(request.claim)
    protocol = read_protocol(claim)
    runs = [ArmRun(arm=arm, steps=steps, seed=seed) for arm, steps, seed in request.runs]
    export = read_export(truth_export(claim, protocol))
    arrays = _test_arrays(export, protocol, progress)
    weights = [run.folder(claim) / LAST for run in runs]
    for run, counts in zip(runs, run_counts(weights, arrays, _test_side(export), protocol, progress), strict=True):
        write_run_counts(run.counts_path(claim), counts)
    if all_are_tested(claim, protocol):
        write_shown(claim, protocol, arrays, _test_side(export))


def write_shown(claim: Path, protocol: Protocol, arrays: SplitArrays, truths: ExportSplit) -> None:
    """Write what two networks predict on the images where their arms differ most, see `claim.predicted_maps`."""
    ids, class_count = shown_images(claim, protocol), len(protocol.settings.classes)
    if not ids:
        return
    places = {image_id: place for place, image_id in enumerate(arrays.image_ids)}
    images = normalised(arrays.images[[places[each] for each in ids]], torch.device("cpu"))
    for run in shown_runs(protocol):
        network = _network(run.folder(claim) / LAST, protocol)
        with torch.no_grad():
            logits: Tensor = network(images)  # (n, label_count, size, size)
        for image_id, own in zip(ids, logits, strict=True):
            size = truths.split.image(image_id).size
            labels = predicted_labels(own, size.height, size.width)
            labels[labels > class_count] = BACKGROUND_LABEL
            write_map(map_path(claim, run, image_id), labels)


def run_counts(
    weights: Sequence[Path], arrays: SplitArrays, truths: ExportSplit, protocol: Protocol, progress: Progress
) -> list[RunCounts]:
    """Return what each of some networks predicts on the test images, in the protocol's order.

    The truth of an image is drawn once for all of them.

    Args:
        weights: of runs.
        arrays: the test images at training size.
        truths: the test side of the export by which all arms are judged.
        protocol: of the check.
        progress: gets how many images are done.
    """
    networks = [_network(path, protocol) for path in weights]
    label_of, class_count = selected_labels(truths, protocol), len(protocol.settings.classes)
    places = {image_id: place for place, image_id in enumerate(arrays.image_ids)}
    rows: list[list[IntArray]] = [[] for _ in weights]
    ignored = []
    for start in range(0, len(protocol.test.image_ids), BATCH_SIZE):
        ids = protocol.test.image_ids[start : start + BATCH_SIZE]
        progress(start, len(protocol.test.image_ids))
        batch = [image_truth(truths, image_id, label_of) for image_id in ids]
        ignored += [truth.ignored for truth in batch]
        images = normalised(arrays.images[[places[each] for each in ids]], torch.device("cpu"))
        for own, network in zip(rows, networks, strict=True):
            own.extend(_batch_counts(network, images, [truth.labels for truth in batch], class_count))
    progress(len(protocol.test.image_ids), len(protocol.test.image_ids))
    return [_joined(protocol, own, ignored) for own in rows]


def _network(weights: Path, protocol: Protocol) -> LinkNet:
    """Return the network of a run, whose first labels must be the selected classes."""
    description, network = read_network(weights)
    names = tuple(label.name for label in description.labels[1 : len(protocol.settings.classes) + 1])
    if names != protocol.settings.classes:
        raise ClaimError(f"{weights}: its labels are {', '.join(names)}, not those of the check. Train the run again.")
    return network


@torch.no_grad()
def _batch_counts(network: LinkNet, images: Tensor, truths: Sequence[UInt8Array], class_count: int) -> list[IntArray]:
    logits: Tensor = network(images)  # (n, label_count, size, size)
    return [
        image_counts(truth, predicted_labels(own, truth.shape[0], truth.shape[1]), class_count)
        for truth, own in zip(truths, logits, strict=True)
    ]


def _joined(protocol: Protocol, rows: Sequence[IntArray], ignored: Sequence[IntArray]) -> RunCounts:
    right, predicted, true = np.moveaxis(np.array(rows), 1, 0)  # each (images, classes)
    return RunCounts(
        image_ids=protocol.test.image_ids, right=right, predicted=predicted, true=true, ignored=np.array(ignored)
    )


def image_counts(truth: UInt8Array, prediction: UInt8Array, class_count: int) -> IntArray:
    """Return right, predicted and true pixels of each selected class, (3, k), over pixels that are not 255.

    Args:
        truth: 0, 1 to k, 255, (h, w).
        prediction: labels 0 to 254, (h, w); those above k are background.
    """
    is_judged = truth != IGNORED_LABEL
    true, predicted = truth[is_judged], prediction[is_judged]
    predicted = np.where(predicted > class_count, BACKGROUND_LABEL, predicted)
    of_each = (true[true == predicted], predicted, true)
    counts = [np.bincount(labels, minlength=class_count + 1)[1 : class_count + 1] for labels in of_each]
    return np.array(counts, dtype=np.int64)


def _test_side(export: Export) -> ExportSplit:
    for split in export.splits:
        if split.name == SplitRole.TEST:
            return split
    raise ClaimError(f"{export.folder}: it has no side 'test'. Delete it, and let the check go on.")


def _test_arrays(export: Export, protocol: Protocol, progress: Progress) -> SplitArrays:
    """Return the test images at training size, made once for all runs."""
    split = _test_side(export)
    arrays = prepare_arrays(
        export,
        split.images,
        folder=resources_of(workspace_from_environment()).arrays_folder,
        split_name=split.name,
        progress=progress,
    )
    if missing := set(protocol.test.image_ids) - set(arrays.image_ids):
        why = arrays.unreadable[0] if arrays.unreadable else f"Its export lacks image {min(missing)}."
        raise ClaimError(
            f"{len(missing):,} of {len(protocol.test.image_ids):,} test images cannot be read. {why} Exclude such "
            "images, and begin a new check in another folder."
        )
    return arrays


def main(arguments: Sequence[str]) -> None:
    """Test and tell: REQUEST as JSON."""
    (text,) = arguments
    torch.set_num_threads(computing_threads())
    request = msgspec.json.decode(text, type=Request)
    serve_parent(lambda progress: write_tested(request, progress))


if __name__ == "__main__":
    main(sys.argv[1:])
