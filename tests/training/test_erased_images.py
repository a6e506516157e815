"""A network that finds red things by the blue ones beside them is found out; one that does not is not accused."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cocomine.claim.erase_test import erase_classes
from cocomine.claim.erasure import ErasedPair, counts_from_lists, erased_pairs
from cocomine.training.augmentation import standardised
from cocomine.training.data import SplitArrays
from cocomine.training.erasing import Request, _counts, erased_images
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
