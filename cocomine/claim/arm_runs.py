"""Which runs does a claim check consist of, where are they, and with which settings is each trained?

All runs have the same settings but for their export, their seed and their number of steps. The last weights are judged,
never those that were best on the few validation images, so that nothing is chosen by looking.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil
from pathlib import Path

from cocomine.claim.arms import ArmName
from cocomine.claim.records import EXPORTS, RUNS, TESTS, ClaimSettings, Protocol
from cocomine.training.runs.config import TrainingConfig, preset

PRESET = "quick"
LEARNING_RATE = 2e-3
"""As in the experiments that the protocol comes from."""
EVALUATIONS = 3
"""During a run, for its live curve; they decide nothing."""
SAME_EXPORT = {ArmName.AGAIN: ArmName.SELECTED}
"""Arms that are trained on the export of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRun:
    """One run of a claim check."""

    arm: ArmName
    steps: int
    seed: int

    @property
    def name(self) -> str:
        """By which its folder and its counts are called."""
        return f"{self.arm}-{self.steps}-{self.seed}"

    def folder(self, claim: Path) -> Path:
        """Return the folder of the run in that of the check."""
        return claim / RUNS / self.name

    def counts_path(self, claim: Path) -> Path:
        """Return where what its network predicted on the test images is kept."""
        return claim / TESTS / f"{self.name}.npz"

    def export_folder(self, claim: Path) -> Path:
        """Return the folder of what it is trained on."""
        return export_folder(claim, self.arm)

    def config(self, claim: Path, settings: ClaimSettings) -> TrainingConfig:
        """Return with which settings it is trained."""
        usual = preset(
            PRESET, export=self.export_folder(claim), steps=self.steps, encoder=settings.encoder, seed=self.seed
        )
        return replace(
            usual,
            batch_size=settings.batch_size,
            learning_rate=LEARNING_RATE,
            evaluate_every=ceil(self.steps / EVALUATIONS),
            patience=0,
            train_image_limit=None,
            eval_image_limit=None,
        )


def export_folder(claim: Path, arm: ArmName) -> Path:
    """Return the folder of an arm's export in that of the check."""
    return claim / EXPORTS / SAME_EXPORT.get(arm, arm)


def runs_of(protocol: Protocol) -> Iterator[ArmRun]:
    """Yield all runs in the order in which they are trained: seed by seed, so that whole rounds of arms fill."""
    yield from chain.from_iterable(rounds_of(protocol))


def rounds_of(protocol: Protocol) -> list[list[ArmRun]]:
    """Return the runs of each seed in the order in which they are trained."""
    return [
        [
            ArmRun(arm=arm.arm, steps=steps, seed=arm.seeds[number])
            for steps in protocol.steps
            for arm in protocol.arms
            if steps in protocol.steps_of(arm.arm)
        ]
        for number in range(protocol.settings.seed_count)
    ]
