"""Folders of one name lie side by side in the trash, and each gets its own name back."""

from pathlib import Path

import pytest

from cocomine.system.trash import name_before, place_in_trash


def test_a_name_that_is_taken_gets_the_next_number(tmp_path: Path) -> None:
    places = []
    for _ in range(3):
        places.append(place_in_trash(tmp_path, "cups"))
        places[-1].mkdir()
    assert [place.name for place in places] == ["cups", "cups~2", "cups~3"]
    assert {name_before(place) for place in places} == {"cups"}


def test_a_link_to_nowhere_takes_a_name_too(tmp_path: Path) -> None:
    (tmp_path / "cups").symlink_to(tmp_path / "gone")
    assert place_in_trash(tmp_path, "cups").name == "cups~2"


@pytest.mark.parametrize("name", ["a~b", "~2x", "cups~"])
def test_a_wave_that_is_no_number_stays(name: str) -> None:
    assert name_before(Path(name)) == name
