"""What will a claim check train and test on? All of it is drawn, counted and refused before anything is written.

The arms are recipes of ordinary exports that list their images. Test images are drawn first, then a few to look at
while training goes on, then those of each arm; all by the one seed of the settings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.claim.arm_images import ArmImages, arm_images
from cocomine.claim.arms import ARMS, Arm, ArmName
from cocomine.claim.image_pools import ImageFacts, Pools, image_pools
from cocomine.claim.natural_mix import drawn_test_images, mix_notices
from cocomine.claim.records import ClaimSettings, TestImages
from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.errors import ClaimError, ExportError
from cocomine.labels.table import class_table, require_room
from cocomine.mining.interference.co_occurrence import Measure, pair_table
from cocomine.mining.interference.pair_measure import pair_measure
from cocomine.mining.interference.ranking import ranked_pairs
from cocomine.mining.selection.division import Division, SplitMethod
from cocomine.mining.selection.recipe import Recipe, name_in_path, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.mining.statistics.categories import presence
from cocomine.wording import counted

FORMATS = ("coco", "masks")
MOST_RIVALS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmPlan:
    """What one arm is trained on.

    Attributes:
        recipe: of its export, with the sides "train", "val" and "test".
        seeds: of its runs.
        positive_image_count: training images with a selected class.
        labels: names of its mask values, background first.
    """

    arm: Arm
    recipe: Recipe
    seeds: tuple[int, ...]
    train_image_count: int
    positive_image_count: int
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPlan:
    """All that a claim check will do, before anything is written.

    Attributes:
        arms: in the order of the settings.
        test: the images that judge all of them.
        notices: sentences about what is not as it was asked for.
    """

    settings: ClaimSettings
    arms: tuple[ArmPlan, ...]
    test: TestImages
    validation_image_count: int
    notices: tuple[str, ...]


def plan_claim(
    dataset: Dataset,
    settings: ClaimSettings,
    *,
    rivals: Sequence[str] | None = None,
    facts: ImageFacts | None = None,
) -> ClaimPlan:
    """Return what a claim check does on a dataset.

    Args:
        dataset: its splits for validation or testing judge, one of the others trains.
        settings: what the person asks for.
        rivals: classes by which the test images are split, the most interfering first; None takes `rivals_of`.
        facts: what the disk says of the images; None takes every file as there, and as no other's.

    Raises:
        ClaimError: it cannot be done; the message says what to change.
        SelectionError: a class is unknown.
    """
    selected = _selected(dataset, settings)
    named = rivals_of(dataset, settings.classes) if rivals is None else tuple(rivals[:MOST_RIVALS])
    rng = np.random.default_rng(settings.seed)
    pools = image_pools(dataset, facts or ImageFacts(), rng)
    test = drawn_test_images(
        pools.test, settings, selected, [(name, dataset.category_index_of(name)) for name in named]
    )
    images = arm_images(pools.train, settings, selected, rng)
    used = dataset.with_splits(list(dict.fromkeys((pools.train.split.name, pools.test.split.name))))
    return ClaimPlan(
        settings=settings,
        arms=tuple(_arm_plan(used, settings, ARMS[name], images, test) for name in settings.arms),
        test=test,
        validation_image_count=len(images.validation),
        notices=(*_pool_notices(pools, test), *mix_notices(test, settings), *images.notices),
    )


def rivals_of(dataset: Dataset, classes: Sequence[str]) -> tuple[str, ...]:
    """Return the unselected classes that interfere most with the selected ones, at most five, the strongest first.

    Strongest is a pair furthest from chance, be it more or less often together than that, see `ranked_pairs`.
    """
    selected = {dataset.category_index_of(name) for name in classes}
    table = pair_table(presence(dataset), dataset.category_names)
    pairs = ranked_pairs(pair_measure(table, Measure.LIFT), having=selected)
    others = dict.fromkeys(each for pair in pairs for each in pair if each not in selected)
    return tuple(dataset.category_names[each] for each in list(others)[:MOST_RIVALS])


def _selected(dataset: Dataset, settings: ClaimSettings) -> list[int]:
    """Return the positions of the selected classes.

    Raises:
        ClaimError: the settings contradict themselves, or the dataset cannot be used at all.
        SelectionError: a class is unknown.
    """
    for what, names in (("class", settings.classes), ("arm", settings.arms)):
        if twice := [name for name in names if names.count(name) > 1]:
            raise ClaimError(f"The {what} {twice[0]} is named twice. Name each once.")
    if len(settings.arms) < 2:
        raise ClaimError(f"{counted(len(settings.arms), 'arm')} can be compared with nothing. Choose two at least.")
    if ArmName.SELECTED not in settings.arms:
        raise ClaimError(f"Arm {ArmName.SELECTED} is what all others are compared with. Add it to the arms.")
    if dataset.is_federated:
        raise ClaimError(
            "Only some classes were looked for in each image of this dataset, so images without a class cannot be "
            "told from images where nobody looked. Take a dataset in which all classes were looked for everywhere."
        )
    return [dataset.category_index_of(name) for name in settings.classes]


def _pool_notices(pools: Pools, test: TestImages) -> list[str]:
    found = []
    if pools.is_held_out:
        found.append(
            f"The dataset has no split for validation or testing beside {test.split}, so images of it were held out "
            "for testing before all else was drawn."
        )
    if pools.leak_count:
        found.append(
            f"{counted(pools.leak_count, 'image')} of {pools.train.split.name} may not train, since the same file is "
            f"in {pools.test.split.name}."
        )
    return found


def _arm_plan(dataset: Dataset, settings: ClaimSettings, arm: Arm, images: ArmImages, test: TestImages) -> ArmPlan:
    train = images.train_of(arm.images)
    listed = (
        ("train", images.pool.keys(train)),
        ("val", images.pool.keys(images.validation)),
        ("test", tuple((test.split, image_id) for image_id in test.image_ids)),
    )
    recipe = Recipe(
        dataset_name=name_in_path(str(dataset.path)),
        sources=sources_of(dataset),
        selection=Selection(classes=settings.classes, others=arm.others),
        size_px=settings.size_px,
        formats=FORMATS,
        division=Division(method=SplitMethod.LISTED, listed=listed),
    )
    return ArmPlan(
        arm=arm,
        recipe=recipe,
        seeds=tuple(settings.seed + arm.seed_offset + number for number in range(settings.seed_count)),
        train_image_count=len(train),
        positive_image_count=_positive_count(images, train),
        labels=_label_names(dataset, recipe.selection, arm),
    )


def _positive_count(images: ArmImages, train: Ints) -> int:
    return int(np.count_nonzero(images.is_positive[train]))


def _label_names(dataset: Dataset, selection: Selection, arm: Arm) -> tuple[str, ...]:
    table = class_table(dataset, selection)
    try:
        require_room(table)
    except ExportError as error:
        raise ClaimError(f"Arm {arm.name} ({arm.words}): {error} Or choose other arms, such as A and E.") from error
    return tuple(label.name for label in table.labels)
