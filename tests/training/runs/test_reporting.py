"""What the log of a run says, and how often its status."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from run_folders import EVALUATION, INFO

from cocomine.training.runs.config import preset
from cocomine.training.runs.reading import request_stop
from cocomine.training.runs.records import Status, read_record
from cocomine.training.runs.reporting import RunReport, StopRequested, score_words, setting_lines


@pytest.mark.parametrize(("stages", "words"), [([], "frozen: nothing"), (["stem", "layer1"], "frozen: stem, layer1")])
def test_the_log_says_which_stages_are_frozen(stages: list[str], words: str) -> None:
    assert setting_lines(replace(INFO, frozen_stages=stages))[1].endswith(words)


def test_the_numbers_of_an_evaluation_are_told_in_words() -> None:
    config = preset("quick", export="/export")
    assert score_words(EVALUATION, config) == (
        "mIoU 50.0 % (95 %: 39.1 to 61.8 %) on 12 validation images, cross entropy 0.3"
    )
    assert score_words(replace(EVALUATION, mean_iou=None, image_count=1234), config) == (
        "mIoU not defined on 1,234 validation images, cross entropy 0.3"
    )


def test_a_run_goes_on_until_somebody_wants_it_to_end(tmp_path: Path) -> None:
    report = RunReport(tmp_path, steps=1)
    report.progress("going")
    assert report_of(tmp_path).message == "going"
    request_stop(tmp_path)
    with pytest.raises(StopRequested):
        report.progress("ending")


def test_progress_is_written_at_most_twice_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    report = RunReport(tmp_path, steps=1)
    for after_s, written in ((0.0, "0.0"), (0.4, "0.0"), (0.5, "0.5"), (0.9, "0.5"), (1.0, "1.0")):
        clock[0] = 1000.0 + after_s
        report.progress(str(after_s))
        assert report_of(tmp_path).message == written


def test_the_phases_before_the_first_step_are_told_with_their_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = RunReport(tmp_path, steps=1)
    (loading,) = report_of_said(report, tmp_path).phases
    clock = [time.time() + 6.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    report.begin_phase("Preparing 8 images")
    report.progress("preparing images 2 of 8", share=0.25)
    ended, present = report_of(tmp_path).phases
    assert ended.name == "Loading PyTorch"
    assert ended.took_s == pytest.approx(clock[0] - loading.began, abs=0.01)
    assert (present.name, present.took_s, present.share) == ("Preparing 8 images", None, 0.25)
    clock[0] += 2.0049
    report.end_phase()
    report.progress("training", share=0.5)
    ended = report_of_said(report, tmp_path).phases[-1]
    assert (ended.took_s, ended.share) == (2.0, None)


def report_of_said(report: RunReport, folder: Path) -> Status:
    report.say("running")
    return report_of(folder)


def report_of(folder: Path) -> Status:
    status, _ = read_record(folder / "status.json", Status)
    assert status is not None
    return status
