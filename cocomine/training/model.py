"""What is trained?

The network with its first weights, or with those of the checkpoint, and its optimiser, on the device that is fastest.
"""

from dataclasses import dataclass

import torch
from torch import nn

from cocomine.training.checkpoint import Checkpoint
from cocomine.training.checkpoint_fit import take_moments, take_tensors
from cocomine.training.data import label_shares
from cocomine.training.group import ALONE, Group, share_statistics
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.optimiser import build_optimiser
from cocomine.training.resources import Resources
from cocomine.training.run_data import TrainingData
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.records import EncoderWeights
from cocomine.training.runs.weights_files import frozen_stage_count
from cocomine.training.weights import load_encoder


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A network with its optimiser and where it came from."""

    network: LinkNet
    optimiser: torch.optim.Optimizer
    weights: EncoderWeights
    device: torch.device
    group: Group = ALONE
    parallel: nn.Module | None = None  # the network, wrapped for several processes
    average: LinkNet | None = None  # running mean of the network's weights

    @property
    def trained(self) -> nn.Module:
        """What answers in a training step."""
        return self.network if self.parallel is None else self.parallel

    @property
    def judged(self) -> LinkNet:
        """What is evaluated and kept."""
        return self.network if self.average is None else self.average


def build_model(
    config: TrainingConfig,
    data: TrainingData,
    checkpoint: Checkpoint | None,
    *,
    resources: Resources,
    group: Group = ALONE,
) -> Model:
    """Return the network and its optimiser: as in the checkpoint if there is one, else with the first weights.

    Of several processes the first alone reads checkpoint and weights, and gives them to the others.

    Raises:
        WeightsError: The weights file that was named cannot be used.
        TrainingError: The checkpoint is damaged.
    """
    device = best_device(group)
    network = LinkNet(ENCODERS[config.encoder], len(data.export.labels))
    weights = group.from_first(lambda: _first_weights(network, config, data, checkpoint, resources))
    network.freeze(frozen_stage_count(config, weights.complete_stages))
    network.to(device)
    if device.type == "cuda":
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # faster convolutions
    group.spread(network)
    share_statistics(network, group)
    optimiser = build_optimiser(network, config, weights.complete_stages)
    moments = group.shared(None if checkpoint is None else checkpoint.optimiser)
    if moments is not None:
        take_moments(optimiser, moments)
    parallel = None if group.size == 1 else group.trained(network)
    return Model(
        network=network,
        optimiser=optimiser,
        weights=weights,
        device=device,
        group=group,
        parallel=parallel,
        average=_first_average(network, config, checkpoint, group),
    )


def best_device(group: Group = ALONE) -> torch.device:
    """Return what computes fastest here: a GPU of NVIDIA or AMD, Apple's (one process alone), or the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", group.local_rank) if group.size > 1 else torch.device("cuda")
    if group.size == 1 and torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


def _first_weights(
    network: LinkNet,
    config: TrainingConfig,
    data: TrainingData,
    checkpoint: Checkpoint | None,
    resources: Resources,
) -> EncoderWeights:
    """Fill the network, from the checkpoint if there is one, and return where its encoder's weights came from."""
    if checkpoint is None:
        initialise(network, config.seed, label_shares(data.train.labels, len(data.export.labels)))
        return load_encoder(network, config.weights, resources.weights_files)
    take_tensors(network, checkpoint.network)
    return checkpoint.weights


def _first_average(
    network: LinkNet, config: TrainingConfig, checkpoint: Checkpoint | None, group: Group
) -> LinkNet | None:
    """Return the running mean of the weights to go on from; None where there is none."""
    if not config.average_decay:
        return None
    average = LinkNet(network.encoder.kind, network.head.out_channels)  # without what ties its statistics to a group
    kept = None if checkpoint is None else checkpoint.average
    take_tensors(average, network.state_dict() if kept is None else kept)
    average.requires_grad_(requires_grad=False).to(network.head.weight.device)
    group.spread(average)
    return average
