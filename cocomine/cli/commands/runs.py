"""`cocomine runs`: the runs that are there, and what can be done with one."""

import time
from pathlib import Path
from typing import Any

import click

from cocomine.cli.results import Result, ResultCommand
from cocomine.training.runs.keeping import delete_run, rename_run, restore_run, run_size_bytes
from cocomine.training.runs.queue import refuse_where_held
from cocomine.training.runs.reading import Run, list_runs
from cocomine.wording import RUN_STATE_NAMES, size_words
from cocomine.workspace import Workspace, workspace_from_environment


@click.command(
    cls=ResultCommand,
    examples=("cocomine runs", "cocomine runs --rename cups-1 first-try", "cocomine runs --delete cups-1"),
)
@click.option("--rename", nargs=2, metavar="RUN NAME", help="Give a run another name.")
@click.option("--delete", metavar="RUN", help="Move a run to the trash.")
@click.option("--restore", metavar="RUN", help="Take a run out of the trash again.")
def command(*, rename: tuple[str, str] | None, delete: str | None, restore: str | None) -> Result:
    """List the runs of the workspace, or rename, delete or restore one.

    RUN is the name of a run, or its folder.
    """
    workspace = workspace_from_environment()
    if sum(each is not None for each in (rename, delete, restore)) > 1:
        raise click.UsageError("Name one of --rename, --delete and --restore.")
    if rename is not None:
        return _told(rename_run(_movable(workspace, rename[0]), rename[1]), "renamed")
    if delete is not None:
        deleted = delete_run(_movable(workspace, delete), workspace.deleted_runs)
        return _told(deleted, "deleted, and kept in the trash as")
    if restore is not None:
        return _told(restore_run(_folder(workspace.deleted_runs, restore), workspace.runs), "restored")
    return _listed(workspace)


def _movable(workspace: Workspace, named: str) -> Path:
    folder = _folder(workspace.runs, named)
    refuse_where_held(folder, workspace.tasks)
    return folder


def _folder(place: Path, named: str) -> Path:
    folder = place / named
    return folder if folder.is_dir() else Path(named).absolute()


def _told(folder: Path, done: str) -> Result:
    return Result(value={"run": str(folder)}, text=f"{done}: {folder}")


def _listed(workspace: Workspace) -> Result:
    runs, damaged = list_runs(workspace.runs, time.time())
    lines = [_line(run) for run in runs] + [each.problem for each in damaged]
    return Result(value=[_value(run) for run in runs], text="\n".join(lines) or f"No run in {workspace.runs} yet.")


def _value(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.folder),
        "state": run.state,
        "step": run.step,
        "steps": run.config.steps,
        "size_bytes": run_size_bytes(run.folder),
    }


def _line(run: Run) -> str:
    size = size_words(run_size_bytes(run.folder))
    state = RUN_STATE_NAMES[run.state].lower()
    return f"{run.folder.name}: {state}, step {run.step:,} of {run.config.steps:,}, {size}"
