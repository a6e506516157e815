"""A run whose settings are not its preset's is named so."""

from dataclasses import replace

import pytest

from cocomine.training.runs.config import PRESETS, preset
from cocomine.training.runs.modified import modified_settings, preset_words
from cocomine.wording import PRESET_NAMES


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_with_other_steps_encoder_weights_and_seed_is_still_that_preset(name: str) -> None:
    config = preset(name, export="/export", steps=77, encoder="resnet18", weights="none", seed=9)
    assert modified_settings(config) == []
    assert preset_words(config) == PRESET_NAMES[name]


def test_changed_settings_are_named() -> None:
    config = replace(preset("quick", export="/export"), learning_rate=0.1, augment=False)
    assert modified_settings(config) == ["learning_rate", "augment"]
    assert preset_words(config) == "Quick test, modified"


def test_a_preset_that_is_not_known_stays_as_it_is() -> None:
    assert preset_words(replace(preset("quick", export="/export"), preset="mine")) == "mine"
