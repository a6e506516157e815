"""Ready-made selections are offered where the dataset has their classes."""

import pytest
from datasets import MakeDataset
from records import category

from cocomine.coco.dataset import Dataset
from cocomine.mining.selection.presets import PRESETS, presets_of
from cocomine.mining.selection.selection import Mode, Others, Selection

FIGURE_4 = ("giraffe", "bus", "broccoli", "laptop")


def test_the_paper_s_four_classes_are_a_preset_under_its_policies() -> None:
    expected = Selection(classes=FIGURE_4, excluded_classes=(), mode=Mode.ANY, others=Others.BACKGROUND)
    assert PRESETS["Paper, Fig. 4"] == expected


def test_a_dataset_with_all_classes_is_offered_the_preset(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([], [], [category(index, name) for index, name in enumerate([*FIGURE_4, "cat"])])
    assert presets_of(dataset) == PRESETS


@pytest.mark.parametrize("missing", FIGURE_4)
def test_a_dataset_that_lacks_one_class_is_not_offered_the_preset(make_dataset: MakeDataset, missing: str) -> None:
    names = [name for name in FIGURE_4 if name != missing]
    dataset = make_dataset([], [], [category(index, name) for index, name in enumerate(names)])
    assert presets_of(dataset) == {}


def test_the_four_images_have_no_preset(four_images: Dataset) -> None:
    assert presets_of(four_images) == {}
