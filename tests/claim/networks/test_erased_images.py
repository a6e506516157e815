"""A network that finds red things by the blue ones beside them is found out; one that does not is not accused."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cocomine.claim.erase_test import erase_classes
from cocomine.claim.erasure import ErasedPair, counts_from_lists, erased_pairs
from cocomine.claim.networks.erasing import Request, _counts, _predicted, erased_images
from cocomine.training.augmentation import standardised
from cocomine.training.data import SplitArrays
from cocomine.training.runs.reading import Run
from cocomine.training.runs.records import RunLabel

RED, BLUE = 1, 2
COLOURS = np.array([(90, 90, 90), (250, 20, 20), (20, 20, 250)], dtype=np.uint8)
LABELS = [
    RunLabel(label=number, name=name, colour="#123456", selected=number > 0)
    for number, name in enumerate(("background", "red", "blue"))
]


class RuleNetwork(nn.Module):
    """Calls each pixel by its colour; red ones only in images with something blue, where that is its habit."""

    def __init__(self, *, needs_blue: bool) -> None:
        super().__init__()
        self.colours = nn.Parameter(
            standardised(torch.from_numpy(COLOURS.T.copy())[None, :, :, None] / 255)[0, :, :, 0]
        )
        self.needs_blue = needs_blue

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, 3, h, w)."""
        distances = ((images[:, :, None] - self.colours[None, :, :, None, None]) ** 2).sum(1)
        logits = -distances
        if self.needs_blue:
            has_blue = (logits.argmax(1) == BLUE).flatten(1).sum(1) > 30
            logits[~has_blue, RED] = -1e9
        return logits


@pytest.fixture(scope="module")
def arrays() -> SplitArrays:
    """Images of 64 px with a red square on the left and a blue one on the right, on noise."""
    rng = np.random.default_rng(0)
    labels = np.zeros((12, 64, 64), dtype=np.uint8)
    for map_ in labels:
        top, left = rng.integers(0, 50), rng.integers(0, 18)
        map_[top : top + 12, left : left + 12] = RED
        top, left = rng.integers(0, 50), rng.integers(34, 50)
        map_[top : top + 12, left : left + 12] = BLUE
    images = (COLOURS[labels] + rng.integers(0, 5, (12, 64, 64, 1))).astype(np.uint8)
    return SplitArrays(images=images, labels=labels, image_ids=tuple(range(12)))


def pair_of(network: RuleNetwork, arrays: SplitArrays) -> ErasedPair:
    counts = _counts(network, arrays, label_count=3, progress=lambda *_: None)  # type: ignore[arg-type]
    assert list(counts) == [RED, BLUE]
    (pair,) = [each for each in erased_pairs(LABELS, counts) if each.measured == "red"]
    return pair


def test_a_class_that_is_found_by_another_one_is_lost_with_it(arrays: SplitArrays) -> None:
    pair = pair_of(RuleNetwork(needs_blue=True), arrays)

    assert pair.image_count == 12
    assert pair.ring is not None
    assert pair.blur is not None
    assert pair.ring.value < -0.8
    assert pair.blur.value < -0.8


def test_a_class_that_stands_by_itself_stays(arrays: SplitArrays) -> None:
    pair = pair_of(RuleNetwork(needs_blue=False), arrays)

    assert not pair.is_told
    assert all(abs(each.value) < 0.05 for each in (pair.ring, pair.blur) if each is not None)


def counts_by_loop(truth: np.ndarray, seen: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    """Right, joined and true pixels of each label."""
    right = [int(((truth == label) & (seen == label)).sum()) for label in range(3)]
    union = [int(((truth == label) | (seen == label)).sum()) for label in range(3)]
    return right, union, [int((truth == label).sum()) for label in range(3)]


def test_what_counts_is_every_pixel_outside_of_the_objects_and_the_control_lies_on_background(
    arrays: SplitArrays,
) -> None:
    images, labels = arrays.images[:2].copy(), arrays.labels[:2].copy()
    images[:, 60:, 60:] = COLOURS[RED]  # where there is nothing red
    images[1, :, :32], labels[1, :, :32] = COLOURS[RED], RED  # half an image without background
    images[1, :, 32:], labels[1, :, 32:] = COLOURS[BLUE], BLUE
    own = SplitArrays(images=images, labels=labels, image_ids=(-3, 2**63 + 1))
    network = RuleNetwork(needs_blue=False)
    counts = _counts(network, own, label_count=3, progress=lambda *_: None)  # type: ignore[arg-type]
    for label in (RED, BLUE):
        found = counts[label]
        assert found.right_after.shape == (2, 2, 2, 3)
        for index, (pixels, truth) in enumerate(zip(images, labels, strict=True)):
            seen = _predicted(network, pixels[np.newaxis])[0]  # type: ignore[arg-type]
            right, union, true = counts_by_loop(truth[truth != label], seen[truth != label])
            assert found.right_before[0, index].tolist() == right
            assert found.union_before[0, index].tolist() == union
            assert found.true[index].tolist() == true
            if index == 0:  # there is room for the control beside all objects
                right, _, true = counts_by_loop(truth, seen)
                assert found.right_before[1, index, 1:].tolist() == right[1:]
                judged_px = found.right_before[1, index].sum()
                assert judged_px == sum(right) - true[label]  # a control is as large as what it stands for


def test_an_image_of_one_label_alone_and_ignored_pixels_are_not_erased() -> None:
    labels = np.stack([np.full((32, 32), RED, dtype=np.uint8), np.zeros((32, 32), dtype=np.uint8)])
    labels[1, :4], labels[1, 4:9, :9] = 255, BLUE
    own = SplitArrays(images=COLOURS[labels % 3], labels=labels, image_ids=(1, 2))
    counts = _counts(RuleNetwork(needs_blue=False), own, label_count=3, progress=lambda *_: None)  # type: ignore[arg-type]
    assert {label: len(found.true) for label, found in counts.items()} == {BLUE: 1}


@pytest.mark.usefixtures("narrow_network")
def test_a_run_tells_all_its_pairs(uninterrupted: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))

    told = erased_images(Request(run=str(uninterrupted.folder), image_limit=None), lambda *_: None)
    again = msgspec.convert(msgspec.json.decode(msgspec.json.encode(told)), type(told))

    selected = [label.label for label in told.labels if label.selected]
    assert set(told.erased) <= set(selected)
    assert told.erased
    for label, lists in zip(again.erased, again.counts, strict=True):
        counts = counts_from_lists(lists)
        assert counts.right_after.shape == (2, 2, len(counts.true), len(told.labels))
        assert (counts.true[:, label] == 0).all()  # what is erased is not judged
        assert (counts.right_after <= counts.union_after).all()


def test_a_run_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="there are no weights"):
        erase_classes(tmp_path, lambda *_: None)
