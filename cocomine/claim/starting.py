"""How does a claim check begin, and how does it go on?

All that is decided is decided here, before anything is trained: the images are drawn, looked at on the disk, and
written down as recipes and protocol. Then a task carries it out (`claim.running`). The same check in the same folder
goes on where it was; another one is refused.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from cocomine.background.launching import start_task
from cocomine.background.records import Request
from cocomine.claim.arm_runs import SAME_EXPORT
from cocomine.claim.image_pools import ImageFacts
from cocomine.claim.planning import ClaimPlan, plan_claim
from cocomine.claim.protocol import begin_protocol, protocol_of, read_protocol
from cocomine.claim.reading import KIND
from cocomine.claim.records import PROTOCOL, ClaimSettings, Protocol
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.equal_files import equal_files
from cocomine.coco.image_folders import place_text
from cocomine.coco.images_on_disk import missing_images
from cocomine.errors import ClaimError
from cocomine.mining.selection.recipe import recipe_text
from cocomine.system.extras import TRAINING
from cocomine.system.files import write_json, write_text
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.training.runs.queue import QUEUE
from cocomine.wording import join_names, shortened

RECIPES, NOTICES = "recipes", "notices.json"
LONGEST_CLASSES = 60
"""Signs of the classes' names in a title."""
MOST_ROUNDS = 20
"""Of drawing again without an image that is another one's file."""
IF_CANCELLED = "Finished runs stay, a half-trained one has a checkpoint, and the check can go on."


def settled_plan(
    dataset: Dataset,
    settings: ClaimSettings,
    *,
    excluded: Collection[ImageKey] = (),
    progress: Progress = lambda *_: None,
) -> ClaimPlan:
    """Return a plan whose images are on the disk, none of them twice.

    Only images that were drawn are compared byte by byte; where two are equal, all is drawn again without that.

    Args:
        dataset: see `plan_claim`.
        settings: see `plan_claim`.
        excluded: images that the person took out.
        progress: gets how many files are compared.

    Raises:
        ClaimError: see `plan_claim`, or copies of images are found again and again.
    """
    missing = {
        (split.name, image_id)
        for split in dataset.splits
        for image_id in split.images.ids[missing_images(split)].tolist()
    }
    facts = ImageFacts(unusable=frozenset({*missing, *excluded}))
    for _ in range(MOST_ROUNDS):
        plan = plan_claim(dataset, settings, facts=facts)
        alike = _equal_images(dataset, plan, progress)
        if not alike:
            return plan
        facts = ImageFacts(unusable=facts.unusable, alike=(*facts.alike, *alike))
    raise ClaimError(
        f"{dataset.path}: among the images that were drawn, {len(facts.alike):,} are copies of others, and more are "
        "found each time. Remove copies first; the Data page lists them."
    )


def _equal_images(dataset: Dataset, plan: ClaimPlan, progress: Progress) -> tuple[tuple[ImageKey, ...], ...]:
    keys = sorted({key for arm in plan.arms for _, images in arm.recipe.division.listed for key in images})
    found = equal_files([dataset.image(key).file() for key in keys], progress)
    return tuple(tuple(keys[place] for place in places) for places in found)


def begin_claim(plan: ClaimPlan, folder: Path) -> Protocol:
    """Write what a check decides into its folder, or make sure that the same is there.

    Raises:
        ClaimError: another check is there; the message says what differs.
        StorageError: the folder cannot be written.
    """
    protocol = protocol_of(plan)
    if not (folder / PROTOCOL).exists():
        with writing_to(folder):
            (folder / RECIPES).mkdir(parents=True, exist_ok=True)
            for arm in plan.arms:
                name = SAME_EXPORT.get(arm.arm.name, arm.arm.name)
                write_text(folder / RECIPES / f"{name}.yaml", recipe_text(arm.recipe))
            write_json(folder / NOTICES, list(plan.notices))
    begin_protocol(folder, protocol)
    return protocol


def refuse_other_settings(folder: Path, settings: ClaimSettings) -> None:
    """Refuse to go on in a folder with other settings, before any image is looked at.

    Raises:
        ClaimError: a check with others is there; the message says what differs.
    """
    if (folder / PROTOCOL).exists():
        there = read_protocol(folder)
        if settings != there.settings:
            begin_protocol(folder, _with_settings(there, settings))


def _with_settings(protocol: Protocol, settings: ClaimSettings) -> Protocol:
    values = {name: getattr(protocol, name) for name in protocol.__struct_fields__}
    return Protocol(**(values | {"settings": settings}))


def start_claim(
    dataset: Dataset,
    settings: ClaimSettings,
    folder: Path,
    tasks_folder: Path,
    *,
    excluded: Collection[ImageKey] = (),
    progress: Progress = lambda *_: None,
) -> Path:
    """Begin a claim check or go on with it, as a task; return the task's folder.

    Args:
        dataset: see `plan_claim`.
        settings: what the person asks for.
        folder: of the check.
        tasks_folder: of the workspace.
        excluded: images that the person took out.
        progress: gets how many image files are compared.

    Raises:
        ClaimError: see `settled_plan` and `begin_claim`; or PyTorch is not installed.
        TaskError: it is at work already.
        StorageError: a folder cannot be written.
    """
    if trouble := TRAINING.trouble:
        raise ClaimError(trouble)
    folder = folder.absolute()
    refuse_other_settings(folder, settings)
    begin_claim(settled_plan(dataset, settings, excluded=excluded, progress=progress), folder)
    return start_task(tasks_folder, claim_request(folder, settings, dataset))


def go_on(folder: Path, tasks_folder: Path) -> Path:
    """Go on with a check that has a protocol, on the dataset that its recipes name; return the task's folder.

    Raises:
        ClaimError: there is no protocol; or PyTorch is not installed.
        TaskError: it is at work already.
        StorageError: a folder cannot be written.
    """
    if trouble := TRAINING.trouble:
        raise ClaimError(trouble)
    folder = folder.absolute()
    return start_task(tasks_folder, claim_request(folder, read_protocol(folder).settings, None))


def claim_request(folder: Path, settings: ClaimSettings, dataset: Dataset | None) -> Request:
    """Return what a task is asked for that carries out a check.

    Args:
        folder: of the check.
        settings: of its protocol.
        dataset: None looks for it among those that were opened here.
    """
    places: Mapping[str, object] = {}
    if dataset is not None:
        places = {
            "dataset": str(dataset.path),
            "image_folders": {split.name: place_text(split) for split in dataset.splits},
            "linked_folders": {split.name: [str(each) for each in split.linked_folders] for split in dataset.splits},
        }
    return Request(
        kind=KIND,
        title=f"Claim check of {shortened(join_names(settings.classes), LONGEST_CLASSES)}",
        work="cocomine.claim.running",
        arguments={"claim": str(folder), **places},
        queue=QUEUE,
        if_cancelled=IF_CANCELLED,
        target=os.path.realpath(folder),
    )
