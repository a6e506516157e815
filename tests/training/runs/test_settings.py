"""Every setting stands once in the table that the page, the documentation and the check of values are made from."""

from dataclasses import fields

import pytest

from cocomine.errors import TrainingError
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.settings import GROUPS, SETTINGS, Setting, settings_of

BY_NAME = {setting.name: setting for setting in SETTINGS}


def test_every_setting_is_in_the_table_once() -> None:
    assert sorted(setting.name for setting in SETTINGS) == sorted(field.name for field in fields(TrainingConfig))


def test_all_but_what_is_chosen_elsewhere_stands_under_a_heading() -> None:
    grouped = {setting.name for group in GROUPS for setting in settings_of(group)}
    assert set(BY_NAME) - grouped == {"export", "preset", "encoder", "weights", "overfit_images"}
    for group in GROUPS:
        assert {setting.group for setting in settings_of(group)} == {group}


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_has_a_title_and_a_sentence(setting: Setting) -> None:
    assert setting.title
    assert setting.meaning.endswith(".")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("frozen_stages", "a number from 0 to 5"),
        ("average_decay", "a number from 0 to below 1"),
        ("batch_size", "a number of at least 2"),
        ("loss", "one of ce, ce+dice"),
        ("export", ""),
    ],
)
def test_its_bounds_are_said_in_words(name: str, expected: str) -> None:
    assert BY_NAME[name].expected == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("frozen_stages", 6), ("average_decay", 1.0), ("learning_rate", float("nan")), ("seed", 2**63), ("loss", "dice")],
)
def test_a_value_outside_them_is_refused(name: str, value: object) -> None:
    with pytest.raises(TrainingError, match=f"'{name}' is .*It must be {BY_NAME[name].expected.replace('+', '.')}"):
        BY_NAME[name].check(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("frozen_stages", 5), ("average_decay", 0.0), ("train_image_limit", None), ("seed", 2**63 - 1), ("export", "x")],
)
def test_a_value_within_them_is_taken(name: str, value: object) -> None:
    BY_NAME[name].check(value)
