"""The loss, the schedule and the groups of the optimiser, checked against numbers worked out by hand."""

import math
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from threading import Barrier
from typing import Any

import pytest
import torch
from torch import Tensor
from trainings import same

from cocomine.training.group import Group
from cocomine.training.linknet import LinkNet
from cocomine.training.optimiser import (
    build_optimiser,
    dice_loss,
    learning_rate_factor,
    segmentation_loss,
)
from cocomine.training.runs.config import preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.needs import moments_per_weight
from cocomine.training.uncompiled import UncompiledAdamW, UncompiledSGD

RESNET50 = ENCODERS["resnet50"]

MakeOne = Callable[..., torch.optim.Optimizer]

UNDECIDED = torch.zeros(2, 3, 1, 2)  # logits: a third for each of background and two classes
LABELS = torch.tensor([[[1, 1]], [[0, 2]]])


def test_dice_is_taken_over_the_whole_batch_for_each_class() -> None:
    """Class 1: overlap 2/3, size 4/3 + 2, so (4/3 + 1) / (10/3 + 1) = 7/13; class 2: (2/3 + 1) / (7/3 + 1) = 1/2."""
    assert float(dice_loss(UNDECIDED, LABELS)) == pytest.approx((6 / 13 + 1 / 2) / 2)


def test_a_class_that_the_batch_lacks_has_no_dice() -> None:
    assert float(dice_loss(UNDECIDED, LABELS.where(LABELS != 2, 0))) == pytest.approx(6 / 13)


def test_ignored_pixels_are_in_no_size_of_dice() -> None:
    """Class 1: overlap 2/3, size 3/3 + 2, so (4/3 + 1) / 4 = 7/12."""
    assert float(dice_loss(UNDECIDED, LABELS.where(LABELS != 2, 255))) == pytest.approx(5 / 12)


def test_dice_of_many_labels_and_its_gradient_are_those_of_one_hot_maps() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 30, 9, 9, generator=generator)
    labels = torch.tensor([0, 0, 3, 7, 29, 255])[torch.randint(6, (2, 9, 9), generator=generator)]
    ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
    counted = (labels != 255)[:, None]
    truth = torch.nn.functional.one_hot(labels.where(counted[:, 0], 0), 30).permute(0, 3, 1, 2) * counted
    probability = theirs.softmax(1) * counted
    overlap, size = (each.sum((0, 2, 3)) for each in (probability * truth, probability + truth))
    expected = (1 - (2 * overlap + 1) / (size + 1))[[3, 7, 29]].mean()
    found = dice_loss(ours, labels)
    assert float(found.detach()) == pytest.approx(float(expected.detach()))
    (gradient,), (expected_gradient,) = torch.autograd.grad(found, ours), torch.autograd.grad(expected, theirs)
    assert torch.allclose(gradient, expected_gradient, atol=1e-8)


def test_the_loss_is_the_mean_cross_entropy_and_dice_where_it_is_asked_for() -> None:
    alone, both = (segmentation_loss(UNDECIDED, LABELS, kind) for kind in ("ce", "ce+dice"))
    assert float(alone.total) == pytest.approx(math.log(3))
    assert alone.dice is None
    assert float(both.total) == pytest.approx(math.log(3) + (6 / 13 + 1 / 2) / 2)


def test_ignored_pixels_do_not_change_the_loss() -> None:
    logits = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(1, 4, 4, dtype=torch.int64)
    labels[0, 0], labels[0, 1] = 1, 255
    changed = logits.clone()
    changed[0, :, 1] += torch.tensor([5.0, -3.0, 2.0])[:, None]
    for kind in ("ce", "ce+dice"):
        assert torch.equal(
            segmentation_loss(logits, labels, kind).total, segmentation_loss(changed, labels, kind).total
        )


def test_a_batch_without_a_counted_pixel_costs_nothing() -> None:
    labels = torch.full((1, 4, 4), 255)
    assert float(segmentation_loss(torch.zeros(1, 3, 4, 4), labels, "ce+dice").total) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class InThread(Group):
    """One of two processes that are threads here."""

    meeting: Barrier
    parts: dict[int, Tensor]

    def sum(self, tensor: Tensor) -> Tensor:
        """Return the sum over both."""
        self.parts[self.rank] = tensor
        self.meeting.wait()
        total = torch.stack([self.parts[0], self.parts[1]]).sum(0)
        self.meeting.wait()
        return total


