"""What is decided before the first run of a claim check, and never changed afterwards?

The protocol is written whole before anything is exported. The same dataset and settings give the same bytes, so that
whoever goes on with a check, or makes it again, can see that it is the same one.
"""

import hashlib
from pathlib import Path

import msgspec

from cocomine import __version__
from cocomine.claim.arms import ArmName
from cocomine.claim.planning import ArmPlan, ClaimPlan
from cocomine.claim.records import PROTOCOL, ArmProtocol, ClaimSettings, Comparison, Protocol, encoded
from cocomine.errors import ClaimError
from cocomine.mining.selection.recipe import recipe_text
from cocomine.system.files import write_bytes
from cocomine.system.space import writing_to
from cocomine.training.runs.records import read_record

OTHERS_OF_PRIMARY = (ArmName.HALF, ArmName.ALL, ArmName.AGAIN)
"""With which of the others arm A is compared first."""


def protocol_of(plan: ClaimPlan) -> Protocol:
    """Return what a plan decides."""
    settings, first = plan.settings, plan.arms[0].recipe
    return Protocol(
        dataset=first.dataset_name,
        sources={source.split: source.sha256 for source in first.sources},
        settings=settings,
        arms=tuple(_arm_protocol(arm, settings) for arm in plan.arms),
        steps=settings.steps_of(ArmName.SELECTED),
        primary=_primary(settings.arms, settings.steps),
        test=plan.test,
        validation_image_count=plan.validation_image_count,
        cocomine_version=__version__,
    )


def _arm_protocol(arm: ArmPlan, settings: ClaimSettings) -> ArmProtocol:
    return ArmProtocol(
        arm=arm.arm.name,
        recipe_sha256=hashlib.sha256(recipe_text(arm.recipe).encode()).hexdigest(),
        seeds=arm.seeds,
        train_image_count=arm.train_image_count,
        positive_image_count=arm.positive_image_count,
        labels=arm.labels,
        steps=settings.steps_of(arm.arm.name),
    )


def _primary(arms: tuple[ArmName, ...], steps: int) -> Comparison:
    """Return the comparison that is named before the start: the first of those with arm A on the natural mix."""
    ranked = (*OTHERS_OF_PRIMARY, *arms)
    second = next(name for name in ranked if name in arms and name is not ArmName.SELECTED)
    return Comparison(first=ArmName.SELECTED, second=second, steps=steps, test_set="T2")


def read_protocol(folder: Path) -> Protocol:
    """Read the protocol of a claim check's folder.

    Raises:
        ClaimError: there is none, or it cannot be read.
    """
    protocol, problem = read_record(folder / PROTOCOL, Protocol)
    if protocol is None:
        raise ClaimError(
            f"{folder}: {problem or f'there is no {PROTOCOL}'}. Name the folder of a claim check, or begin a new one."
        )
    return protocol


def begin_protocol(folder: Path, protocol: Protocol) -> None:
    """Write a protocol into its folder, or make sure that the one there is the same.

    Raises:
        ClaimError: another one is there; the message says what differs.
        StorageError: it cannot be written.
    """
    path = folder / PROTOCOL
    if path.exists():
        if differing := protocol_differences(read_protocol(folder), protocol):
            raise ClaimError(
                f"{folder}: another claim check is there, which differs in {'; '.join(differing)}. What was decided "
                "before the first run is not changed afterwards: choose another folder for a new check."
            )
        return
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(path, encoded(protocol))


def protocol_differences(there: Protocol, asked: Protocol) -> list[str]:
    """Return what two protocols differ in, in words; a setting with both its values."""
    before, after = msgspec.to_builtins(there), msgspec.to_builtins(asked)
    settings = [
        f"{name.replace('_', ' ')} ({_said(before['settings'][name])} there, {_said(each)} now)"
        for name, each in after["settings"].items()
        if each != before["settings"][name]
    ]
    if settings:
        return settings
    return [name.replace("_", " ") for name, each in after.items() if each != before[name] and name != "settings"]


def _said(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
