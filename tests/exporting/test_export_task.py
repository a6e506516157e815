"""An export that is a task is whole or not there, however its process ends and whoever else wants its folder."""

import os
import random
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import exports
import pytest
from datasets import files_in, recipe_of
from exports import export_problems
from forker import CAN_FORK, forker
from records import CAT, annotation, document, image, write_split
from running_tasks import WaitFor

from cocomine.background import launching
from cocomine.background.launching import start_again, start_task
from cocomine.background.reading import TaskReader, ask_to_cancel, ask_to_pause, read_result
from cocomine.background.reporting import Report
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import ExportError, TaskError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.planning.plan import ExportPlan, plan_export
from cocomine.exporting.staging import NEW, SUFFIX
from cocomine.exporting.task import OPENING, carry_out, clear_killed_exports, export_request, phase_weights
from cocomine.exporting.writing import Phase, write_export
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Selection
from cocomine.system.jobs import Progress
from cocomine.system.own_process import LOG, is_locked
from cocomine.system.worker_pool import WorkerPool
from cocomine.workspace import Workspace

MANY = 120
AT_ONCE = 30
ROUNDS = KILLS = 20
LONGEST_LIFE_S = 0.8
"""An export that begins as a fork is over by then."""


@pytest.fixture(scope="module")
def many_images(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Cats in as many images as an export takes some tenths of a second for."""
    return _cats(tmp_path_factory.mktemp("many"), MANY)


@pytest.fixture
def plan(many_images: Dataset) -> ExportPlan:
    return plan_export(many_images, recipe_of(many_images, Selection(classes=("cat",)), formats=FORMATS))


@pytest.mark.slow
def test_a_task_writes_what_its_plan_says_and_nothing_else(
    four_images: Dataset, tasks_folder: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    plan = plan_export(four_images, recipe_of(four_images, formats=FORMATS))
    write_export(plan, tmp_path / "here" / "export")
    task = wait_for(start_task(tasks_folder, export_request(plan, tmp_path / "there" / "export")))
    assert (task.state, task.request.title) == ("done", "Export of cat and cup")
    assert files_in(tmp_path / "there") == files_in(tmp_path / "here")
    assert task.sentence.startswith("Export complete. ")
    assert read_result(task.folder) == {
        "folder": str(tmp_path / "there" / "export"),
        "is_well": True,
        "sentence": task.sentence,
    }


@pytest.mark.slow
def test_a_task_finds_images_where_the_person_said_that_they_are(
    tasks_folder: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    value = document([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CAT)])
    file = write_split(tmp_path / "data", value)
    (tmp_path / "data" / "all2017").rename(tmp_path / "elsewhere")
    dataset = open_dataset(file)
    assert dataset.splits[0].image_folder is None
    placed = replace(dataset, splits=tuple(replace(s, image_folder=tmp_path / "elsewhere") for s in dataset.splits))
    plan = plan_export(placed, recipe_of(placed, Selection(classes=("cat",))))
    assert wait_for(start_task(tasks_folder, export_request(plan, tmp_path / "out"))).state == "done"
    assert read_manifest(tmp_path / "out")["image_files"]["copied"] == 2


@pytest.mark.slow
def test_a_dataset_that_changed_since_is_not_exported(tasks_folder: Path, tmp_path: Path, wait_for: WaitFor) -> None:
    root = write_split(
        tmp_path / "data", document([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CAT)])
    )
    dataset = open_dataset(root)
    plan = plan_export(dataset, recipe_of(dataset, Selection(classes=("cat",))))
    file = dataset.splits[0].source.path
    file.write_text(file.read_text().replace('"cat"', '"dog"'))
    task = wait_for(start_task(tasks_folder, export_request(plan, tmp_path / "out")))
    assert task.state == "failed"
    assert "is not the file this recipe was made from" in task.sentence
    assert not (tmp_path / "out").exists()


def test_the_phases_of_an_export_are_those_of_its_writing(four_images: Dataset) -> None:
    weights = phase_weights(recipe_of(four_images, images="link"))
    assert list(weights) == [OPENING, *map(str, Phase)]
    assert min(weights.values()) > 0
    assert weights[Phase.LABELS] > weights[Phase.IMAGES]


@pytest.mark.slow
def test_a_cancelled_export_leaves_nothing(
    plan: ExportPlan, tasks_folder: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    folder = start_task(tasks_folder, export_request(plan, tmp_path / "exports" / "out"))
    wait_for(folder, lambda task: task.status.done > 0 or not task.is_active)
    ask_to_cancel(folder)
    wait_for(folder)
    left = [path.name for path in (tmp_path / "exports").iterdir()] if (tmp_path / "exports").exists() else []
    assert left in ([], ["out"])  # it may have been too quick
    assert not left or export_problems(tmp_path / "exports" / "out") == []


@pytest.mark.slow
def test_a_second_task_into_the_folder_is_refused_and_says_who_writes(
    plan: ExportPlan, tasks_folder: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    folder = start_task(tasks_folder, export_request(plan, tmp_path / "out"))
    ask_to_pause(folder)
    with pytest.raises(TaskError, match=r"/out: “Export of cat” is at work on it already \(\d+ %\)"):
        start_task(tasks_folder, export_request(plan, tmp_path / "out"))
    ask_to_cancel(folder)
    wait_for(folder)


def test_who_writes_from_the_command_line_meanwhile_is_named_with_how_far_it_is(
    four_images: Dataset, tmp_path: Path
) -> None:
    plan, said = plan_export(four_images, recipe_of(four_images)), list[str]()

    def meanwhile(_: str) -> Progress:
        def tell(_done: int, _total: int) -> None:
            with pytest.raises(ExportError, match="another export into this folder is being written") as caught:
                write_export(plan, tmp_path / "export")
            said.append(str(caught.value))

        return tell

    write_export(plan, tmp_path / "export", progress=meanwhile)
    assert f"(process {os.getpid()} on " in said[0]
    assert "writing labels: 67 %)" in said[0]  # the two for training of three images


def test_a_file_that_is_deleted_while_others_are_written_is_named_and_nothing_is_called_complete(
    four_images: Dataset, tmp_path: Path
) -> None:
    def deleting(name: str) -> Progress:
        def tell(done: int, total: int) -> None:
            if name == Phase.LABELS and done == total:
                next(tmp_path.rglob(f".export{SUFFIX}/{NEW}/labels/*/*.png")).unlink()

        return tell

    manifest = write_export(plan_export(four_images, recipe_of(four_images)), tmp_path / "export", progress=deleting)
    assert not manifest["is_complete"]
    assert [each for each in manifest["defects"] if "Label maps: 1 of" in each and "missing (labels/" in each]


@pytest.mark.parametrize("name", ["Cafe\u0301.jpg", "Caf\u00e9.jpg", "a:b.jpg"])
def test_a_name_is_exported_in_its_own_spelling(name: str, tmp_path: Path) -> None:
    dataset = open_dataset(write_split(tmp_path / "data", document([image(1, name)], [annotation(1, 1, CAT)])))
    recipe = recipe_of(dataset, Selection(classes=("cat",)), formats=FORMATS)
    manifest = write_export(plan_export(dataset, recipe), tmp_path / "out")
    assert (manifest["is_complete"], manifest["defects"]) == (True, [])
    assert name in [path.name for path in (tmp_path / "out" / "images").rglob("*.jpg")]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_of_two_exports_into_one_folder_at_once_no_manifest_stands_over_an_incomplete_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes begin each round together; the one that is refused tries again, so it begins as the other ends."""
    monkeypatch.setenv("PYTHONPATH", str(Path(exports.__file__).parent))
    cats = _cats(tmp_path / "data", AT_ONCE)
    plan = plan_export(cats, recipe_of(cats, Selection(classes=("cat",)), formats=FORMATS))
    target, write = tmp_path / "exports" / "out", partial(exports.export_in_the_end, plan)
    with WorkerPool(2) as pool, ThreadPoolExecutor(1) as thread:
        for _ in range(ROUNDS):
            writing = thread.submit(pool.results, write, [target, target], lambda _done: None)
            while not writing.done():
                assert _problems_in_one_look(target) == []
                time.sleep(0.05)
            assert writing.result() == ["done", "done"]
            assert export_problems(target) == []
            assert [path.name for path in target.parent.iterdir()] == ["out"]


@pytest.fixture
def _forked_tasks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Tasks begin as forks of a process that has loaded what exports import; each takes its folder's lock itself."""
    with forker("cocomine.background.__main__", "cocomine.exporting.task") as forks:

        def start(module: str, folder: Path, lock: BinaryIO) -> None:
            lock.close()
            forks.start(module, folder, folder / LOG)
            while not is_locked(folder):
                time.sleep(0.001)

        monkeypatch.setattr(launching, "start_own_process", start)
        yield


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not CAN_FORK, reason="no fork here")
@pytest.mark.usefixtures("_forked_tasks")
def test_an_export_killed_at_any_moment_leaves_nothing_that_the_next_start_does_not_clear(
    plan: ExportPlan, tasks_folder: Path, tmp_path: Path, wait_for: WaitFor
) -> None:
    chance, target = random.Random(0), tmp_path / "exports" / "out"
    killed_in = set()
    for _ in range(KILLS):
        folder = start_task(tasks_folder, export_request(plan, target))
        wait_for(folder, lambda task: task.status.pid is not None)
        time.sleep(chance.uniform(0.0, LONGEST_LIFE_S))
        task = _killed(folder)
        killed_in.add(task)
        assert not target.exists() or export_problems(target) == []
        clear_killed_exports(Workspace(root=tasks_folder.parent))
        if target.parent.exists():
            assert not list(target.parent.glob(f"*{SUFFIX}"))
    assert "lost" in killed_in
    last = next(task for task in TaskReader().tasks(tasks_folder) if task.state == "lost")
    again = wait_for(start_again(last))
    assert (again.state, export_problems(target)) == ("done", [])


