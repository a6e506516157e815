"""Colours: stable, legible, told apart."""

import tomllib

import numpy as np
from places import REPOSITORY

from cocomine.charts.theme import CURVES
from cocomine.colours import COLOUR_COUNT, _oklab, class_colour, rgb


def test_no_two_categories_share_a_colour_before_they_repeat() -> None:
    assert len({class_colour(index) for index in range(COLOUR_COUNT)}) == COLOUR_COUNT
    assert class_colour(COLOUR_COUNT) == class_colour(0)


def test_any_two_of_cocos_eighty_can_be_told_apart() -> None:
    places = _oklab(np.array([rgb(class_colour(index)) for index in range(80)]))
    distances = np.linalg.norm(places[:, None] - places[None, :], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert distances.min() > 0.04  # about twice what people just notice


def test_oklab_of_known_colours() -> None:
    white, red = _oklab(np.array([[255, 255, 255], [255, 0, 0]]))
    np.testing.assert_allclose(white, [1, 0, 0], atol=1e-4)
    np.testing.assert_allclose(red, [0.6280, 0.2249, 0.1258], atol=1e-4)


def test_hex_and_numbers_agree() -> None:
    assert rgb("#0a10ff") == (10, 16, 255)


def test_curves_have_the_colours_that_the_theme_gives_to_charts() -> None:
    theme = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    assert tuple(theme["light"]["chartCategoricalColors"]) == CURVES
