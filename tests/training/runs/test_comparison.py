"""What is said of a run follows from its numbers alone, and so does which runs stand side by side."""

from pathlib import Path

from msgspec.structs import replace
from run_folders import BASELINE, FINAL, INFO, evaluation_line, write_run

from cocomine.training.runs.comparison import (
    ComparableRuns,
    absent_classes,
    baseline_sentence,
    comparable_groups,
    comparison_table,
    few_images_notice,
    half_width_points,
    interval_words,
    score,
    verdict,
)
from cocomine.training.runs.reading import Run, read_run
from cocomine.training.runs.records import EvalLine


def said(folder: Path, *metrics: EvalLine) -> str | None:
    return verdict(read_run(write_run(folder, metrics=metrics), now=0.0))


def test_nothing_is_said_before_the_first_step(tmp_path: Path) -> None:
    assert said(tmp_path / "a") is None
    assert said(tmp_path / "b", evaluation_line(0)) is None


def test_a_result_is_compared_with_an_empty_prediction_on_the_same_images(tmp_path: Path) -> None:
    assert said(tmp_path / "a", evaluation_line(9, mean_iou=0.562)) == (
        "Better than an empty prediction: mIoU 56.2 %, empty prediction 0.0 %."
    )
    assert said(tmp_path / "b", evaluation_line(9, mean_iou=0.004)) == (
        "Not better than an empty prediction yet: mIoU 0.4 %, empty prediction 0.0 %."
    )


def test_a_result_within_the_noise_of_so_few_images_is_called_unsure(tmp_path: Path) -> None:
    few = evaluation_line(9, mean_iou_interval=(0.0, 0.6))
    assert str(said(tmp_path / "measured", few)).startswith(
        "Better than an empty prediction, but 12 images are too few"
    )
    above = replace(few, background_baseline=replace(BASELINE, mean_iou=0.1), mean_iou_interval=(0.11, 0.6))
    assert str(said(tmp_path / "above", above)).startswith("Better than an empty prediction: mIoU 50.0 %")


def test_a_line_of_a_former_version_is_judged_by_its_number_of_images(tmp_path: Path) -> None:
    former = evaluation_line(9, mean_iou=0.3, mean_iou_interval=None)
    few, many = replace(former, image_count=12), replace(former, image_count=1000)
    assert half_width_points(12) > 30 > half_width_points(40)
    assert str(said(tmp_path / "few", few)).startswith("Better than an empty prediction, but 12 images are too few")
    assert str(said(tmp_path / "many", many)).startswith("Better than an empty prediction: mIoU 30.0 %")


def test_the_noise_is_seven_points_at_242_images_and_half_of_that_at_four_times_as_many() -> None:
    assert half_width_points(242) == 7.0
    assert half_width_points(4 * 242) == 3.5
    assert half_width_points(1) == 2 * half_width_points(4)


def test_it_is_said_whether_the_result_still_rises(tmp_path: Path) -> None:
    rising = [evaluation_line(step, mean_iou=0.5 + step / 1000) for step in (0, 20, 40, 60, 80)]
    assert str(said(tmp_path / "up", *rising)).endswith("Improving: +6.0 points over the last 60 steps.")
    long = [evaluation_line(step, mean_iou=0.3 + step / 1000) for step in (20, 40, 60, 80, 100, 120)]
    assert str(said(tmp_path / "long", *long)).endswith("Improving: +6.0 points over the last 60 steps.")
    least = [evaluation_line(20, mean_iou=0.0), evaluation_line(40, mean_iou=0.02)]
    assert str(said(tmp_path / "least", *least)).endswith("Improving: +2.0 points over the last 20 steps.")
    falling = [evaluation_line(step, mean_iou=0.5 - step / 1000) for step in (20, 50)]
    assert str(said(tmp_path / "down", *falling)).endswith("Falling: -3.0 points over the last 30 steps.")
    steady = [evaluation_line(step, mean_iou=0.5) for step in (20, 40)]
    assert str(said(tmp_path / "level", *steady)).endswith("No change over the last 20 steps.")


def test_classes_that_the_validation_images_lack_are_said_so(tmp_path: Path) -> None:
    assert said(tmp_path / "a", evaluation_line(9, mean_iou=None)) == (
        "None of your classes occurs in the 12 validation images, so there is no mIoU."
    )


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
        "Smaller differences than its interval are not significant."
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
