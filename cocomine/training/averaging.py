"""What do the weights look like on average over the last steps?

The running mean of the weights moves less from step to step than the weights themselves, and usually predicts better.
It starts out short, so that the random first weights are forgotten within a few steps.

Source: Polyak and Juditsky (1992) for the mean; the short start is that of `tf.train.ExponentialMovingAverage`.
"""

import torch

from cocomine.training.linknet import LinkNet


@torch.no_grad()
def update_average(average: LinkNet, network: LinkNet, *, decay: float, step: int) -> None:
    """Move `average` towards `network` after update `step` (from 0): weights and the statistics of BatchNorm alike."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, newest in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(newest, share)
        else:
            mean.copy_(newest)  # BatchNorm's step counters
