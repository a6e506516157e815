"""Which number is quoted for a run, and which runs stand side by side, follows from their numbers alone."""

from pathlib import Path

from msgspec.structs import replace
from run_folders import BASELINE, FINAL, INFO, evaluation_line, write_run

from cocomine.training.runs.reading import Run, read_run
from cocomine.training.runs.run_scores import (
    ComparableRuns,
    absent_classes,
    baseline_sentence,
    comparable_groups,
    comparison_table,
    few_images_notice,
    half_width_points,
    interval_words,
    score,
)


def test_the_noise_is_seven_points_at_242_images_and_half_of_that_at_four_times_as_many() -> None:
    assert half_width_points(242) == 7.0
    assert half_width_points(4 * 242) == 3.5
    assert half_width_points(1) == 2 * half_width_points(4)


def test_a_class_without_a_pixel_is_named() -> None:
    assert absent_classes(evaluation_line(9), INFO) == []
    assert absent_classes(evaluation_line(9, iou=[0.9, None]), INFO) == ["cat"]


def test_an_interval_is_told_where_a_line_has_one() -> None:
    assert interval_words(FINAL) == "39.1 to 61.8 %"
    assert interval_words(replace(FINAL, mean_iou_interval=None)) is None
    assert interval_words(replace(FINAL, mean_iou=None)) is None


def test_the_baselines_of_a_former_version_are_an_empty_prediction_alone(tmp_path: Path) -> None:
    [group] = comparable_groups(
        [read_run(write_run(tmp_path, metrics=(replace(FINAL, prior_baseline=None),)), now=0.0)]
    )
    assert baseline_sentence(group).endswith("pixel accuracy 70.0 %.")
    assert "Prior" not in baseline_sentence(group)


def test_the_last_weights_are_quoted_and_never_the_best(tmp_path: Path) -> None:
    best = replace(FINAL, weights="best", mean_iou=0.9)
    run = read_run(write_run(tmp_path / "a", metrics=(evaluation_line(9, mean_iou=0.4), FINAL, best)), now=0.0)
    assert score(run) == FINAL


def test_many_images_need_no_notice() -> None:
    assert few_images_notice(1000) is None
    assert few_images_notice(40) == (
        "With 40 validation images an mIoU is uncertain: on COCO's, with 8 classes, by about ±17 points. "
        "That is a rule of thumb: once this run is evaluated, the 95 % interval of its own mIoU takes its place."
    )


def run_in(folder: Path, name: str, *, export: str = "a", evaluated: int = 12, judged: int = 12) -> Run:
    """A run whose quoted score is of `judged` images, and whose evaluations are of `evaluated`."""
    final = replace(FINAL, image_count=judged)
    written = write_run(folder / name, metrics=(final,), export_manifest_sha256=export, eval_image_count=evaluated)
    return read_run(written, now=0.0)


def names(groups: list[ComparableRuns]) -> list[list[str]]:
    return [[run.folder.name for run in group.runs] for group in groups]


def test_runs_judged_on_the_same_images_share_a_group(tmp_path: Path) -> None:
    assert names(comparable_groups([run_in(tmp_path, "1"), run_in(tmp_path, "2")])) == [["1", "2"]]


def test_another_export_is_another_group(tmp_path: Path) -> None:
    assert names(comparable_groups([run_in(tmp_path, "1"), run_in(tmp_path, "2", export="b")])) == [["1"], ["2"]]


def test_curves_over_other_numbers_of_images_are_never_drawn_together(tmp_path: Path) -> None:
    assert names(comparable_groups([run_in(tmp_path, "1"), run_in(tmp_path, "2", evaluated=9)])) == [["1"], ["2"]]


def test_a_run_judged_on_fewer_images_so_far_stands_apart_and_says_so(tmp_path: Path) -> None:
    groups = comparable_groups([run_in(tmp_path, "done"), run_in(tmp_path, "running", judged=6)])
    assert names(groups) == [["done"], ["running"]]
    assert groups[1].title == "cat · 6 validation images of val2017 · tiny"


def test_a_run_without_a_result_or_a_record_of_what_it_is_made_of_is_in_no_group(tmp_path: Path) -> None:
    damaged = run_in(tmp_path, "damaged")
    (damaged.folder / "run_info.json").write_text("{}")
    runs = [read_run(write_run(tmp_path / "young", metrics=()), now=0.0), read_run(damaged.folder, now=0.0)]
    assert comparable_groups(runs) == []


def test_the_table_has_the_best_run_first(tmp_path: Path) -> None:
    worse = replace(FINAL, mean_iou=0.4)
    runs = [
        read_run(write_run(tmp_path / name, metrics=(line,)), now=0.0)
        for name, line in (("worse", worse), ("better", FINAL))
    ]
    [group] = comparable_groups(runs)
    rows = comparison_table(group)
    assert [(row["run"], row["mIoU"]) for row in rows] == [("better", 0.5), ("worse", 0.4)]
    assert rows[0] == {
        "run": "better",
        "mIoU": 0.5,
        "95 % interval": "39.1 to 61.8 %",
        "paper metric": 0.75,
        "step": 9,
        "preset": "Quick test",
        "encoder weights": "random",
        "seed": 0,
        "pixel accuracy": 0.9,
        "state": "Done",
    }


def test_the_baseline_of_a_group_is_told(tmp_path: Path) -> None:
    [group] = comparable_groups([run_in(tmp_path, "1")])
    assert baseline_sentence(group) == (
        "Baseline (empty prediction): mIoU 0.0 %, paper metric (Eq. 2) 70.0 %, pixel accuracy 70.0 %. "
        "Prior mask, the most frequent label of each place: mIoU 10.0 %, paper metric (Eq. 2) 70.0 %, "
        "pixel accuracy 70.0 %."
    )
    empty = replace(BASELINE, mean_iou=None, pixel_accuracy=None, mean_true_probability=None)
    line = replace(FINAL, background_baseline=empty)
    [group] = comparable_groups([read_run(write_run(tmp_path / "2", metrics=(line,)), now=0.0)])
    assert "not defined" in baseline_sentence(group)
