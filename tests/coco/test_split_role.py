"""Whole words of a split's name say what it is for, never letters inside others."""

import pytest

from cocomine.coco.split_role import SplitRole, role_of_name

TRAIN = [
    "train",
    "train2017",
    "Training",
    "TRAIN",
    "lvis_v1_train",
    "modern_train",
    "personTrain",
    "train-v2",
    "trainval",
]
VAL = [
    "val",
    "val2017",
    "valid",
    "validation_set",
    "minival2014",
    "VAL",
    "modern.val",
    "dev",
    "sceneVal2",
    "lvis_v1_val",
]
TEST = ["test", "holdout", "test2017", "test-dev2017", "testing", "image_info_test-dev", "TestSet"]
NONE = [
    "medieval",
    "modern_contest",
    "trained",
    "strain",
    "interval",
    "latest",
    "all2017",
    "",
    "2017",
    "learning",
    "prétest",
]
TWO = ["train_val", "val_vs_test", "train/test"]


@pytest.mark.parametrize("name", TRAIN)
def test_a_name_with_the_word_training_is_for_training(name: str) -> None:
    assert role_of_name(name) is SplitRole.TRAIN


@pytest.mark.parametrize("name", VAL)
def test_a_name_with_the_word_validation_is_for_validation(name: str) -> None:
    assert role_of_name(name) is SplitRole.VAL


@pytest.mark.parametrize("name", TEST)
def test_a_name_with_the_word_test_is_for_testing(name: str) -> None:
    assert role_of_name(name) is SplitRole.TEST


@pytest.mark.parametrize("name", NONE)
def test_letters_inside_another_word_say_nothing(name: str) -> None:
    assert role_of_name(name) is None


@pytest.mark.parametrize("name", TWO)
def test_a_name_that_says_two_things_says_none(name: str) -> None:
    assert role_of_name(name) is None
