"""The report says all there is, the same in HTML and Markdown, and nothing of the dataset is markup in it."""

import re
import shlex
from collections.abc import Callable
from copy import copy
from pathlib import Path

import msgspec
import pytest
from claims import comparison, difference, planted_result, protocol_with
from report_numbers import numbers, read

from cocomine.claim.arms import ArmName
from cocomine.claim.records import ClaimSettings, Protocol, Result
from cocomine.claim.report import command_lines, report_html, report_markdown, sha256_of_test_ids
from cocomine.cli.commands.claim import command
from cocomine.wording import names_from_line

Form = Callable[[Protocol, Result], str]
EVIL = '<script>alert("1")</script> | `x` *y*'


def expected_numbers(result: Result) -> set[str]:
    """Every number of the differences as a person reads it, made here without the report's own words."""

    def told(value: float) -> str:
        return f"{abs(value):,.1f}"

    found = set()
    for each in result.differences:
        values = (each.first, each.second, each.value, each.low, each.high, each.image_error)
        found |= {
            told(value) for value in (*values, each.seed_error_first, each.seed_error_second) if value is not None
        }
        found |= {str(each.image_count), str(each.seed_count), str(each.comparison.steps), f"{each.share_of_wins:.2f}"}
        found |= {f"{p:.3f}" for p in (each.p, each.p_corrected) if p is not None and p >= 0.001}
    return found


@pytest.mark.parametrize("form", [report_html, report_markdown])
def test_every_number_of_the_result_is_in_the_report(form: Form) -> None:
    text = form(protocol_with(), planted_result())
    there = {number.lstrip("+−") for number in numbers("\n".join(read(text).texts) if form is report_html else text)}
    assert expected_numbers(planted_result()) - there == set()


def test_html_and_markdown_say_the_same_numbers() -> None:
    page, text = report_html(protocol_with(), planted_result()), report_markdown(protocol_with(), planted_result())
    assert numbers("\n".join(read(page).texts)) == numbers(text)
    assert len(numbers(text)) > 150


@pytest.mark.parametrize("form", [report_html, report_markdown])
def test_protocol_limits_and_sentences_are_in_the_report(form: Form) -> None:
    protocol, result = protocol_with(), planted_result()
    text = form(protocol, result).replace("\\", "").replace("&amp;", "&")
    hashes = {arm.recipe_sha256 for arm in protocol.arms} | set(protocol.sources.values())
    for part in (*hashes, result.protocol_sha256, sha256_of_test_ids(protocol), *result.sentences, *result.notices):
        assert part in text
    assert "1.7 % of the selected classes' true pixels" in text.replace("&#x27;", "'")
    assert "quince" in text
    assert "orchard" in text
    assert "selected images only − half without the classes (A − E), 150 steps, natural mix" in text


@pytest.mark.parametrize("place", ["class", "dataset", "sentence"])
def test_a_name_is_text_and_no_markup(place: str) -> None:
    classes = (EVIL, "pear") if place == "class" else ("apple", "pear")
    protocol = protocol_with(*classes, dataset=EVIL if place == "dataset" else "orchard")
    result = planted_result(EVIL if place != "dataset" else "apple")
    page = read(report_html(protocol, result))
    assert "script" not in page.tags
    assert any(EVIL in text for text in page.texts)
    text = report_markdown(protocol, result)
    assert "<script>" not in re.sub(r"```sh\n.*?\n```", "", text, flags=re.DOTALL).replace("\\<", "")
    assert EVIL not in re.sub(r"```sh\n.*?\n```", "", text, flags=re.DOTALL)


def test_a_name_with_a_bar_or_a_line_end_does_not_break_the_tables_of_markdown() -> None:
    text = report_markdown(protocol_with("a|b\nc", "pear"), planted_result("a|b\nc"))
    tables = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(tables) > 6
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_the_page_needs_no_other_file_no_network_and_no_script() -> None:
    page = report_html(protocol_with(), planted_result())
    assert not {"script", "link", "img", "iframe"} & set(read(page).tags)
    assert not re.search(r"https?:|url\(|@import", page)
    assert "prefers-color-scheme: dark" in page


def test_the_same_check_gives_the_same_bytes() -> None:
    protocol = msgspec.json.decode(msgspec.json.encode(protocol_with()), type=Protocol)
    result = msgspec.json.decode(msgspec.json.encode(planted_result()), type=Result)
    assert report_html(protocol, result) == report_html(protocol_with(), planted_result())


def test_what_cannot_be_told_is_hollow_in_the_chart() -> None:
    rows = re.findall(r'<circle class="(\w+)" cx="([\d.]+)%"', report_html(protocol_with(), planted_result()))
    assert [kind for kind, _ in rows[:5]] == ["better", "worse", "better", "worse", "open"]
    assert all((kind == "better") <= (float(place) > 50) for kind, place in rows)


def test_a_difference_by_one_seed_has_a_dot_without_an_interval() -> None:
    alone = difference(5.3, None, is_primary=True, seed_count=1)
    result = Result(protocol_sha256="0" * 64, differences=(alone,), sentences=("No difference can be told.",))
    page = report_html(protocol_with(), result)
    assert re.search(r'<line class="zero"[^>]*/><circle class="open"', page)
    assert "<td>+5.3, cannot be told</td>" not in page  # the drawing stands before the words
    assert "+5.3, cannot be told</td>" in page


def test_sections_without_a_number_are_left_out() -> None:
    result = Result(protocol_sha256="0" * 64, differences=(difference(1.0, is_primary=True),), sentences=("x",))
    page = report_html(protocol_with(), result)
    assert "<h2>False alarms</h2>" not in page
    assert "<h2>Learning speed</h2>" not in page


def words_of(settings: ClaimSettings) -> list[str]:
    return shlex.split(" ".join(line.removesuffix("\\") for line in command_lines(settings)))


def test_the_command_is_read_back_as_the_same_settings(tmp_path: Path) -> None:
    settings = ClaimSettings(
        classes=("wine glass", "a,b"),
        arms=(ArmName.SELECTED, ArmName.ALL),
        seed_count=5,
        steps=600,
        is_trained_longer=False,
        size_px=128,
        encoder="resnet18",
        batch_size=32,
        train_image_count=77,
        test_image_count=99,
        equal="images",
        seed=7,
    )
    words = [str(tmp_path) if word in {"DATASET", "FOLDER"} else word for word in words_of(settings)]
    read = copy(command).make_context("claim", words[2:]).params  # it remembers how help was asked for first
    named = {"seeds": "seed_count", "size": "size_px", "batch": "batch_size", "longer": "is_trained_longer"}
    named |= {"train_images": "train_image_count", "test_images": "test_image_count"}
    told = {named.get(name, name): value for name, value in read.items()}
    assert {name: told[name] for name in settings.__struct_fields__} == {
        name: getattr(settings, name) for name in settings.__struct_fields__
    }


def test_the_command_names_what_the_person_chose() -> None:
    settings = ClaimSettings(classes=("wine glass", "a,b"), arms=(ArmName.SELECTED, ArmName.ALL), equal="images")
    words = words_of(settings)
    options = dict(zip(words[3::2], words[4::2], strict=False))
    assert words[:3] == ["cocomine", "claim", "DATASET"]
    assert names_from_line(options["--classes"]) == settings.classes
    assert (options["--arms"], options["--equal"], options["--seeds"]) == ("A,C", "images", "3")


def test_comparisons_of_a_result_are_those_of_the_support() -> None:
    assert planted_result().differences[0].comparison == comparison() == protocol_with().primary
