"""What the pages say about overlap, contact and conflict: at once, while the masks are measured, and afterwards."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from apps import again, said, shown
from overlaps import overlap_from_masks
from records import CAT, DOG, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest
from watching import kept_processes

from cocomine.coco.dataset import Dataset
from cocomine.errors import DatasetError
from cocomine.mining.interference.mask_overlap import OverlapTable
from cocomine.system.jobs import Job, Progress
from cocomine.ui.session.cached import forget
from cocomine.ui.session.jobs import existing_job, forget_job
from cocomine.ui.session.opening import opened_at
from cocomine.ui.understand import overlap
from cocomine.ui.understand.overlap import overlap_of
from cocomine.workers.measure_overlap import content_key

WAIT_S = 20.0


def show_panel(path: str) -> None:
    import streamlit as st

    from cocomine.ui.session.opening import index_folder, opened_at
    from cocomine.ui.understand.overlap import overlap_of, overlap_panel

    view = opened_at(path, index_folder())
    st.text(f"from masks: {overlap_of(view).from_masks}")
    overlap_panel(view)


def job_at(path: Path) -> "Job[OverlapTable]":
    dataset = opened_at(str(path), path.parent / "index").dataset
    job = existing_job(("overlap", content_key(dataset)))
    assert job is not None
    return job


def bars(app: AppTest) -> list[str]:
    return [element.proto.text for element in app.get("progress")]


class HeldMeasuring:
    """Measuring that stands still at a quarter until it is let go."""

    def __init__(self) -> None:
        self.count, self.began, self.go_on, self.error = 0, threading.Event(), threading.Event(), False

    def __call__(self, dataset: Dataset, *, index: Path, folder: Path, progress: Progress) -> OverlapTable:
        del index, folder
        self.count += 1
        progress(1, 4)
        self.began.set()
        assert self.go_on.wait(WAIT_S)
        progress(4, 4)
        if self.error:
            raise DatasetError("Measuring the masks stopped before its end. Measure them again.")
        return overlap_from_masks(dataset, progress)


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldMeasuring]:
    held = HeldMeasuring()
    monkeypatch.setattr(overlap, "measure_overlap", held)
    yield held
    held.go_on.set()


def test_a_small_dataset_is_measured_by_itself_and_then_found_again(path: Path) -> None:
    app = shown(show_panel, str(path))
    assert "from masks: False" in said(app)
    assert "First estimate from boxes" in said(app)
    assert job_at(path).wait(WAIT_S)
    again(app)
    assert "from masks: True" in said(app)
    assert "From the masks of all 3 images that have any, drawn with 256 px on the longer side" in said(app)
    assert bars(app) == []


def test_what_was_measured_is_there_at_once_the_next_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = shown(show_panel, str(path))
    assert job_at(path).wait(WAIT_S)
    forget_job(("overlap", content_key(opened_at(str(path), path.parent).dataset)))
    forget(overlap._kept)
    started = kept_processes(monkeypatch)
    assert "from masks: True" in said(again(app))
    assert not started


def test_a_workspace_that_cannot_be_written_is_no_reason_to_stop(path: Path, home: Path) -> None:
    home.write_text("no folder")
    app = shown(show_panel, str(path))
    assert job_at(path).wait(WAIT_S)
    assert "from masks: True" in said(again(app))


def test_while_it_is_measured_the_page_shows_how_far_that_is(path: Path, measuring: HeldMeasuring) -> None:
    app = shown(show_panel, str(path))
    assert measuring.began.wait(WAIT_S)
    assert bars(again(app)) == ["Measuring the masks · 25 %"]
    assert "from masks: False" in said(app)


def test_two_sessions_share_one_measuring(path: Path, measuring: HeldMeasuring) -> None:
    first, second = shown(show_panel, str(path)), shown(show_panel, str(path))
    measuring.go_on.set()
    assert job_at(path).wait(WAIT_S)
    assert "from masks: True" in said(again(first))
    assert "from masks: True" in said(again(second))
    assert measuring.count == 1


def test_cancelling_stays_with_the_estimate_until_the_person_asks_again(path: Path, measuring: HeldMeasuring) -> None:
    app = shown(show_panel, str(path))
    assert measuring.began.wait(WAIT_S)
    again(app).button(key="overlap-cancel").click().run()
    measuring.go_on.set()
    assert job_at(path).wait(WAIT_S)
    assert job_at(path).state == "cancelled"
    assert bars(again(app)) == []
    assert "from masks: False" in said(app)
    app.button(key="overlap-start").click().run()
    assert job_at(path).wait(WAIT_S)
    assert "from masks: True" in said(again(app))
    assert measuring.count == 2


def test_cancelling_ends_the_process(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = kept_processes(monkeypatch)
    shown(show_panel, str(path))
    job = job_at(path)
    job.cancel()
    assert job.wait(WAIT_S)
    for process in started:
        assert process.returncode is not None
        assert not Path(f"/proc/{process.pid}").exists()


def test_a_failure_is_told_and_not_tried_again_by_itself(path: Path, measuring: HeldMeasuring) -> None:
    measuring.error = True
    measuring.go_on.set()
    app = shown(show_panel, str(path))
    assert job_at(path).wait(WAIT_S)
    assert "stopped before its end. Measure them again." in said(again(app))
    assert measuring.count == 1
    measuring.error = False
    app.button(key="overlap-start").click().run()
    assert job_at(path).wait(WAIT_S)
    assert "from masks: True" in said(again(app))


def test_a_large_dataset_is_measured_only_when_the_person_asks(
    path: Path, measuring: HeldMeasuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlap, "SMALL_IMAGE_COUNT", 3)
    monkeypatch.setattr(overlap, "S_PER_IMAGE", 60)
    app = shown(show_panel, str(path))
    assert measuring.count == 0
    assert app.button(key="overlap-start").label == "Measure the masks of 4 images (about 4 min)"
    app.button(key="overlap-start").click().run()
    assert measuring.began.wait(WAIT_S)
    assert bars(again(app)) == ["Measuring the masks · 25 %"]


def test_without_any_mask_the_estimate_stays(tmp_path: Path, home: Path, measuring: HeldMeasuring) -> None:
    del home
    records = [annotation(number, 1, each, info=str(tmp_path)) for number, each in enumerate((CAT, DOG))]
    for record in records:
        del record["segmentation"]
    path = write_split(tmp_path / "boxes", document([image(1)], records), pictures=False)
    app = shown(show_panel, str(path))
    assert "the objects of this dataset have no masks" in said(app)
    assert measuring.count == 0


def test_objects_without_a_mask_are_told(tmp_path: Path, home: Path) -> None:
    del home
    records = [annotation(number, 1, each, info=str(tmp_path)) for number, each in enumerate((CAT, DOG))]
    del records[0]["segmentation"]
    path = write_split(tmp_path / "some", document([image(1)], records), pictures=False)
    app = shown(show_panel, str(path))
    assert job_at(path).wait(WAIT_S)
    assert "Left out: crowd regions and 1 object without a mask." in said(again(app))


def test_the_table_is_the_one_of_the_masks_when_it_is_there(path: Path, measuring: HeldMeasuring) -> None:
    measuring.go_on.set()
    shown(show_panel, str(path))
    assert job_at(path).wait(WAIT_S)
    table = overlap_of(opened_at(str(path), path.parent / "index"))
    assert table.from_masks
    assert table.overlap[0, 2] == 4 / 49
