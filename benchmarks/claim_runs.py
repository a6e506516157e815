"""How is a claim check carried out without a process for each run?

By what `cocomine claim` calls, with the same files in the same folders. But all runs are trained and tested one after
another in this process, so that PyTorch is loaded once: of a small network's run its start is half.
"""

from pathlib import Path

import msgspec

from cocomine.claim.arm_runs import ArmRun, export_folder, runs_of
from cocomine.claim.networks.testing import Request, write_tested
from cocomine.claim.planning import ClaimPlan
from cocomine.claim.records import RESULT, ClaimSettings, Protocol, Result
from cocomine.claim.running import judged
from cocomine.claim.starting import begin_claim, settled_plan
from cocomine.coco.dataset import Dataset
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.training.loop import train
from cocomine.training.resources import resources_of
from cocomine.training.runs.launching import prepared_run
from cocomine.training.runs.reading import LAST
from cocomine.workspace import workspace_from_environment


def carried_out(folder: Path, dataset: Dataset, settings: ClaimSettings) -> Result:
    """Carry out a claim check, or go on with it, and return what came out.

    Args:
        folder: of the check; what is done in it is kept.
        dataset: as it was when the check began.
        settings: likewise.

    Raises:
        CocomineError: something of it cannot be done; what is done stays.
    """
    if not (folder / RESULT).exists():
        plan = settled_plan(dataset, settings)
        protocol = begin_claim(plan, folder)
        _export(folder, dataset, plan)
        for run in runs_of(protocol):
            _train(run, folder, settings)
        _test(folder, protocol)
        judged(folder)
    return msgspec.json.decode((folder / RESULT).read_bytes(), type=Result)


def _export(folder: Path, dataset: Dataset, plan: ClaimPlan) -> None:
    """Write the exports that are not there; one that is there is whole, see `write_export`."""
    recipes = {export_folder(folder, arm.arm.name): arm.recipe for arm in plan.arms}
    for target, recipe in recipes.items():
        if not target.exists():
            write_export(plan_export(dataset, recipe), target, workers=1)


def _train(run: ArmRun, claim: Path, settings: ClaimSettings) -> None:
    """Train a run to its end, from its checkpoint where it has one."""
    folder, config = run.folder(claim), run.config(claim, settings)
    if not (folder / LAST).exists():
        with prepared_run(config, folder):
            train(folder, resources_of(workspace_from_environment()))


def _test(claim: Path, protocol: Protocol) -> None:
    left = [run for run in runs_of(protocol) if not run.counts_path(claim).exists()]
    if left:
        runs = [(run.arm, run.steps, run.seed) for run in left]
        write_tested(Request(claim=str(claim), runs=runs), lambda *_: None)