def test_what_killed_exports_left_is_cleared_at_the_start_of_the_app(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    left = workspace.exports / f".cats{SUFFIX}" / NEW
    left.mkdir(parents=True)
    (left.parent / "lock").touch()
    clear_killed_exports(workspace)
    assert list(workspace.exports.iterdir()) == []


def _cats(folder: Path, count: int) -> Dataset:
    """Write and open so many images with a cat in each."""
    numbers = range(1, count + 1)
    value = document([image(number) for number in numbers], [annotation(each, each, CAT) for each in numbers])
    return open_dataset(write_split(folder, value))


def _problems_in_one_look(target: Path) -> list[str]:
    """Return what is wrong with the export in a folder; nothing where there is none, or another took its place.

    The folder is held open meanwhile: one that is gone gives its number to the next that is made.
    """
    try:
        held = os.open(target, os.O_RDONLY)
    except FileNotFoundError:
        return []
    try:
        problems = export_problems(target)
        return problems if os.path.samestat(os.fstat(held), target.stat()) else []
    except (FileNotFoundError, ExportError):
        return []
    finally:
        os.close(held)


def _killed(folder: Path) -> str:
    """Kill the process of a task, unless it has ended, and return what it is afterwards."""
    task = TaskReader().task(folder)
    if task is not None and task.is_active and task.status.pid:
        os.kill(task.status.pid, signal.SIGKILL)
    while (task := TaskReader().task(folder)) is not None and task.is_active:
        time.sleep(0.01)
    assert task is not None
    return task.state


def test_copies_tell_how_many_bytes_of_image_files_are_placed(
    many_images: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    told: list[tuple[int, int | None]] = []
    monkeypatch.setattr(Report, "count_bytes", lambda _, done, total=None: told.append((done, total)))
    recipe = recipe_of(many_images, Selection(classes=("cat",)), images="copy", formats=("coco",))
    request = export_request(plan_export(many_images, recipe), tmp_path / "export")
    carry_out(request.arguments, Report(tmp_path))
    whole = sum(path.stat().st_size for path in (tmp_path / "export" / "images").rglob("*.jpg"))
    assert told[-1] == (whole, whole)