@pytest.mark.parametrize("kind", ["ce", "ce+dice"])
def test_the_losses_of_two_processes_add_up_to_that_of_the_whole_batch(kind: str) -> None:
    """The second has background alone, so that it learns from the other which classes the batch holds."""
    logits = torch.randn(3, 5, 4, 4, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(3, 4, 4, dtype=torch.int64)
    labels[0, 1:3], labels[0, 3], labels[2, 0] = 1, 3, 255
    meeting, parts = Barrier(2, timeout=20), dict[int, Tensor]()

    def loss_of(rank: int, images: slice) -> Tensor:
        process = InThread(rank=rank, size=2, meeting=meeting, parts=parts)
        return segmentation_loss(logits[images], labels[images], kind, process).total

    with ThreadPoolExecutor(2) as pool:
        both = pool.map(loss_of, (0, 1), (slice(0, 1), slice(1, 3)))
        assert float(sum(both)) == pytest.approx(float(segmentation_loss(logits, labels, kind).total))


def test_dice_is_zero_for_the_truth_and_near_one_for_nothing() -> None:
    labels = torch.zeros(1, 32, 32, dtype=torch.int64)
    labels[0, :16] = 1
    truth = 100 * torch.nn.functional.one_hot(labels, 3).permute(0, 3, 1, 2).float()
    nothing = torch.zeros_like(truth)
    nothing[:, 0] = 100
    assert float(dice_loss(truth, labels)) == pytest.approx(0, abs=1e-6)
    assert float(dice_loss(nothing, labels)) > 0.99


def test_the_learning_rate_warms_up_and_falls_along_a_cosine() -> None:
    config = replace(preset("recommended", export="x"), steps=100, warmup_steps=20)
    factors = {step: learning_rate_factor(config, step) for step in (0, 9, 19, 20, 40, 60, 80, 100)}
    quarter = (1 + math.cos(math.pi / 4)) / 2
    assert factors == pytest.approx({0: 0.05, 9: 0.5, 19: 1, 20: 1, 40: quarter, 60: 0.5, 80: 1 - quarter, 100: 0})
    assert learning_rate_factor(preset("paper", export="x"), 29_999) == 1


@pytest.mark.usefixtures("narrow_network")
def test_loaded_stages_learn_gently_and_only_weights_of_convolutions_decay() -> None:
    network = LinkNet(RESNET50, 2)
    config = replace(preset("recommended", export="x"), learning_rate=1e-2, pretrained_learning_rate=1e-3)
    groups = build_optimiser(network, config, pretrained_stages=1).param_groups
    assert [(group["lr"], group["weight_decay"]) for group in groups] == [
        (1e-3, 1e-2),
        (1e-3, 0.0),
        (1e-2, 1e-2),
        (1e-2, 0.0),
    ]
    assert [len(group["params"]) for group in groups[:2]] == [1, 2]  # the stem's convolution, its BatchNorm
    assert all(parameter.ndim == 4 for group in groups[::2] for parameter in group["params"])
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))


@pytest.mark.usefixtures("narrow_network")
@pytest.mark.parametrize(("name", "kind"), [("sgd", torch.optim.SGD), ("adamw", torch.optim.AdamW)])
def test_the_optimiser_is_the_one_of_the_settings(name: str, kind: type) -> None:
    config = replace(preset("paper", export="x"), optimiser=name, momentum=0.5)
    optimiser = build_optimiser(LinkNet(ENCODERS["small"], 2), config, 0)
    assert isinstance(optimiser, kind)
    assert optimiser.defaults.get("momentum", 0.5) == 0.5


@pytest.mark.parametrize(
    ("own", "torchs"),
    [
        (partial(UncompiledSGD, momentum=0.5), partial(torch.optim.SGD, momentum=0.5)),
        (UncompiledAdamW, torch.optim.AdamW),
    ],
)
def test_an_uncompiled_optimiser_does_what_that_of_torch_does_bit_for_bit(own: MakeOne, torchs: MakeOne) -> None:
    (values, state), expected = stepped(own), stepped(torchs)
    assert torch.equal(values, expected[0])
    assert same(state, expected[1])


@pytest.mark.parametrize("kind", [UncompiledSGD, UncompiledAdamW])
def test_an_uncompiled_optimiser_never_loads_the_compiler(kind: MakeOne, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch._dynamo", None)  # to import it is an error now
    stepped(kind)


def stepped(kind: MakeOne) -> tuple[Tensor, dict[str, Any]]:
    """Weights after three steps, each but the first with a state that was read back, and the state then."""
    weights = torch.linspace(-1, 1, 6, requires_grad=True)
    optimiser = kind([{"params": [weights], "weight_decay": 0.1}], lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        weights.pow(3).sum().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        optimiser.load_state_dict(optimiser.state_dict())
    return weights.detach(), optimiser.state_dict()


def test_frozen_stages_are_in_no_group() -> None:
    network = LinkNet(RESNET50, 2, frozen_stages=5)
    groups = build_optimiser(network, preset("paper", export="x"), pretrained_stages=5).param_groups
    learning = {id(parameter) for group in groups for parameter in group["params"]}
    assert not learning & {id(parameter) for parameter in network.encoder.parameters()}
    assert len(learning) == len([*network.decoder.parameters(), *network.segmentation_head.parameters()])


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 2), ({"optimiser": "sgd"}, 0), ({"optimiser": "sgd", "momentum": 0.9}, 1)]
)
def test_what_an_optimiser_keeps_for_each_weight(changes: dict[str, Any], count: int) -> None:
    assert moments_per_weight(replace(preset("quick", export="x"), **changes)) == count
