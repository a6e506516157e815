"""How do the runs of a claim check stand side by side, while they come in?"""

from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.claim.arms import ARMS, ArmName
from cocomine.claim.reading import Cell
from cocomine.wording import percent

STATE_WORDS = {
    "waiting": "waiting",
    "exporting": "exporting",
    "running": "training",
    "testing": "testing",
    "done": "done",
    "failed": "failed",
}
BEGUN = frozenset({"running", "testing", "done", "failed"})
"""States in which there is a run to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """One arm at one number of steps, with its runs by seed."""

    arm: ArmName
    steps: int
    cells: tuple[Cell, ...]

    @property
    def words(self) -> str:
        """What is trained, such as "selected images only, 150 steps"."""
        return f"{ARMS[self.arm].words}, {self.steps:,} steps"

    @property
    def score_words(self) -> str:
        """The mIoU on the natural mix so far, such as "mIoU 56.2 % (54.0 to 58.4 %, 2 of 3 seeds)"."""
        scores = [cell.iou_natural for cell in self.cells if cell.iou_natural is not None]
        if not scores:
            return ""
        seeds = f"{len(scores)} of {len(self.cells)} seeds" if len(self.cells) > 1 else "1 seed"
        mean = percent(sum(scores) / len(scores), decimals=1)
        if len(scores) == 1:
            return f"mIoU {mean} ({seeds})"
        return f"mIoU {mean} ({100 * min(scores):.1f} to {percent(max(scores), decimals=1)}, {seeds})"


def grid_rows(cells: Sequence[Cell]) -> tuple[GridRow, ...]:
    """Return the runs of a check by arm and steps, in the order in which these come first."""
    rows: dict[tuple[ArmName, int], list[Cell]] = {}
    for cell in cells:
        rows.setdefault((cell.arm, cell.steps), []).append(cell)
    ordered = sorted(rows.items(), key=lambda each: (list(ARMS).index(each[0][0]), each[0][1]))
    return tuple(GridRow(arm=arm, steps=steps, cells=tuple(of_row)) for (arm, steps), of_row in ordered)


def is_begun(cell: Cell) -> bool:
    """Return whether there is a run to look at."""
    return cell.state in BEGUN or cell.step > 0


def cell_words(cell: Cell) -> str:
    """Return what a cell says, after its seed, such as "#0 · 56.2 %" or "#2 · step 140 of 450"."""
    if cell.iou_natural is not None:
        return f"#{cell.seed} · {percent(cell.iou_natural, decimals=1)}"
    if cell.state == "running":
        return f"#{cell.seed} · step {cell.step:,} of {cell.steps:,}"
    return f"#{cell.seed} · {'stopped' if cell.state == 'waiting' and cell.step else STATE_WORDS[cell.state]}"
