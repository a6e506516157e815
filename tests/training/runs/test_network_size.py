"""What is counted of a network without PyTorch is what PyTorch has and keeps."""

import pytest
import torch
from torch import Tensor

from cocomine.training.linknet import LinkNet
from cocomine.training.optimiser import segmentation_loss
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.network_size import kept_numbers, parameter_count

LABELS, SIDE_PX, FLOAT_BYTES = 9, 64, 4


@pytest.mark.parametrize("frozen_stages", [0, 2, 5])
@pytest.mark.parametrize("name", ENCODERS)
def test_the_weights_that_are_trained_are_counted_exactly(name: str, frozen_stages: int) -> None:
    network = LinkNet(ENCODERS[name], LABELS, frozen_stages=frozen_stages)
    trained = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    assert parameter_count(ENCODERS[name], LABELS, frozen_stages=frozen_stages) == trained


def test_the_papers_network_with_nine_labels_has_31_million_weights() -> None:
    assert parameter_count(ENCODERS["resnet50"], 9) == 31_178_041


@pytest.mark.parametrize("frozen_stages", [0, 2])
@pytest.mark.parametrize("name", ["small", "resnet18"])
def test_what_a_step_keeps_of_an_image_is_within_a_tenth_of_what_pytorch_saves(name: str, frozen_stages: int) -> None:
    network = LinkNet(ENCODERS[name], LABELS, frozen_stages=frozen_stages)
    weights = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    saved: dict[int, tuple[int, Tensor]] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes(), tensor
        return tensor

    labels = torch.randint(0, LABELS, (2, SIDE_PX, SIDE_PX))
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        segmentation_loss(network(torch.randn(2, 3, SIDE_PX, SIDE_PX)), labels, "ce")
    kept = sum(size_bytes for size_bytes, _ in saved.values()) / FLOAT_BYTES / 2
    counted = kept_numbers(ENCODERS[name], LABELS, side_px=SIDE_PX, frozen_stages=frozen_stages)
    assert counted == pytest.approx(kept, rel=0.1)
