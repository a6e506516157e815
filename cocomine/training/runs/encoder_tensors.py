"""Which tensors does a ResNet-50 encoder have?

Known without PyTorch, so that a weights file can be judged before anything is built; the network in `linknet` is made
from the same numbers. Names are torchvision's (He et al., 2016, with the stride in the 3x3 convolution).
"""

ENCODER_PARTS = ("stem", "layer1", "layer2", "layer3", "layer4")
BLOCK_COUNTS = (3, 4, 6, 3)
WIDTHS = (64, 128, 256, 512)
EXPANSION = 4
Shape = tuple[int, ...]


def encoder_shapes() -> dict[str, Shape]:
    """Return the shapes of a ResNet-50's tensors by name, without the classifier and BatchNorm's step counters."""
    shapes = {"conv1.weight": (64, 3, 7, 7)} | _norm("bn1", 64)
    inputs = 64
    for layer, (count, width) in enumerate(zip(BLOCK_COUNTS, WIDTHS, strict=True), start=1):
        for block in range(count):
            shapes |= _block(f"layer{layer}.{block}", inputs, width, is_first=block == 0)
            inputs = width * EXPANSION
    return shapes


def _block(name: str, inputs: int, width: int, *, is_first: bool) -> dict[str, Shape]:
    outputs = width * EXPANSION
    convolutions = (("1", (width, inputs, 1, 1)), ("2", (width, width, 3, 3)), ("3", (outputs, width, 1, 1)))
    shapes: dict[str, Shape] = {}
    for number, shape in convolutions:
        shapes |= {f"{name}.conv{number}.weight": shape} | _norm(f"{name}.bn{number}", shape[0])
    if is_first:
        shapes |= {f"{name}.downsample.0.weight": (outputs, inputs, 1, 1)} | _norm(f"{name}.downsample.1", outputs)
    return shapes


def _norm(name: str, channels: int) -> dict[str, Shape]:
    return {f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")}


def complete_parts(missing: tuple[str, ...]) -> int:
    """Return how many encoder parts from the bottom have none of the tensors `missing`."""
    for index, part in enumerate(ENCODER_PARTS):
        prefixes = ("conv1.", "bn1.") if part == "stem" else (f"{part}.",)
        if any(name.startswith(prefixes) for name in missing):
            return index
    return len(ENCODER_PARTS)
