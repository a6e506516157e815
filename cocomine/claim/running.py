"""How is a claim check carried out, by a process that may be killed at any moment?

As a task (`cocomine.background`) in the one queue of trainings. What is there and whole is kept: exports whose recipe
is the protocol's, runs that are done, counts of test images. So whoever begins it again goes on. A run is an ordinary
one, and goes on from its checkpoint; a pause of the task stops it with one.

Runs are trained seed by seed. Those of one seed are trained by one process, so that PyTorch is loaded once, and tested
by one, so that the truth is drawn once for them.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from cocomine.background.reporting import Report
from cocomine.claim.arm_runs import SAME_EXPORT, ArmRun, export_folder, rounds_of, runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts_file import arm_counts, read_run_counts
from cocomine.claim.judging import judge
from cocomine.claim.predicted_maps import missing_maps
from cocomine.claim.protocol import read_protocol
from cocomine.claim.records import REPORT_HTML, REPORT_MARKDOWN, RESULT, Protocol, Result, encoded
from cocomine.claim.report import report_html, report_markdown
from cocomine.claim.starting import NOTICES, RECIPES
from cocomine.claim.step_time import step_time_s
from cocomine.coco.dataset import Dataset
from cocomine.errors import ClaimError, CocomineError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import read_recipe
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.task import with_image_folders
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, recipe_from_text, recipe_text
from cocomine.system.files import write_bytes, write_text
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.queue import trained
from cocomine.training.runs.reading import CONFIG, read_run
from cocomine.training.runs.training_process import TrainingProcess
from cocomine.wording import counted
from cocomine.workspace import known_datasets, workspace_from_environment

EXPORTING, TRAINING, JUDGING = "Exporting", "Training and testing", "Judging"
STEPS_FOR_EXPORT = 20
"""About how many training steps the export of an arm takes as long as."""
STEPS_FOR_START = 15
"""The start of a run, likewise."""
TEST_IMAGES_PER_STEP = 6
"""Test images, of one run, that take as long as a training step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """A check at work.

    Attributes:
        folder: of the check.
    """

    folder: Path
    protocol: Protocol
    report: Report

    @property
    def export_steps(self) -> int:
        """How long the exports take, in training steps."""
        return STEPS_FOR_EXPORT * len({export_folder(self.folder, arm.arm) for arm in self.protocol.arms})

    def steps_of(self, run: ArmRun) -> int:
        """Return how long a run takes with its test, in training steps."""
        return STEPS_FOR_START + run.steps + len(self.protocol.test.image_ids) // TEST_IMAGES_PER_STEP

    @property
    def steps(self) -> int:
        """How long all runs take with their tests, in training steps."""
        return sum(map(self.steps_of, runs_of(self.protocol)))


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Carry out a claim check, as a task.

    Args:
        arguments: of `starting.claim_request`.
        report: gets each phase, and of training the steps.

    Returns:
        The folder, and the answer as a sentence.

    Raises:
        CocomineError: something of it cannot be done; what is done stays.
    """
    folder = Path(arguments["claim"])
    work = _Work(folder=folder, protocol=read_protocol(folder), report=report)
    report.plan({EXPORTING: work.export_steps, TRAINING: work.steps, JUDGING: 1.0}, unit="step")
    report.expect((work.export_steps + work.steps) * step_time_s(folder, work.protocol))
    _export(work, arguments)
    _train_and_test(work)
    report.phase(JUDGING)(0, 1)
    result = judged(folder)
    return {"folder": str(folder), "sentence": result.sentences[0]}


def judged(folder: Path) -> Result:
    """Judge the runs of a check by their counts alone, and write result and report.

    Raises:
        ClaimError: counts are missing or damaged.
        StorageError: they cannot be written.
    """
    protocol = read_protocol(folder)
    counts = arm_counts(folder, protocol)
    first = read_run_counts(next(runs_of(protocol)).counts_path(folder), protocol)
    notices = _notices(folder)
    result = judge(protocol, counts, ignored_share=first.ignored_share, notices=notices)
    with writing_to(folder):
        write_text(folder / REPORT_HTML, report_html(protocol, result))
        write_text(folder / REPORT_MARKDOWN, report_markdown(protocol, result))
        write_bytes(folder / RESULT, encoded(result))
    return result


def _notices(folder: Path) -> list[str]:
    """Return what was not as it was asked for when the check was planned."""
    try:
        return msgspec.json.decode((folder / NOTICES).read_bytes(), type=list[str])
    except (OSError, ValueError) as error:
        raise ClaimError(
            f"{folder / NOTICES}: cannot be read ({error}). Begin a new check in another folder."
        ) from error


def _export(work: _Work, arguments: Mapping[str, Any]) -> None:
    """Write the exports that are not there yet."""
    recipes = {SAME_EXPORT.get(arm.arm, arm.arm): arm.recipe_sha256 for arm in work.protocol.arms}
    progress = work.report.phase(EXPORTING)
    missing = {arm: _recipe(work.folder, arm, digest) for arm, digest in recipes.items() if not _is_there(work, arm)}
    if not missing:
        return
    dataset = _dataset(next(iter(missing.values())), arguments)
    for done, (arm, recipe) in enumerate(missing.items()):
        progress(done, len(missing))
        work.report.say(f"Exporting what arm {arm} is trained on")
        plan = plan_export(dataset, recipe)
        manifest = write_export(
            plan, export_folder(work.folder, arm), progress=lambda _: lambda *_: work.report.check()
        )
        if not manifest["is_complete"]:
            raise ClaimError(
                f"{export_folder(work.folder, arm)}: {' '.join(manifest['defects'] or manifest['warnings'])} Put the "
                "image files back, or begin a new check in another folder."
            )


def _recipe(folder: Path, arm: ArmName, digest: str) -> Recipe:
    """Return the recipe of an arm, which must be the one that the protocol names."""
    path = folder / RECIPES / f"{arm}.yaml"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"{path}: cannot be read ({error}). Begin a new check in another folder.") from error
    if sha256(text.encode()).hexdigest() != digest:
        raise ClaimError(f"{path}: is not the recipe that the protocol names. Begin a new check in another folder.")
    return recipe_from_text(text)


def _is_there(work: _Work, arm: ArmName) -> bool:
    """Return whether an arm's export is whole and of the protocol's recipe."""
    folder = export_folder(work.folder, arm)
    try:
        manifest, text = read_manifest(folder), recipe_text(read_recipe(folder))
    except CocomineError:
        return False
    digests = {arm.recipe_sha256 for arm in work.protocol.arms if export_folder(work.folder, arm.arm) == folder}
    return bool(manifest["is_complete"]) and sha256(text.encode()).hexdigest() in digests


def _dataset(recipe: Recipe, arguments: Mapping[str, Any]) -> Dataset:
    workspace = workspace_from_environment()
    if "dataset" not in arguments:
        return dataset_of_recipe(recipe, known=known_datasets(workspace), index=workspace.index)
    dataset = dataset_of_recipe(recipe, path=Path(arguments["dataset"]), index=workspace.index)
    return with_image_folders(dataset, arguments["image_folders"], arguments["linked_folders"])


def _train_and_test(work: _Work) -> None:
    progress = work.report.phase(TRAINING)
    done = 0
    for runs in rounds_of(work.protocol):
        left = [run for run in runs if not _is_tested(work, run)]
        done += sum(work.steps_of(run) for run in runs if run not in left)
        with TrainingProcess() as process:
            for run in left:
                ahead = _progress_after(work, progress, done)
                ahead(0, 0)
                _train(work, run, ahead, process)
                done += run.steps + STEPS_FOR_START
        if left:
            _test(work, left, _progress_after(work, progress, done))
            done += sum(work.steps_of(run) - run.steps - STEPS_FOR_START for run in left)
    if missing_maps(work.folder, work.protocol):  # killed after the last counts
        _test(work, [], _progress_after(work, progress, work.steps))
    progress(work.steps, work.steps)


def _progress_after(work: _Work, progress: Progress, before: int) -> Progress:
    """Return what tells how far all runs are, and how long they still take, when so many steps were done before."""
    step_s = step_time_s(work.folder, work.protocol)

    def ahead(done: int, _: int) -> None:
        reached = min(before + done, work.steps)
        work.report.expect((work.steps - reached) * step_s)
        progress(reached, work.steps)

    return ahead


def _is_tested(work: _Work, run: ArmRun) -> bool:
    path = run.counts_path(work.folder)
    if not path.exists():
        return False
    read_run_counts(path, work.protocol)  # a damaged one is told, and not silently made again
    return True


def _train(work: _Work, run: ArmRun, progress: Progress, process: TrainingProcess) -> None:
    """Train one run to its end, unless it is done."""
    folder, config = run.folder(work.folder), run.config(work.folder, work.protocol.settings)
    if (folder / CONFIG).exists() and read_run(folder, time.time()).state == "done":
        return
    work.report.say(f"Training arm {run.arm}, {run.steps:,} steps, seed {run.seed}")
    ended = trained(config, folder, work.report, progress, process.start)
    if ended.state != "done":
        raise ClaimError(
            f"{folder}: the run ended after step {ended.step:,} ({ended.state}): {ended.message} Let the check go on."
        )


def _test(work: _Work, runs: Sequence[ArmRun], progress: Progress) -> None:
    """Count what the networks of runs predict on the test images; of none, draw where the arms differ most."""
    work.report.say(
        f"Testing {counted(len(runs), 'network')} of seed {runs[0].seed}"
        if runs
        else "Predicting the images where the arms differ most"
    )
    request = {"claim": str(work.folder), "runs": [(run.arm, run.steps, run.seed) for run in runs]}

    def in_steps(done: int, total: int) -> None:
        progress(done * len(runs) // TEST_IMAGES_PER_STEP, total)

    run_in_subprocess(
        "cocomine.claim.networks.testing",
        [msgspec.json.encode(request).decode()],
        in_steps,
        work="Testing",
        remedy="let the check go on",
        environment={"OMP_WAIT_POLICY": "passive"},
    )
