"""A check begins with images that are there and no copies, and goes on with what is whole; no network is trained."""

import shutil
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from claim_datasets import SMALL, cats_in

from cocomine.background.reading import Task
from cocomine.background.records import Request
from cocomine.background.records import Status as TaskStatus
from cocomine.background.reporting import Report
from cocomine.claim import running
from cocomine.claim.arm_runs import ArmRun, runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts_file import RunCounts, write_run_counts
from cocomine.claim.protocol import read_protocol
from cocomine.claim.reading import ClaimReader, read_claim
from cocomine.claim.records import Protocol, Result
from cocomine.claim.starting import begin_claim, claim_request, go_on, settled_plan, start_claim
from cocomine.coco.dataset import Dataset
from cocomine.errors import ClaimError
from cocomine.system.files import write_bytes, write_json
from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.reading import CONFIG, STATUS, Run, read_run
from cocomine.training.runs.records import Status, readable_json


@pytest.fixture(scope="module")
def cats(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return cats_in(tmp_path_factory.mktemp("cats"))


@pytest.fixture
def folder(cats: Dataset, tmp_path: Path) -> Path:
    begin_claim(settled_plan(cats, SMALL), tmp_path / "claim")
    return tmp_path / "claim"


def run_of_state(folder: Path, config: TrainingConfig, state: Any = "done", message: str = "") -> Run:
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, config_as_json(config))
    write_bytes(folder / STATUS, readable_json(Status(state=state, step=config.steps, message=message)))
    return read_run(folder, time.time())


class Processes:
    """Stands in for the processes that train and test; notes what they were asked for."""

    def __init__(self) -> None:
        self.trained: list[str] = []
        self.state, self.message = "done", ""

    def train(self, config: TrainingConfig, folder: Path, *_: Any) -> Run:
        self.trained.append(folder.name)
        return run_of_state(folder, config, self.state, self.message)

    def test(self, _module: str, arguments: list[str], progress: Any, **_settings: Any) -> None:
        request = msgspec.json.decode(arguments[0])
        protocol = read_protocol(Path(request["claim"]))
        progress(1, 1)
        for arm, steps, seed in request["runs"]:
            run = ArmRun(arm=ArmName(arm), steps=steps, seed=seed)
            write_run_counts(run.counts_path(Path(request["claim"])), counts_with(protocol, seed))


