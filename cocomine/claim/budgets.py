"""How much is a claim check worth: which budgets are offered, and how long will they take here?

The time is estimated from the speed of training that was measured on one core of one computer, in images a second of
processor time. It says an order of magnitude before the first run; after it, the runs' own times tell.
"""

from dataclasses import dataclass
from types import MappingProxyType

from cocomine.claim.records import EQUAL_WORDS, ClaimSettings, EqualBy
from cocomine.training.runs.encoders import ENCODERS
from cocomine.wording import brief_duration, counted

IMAGES_PER_S = MappingProxyType(
    {
        "small": {64: 60.0, 96: 39.0, 128: 27.0},
        "resnet18": {64: 21.0, 96: 8.7, 128: 5.5},
        "resnet50": {64: 4.6, 96: 3.2, 128: 2.7},
    }
)
"""Training images a second by encoder and image size in pixels, all parts trained: measured on one core."""
LOAD_S = 4.0
"""To load PyTorch, once for the runs of a seed."""
RUN_START_S = 2.0
"""To prepare the images of a small run, and to judge it on the validation images before the first step."""
TESTED_FASTER = 3.0
"""So many times as fast as it is trained on, an image is predicted: a training step also goes backwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a person chooses with one click.

    Attributes:
        name: on the button.
        train_image_count: of each arm, at most.
        test_image_count: of the natural mix, at most.
        size_px: side of the training images.
    """

    name: str
    steps: int
    train_image_count: int
    test_image_count: int
    size_px: int
    encoder: str
    batch_size: int = 8

    def settings(self, classes: tuple[str, ...]) -> ClaimSettings:
        """Return the settings of a claim check of these classes at this budget, the others as by default."""
        return ClaimSettings(
            classes=classes,
            steps=self.steps,
            train_image_count=self.train_image_count,
            test_image_count=self.test_image_count,
            size_px=self.size_px,
            encoder=self.encoder,
            batch_size=self.batch_size,
        )

    def words(self, equal: EqualBy) -> str:
        """Return what is trained, such as "150 steps of 8 images, up to 100 training images, 64 px, small ResNet".

        Args:
            equal: what all arms have the same number of.
        """
        return (
            f"{counted(self.steps, 'step')} of {self.batch_size} images, up to {self.train_image_count:,} "
            f"{EQUAL_WORDS[equal]}, {self.size_px} px, {ENCODERS[self.encoder].title}"
        )


BUDGETS = (
    Budget(name="Quick", steps=150, train_image_count=100, test_image_count=700, size_px=64, encoder="small"),
    Budget(name="Solid", steps=600, train_image_count=400, test_image_count=2_000, size_px=128, encoder="small"),
    Budget(
        name="Paper",
        steps=30_000,
        train_image_count=20_000,
        test_image_count=5_000,
        size_px=128,
        encoder="resnet50",
        batch_size=32,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How long the runs of a claim check take, in seconds of one core.

    Attributes:
        run_count: of all arms, seeds and numbers of steps.
        shortest_s: of a run.
        longest_s: of a run.
        total_s: of all, one after the other.
    """

    run_count: int
    shortest_s: float
    longest_s: float
    total_s: float

    @property
    def words(self) -> str:
        """Such as "18 runs of 30 to 80 s, about 16 min in all"."""
        shortest, longest = brief_duration(self.shortest_s), brief_duration(self.longest_s)
        each = shortest if shortest == longest else f"{shortest} to {longest}"
        return f"{counted(self.run_count, 'run')} of {each}, about {brief_duration(self.total_s)} in all"


def course(settings: ClaimSettings, test_image_count: int) -> Course:
    """Return how many runs a claim check takes, and how long.

    Args:
        settings: what is trained.
        test_image_count: images that each run is judged on.
    """
    steps = [each for arm in settings.arms for each in settings.steps_of(arm)]
    times = [run_time_s(settings, each, test_image_count) for each in steps]
    return Course(
        run_count=settings.seed_count * len(times),
        shortest_s=min(times),
        longest_s=max(times),
        total_s=settings.seed_count * (LOAD_S + sum(times)),
    )


def run_time_s(settings: ClaimSettings, steps: int, test_image_count: int) -> float:
    """Return how long one run takes on one core, and its images after it, in seconds."""
    speed = images_per_s(settings.encoder, settings.size_px)
    trained_s = steps * settings.batch_size / speed
    return RUN_START_S + trained_s + test_image_count / (TESTED_FASTER * speed)


def images_per_s(encoder: str, size_px: int) -> float:
    """Return how many images a second are trained on; between the measured sizes, and beyond, by the pixels."""
    measured = IMAGES_PER_S[encoder]
    nearest_px = min(measured, key=lambda each: abs(each - size_px))
    return measured[nearest_px] * (nearest_px / size_px) ** 2
