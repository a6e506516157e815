"""Which network is trained?

LinkNet (Chaurasia and Culurciello, 2017) on one of `ENCODERS`, the paper's ResNet-50 or a smaller one. Parameter names
are torchvision's for the encoder (after the prefix `encoder.`) and those of `segmentation_models_pytorch.Linknet` for
the rest, so that published weights load by name.

The encoder has five *stages* from the bottom: stem, layer1, layer2, layer3, layer4. Freezing the
first k of them also keeps their BatchNorm statistics: `requires_grad_(False)` alone would let
them drift with every forward pass in training mode.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Self, cast

import torch
from torch import Tensor, nn

from cocomine.training.runs.encoders import BOTTLENECK, ENCODER_STAGES, Encoder

_LAST_CHANNELS = 32  # of the decoder, whatever the encoder is
_HEAD_STD = 0.3  # tried: with 0.02 the features below wait for the head to grow, and learn several times slower
_LEAST_SHARE = 0.01  # a rarer class would start so improbable that it hardly learns


class BasicBlock(nn.Module):
    """Two 3x3 convolutions, added to the (projected) input."""

    def __init__(self, inputs: int, width: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _projection(inputs, width, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, width, h / stride, w / stride)."""
        identity = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        added: Tensor = self.relu(self.bn2(self.conv2(x)) + identity)
        return added


class Bottleneck(nn.Module):
    """1x1 reduce, 3x3, 1x1 expand, added to the (projected) input."""

    def __init__(self, inputs: int, width: int, *, stride: int) -> None:
        super().__init__()
        outputs = width * BOTTLENECK
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = _projection(inputs, outputs, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, inputs, h, w) to (n, 4 width, h / stride, w / stride)."""
        identity = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        added: Tensor = self.relu(self.bn3(self.conv3(x)) + identity)
        return added


def _projection(inputs: int, outputs: int, *, stride: int) -> nn.Module | None:
    """Return what makes a block's input fit its output; None where it fits already."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))


def _layer(encoder: Encoder, number: int) -> nn.Sequential:
    """Return layer `number` (from 1) of an encoder."""
    block_class = Bottleneck if encoder.expansion == BOTTLENECK else BasicBlock
    inputs, outputs = encoder.channels[number - 1 : number + 1]
    width, count = encoder.widths[number - 1], encoder.blocks[number - 1]
    first = block_class(inputs, width, stride=1 if number == 1 else 2)
    return nn.Sequential(first, *(block_class(outputs, width, stride=1) for _ in range(count - 1)))


class ResNetEncoder(nn.Module):
    """A ResNet without its classifier; gives the features of each of its five stages."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.kind = encoder
        self.conv1 = nn.Conv2d(3, encoder.stem, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(encoder.stem)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1, self.layer2, self.layer3, self.layer4 = (_layer(encoder, number) for number in range(1, 5))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map (n, 3, h, w) to features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
        stem = self.relu(self.bn1(self.conv1(x)))  # (n, stem, h/2, w/2)
        features = [stem]
        x = self.maxpool(stem)
        for layer in (self.layer1, self.layer2, self.layer3, self.layer4):
            x = layer(x)
            features.append(x)
        return features


def _conv_relu(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, bias=False), nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True)
    )


def _doubled(channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(channels, channels, 4, stride=2, padding=1),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )


class DecoderBlock(nn.Module):
    """1x1 reduce to a quarter, twice the size, 1x1 to the skip's channels."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        quarter = in_channels // 4
        self.block = nn.Sequential(
            _conv_relu(in_channels, quarter), _doubled(quarter), _conv_relu(quarter, out_channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, in, h, w) to (n, out, 2h, 2w)."""
        enlarged: Tensor = self.block(x)
        return enlarged


class LinkNetDecoder(nn.Module):
    """Five blocks, each result *added* to the encoder's features of its size."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        channels = (*reversed(encoder.channels), _LAST_CHANNELS)
        self.blocks = nn.ModuleList(DecoderBlock(inputs, outputs) for inputs, outputs in pairwise(channels))

    def forward(self, features: list[Tensor]) -> Tensor:
        """Map the encoder's five features to (n, 32, h, w)."""
        x, *skips = reversed(features)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index < len(skips):
                x = x + skips[index]
        return x


class LinkNet(nn.Module):
    """A LinkNet giving one logit map for each label, background first."""

    def __init__(self, encoder: Encoder, label_count: int, *, frozen_stages: int = 0) -> None:
        super().__init__()
        self.encoder = ResNetEncoder(encoder)
        self.decoder = LinkNetDecoder(encoder)
        self.segmentation_head = nn.Sequential(nn.Conv2d(_LAST_CHANNELS, label_count, 1))
        self.frozen_stages = 0
        self.freeze(frozen_stages)

    def forward(self, x: Tensor) -> Tensor:
        """Map normalised images (n, 3, h, w), sides multiples of 32, to logits (n, label_count, h, w)."""
        logits: Tensor = self.segmentation_head(self.decoder(self.encoder(x)))
        return logits

    @property
    def head(self) -> nn.Conv2d:
        """The last convolution, one output for each label."""
        return cast(nn.Conv2d, self.segmentation_head[0])

    def stage(self, name: str) -> tuple[nn.Module, ...]:
        """Return the modules of the encoder stage `name` of `ENCODER_STAGES`."""
        if name == "stem":
            return (self.encoder.conv1, self.encoder.bn1)
        return (self.encoder.get_submodule(name),)

    def freeze(self, stage_count: int) -> None:
        """Hold the first `stage_count` encoder stages as they are: weights and BatchNorm statistics."""
        self.frozen_stages = stage_count
        for index, name in enumerate(ENCODER_STAGES):
            for module in self.stage(name):
                module.requires_grad_(index >= stage_count)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """Switch to training, except the frozen stages, which stay in evaluation mode."""
        super().train(mode)
        for module in self._frozen_modules():
            module.eval()
        return self

    def _frozen_modules(self) -> Iterator[nn.Module]:
        for name in ENCODER_STAGES[: self.frozen_stages]:
            yield from self.stage(name)


def initialise(network: LinkNet, seed: int, label_shares: Sequence[float] | None = None) -> None:
    """Fill all weights at random (He normal, fan out, as ResNet's authors do), the same for the same seed.

    Args:
        network: Changed in place.
        label_shares: Share of each label in the training pixels. The head then starts by guessing just these, so
            that no step is spent on unlearning a random guess; None starts with equal guesses.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    nn.init.normal_(network.head.weight, std=_HEAD_STD, generator=generator)
    if label_shares is not None:
        with torch.no_grad():
            cast(Tensor, network.head.bias).copy_(torch.tensor(label_shares).clamp(min=_LEAST_SHARE).log())
