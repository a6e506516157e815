"""How large is the network, and what does a step keep of each image?

Counted from the description of the encoder without PyTorch, by the same rules as `linknet` builds the network, so that
the page can say before the start what a run will need.
"""

from collections.abc import Iterator
from itertools import pairwise

from cocomine.training.runs.encoders import BOTTLENECK, ENCODER_STAGES, Encoder

LAST_CHANNELS = 32
"""Of the decoder, whatever the encoder is."""
HALVINGS = 5
_UP = 4 * 4  # numbers of the kernel that doubles the size, for each pair of channels


def parameter_count(encoder: Encoder, label_count: int, *, frozen_stages: int = 0) -> int:
    """Return how many weights are trained; those of frozen stages are not."""
    own = sum(count for stage, count in _encoder_parameters(encoder) if stage >= frozen_stages)
    return own + sum(_decoder_parameters(*pair) for pair in _decoder_channels(encoder)) + _head(label_count)


def _encoder_parameters(encoder: Encoder) -> Iterator[tuple[int, int]]:
    """Yield for each tensor that can be trained its stage, from 0, and how many numbers it has."""
    for name, shape in encoder.shapes().items():
        if "running_" in name:
            continue
        first = name.partition(".")[0]
        count = 1
        for side in shape:
            count *= side
        yield (ENCODER_STAGES.index(first) if first in ENCODER_STAGES else 0), count


def _decoder_channels(encoder: Encoder) -> list[tuple[int, int]]:
    return list(pairwise((*reversed(encoder.channels), LAST_CHANNELS)))


def _decoder_parameters(inputs: int, outputs: int) -> int:
    quarter = inputs // 4
    norms = 2 * (2 * quarter + outputs)  # weight and bias of three
    return inputs * quarter + _UP * quarter * quarter + quarter + quarter * outputs + norms


def _head(label_count: int) -> int:
    return (LAST_CHANNELS + 1) * label_count


def kept_numbers(encoder: Encoder, label_count: int, *, side_px: int, frozen_stages: int = 0) -> int:
    """Return how many numbers a step keeps of each image until its gradients are there.

    Each convolution is followed by BatchNorm, which keeps its input, and by ReLU, which keeps its output: twice the
    output of every convolution. A frozen stage keeps nothing.

    Args:
        side_px: of the image, a multiple of 32.
    """
    places = [(side_px >> halving) ** 2 for halving in range(HALVINGS + 1)]  # at full size, 1/2, ... 1/32
    stages = [_stem(encoder, places), *(_layer(encoder, number, places) for number in range(1, HALVINGS))]
    of_encoder = sum(stages[frozen_stages:])
    of_decoder = 0
    for level, (inputs, outputs) in zip(range(HALVINGS, 0, -1), _decoder_channels(encoder), strict=True):
        quarter, has_skip = inputs // 4, level > 1
        of_decoder += 2 * quarter * (places[level] + places[level - 1])
        of_decoder += (3 if has_skip else 2) * outputs * places[level - 1]  # a sum with the encoder's features is kept
    return of_encoder + of_decoder + label_count * places[0]


def _stem(encoder: Encoder, places: list[int]) -> int:
    pooled = 2 * encoder.stem * places[2]  # where each largest value was: 8 bytes, as two numbers
    return 3 * places[0] + 2 * encoder.stem * places[1] + pooled


def _layer(encoder: Encoder, number: int, places: list[int]) -> int:
    """Return what layer `number`, from 1, keeps."""
    width, outputs, inputs = encoder.widths[number - 1], encoder.channels[number], encoder.channels[number - 1]
    after, before = places[number + 1], places[number + 1 if number == 1 else number]
    is_bottleneck = encoder.expansion == BOTTLENECK
    kept = 0
    for block in range(encoder.blocks[number - 1]):
        entered = before if block == 0 else after
        kept += 2 * width * (entered + after) if is_bottleneck else 2 * width * after
        kept += 2 * outputs * after
        if block == 0 and (number > 1 or inputs != outputs):
            kept += outputs * after  # of the projection, whose BatchNorm keeps its input
    return kept
