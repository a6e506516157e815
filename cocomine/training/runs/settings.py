"""What does each setting of a training mean, and which values may it have?

The one table that the page, `docs/settings.md` and the check of `config.json` are made from. Which value a preset gives
each setting is in `config`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cocomine.errors import TrainingError
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS

MOST_WHOLE = 2**63 - 1
"""Of whole numbers."""
LENGTH, LEARNING, NETWORK, DATA, MEASURING = "Length", "Learning", "Network", "Images", "Evaluation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting.

    Attributes:
        name: of the field of `TrainingConfig`.
        title: its name on the page.
        meaning: a sentence about it.
        group: under which heading a person may change it among the advanced settings; "" where it is chosen elsewhere.
        least: the smallest number; None for what is no number.
        most: the largest number, where there is one.
        below: what a number must stay below, where there is such a limit.
        choices: all values, where they are few.
    """

    name: str
    title: str
    meaning: str
    group: str = ""
    least: float | None = None
    most: float | None = None
    below: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> None:
        """Refuse a value that cannot be; its type is checked where it is read.

        Raises:
            TrainingError: It is outside the bounds.
        """
        if value is None or self._allows(value):
            return
        is_beyond = self.least is not None and self.most is self.below is None and value > MOST_WHOLE
        limit = f" and at most {MOST_WHOLE:,}" if is_beyond else ""
        raise TrainingError(
            f"Training settings: '{self.name}' is {value!r}. It must be {self.expected}{limit}; correct the setting."
        )

    def _allows(self, value: Any) -> bool:
        if self.choices:
            return value in self.choices
        if self.least is None:
            return True
        most = math.inf if self.most is None else self.most
        if isinstance(value, int):
            most = min(most, MOST_WHOLE)
        is_below: bool = self.below is None or value < self.below
        is_within: bool = self.least <= value <= most and value < math.inf  # NaN is in no range
        return is_below and is_within

    @property
    def expected(self) -> str:
        """What its value must be, such as "a number from 0 to 5"; "" where any text is taken."""
        if self.choices:
            return f"one of {', '.join(self.choices)}"
        if self.least is None:
            return ""
        if self.most is not None:
            return f"a number from {self.least:g} to {self.most:g}"
        if self.below is not None:
            return f"a number from {self.least:g} to below {self.below:g}"
        return f"a number of at least {self.least:g}"


SETTINGS: Sequence[Setting] = (
    Setting(name="export", title="Export", meaning="The export folder; its masks' side is the training size."),
    Setting(name="preset", title="Preset", meaning="The preset that the other settings started from."),
    Setting(
        name="encoder",
        title="Encoder",
        meaning="The part of the network that looks at the image; ResNet-50 is the paper's.",
        choices=tuple(ENCODERS),
    ),
    Setting(
        name="weights",
        title="Encoder weights",
        meaning='"auto": the best file found without network; "none": random start; or a file.',
    ),
    Setting(
        name="steps",
        title="Steps",
        meaning="Optimiser updates. Fewer than the preset's also shorten warm-up and evaluations.",
        group=LENGTH,
        least=1,
    ),
    Setting(
        name="batch_size",
        title="Batch",
        meaning="Images in each update. A smaller batch needs less memory and gives noisier steps.",
        group=LENGTH,
        least=2,  # BatchNorm needs two values where the features are 1 x 1
    ),
    Setting(
        name="seed",
        title="Seed",
        meaning="Of random weights, order of the images and augmentation. The same seed gives the same run.",
        group=LENGTH,
        least=0,
    ),
    Setting(
        name="patience",
        title="Patience",
        meaning="Evaluations without a better mIoU after which the run ends early; 0: never.",
        group=LENGTH,
        least=0,
    ),
    Setting(
        name="learning_rate",
        title="Learning rate",
        meaning="Of all that starts at random. Too high: the loss jumps or becomes NaN; too low: nothing is learned.",
        group=LEARNING,
        least=0,
    ),
    Setting(
        name="pretrained_learning_rate",
        title="Learning rate of loaded weights",
        meaning="Of encoder stages whose weights were loaded and are not frozen; usually a tenth of the other.",
        group=LEARNING,
        least=0,
    ),
    Setting(
        name="schedule",
        title="Schedule",
        meaning='"constant", or "cosine": the learning rates fall to 0 at the last step.',
        group=LEARNING,
        choices=("constant", "cosine"),
    ),
    Setting(
        name="warmup_steps",
        title="Warm-up steps",
        meaning="Steps over which the learning rates rise from 0.",
        group=LEARNING,
        least=0,
    ),
    Setting(
        name="optimiser",
        title="Optimiser",
        meaning='"sgd" (the paper\'s) or "adamw", which keeps two more numbers for each weight and learns faster.',
        group=LEARNING,
        choices=("sgd", "adamw"),
    ),
    Setting(name="momentum", title="Momentum", meaning='Of "sgd" alone.', group=LEARNING, least=0),
    Setting(
        name="weight_decay",
        title="Weight decay",
        meaning="Pulls the weights of convolutions towards 0; biases and BatchNorm are left alone.",
        group=LEARNING,
        least=0,
    ),
    Setting(
        name="loss",
        title="Loss",
        meaning='"ce": cross entropy, the paper\'s Eq. 3; "ce+dice": plus Dice of the classes, which helps small ones.',
        group=LEARNING,
        choices=("ce", "ce+dice"),
    ),
    Setting(
        name="frozen_stages",
        title="Frozen encoder stages",
        meaning="From the bottom; only stages whose weights were loaded are frozen. More are faster and adapt less.",
        group=NETWORK,
        least=0,
        most=len(ENCODER_STAGES),
    ),
    Setting(
        name="average_decay",
        title="Mean of the weights (EMA)",
        meaning="Decay of a running mean of the weights, which is then judged and kept; 0: none.",
        group=NETWORK,
        least=0,
        below=1,
    ),
    Setting(
        name="half_precision",
        title="Half precision",
        meaning="On a GPU that has bfloat16; a CPU always computes in full.",
        group=NETWORK,
    ),
    Setting(
        name="augment",
        title="Augmentation",
        meaning="Flip, crop of 0.5 to 1 of the side, brightness and contrast: guards against learning images by heart.",
        group=DATA,
    ),
    Setting(
        name="train_image_limit",
        title="Training images, at most",
        meaning="Train on this many images, chosen once and for all; empty: all.",
        group=DATA,
        least=1,
    ),
    Setting(
        name="overfit_images",
        title="Overfit test",
        meaning="Train on this many images that cover the classes, and judge on the same; 0: no such test.",
        least=0,
    ),
    Setting(
        name="evaluate_every",
        title="Evaluate every … steps",
        meaning="There is one evaluation before the first step and one at the end as well.",
        group=MEASURING,
        least=1,
    ),
    Setting(
        name="eval_image_limit",
        title="Images of each evaluation, at most",
        meaning="During the run; the last evaluation takes all validation images. Empty: always all.",
        group=MEASURING,
        least=1,
    ),
    Setting(
        name="log_every",
        title="Log every … steps",
        meaning="Steps between two points of the loss curve.",
        group=MEASURING,
        least=1,
    ),
)
"""Every setting once, in the order of the page."""
GROUPS = (LENGTH, LEARNING, NETWORK, DATA, MEASURING)
"""The headings of the advanced settings."""


def settings_of(group: str) -> list[Setting]:
    """Return the settings under a heading."""
    return [setting for setting in SETTINGS if setting.group == group]
