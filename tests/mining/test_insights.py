"""The first sentences about a dataset are true, and say nothing that luck may explain."""

import pytest
from datasets import MakeDataset
from records import CAT, CUP, DOG, Record, annotation, category, image

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import Dataset
from cocomine.mining.insights import Insight, insights
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.interference.companions import companions
from cocomine.mining.statistics.categories import category_statistics, presence

NAMES = [category(CAT, "cat"), category(CUP, "cup"), category(DOG, "dog")]


def found_in(dataset: Dataset) -> list[Insight]:
    pairs = pair_table(presence(dataset), dataset.category_names)
    return insights(category_statistics(dataset), pairs, fewest_images=0)


def sentences(dataset: Dataset) -> list[str]:
    return [insight.sentence for insight in found_in(dataset)]


@pytest.fixture
def apart(make_dataset: MakeDataset) -> Dataset:
    """Twenty images with a cat and a cup, twenty with three dogs, never both; one cup is tiny."""
    records: list[Record] = []
    for image_id in range(1, 21):
        records += [annotation(10 * image_id, image_id, CAT), annotation(10 * image_id + 1, image_id, CUP)]
        records += [annotation(1000 + 10 * image_id + at, 20 + image_id, DOG) for at in range(3)]
    records[1] |= {"area": 0.001}
    return make_dataset([image(image_id) for image_id in range(1, 41)], records, NAMES)


def test_each_sentence_has_the_numbers_that_can_be_counted(apart: Dataset) -> None:
    largest, imbalance, association, never, tiny = found_in(apart)
    assert largest.sentence == "cat, cup and dog are the most frequent classes: 20 images (50 %) each."
    assert imbalance.sentence == "Classes are imbalanced: dog has 60 objects, cat 20 (3 : 1)."
    assert "cat and cup" in association.sentence
    assert association.pair == (0, 1)
    assert "never" in never.sentence
    assert 2 in never.pair
    assert tiny.sentence == "5 % of the 20 objects of cup are smaller than 1 px at 128 × 128 px."
    assert tiny.pair == (1, 1)


def test_the_lift_of_all_pairs_is_computed_as_often_however_many_pairs_there_are(
    make_dataset: MakeDataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time takes the square of the number of classes, of which there may be thousands."""
    asked, compute = [], vars(PairTable)["cautious_lift"].fget

    def counted(table: PairTable) -> Floats:
        asked.append(table)
        found: Floats = compute(table)
        return found

    monkeypatch.setattr(PairTable, "cautious_lift", property(counted))
    together = [category(number, f"c{number}") for number in range(1, 9)]
    dataset = make_dataset([image(1)], [annotation(number, 1, number) for number in range(1, 9)], together)
    pairs = pair_table(presence(dataset), dataset.category_names)
    insights(category_statistics(dataset), pairs, fewest_images=0)
    assert len(companions(pairs, 0)) == 7
    assert len(asked) <= 4


def test_what_luck_may_explain_is_not_said(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CUP)], NAMES)
    assert sentences(dataset) == [
        "cat and cup are the most frequent classes: 1 image (50 %) each.",
        "Classes are balanced: 1 object each; 1 class without objects.",
    ]


def test_of_classes_with_equally_many_images_none_is_called_the_largest(make_dataset: MakeDataset) -> None:
    names = [category(number, f"c{number}") for number in range(1, 5)]
    dataset = make_dataset([image(1)], [annotation(number, 1, number) for number in range(1, 5)], names)
    assert sentences(dataset)[:2] == [
        "4 classes are the most frequent: 1 image (100 %) each.",
        "Classes are balanced: 1 object each.",
    ]


def test_a_dataset_without_annotations_has_nothing_to_say(make_dataset: MakeDataset) -> None:
    assert sentences(make_dataset([image(1)], [], NAMES)) == []


def test_a_sentence_about_one_class_leads_to_this_class(apart: Dataset) -> None:
    largest, imbalance, *_ = found_in(apart)
    assert (largest.pair, imbalance.pair) == ((0, 0), (0, 0))


def test_a_single_class_with_objects_is_compared_with_no_other(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], NAMES)
    assert sentences(dataset) == ["cat is the most frequent class: 1 image (100 %), 1 object."]


@pytest.mark.parametrize(
    ("dogs", "said"),
    [
        (4, "Classes are imbalanced: dog has 4 objects, cat 2 (2 : 1); 1 class without objects."),
        (3, "Classes are balanced: 2 to 3 objects each; 1 class without objects."),
    ],
)
def test_classes_are_imbalanced_from_twice_as_many_objects(make_dataset: MakeDataset, dogs: int, said: str) -> None:
    records = [annotation(at, 1, CAT if at < 2 else DOG) for at in range(2 + dogs)]
    assert sentences(make_dataset([image(1)], records, NAMES))[1] == said
