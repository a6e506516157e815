"""How much several selected classes claim the same pixels, under the counts of the Choose page."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from apps import again, said, shown
from records import CAT, CATEGORIES, CUP, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.labels.conflict import Conflict, conflict_sentence, subset_conflict
from cocomine.mining.selection.selection import Subset
from cocomine.system.jobs import Progress
from cocomine.ui.choose import conflict as conflict_line
from cocomine.ui.session.jobs import existing_job

WAIT_S = 20.0
CONFLICT = "job-conflict"
ODD_NAME = "**cat** <b>:smile:"


def show_note(path: str, classes: list[str]) -> None:
    import streamlit as st

    from cocomine.mining.selection.selection import Selection
    from cocomine.ui.choose.conflict import conflict_note
    from cocomine.ui.session.opening import index_folder, opened_at

    picked = st.session_state.get("picked", classes)
    conflict_note(opened_at(path, index_folder()).selecting(Selection(classes=tuple(picked))))


def settled(app: AppTest) -> str:
    """What a page says once its conflict is measured."""
    job = existing_job(app.session_state[CONFLICT])
    assert job is not None
    assert job.wait(WAIT_S)
    return said(again(app))


def test_the_conflict_of_a_subset_comes_after_the_page(path: Path) -> None:
    app = shown(show_note, str(path), ["cat", "cup"])
    assert "Mask overlap between your classes: 4 %." in settled(app)


@pytest.mark.parametrize("classes", [[], ["cat"]])
def test_fewer_than_two_classes_have_no_conflict(path: Path, classes: list[str]) -> None:
    assert said(shown(show_note, str(path), classes)) == ""


def test_a_subset_without_images_has_no_conflict(tmp_path: Path, home: Path) -> None:
    del home
    path = write_split(tmp_path / "none", document([image(1)], []), pictures=False)
    assert said(shown(show_note, str(path), ["cat", "cup"])) == ""


def test_names_of_classes_are_not_in_the_line(tmp_path: Path, home: Path) -> None:
    del home
    categories = [{**CATEGORIES[0], "name": ODD_NAME}, *CATEGORIES[1:]]
    records = [annotation(1, 1, CAT), annotation(2, 1, CUP)]
    path = write_split(tmp_path / "odd", document([image(1)], records, categories), pictures=False)
    assert "100 %" in settled(shown(show_note, str(path), [ODD_NAME, "cup"]))


class HeldConflict:
    """A measure that stands still until it is let go."""

    def __init__(self) -> None:
        self.count, self.go_on = 0, threading.Event()

    def __call__(self, subset: Subset, progress: Progress, *, most_images: int) -> Conflict:
        self.count += 1
        assert self.go_on.wait(WAIT_S)
        return subset_conflict(subset, progress, most_images=most_images)


@pytest.fixture
def conflicting(monkeypatch: pytest.MonkeyPatch) -> Iterator[HeldConflict]:
    held = HeldConflict()
    monkeypatch.setattr(conflict_line, "subset_conflict", held)
    yield held
    held.go_on.set()


def test_the_page_does_not_wait_for_the_conflict(path: Path, conflicting: HeldConflict) -> None:
    app = shown(show_note, str(path), ["cat", "cup"])
    assert said(app).endswith("Mask overlap between your classes: …")
    conflicting.go_on.set()
    assert "4 %" in settled(app)
    assert conflicting.count == 1


def test_another_selection_stops_the_earlier_measuring_which_begins_anew_where_it_is_wanted(
    path: Path, conflicting: HeldConflict
) -> None:
    app, other = shown(show_note, str(path), ["cat", "cup"]), shown(show_note, str(path), ["cat", "cup"])
    earlier = existing_job(app.session_state[CONFLICT])
    assert earlier is not None
    assert existing_job(other.session_state[CONFLICT]) is earlier
    app.session_state["picked"] = ["cat", "dog"]
    again(app)
    conflicting.go_on.set()
    assert "classes: 0 %" in settled(app)
    assert earlier.wait(WAIT_S)
    assert earlier.state == "cancelled"
    again(other)
    assert "4 %" in settled(other)


@pytest.mark.parametrize(
    ("conflict", "words"),
    [
        (Conflict(share=0.01234, image_count=3, of_image_count=3), "Mask overlap between your classes: 1.2 %."),
        (Conflict(share=0.0004, image_count=3, of_image_count=3), "0.04 %"),
        (Conflict(share=0.0, image_count=3, of_image_count=3), ": 0 %."),
        (Conflict(share=None, image_count=3, of_image_count=3), ": not known, "),
        (
            Conflict(share=0.5, image_count=400, of_image_count=16000),
            "Estimated from a random sample of 400 of 16,000 images.",
        ),
    ],
)
def test_a_conflict_in_words(conflict: Conflict, words: str) -> None:
    assert words in conflict_sentence(conflict)
