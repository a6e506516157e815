"""Which network is trained?

LinkNet (Chaurasia and Culurciello, 2017) on a ResNet-50 encoder (He et al., 2016, with the stride in the 3x3
convolution as torchvision has it). Parameter names are torchvision's for the encoder (after the prefix `encoder.`) and
those of `segmentation_models_pytorch.Linknet` for the rest, so that published weights load by name.

The encoder has five *stages* from the bottom: stem, layer1, layer2, layer3, layer4. Freezing the
first k of them also keeps their BatchNorm statistics: `requires_grad_(False)` alone would let
them drift with every forward pass in training mode.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Self, cast

import torch
from torch import Tensor, nn

from cocomine.training.runs.config import ENCODER_STAGES
from cocomine.training.runs.weights_files import BLOCK_COUNTS, EXPANSION, WIDTHS

_DECODER_CHANNELS = (2048, 1024, 512, 256, 64, 32)
_HEAD_STD = 0.3  # tried: with 0.02 the features below wait for the head to grow, and learn several times slower
_LEAST_SHARE = 0.01  # a rarer class would start so improbable that it hardly learns


class Bottleneck(nn.Module):
    """1x1 reduce, 3x3, 1x1 expand, added to the (projected) input."""

    def __init__(self, in_channels: int, width: int, *, stride: int) -> None:
        super().__init__()
        out_channels = width * EXPANSION
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (n, in, h, w) to (n, 4 width, h / stride, w / stride)."""
        identity = x if self.downsample is None else self.downsample(x)
        x = self.relu(self.bn1(self.conv1(x)))
        x = self.relu(self.bn2(self.conv2(x)))
        added: Tensor = self.relu(self.bn3(self.conv3(x)) + identity)
        return added


def _layer(in_channels: int, width: int, block_count: int, *, stride: int) -> nn.Sequential:
    first = Bottleneck(in_channels, width, stride=stride)
    rest = (Bottleneck(width * EXPANSION, width, stride=1) for _ in range(block_count - 1))
    return nn.Sequential(first, *rest)


class ResNet50Encoder(nn.Module):
    """ResNet-50 without its classifier; gives the features of each of its five stages."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        inputs = (64, *(width * EXPANSION for width in WIDTHS[:-1]))
        layers = [
            _layer(inputs[i], width, BLOCK_COUNTS[i], stride=1 if i == 0 else 2) for i, width in enumerate(WIDTHS)
        ]
        self.layer1, self.layer2, self.layer3, self.layer4 = layers

    def forward(self, x: Tensor) -> list[Tensor]:
        """Map (n, 3, h, w) to features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the size."""
        stem = self.relu(self.bn1(self.conv1(x)))  # (n, 64, h/2, w/2)
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

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(DecoderBlock(i, o) for i, o in pairwise(_DECODER_CHANNELS))

    def forward(self, features: list[Tensor]) -> Tensor:
        """Map the encoder's five features to (n, 32, h, w)."""
        x, *skips = reversed(features)
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index < len(skips):
                x = x + skips[index]
        return x


class LinkNet(nn.Module):
    """ResNet-50 LinkNet giving one logit map for each label, background first."""

    def __init__(self, label_count: int, *, frozen_stages: int = 0) -> None:
        super().__init__()
        self.encoder = ResNet50Encoder()
        self.decoder = LinkNetDecoder()
        self.segmentation_head = nn.Sequential(nn.Conv2d(_DECODER_CHANNELS[-1], label_count, 1))
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
