"""Which images did the person take out of a dataset by hand, why, and how is a step of that undone?

A list is a mapping from each excluded image to the reason, which may be empty. Everything here is an edit: it takes
a list and returns another. An edit names single images and is made on the list as it is by then, so that two people
or two windows which work on one dataset do not undo each other's work.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from cocomine.coco.dataset import ImageKey

Exclusions = Mapping[ImageKey, str]
"""The excluded images, each with its reason."""
Edit = Callable[[Exclusions], Exclusions]
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one click changed: of each image the reason before and after, None where it was not excluded."""

    before: Mapping[ImageKey, str | None]
    after: Mapping[ImageKey, str | None]


def exclude(reasons: Exclusions, images: Collection[ImageKey]) -> Exclusions:
    """Return the list with these images on it; one that was there keeps its reason."""
    return {**dict.fromkeys(images, ""), **reasons}


def restore(reasons: Exclusions, images: Collection[ImageKey]) -> Exclusions:
    """Return the list without these images."""
    gone = frozenset(images)
    return {image: reason for image, reason in reasons.items() if image not in gone}


def annotate(reasons: Exclusions, images: Collection[ImageKey], reason: str) -> Exclusions:
    """Return the list with this reason for those of the images that are on it."""
    line = " ".join(reason.split())[:LONGEST_REASON].rstrip()
    return {**reasons, **{image: line for image in images if image in reasons}}


def step_between(before: Exclusions, after: Exclusions) -> Step:
    """Return what is different between two lists."""
    changed = [image for image in {**before, **after} if before.get(image) != after.get(image)]
    return Step(
        before={image: before.get(image) for image in changed},
        after={image: after.get(image) for image in changed},
    )


def with_reasons(reasons: Exclusions, changed: Mapping[ImageKey, str | None]) -> Exclusions:
    """Return the list with these reasons, as before or after a `Step`; None takes an image off it, all others stay."""
    now = {**reasons, **changed}
    return {image: reason for image, reason in now.items() if reason is not None}
