"""What the task of an export tells while it works, and what it clears of those that were killed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from datasets import recipe_of

from cocomine.coco.dataset import Dataset
from cocomine.coco.images_on_disk import image_file_bytes
from cocomine.exporting import task
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.task import OPENING, _with_bytes, carry_out, clear_killed_exports, export_request
from cocomine.exporting.writing import Phase
from cocomine.system.jobs import Progress
from cocomine.workspace import Workspace


class Told:
    """Keeps what a task tells of itself, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def plan(self, weights: dict[str, float]) -> None:
        """Keep the phases."""
        self.calls.append(("plan", *weights))

    def phase(self, name: str) -> Progress:
        """Keep how far a phase is."""
        return lambda done, total: self.calls.append((name, done, total))

    def count_bytes(self, done: int, total: int) -> None:
        """Keep how many bytes there are."""
        self.calls.append(("bytes", done, total))


def test_copies_tell_their_bytes_as_well(four_images: Dataset) -> None:
    plan, told = plan_export(four_images, recipe_of(four_images, images="copy")), Told()
    sizes = [int(size) for part in plan.parts for size in image_file_bytes(part.split)[part.image_index]]
    assert len(sizes) == 3
    begin = _with_bytes(told, plan)  # type: ignore[arg-type]
    placed = begin(Phase.IMAGES)
    for done in range(4):
        placed(done, 3)
    whole = sum(sizes)
    assert told.calls[::2] == [("bytes", sum(sizes[:done]), whole) for done in range(4)]
    assert told.calls[1::2] == [(Phase.IMAGES, done, 3) for done in range(4)]


@pytest.mark.parametrize(
    ("images", "phase"),
    [("copy", Phase.LABELS), ("copy", Phase.VERIFYING), ("link", Phase.IMAGES), ("symlink", Phase.IMAGES)],
)
def test_nothing_else_has_bytes(four_images: Dataset, images: str, phase: Phase) -> None:
    told = Told()
    _with_bytes(told, plan_export(four_images, recipe_of(four_images, images=images)))(phase)(1, 3)  # type: ignore[arg-type]
    assert told.calls == [(phase, 1, 3)]


def test_a_task_begins_with_opening_and_ends_with_a_sentence(four_images: Dataset, tmp_path: Path) -> None:
    told, folder = Told(), tmp_path / "export"
    request = export_request(plan_export(four_images, recipe_of(four_images)), folder)
    result = carry_out(request.arguments, told)  # type: ignore[arg-type]
    assert told.calls[0] == ("plan", OPENING, *Phase)
    assert told.calls[1] == (OPENING, 0, 1)
    assert (result["folder"], result["is_well"]) == (str(folder), True)
    assert str(result["sentence"]).startswith("Export complete. ")


def test_only_beside_exports_that_were_killed_is_anything_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(kind: str, target: str, *, is_active: bool) -> SimpleNamespace:
        return SimpleNamespace(request=SimpleNamespace(kind=kind, target=target), is_active=is_active)

    tasks = [
        asked("export", "/killed/one", is_active=False),
        asked("export", "/at work/one", is_active=True),
        asked("download", "/other/one", is_active=False),
        asked("training", "/another/one", is_active=False),
    ]
    monkeypatch.setattr(task, "TaskReader", lambda: SimpleNamespace(tasks=lambda _: tasks))
    cleared: set[Path] = set()
    monkeypatch.setattr(task, "clear_killed", cleared.add)
    workspace = Workspace(root=tmp_path)
    clear_killed_exports(workspace)
    assert cleared == {workspace.exports, Path("/killed")}
