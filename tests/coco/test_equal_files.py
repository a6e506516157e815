"""Files are equal where all their bytes are, whatever their names."""

from pathlib import Path

import pytest

from cocomine.coco.equal_files import LAST_BYTES, equal_files
from cocomine.system.jobs import JobCancelled

END = b"x" * LAST_BYTES
CONTENTS = (
    b"photograph" + END,
    b"photograpH" + END,  # as long, and with the same end
    b"photograph" + END,
    b"short",
    b"short",
    b"longer",
    b"",
    b"",
)


@pytest.fixture
def paths(tmp_path: Path) -> list[Path | None]:
    """Two files that are not there, too."""
    for place, content in enumerate(CONTENTS):
        (tmp_path / str(place)).write_bytes(content)
    return [*(tmp_path / str(place) for place in range(len(CONTENTS))), None, None]


def untold(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def test_files_of_the_same_bytes_are_found_and_no_others(paths: list[Path | None]) -> None:
    assert set(equal_files(paths, untold)) == {(0, 2), (3, 4)}


def test_of_no_files_none_are_equal() -> None:
    assert equal_files([], untold) == ()


def test_files_of_a_size_that_no_other_has_are_not_read(paths: list[Path | None]) -> None:
    told: list[tuple[int, int]] = []
    equal_files(paths, lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(6)]


def test_comparing_files_can_be_cancelled(paths: list[Path | None]) -> None:
    def cancelled(*_: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        equal_files(paths, cancelled)
