"""What can a claim check tell, before it has begun?

With so many seeds and test images an interval has a half width, by how far runs differ that differ by chance alone.
Differences below it would drown; where all that is to be expected would, the check says so, and what to add.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.claim.records import TestImages
from cocomine.claim.sentences import FEWEST_SEEDS
from cocomine.claim.statistics import EXPECTED_SPREADS, FEWEST_IMAGES, half_width, images_needed
from cocomine.wording import counted, join_names

LARGEST_REACH = 10.0
"""Points; differences in real data are smaller, so a check that cannot tell them has no answer to give."""
WANTED_REACH = 5.0
"""Points that could be told after what is proposed."""
PROPOSED_SEEDS = 5
"""With fewer, no number of test images shows that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What may be told.

    Attributes:
        seed_count: of each arm.
        natural_count: test images of the natural mix.
        reach: half of the interval of the primary difference, in points; None where there will be none.
        positive_counts: test images with each selected class, by its name.
    """

    seed_count: int
    natural_count: int
    reach: float | None
    positive_counts: dict[str, int]

    @property
    def words(self) -> str:
        """Such as "detects differences above about ±6 points (700 test images)"."""
        images = counted(self.natural_count, "test image")
        if self.reach is None:
            return f"no interval, so no difference can be told ({images})"
        return f"detects differences above about ±{self.reach:.0f} points ({images})"

    @property
    def rare_classes(self) -> list[str]:
        """The classes that too few test images have for an interval."""
        return [name for name, count in self.positive_counts.items() if count < FEWEST_IMAGES]

    @property
    def warnings(self) -> list[str]:
        """Return why nothing could be told, or not of all classes, each with what to add; nothing where all is well."""
        found = []
        if self.seed_count < FEWEST_SEEDS:
            found.append(
                f"With {counted(self.seed_count, 'seed')} nothing can be told: the same training with another seed "
                f"gives another result. Choose at least {FEWEST_SEEDS} seeds."
            )
        elif self.reach is not None and self.reach > LARGEST_REACH:
            found.append(
                f"Only differences above about ±{self.reach:.0f} points could be told; those to be expected are "
                f"smaller. {self._remedy()}"
            )
        if self.rare_classes:
            least = f"fewer than {FEWEST_IMAGES} test images"
            found.append(f"{join_names(self.rare_classes)}: in {least}, too few to judge. Add test images with them.")
        return found

    def _remedy(self) -> str:
        seeds = max(self.seed_count, PROPOSED_SEEDS)
        images = images_needed(EXPECTED_SPREADS["T2"], seeds, WANTED_REACH)
        return f"About {images:,} test images and {seeds} seeds would show {WANTED_REACH:.0f} points."


def prospect(test: TestImages, classes: Sequence[str], seed_count: int) -> Prospect:
    """Return what may be told on these test images with so many seeds of each arm.

    Args:
        test: the test images.
        classes: names of the selected classes, in the order of `test.has`.
        seed_count: of each arm.
    """
    natural = sum(test.is_natural)
    may_be_told = seed_count >= 2 and natural >= FEWEST_IMAGES
    counts = [sum(has) for has in zip(*test.has, strict=True)] if test.has else [0] * len(classes)
    return Prospect(
        seed_count=seed_count,
        natural_count=natural,
        reach=half_width(EXPECTED_SPREADS["T2"], natural, seed_count) if may_be_told else None,
        positive_counts=dict(zip(classes, counts, strict=True)),
    )
