"""Which encoders are there, and what are they made of?

All are residual networks (He et al., 2016) of a stem and four layers, described by the same few numbers: the network in
`linknet` is built from them, and what a weights file must hold follows from them without PyTorch. Names of tensors are
torchvision's, the stride is in the 3x3 convolution as there.

* `resnet50`: the paper's.
* `resnet18`: a third of its size, for small subsets and for computers without a GPU.
* `small`: a ResNet of one basic block in each layer, for answers in minutes; there are no published weights for it.
"""

from dataclasses import dataclass

ENCODER_STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
"""From the bottom; the unit in which an encoder is frozen."""
BASIC, BOTTLENECK = 1, 4
Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """One encoder.

    Attributes:
        title: its name for people.
        stem: channels of the stem.
        widths: channels inside the blocks of each layer.
        blocks: how many each layer has.
        expansion: channels that a block gives for each inside: `BASIC` has two 3x3 convolutions, `BOTTLENECK` a 3x3
            between two 1x1.
        is_published: whether there are weights of it, trained on ImageNet, to be had.
    """

    name: str
    title: str
    stem: int
    widths: tuple[int, int, int, int]
    blocks: tuple[int, int, int, int]
    expansion: int
    is_published: bool = True

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of the features of each stage, from the bottom."""
        return (self.stem, *(width * self.expansion for width in self.widths))

    def shapes(self) -> dict[str, Shape]:
        """Return the shapes of its tensors by name, without the classifier and BatchNorm's step counters."""
        shapes = {"conv1.weight": (self.stem, 3, 7, 7)} | _norm("bn1", self.stem)
        inputs = self.stem
        for layer, (width, count) in enumerate(zip(self.widths, self.blocks, strict=True), start=1):
            for block in range(count):
                is_projected = block == 0 and (layer > 1 or inputs != width * self.expansion)
                shapes |= self._block(f"layer{layer}.{block}", inputs, width, is_projected=is_projected)
                inputs = width * self.expansion
        return shapes

    def _block(self, name: str, inputs: int, width: int, *, is_projected: bool) -> dict[str, Shape]:
        outputs = width * self.expansion
        convolutions: tuple[Shape, ...] = ((width, inputs, 3, 3), (width, width, 3, 3))
        if self.expansion == BOTTLENECK:
            convolutions = ((width, inputs, 1, 1), (width, width, 3, 3), (outputs, width, 1, 1))
        shapes: dict[str, Shape] = {}
        for number, shape in enumerate(convolutions, start=1):
            shapes |= {f"{name}.conv{number}.weight": shape} | _norm(f"{name}.bn{number}", shape[0])
        if is_projected:
            shapes |= {f"{name}.downsample.0.weight": (outputs, inputs, 1, 1)} | _norm(f"{name}.downsample.1", outputs)
        return shapes


def _norm(name: str, channels: int) -> dict[str, Shape]:
    return {f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}


ENCODERS = {
    each.name: each
    for each in (
        Encoder(
            name="resnet50",
            title="ResNet-50",
            stem=64,
            widths=(64, 128, 256, 512),
            blocks=(3, 4, 6, 3),
            expansion=BOTTLENECK,
        ),
        Encoder(
            name="resnet18",
            title="ResNet-18",
            stem=64,
            widths=(64, 128, 256, 512),
            blocks=(2, 2, 2, 2),
            expansion=BASIC,
        ),
        Encoder(
            name="small",
            title="small ResNet",
            stem=32,
            widths=(32, 48, 64, 96),
            blocks=(1, 1, 1, 1),
            expansion=BASIC,
            is_published=False,
        ),
    )
}
"""By the name that settings, the command line and published files have for it; the first is the paper's."""