def counts_with(protocol: Protocol, seed: int) -> RunCounts:
    has = np.array(protocol.test.has, dtype=np.int64)
    true = 40 * has
    right = np.random.default_rng(seed).integers(0, 30, true.shape) * has
    ids = protocol.test.image_ids
    return RunCounts(image_ids=ids, right=right, predicted=right + 5, true=true, ignored=true // 4)


def iou_by_definition(protocol: Protocol, counts: RunCounts) -> float:
    """Pixels that are right by those that are true or predicted, over the images with a cat."""
    rows = [row for row, (has,) in enumerate(protocol.test.has) if has]
    right, true, predicted = (int(each[rows].sum()) for each in (counts.right, counts.true, counts.predicted))
    return right / (true + predicted - right)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Processes:
    found = Processes()
    monkeypatch.setattr(running, "trained", found.train)
    monkeypatch.setattr(running, "run_in_subprocess", found.test)
    return found


def carried_out(folder: Path, dataset: Dataset) -> dict[str, Any]:
    task = folder.with_name("task")
    task.mkdir(exist_ok=True)
    return running.carry_out(claim_request(folder, SMALL, dataset).arguments, Report(task))


def test_of_equal_files_one_alone_is_drawn(tmp_path: Path) -> None:
    dataset = cats_in(tmp_path)
    first = settled_plan(dataset, SMALL)
    train, test = first.arms[0].recipe.division.listed[0][1][0], first.test.image_ids[0]
    shutil.copyfile(tmp_path / "train2017" / f"{train[1]}.jpg", tmp_path / "val2017" / f"{test}.jpg")
    again = settled_plan(dataset, SMALL)
    assert train not in {key for arm in again.arms for _, images in arm.recipe.division.listed for key in images}
    assert any(
        "1 image of train2017 may not train, since the same file is in val2017" in each for each in again.notices
    )


def test_an_image_that_is_gone_or_was_excluded_is_not_drawn(tmp_path: Path) -> None:
    dataset = cats_in(tmp_path)
    keys = settled_plan(dataset, SMALL).arms[0].recipe.division.listed[0][1]
    (tmp_path / "train2017" / f"{keys[0][1]}.jpg").unlink()
    again = settled_plan(dataset, SMALL, excluded=keys[1:2]).arms[0].recipe.division.listed[0][1]
    assert not set(keys[:2]) & set(again)


def test_a_check_is_carried_out_seed_by_seed_and_judged(folder: Path, cats: Dataset, processes: Processes) -> None:
    answer = carried_out(folder, cats)
    assert processes.trained == ["A-18-0", "C-18-0", "A-18-1", "C-18-1"]
    result = msgspec.json.decode((folder / "result.json").read_bytes(), type=Result)
    assert answer["sentence"] == result.sentences[0]
    assert result.ignored_share == pytest.approx(0.2)
    assert {"val2017 has" in notice or "Each arm" in notice for notice in result.notices} <= {True}
    for name in ("report.html", "report.md"):
        assert str(folder) not in (folder / name).read_text(encoding="utf-8")
    claim = read_claim(folder, time.time())
    counts = counts_with(claim.protocol, 0)
    assert claim.cells[0].iou_with_class == pytest.approx(iou_by_definition(claim.protocol, counts))
    assert claim.result == result


def test_what_is_whole_is_kept_and_the_result_is_the_same(folder: Path, cats: Dataset, processes: Processes) -> None:
    carried_out(folder, cats)
    whole = (folder / "result.json").read_bytes()
    manifest = (folder / "exports" / "A" / "manifest.json").stat().st_mtime_ns
    for gone in ("result.json", "tests/C-18-1.npz"):
        (folder / gone).unlink()
    shutil.rmtree(folder / "exports" / "C")
    processes.trained.clear()
    carried_out(folder, cats)
    assert (processes.trained, (folder / "result.json").read_bytes()) == ([], whole)
    assert (folder / "exports" / "A" / "manifest.json").stat().st_mtime_ns == manifest
    assert (folder / "exports" / "C" / "manifest.json").is_file()


def test_a_run_that_fails_ends_the_check_with_its_own_words(folder: Path, cats: Dataset, processes: Processes) -> None:
    processes.state, processes.message = "failed", "Out of memory."
    with pytest.raises(
        ClaimError, match=r"A-18-0: the run ended after step 18 \(failed\): Out of memory. Let the check"
    ):
        carried_out(folder, cats)
    assert [cell.state for cell in read_claim(folder, time.time()).cells] == ["failed", "waiting", "waiting", "waiting"]


@pytest.mark.usefixtures("processes")
def test_a_recipe_that_was_changed_is_refused(folder: Path, cats: Dataset) -> None:
    path = folder / "recipes" / "A.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("size_px: 32", "size_px: 64"), encoding="utf-8")
    with pytest.raises(ClaimError, match=r"A\.yaml: is not the recipe that the protocol names"):
        carried_out(folder, cats)


@pytest.mark.usefixtures("processes")
def test_damaged_counts_are_told_and_not_made_again(folder: Path, cats: Dataset) -> None:
    carried_out(folder, cats)
    (folder / "tests" / "A-18-0.npz").write_bytes(b"half of it")
    with pytest.raises(ClaimError, match=r"A-18-0\.npz: cannot be read"):
        carried_out(folder, cats)
    cell = read_claim(folder, time.time()).cells[0]
    assert "A-18-0.npz: cannot be read" in cell.problem


def test_cells_say_how_far_each_run_is(folder: Path) -> None:
    protocol = read_protocol(folder)
    first, second, *_ = runs_of(protocol)
    run_of_state(first.folder(folder), first.config(folder, SMALL))
    run_of_state(second.folder(folder), second.config(folder, SMALL), "stopped")
    request = Request(kind="claim", title="check", work="x", arguments={}, target=str(folder.resolve()))
    status = TaskStatus(state="running", left_s=60.0)
    task = Task(folder=folder.with_name("claim-1"), request=request, status=status, state="running")
    reader = ClaimReader()
    at_work, alone = reader.read(folder, time.time(), [task]), reader.read(folder, time.time())
    assert [cell.state for cell in at_work.cells] == ["testing", "waiting", "exporting", "exporting"]
    assert [cell.state for cell in alone.cells] == ["waiting"] * 4
    assert (at_work.seconds_left, alone.seconds_left) == (60.0, None)
    assert (at_work.can_go_on, alone.can_go_on) == (False, True)


def test_a_check_with_other_settings_is_refused_before_it_starts(folder: Path, cats: Dataset, tmp_path: Path) -> None:
    other = msgspec.structs.replace(SMALL, steps=20)
    with pytest.raises(ClaimError, match=r"another claim check is there, which differs in steps \(18 there, 20 now\)"):
        start_claim(cats, other, folder, tmp_path / "tasks")
    with pytest.raises(ClaimError, match=r"there is no protocol\.json"):
        go_on(tmp_path / "nowhere", tmp_path / "tasks")
    assert not (tmp_path / "tasks").exists()
