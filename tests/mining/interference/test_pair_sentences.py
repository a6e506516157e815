"""Sentences about pairs say the numbers of the table, in words that fit the measure."""

import numpy as np
import pytest
from pair_tables import two_categories, two_looked_for

from cocomine.mining.interference.co_occurrence import Measure, PairTable
from cocomine.mining.interference.pair_measure import mask_measure, pair_measure
from cocomine.mining.interference.sentences import (
    interval_sentence,
    measure_sentence,
    notable_sentence,
    pair_sentence,
)


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ((30, 20, 10, 40), "cup and table: 30 images, 20 expected, lift 1.5"),
        ((5, 45, 35, 15), "cup and table: 5 images, 20 expected, lift 0.25"),
        ((20, 30, 20, 30), "cup and table: 20 images, 20 expected, lift 1.0"),
        ((0, 3, 3, 94), "cup and table: 0 images, 0.1 expected, lift 0"),
        ((10, 0, 189, 1), "cup and table: 10 images, 10 expected, lift 1.0"),  # 9.95 expected
        ((10, 0, 188, 2), "cup and table: 10 images, 9.9 expected, lift 1.0"),
        ((4000, 0, 0, 12000), "cup and table: 4,000 images, 1,000 expected, lift 4.0"),
    ],
)
def test_a_pair_is_told_in_one_sentence(cells: tuple[int, int, int, int], sentence: str) -> None:
    assert pair_sentence(two_categories(*cells), 0, 1) == sentence


def test_a_category_alone_is_told_by_its_image_count() -> None:
    assert pair_sentence(two_categories(30, 20, 10, 40), 0, 0) == "cup: 50 of 100 images"


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (["++", "+-", "-+", "--"], "cup and table: 1 of 4 images where both were annotated, 1.0 expected, lift 1.0"),
        (["+?", "?+"], "cup and table: no image where both were annotated"),
        (["+-", "+-", "?+"], "cup and table: 0 of 2 images where both were annotated, too few to compare"),
    ],
)
def test_a_federated_pair_is_told_with_the_images_where_both_were_looked_for(images: list[str], sentence: str) -> None:
    assert pair_sentence(two_looked_for(images), 0, 1).startswith(sentence)


def test_a_federated_category_is_told_with_the_images_where_it_was_looked_for() -> None:
    assert pair_sentence(two_looked_for(["+?", "-+", "?+"]), 0, 0) == "cup: 1 of 2 images where it was annotated"


CELLS = (30, 20, 10, 40)


@pytest.mark.parametrize(
    ("measure", "there", "back"),
    [
        (Measure.COUNTS, "30 images have both cup and table.", "30 images have both table and cup."),
        (
            Measure.CONDITIONAL,
            "Of the 50 images with cup, 60 % also have table.",
            "Of the 40 images with table, 75 % also have cup.",
        ),
        (
            Measure.JACCARD,
            "Of the 60 images with cup or table, 50 % have both.",
            "Of the 60 images with table or cup, 50 % have both.",
        ),
        (
            Measure.LIFT,
            "cup and table: 30 images, 20 expected, lift 1.5.",
            "table and cup: 30 images, 20 expected, lift 1.5.",
        ),
    ],
)
def test_a_sentence_fits_its_measure(measure: Measure, there: str, back: str) -> None:
    view = pair_measure(two_categories(*CELLS), measure)
    assert (measure_sentence(view, 0, 1), measure_sentence(view, 1, 0)) == (there, back)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (CELLS, "cup and table: 30 images, 20 expected, lift 1.5, NPMI +0.34."),
        ((0, 50, 40, 10), "NPMI −1.00"),
        ((5, 45, 35, 15), "NPMI −0.46"),
    ],
)
def test_npmi_is_told_beside_the_images(cells: tuple[int, int, int, int], said: str) -> None:
    assert said in measure_sentence(pair_measure(two_categories(*cells), Measure.NPMI), 0, 1)


@pytest.mark.parametrize(
    ("measure", "sentence"),
    [
        (Measure.COUNTS, "No image has both cup and table."),
        (Measure.CONDITIONAL, "Of the 50 images with cup, 0 % also have table."),
        (Measure.JACCARD, "Of the 90 images with cup or table, 0 % have both."),
    ],
)
def test_a_pair_without_an_image_is_told_so(measure: Measure, sentence: str) -> None:
    assert measure_sentence(pair_measure(two_categories(0, 50, 40, 10), measure), 0, 1) == sentence


def test_one_image_is_no_images() -> None:
    table = two_categories(1, 0, 0, 0)
    assert measure_sentence(pair_measure(table, Measure.COUNTS), 0, 1) == "1 image has both cup and table."
    assert measure_sentence(pair_measure(table, Measure.CONDITIONAL), 0, 1).startswith("Of the 1 image with cup, 100 %")


def test_a_pair_with_too_few_images_says_so() -> None:
    view = pair_measure(two_categories(1, 4, 4, 91), Measure.JACCARD, fewest_images=5)
    assert (
        measure_sentence(view, 0, 1)
        == "Of the 9 images with cup or table, 11 % have both. Too few images for a reliable value."
    )


