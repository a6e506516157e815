"""Which runs stand side by side."""

from pathlib import Path
from typing import Any

from cocomine.training.runs.config import preset
from cocomine.training.runs.folder import Run
from cocomine.ui.compare.comparison import comparable_groups, group_title


def run(name: str, *, export: str = "a", shown: int = 60, judged: int = 90) -> Run:
    """A run whose quoted score is of `judged` images, and `shown` at each evaluation."""
    line: dict[str, Any] = {"kind": "final", "weights": "last", "step": 9, "image_count": judged}
    return Run(
        folder=Path(name),
        config=preset("try", export="e"),
        state="done",
        status={},
        facts={
            "export_manifest_sha256": export,
            "eval_image_count": shown,
            "val_image_count": 90,
            "val_split": "val2017",
            "labels": [{"label": 1, "name": "cat", "picked": True}],
        },
        metrics=(line,),
        samples=(),
    )


def names(groups: list[list[Run]]) -> list[list[str]]:
    return [[each.folder.name for each in group] for group in groups]


def test_runs_judged_on_the_same_images_share_a_group() -> None:
    assert names(comparable_groups([run("1"), run("2")])) == [["1", "2"]]


def test_another_export_is_another_group() -> None:
    assert names(comparable_groups([run("1"), run("2", export="b")])) == [["1"], ["2"]]


def test_curves_over_other_numbers_of_images_are_never_drawn_together() -> None:
    assert names(comparable_groups([run("1"), run("2", shown=90)])) == [["1"], ["2"]]


def test_a_run_judged_on_fewer_images_so_far_stands_apart_and_says_so() -> None:
    groups = comparable_groups([run("done"), run("running", judged=60)])
    assert names(groups) == [["done"], ["running"]]
    assert group_title(groups[1]) == "cat · 60 validation images of val2017"
