"""A flaw is a value with words."""

import string

import pytest

from cocomine.coco.findings import Finding, by_weight, finding
from cocomine.coco.flaws import FLAWS, SEVERITY_WORDS, Severity


def test_no_case_is_no_finding() -> None:
    assert finding("empty_box", "val", []) == []


def test_a_finding_counts_all_names_five_and_shows_twelve_images_once() -> None:
    (many,) = finding("empty_box", "val", range(90), images=[7, 7, *range(90)])
    assert (many.count, many.examples) == (90, ("0", "1", "2", "3", "4"))
    assert many.images == tuple(("val", each) for each in (7, 0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11))


def test_facts_are_filled_in() -> None:
    (only,) = finding("image_leads_out", "val", ["a.jpg"], folder="/data/val", targets="/etc")
    assert only.message == "Links in /data/val lead to /etc."


def test_a_finding_gives_a_machine_its_words_and_its_images() -> None:
    (only,) = finding("crowd_region", "val", [4], images=[9])
    value = only.as_json()
    assert list(value)[:3] == ["code", "split", "count"]
    assert value["message"].startswith("Crowd regions. Groups drawn as one area")
    assert (value["severity"], value["images"]) == ("info", [{"split": "val", "id": 9}])
    assert value["action"] == FLAWS["crowd_region"].action


def test_the_worst_comes_first_and_each_kind_in_one_place() -> None:
    places = [("crowd_region", "a"), ("empty_box", "a"), ("no_image_folder", "b"), ("empty_box", "b")]
    findings = [Finding(code=code, split=split, count=1, message="") for code, split in places]
    order = [(each.code, each.split) for each in by_weight(findings)]
    assert order == [("no_image_folder", "b"), ("empty_box", "a"), ("empty_box", "b"), ("crowd_region", "a")]


def test_every_weight_has_words() -> None:
    assert list(SEVERITY_WORDS) == list(Severity)


@pytest.mark.parametrize("code", FLAWS)
def test_every_kind_of_flaw_is_told_in_whole_sentences(code: str) -> None:
    entry = FLAWS[code]
    assert entry.title[0].isupper()
    assert not entry.title.endswith(".")
    assert entry.sentence[0].isupper()
    assert entry.action[0].isupper()
    assert entry.sentence.endswith(".")
    assert entry.action.endswith(".")
    assert not [field for _, field, _, _ in string.Formatter().parse(entry.action + entry.title) if field]
