"""Folders of claim checks with made-up counts, as their tasks leave them; no network was trained."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from judged_claims import Skill, made_counts
from run_folders import write_run

from cocomine.claim.arm_runs import ArmRun, runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts_file import RunCounts, write_run_counts
from cocomine.claim.protocol import begin_protocol
from cocomine.claim.records import Protocol
from cocomine.claim.running import judged
from cocomine.claim.starting import NOTICES
from cocomine.system.files import write_json

PLANTED = {
    ArmName.SELECTED: Skill(found=0.8, found_later=0.82, false_px=80),
    ArmName.HALF: Skill(found=0.74, found_later=0.8, false_px=8),
    ArmName.ALL: Skill(found=0.7, found_later=0.8, false_px=60),
    ArmName.AGAIN: Skill(found=0.8, found_later=0.82, false_px=80),
}
"""As where a look-alike is never with the class: mined-only training makes false alarms."""

NOTICE = "Each arm has 100 training images instead of 120."


def write_claim(
    folder: Path,
    protocol: Protocol,
    *,
    done: int | None = None,
    with_runs: bool = False,
    skills: Mapping[ArmName, Skill] = PLANTED,
) -> Path:
    """Write a claim check of which the first runs are tested, all without a number; then it is judged, too."""
    begin_protocol(folder, protocol)
    by_arm = made_counts(protocol, skills, np.random.default_rng(0))
    for run in list(runs_of(protocol))[:done]:
        counts = by_arm[run.arm, run.steps]
        index = counts.seeds.index(run.seed)
        tested = RunCounts(
            image_ids=protocol.test.image_ids,
            right=counts.right[index],
            predicted=counts.predicted[index],
            true=counts.true,
            ignored=counts.true // 9,
        )
        write_run_counts(run.counts_path(folder), tested)
        if with_runs:
            _write_run(folder, protocol, run)
    if done is None:
        write_json(folder / NOTICES, [NOTICE])
        judged(folder)
    return folder


def _write_run(folder: Path, protocol: Protocol, run: ArmRun) -> None:
    write_run(run.folder(folder), config=run.config(folder, protocol.settings))
