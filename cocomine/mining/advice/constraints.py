"""Does a selection give what the person needs at least, and if not, what is the least they must give way?

A constraint that cannot be met is named, with its number; nobody is left before an empty list.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from cocomine.mining.selection.counting import SubsetCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraints:
    """What a subset must hold; its licences are part of the selection.

    Attributes:
        images_per_class: images of every selected class, at least; 0 becomes 1, as a class without an image is never
            enough.
        size_bytes: what all image files may take together, at most; None sets no limit.
    """

    images_per_class: int = 1
    size_bytes: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "images_per_class", max(self.images_per_class, 1))

    def met_by(self, counts: SubsetCounts) -> bool:
        """Return whether a subset holds to both. A size that is not known cannot hold to a limit."""
        return self.has_enough(counts) and self.is_small_enough(counts)

    def has_enough(self, counts: SubsetCounts) -> bool:
        """Return whether every selected class has enough images; without a class there is nothing to have."""
        return counts.fewest_images >= self.images_per_class

    def is_small_enough(self, counts: SubsetCounts) -> bool:
        """Return whether the image files stay within the limit."""
        return self.size_bytes is None or (counts.size_bytes is not None and counts.size_bytes <= self.size_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """The least that constraints must give way for a subset to meet them.

    Attributes:
        constraints: what is asked for afterwards.
        changed_count: constraints that differ, 1 or 2.
        relative_change: (m - m') / m of the images, (s' - s) / s of the size, added up.
        position: of the subset that then fits, among those compared.
    """

    constraints: Constraints
    changed_count: int
    relative_change: float
    position: int


def cheapest_relaxation(counts: Iterable[SubsetCounts], constraints: Constraints) -> Relaxation | None:
    """Return the smallest change of the constraints that lets at least one of several subsets meet them.

    For each subset the least that must change is known: images per class m down to its fewest images m', size s up to
    its size s'. Smallest is the change of one constraint with the least relative change, (m - m') / m or (s' - s) / s;
    only where no change of one alone is enough, that of both with the least sum. The first of equals is taken.

    Args:
        counts: what each selection gives; those that meet the constraints as they are need none.

    Returns:
        None where some subset meets the constraints already, or none can: each lacks all images of a class, or its
        size is not known.
    """
    found = [_relaxed(each, constraints, position) for position, each in enumerate(counts)]
    possible = [each for each in found if each is not None]
    best = min(possible, key=lambda each: (each.changed_count, each.relative_change), default=None)
    return best if best is not None and best.changed_count else None


def _relaxed(counts: SubsetCounts, constraints: Constraints, position: int) -> Relaxation | None:
    """Return what must change for one subset, perhaps nothing."""
    limit, size = constraints.size_bytes, counts.size_bytes
    if not counts.fewest_images or (limit is not None and size is None):
        return None
    asked = constraints.images_per_class
    images = min(asked, counts.fewest_images)
    allowed = None if limit is None or size is None else max(limit, size)
    growth = 0.0 if limit is None or allowed is None else (allowed - limit) / max(limit, 1)
    return Relaxation(
        constraints=Constraints(images_per_class=images, size_bytes=allowed),
        changed_count=(images < asked) + (growth > 0),
        relative_change=(asked - images) / asked + growth,
        position=position,
    )
