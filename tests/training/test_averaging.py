"""The running mean of the weights, by hand."""

import copy

import pytest
import torch

from cocomine.training.averaging import update_average
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.runs.encoders import ENCODERS


@pytest.mark.parametrize(("step", "share"), [(0, 0.9), (8, 0.5), (10_000, 0.01)])
def test_the_mean_moves_by_a_share_that_falls_to_one_less_the_decay(step: int, share: float) -> None:
    """The share is 1 - (1 + step) / (10 + step) until that is 1 - 0.99."""
    network = LinkNet(ENCODERS["small"], 2)
    initialise(network, seed=0)
    average = copy.deepcopy(network)
    before = copy.deepcopy(network.state_dict())
    with torch.no_grad():
        network.head.weight += 1.0
        network.get_buffer("encoder.bn1.running_mean").add_(2.0)
        network.get_buffer("encoder.bn1.num_batches_tracked").add_(5)
    update_average(average, network, decay=0.99, step=step)
    after = average.state_dict()
    head, statistics = "segmentation_head.0.weight", "encoder.bn1.running_mean"
    assert torch.allclose(after[head], before[head] + share, atol=1e-6)
    assert torch.allclose(after[statistics], before[statistics] + 2 * share, atol=1e-6)
    assert int(after["encoder.bn1.num_batches_tracked"]) == 5
    assert torch.equal(after["encoder.conv1.weight"], before["encoder.conv1.weight"])