@pytest.mark.parametrize("measure", [Measure.CONDITIONAL, Measure.JACCARD])
def test_a_share_of_no_image_says_that_there_is_no_image(measure: Measure) -> None:
    assert measure_sentence(pair_measure(two_categories(0, 0, 0, 3), measure), 0, 1).startswith("No image has cup")


@pytest.mark.parametrize(
    ("measure", "sentence"),
    [
        (Measure.COUNTS, "1 image has both cup and table."),
        (Measure.CONDITIONAL, "Of the 2 images with cup where table was annotated, 50 % also have table."),
        (Measure.JACCARD, "Of the 3 images with cup or table where both were annotated, 33 % have both."),
    ],
)
def test_federated_shares_are_those_of_the_images_where_both_were_looked_for(measure: Measure, sentence: str) -> None:
    assert measure_sentence(pair_measure(two_looked_for(["++", "+-", "-+", "+?"]), measure), 0, 1) == sentence


@pytest.mark.parametrize("measure", list(Measure))
def test_a_pair_never_looked_for_together_is_told_so_by_every_measure(measure: Measure) -> None:
    table = two_looked_for(["+?", "?+"])
    shares = np.array([[np.nan, 0.25], [0.0, np.nan]])
    is_of_masks = measure in {Measure.OVERLAP, Measure.CONTACT}
    view = mask_measure(table, measure, shares, is_estimate=False) if is_of_masks else pair_measure(table, measure)
    assert measure_sentence(view, 0, 1) == "cup and table: no image where both were annotated"


def masks(measure: Measure, *, is_estimate: bool = False) -> list[str]:
    shares = np.array([[np.nan, 0.25], [0.0, np.nan]])
    view = mask_measure(two_categories(*CELLS), measure, shares, is_estimate=is_estimate)
    return [measure_sentence(view, 0, 1), measure_sentence(view, 1, 0)]


def test_overlap_and_contact_are_told_of_the_first_ones_masks() -> None:
    assert masks(Measure.OVERLAP) == [
        "25 % of cup’s mask area is also labelled table.",
        "0 % of table’s mask area is also labelled cup.",
    ]
    assert masks(Measure.CONTACT)[0] == "25 % of cup’s mask outline touches table."


def test_an_estimate_says_that_it_comes_from_boxes() -> None:
    assert masks(Measure.OVERLAP, is_estimate=True)[0] == ("About 25 % of cup’s box area lies in boxes of table.")
    assert masks(Measure.CONTACT, is_estimate=True)[0].startswith("About 25 % of cup’s box outline lies in")


def test_a_class_without_masks_is_told_so() -> None:
    view = mask_measure(two_categories(*CELLS), Measure.OVERLAP, np.full((2, 2), np.nan), is_estimate=False)
    assert measure_sentence(view, 0, 1) == "cup has no mask to measure."


@pytest.mark.parametrize("measure", [Measure.COUNTS, Measure.LIFT, Measure.NPMI])
def test_a_category_beside_itself_is_told_by_its_image_count(measure: Measure) -> None:
    assert measure_sentence(pair_measure(two_categories(*CELLS), measure), 0, 0) == "cup: 50 of 100 images"


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ((3000, 2000, 1000, 4000), "95 % CI 1.47–1.53, significantly above chance."),
        (
            (5, 45, 35, 15),
            "95 % CI 0.12–0.53, significantly below chance.",
        ),
        ((20, 30, 20, 30), "95 % CI 0.79–1.27, not significantly different from chance."),
        ((0, 50, 40, 10), "95 % CI 0–0.18, significantly below chance."),
        ((0, 3, 3, 94), "95 % CI 0–41.0, not significantly different from chance."),
        ((0, 3, 3, 17), "95 % CI 0–9.43, not significantly different from chance."),
        ((0, 3, 3, 19), "95 % CI 0–10.2, not significantly different from chance."),
    ],
)
def test_the_interval_is_told_in_words(cells: tuple[int, int, int, int], sentence: str) -> None:
    assert interval_sentence(two_categories(*cells), 0, 1) == sentence


def test_where_nothing_can_be_compared_there_is_no_interval() -> None:
    assert interval_sentence(two_categories(0, 3, 0, 1), 0, 1) == ""


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        (
            two_categories(*CELLS),
            "cup and table appear together in 30 images, 1.5× more than expected by chance (20).",
        ),
        (
            two_categories(5, 45, 35, 15),
            "cup and table appear together in 5 images, 4.0× fewer than expected by chance (20).",
        ),
        (
            two_categories(8_240, 7_760, 7_760, 8_240),
            "cup and table appear together in 8,240 images, 1.03× more than expected by chance (8,000).",
        ),
        (two_categories(0, 50, 40, 10), "cup and table never appear together (20 images expected by chance)."),
    ],
)
def test_what_stands_out_is_told_in_plain_words(table: PairTable, sentence: str) -> None:
    assert notable_sentence(table, 0, 1) == sentence
