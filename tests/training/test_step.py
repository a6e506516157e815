"""One training step does what its parts say, in their order."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from cocomine.errors import TrainingError
from cocomine.training.augmentation import training_batch
from cocomine.training.data import SplitArrays
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.model import Model
from cocomine.training.optimiser import build_optimiser, segmentation_loss
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.records import EncoderWeights
from cocomine.training.step import _precision, train_step

RESNET50 = ENCODERS["resnet50"]

CPU = torch.device("cpu")
CONFIG = replace(
    preset("paper", export="x"), batch_size=2, learning_rate=0.1, weight_decay=0.5, schedule="cosine", steps=4
)
pytestmark = pytest.mark.usefixtures("narrow_network")


@pytest.fixture
def arrays() -> SplitArrays:
    random = np.random.default_rng(0)
    return SplitArrays(
        images=random.integers(0, 256, (4, 32, 32, 3), dtype=np.uint8),
        labels=random.integers(0, 2, (4, 32, 32), dtype=np.uint8),
        image_ids=(1, 2, 3, 4),
    )


def new_model(config: TrainingConfig) -> Model:
    network = LinkNet(RESNET50, 2)
    initialise(network, seed=0)
    optimiser = build_optimiser(network, config, pretrained_stages=0)
    return Model(network=network, optimiser=optimiser, weights=EncoderWeights(source="random"), device=CPU)


def gradients(network: LinkNet, arrays: SplitArrays, step: int) -> dict[str, Tensor]:
    images, labels = training_batch(arrays, CONFIG, step=step, device=CPU)
    segmentation_loss(network.train()(images), labels, CONFIG.loss).total.backward()  # type: ignore[no-untyped-call]
    return {name: each.grad for name, each in network.named_parameters() if each.grad is not None}


def test_a_step_of_sgd_is_the_gradient_times_the_scheduled_learning_rate(arrays: SplitArrays) -> None:
    """In the middle of the cosine the rate is a half; weights decay, biases do not; what stood in `grad` is gone."""
    model = new_model(CONFIG)
    before = copy.deepcopy(model.network)
    expected = gradients(copy.deepcopy(model.network), arrays, step=2)
    for parameter in model.network.parameters():
        parameter.grad = torch.full_like(parameter, 7.0)
    line = train_step(model, arrays, CONFIG, 2)
    head, old = model.network.head, before.head
    assert head.bias is not None
    assert old.bias is not None
    assert torch.allclose(head.bias, old.bias - 0.05 * expected["segmentation_head.0.bias"], atol=1e-6)
    moved = expected["segmentation_head.0.weight"] + 0.5 * old.weight
    assert torch.allclose(head.weight, old.weight - 0.05 * moved, atol=1e-6)
    assert line.learning_rate == pytest.approx(0.05)
    assert (line.step, line.dice) == (3, None)
    assert line.loss == line.cross_entropy


def test_a_loss_that_is_no_number_changes_nothing(arrays: SplitArrays) -> None:
    model = new_model(CONFIG)
    torch.nn.init.constant_(model.network.head.weight, float("nan"))
    before = model.network.encoder.conv1.weight.clone()
    with pytest.raises(TrainingError, match=r"the loss of step 1 is nan.*lower learning rate \(it was 0\.1\)"):
        train_step(model, arrays, CONFIG, 0)
    assert torch.equal(model.network.encoder.conv1.weight, before)


def test_a_cpu_computes_in_full_precision_whatever_a_gpu_beside_it_could(
    arrays: SplitArrays, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = train_step(new_model(CONFIG), arrays, CONFIG, 2)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    monkeypatch.setattr(torch, "autocast", pytest.fail)
    assert train_step(new_model(CONFIG), arrays, CONFIG, 2) == expected


def test_a_step_moves_the_mean_of_the_weights_after_them(arrays: SplitArrays) -> None:
    config = replace(CONFIG, average_decay=0.9)
    model = new_model(config)
    model = replace(model, average=copy.deepcopy(model.network))
    before = model.network.head.weight.clone()
    train_step(model, arrays, config, 2)
    share = 1 - 3 / 12
    assert model.judged is model.average
    assert torch.allclose(model.judged.head.weight, before + share * (model.network.head.weight - before), atol=1e-7)
    assert new_model(CONFIG).judged.training


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_a_gpu_computes_in_half_precision_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, is_asked_for: bool
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: True)
    monkeypatch.setattr(torch, "autocast", lambda device, dtype: asked.append(f"{device} {dtype}"))
    _precision(torch.device("cuda"), replace(CONFIG, half_precision=is_asked_for))
    assert asked == (["cuda torch.bfloat16"] if is_asked_for else [])
