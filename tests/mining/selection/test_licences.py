"""Under which licence each image may be used: by name, over several files, and what an address allows."""

from pathlib import Path

import pytest
from datasets import MakeDataset
from records import FOUR_IMAGES, category, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.licences import NOT_NAMED, Terms, licence_counts, licences_allowing, licensed, terms_at

BY, BY_NC_ND = "http://creativecommons.org/licenses/by/2.0/", "https://creativecommons.org/licenses/by-nc-nd/2.0/"


def test_images_are_counted_by_the_name_of_their_licence(four_images: Dataset) -> None:
    assert licence_counts(four_images) == {"Attribution License": 2, NOT_NAMED: 2}  # 42 names one that is not listed


def test_a_licence_takes_its_images(four_images: Dataset) -> None:
    (split,) = four_images.splits
    assert split.images.ids[licensed(split, ("Attribution License",))].tolist() == [11, 30]
    assert split.images.ids[licensed(split, (NOT_NAMED,))].tolist() == [7, 42]


def test_no_licence_at_all_takes_no_image_and_none_in_particular_takes_every(four_images: Dataset) -> None:
    (split,) = four_images.splits
    assert not licensed(split, ()).any()
    assert not licensed(split, ("unheard of",)).any()
    assert licensed(split, None).all()


def test_a_file_without_licences_has_none_that_is_known(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(licenses=[])
    assert licence_counts(dataset) == {NOT_NAMED: 4}


def test_licences_of_one_name_are_one_and_one_without_a_name_is_known_by_its_address(make_dataset: MakeDataset) -> None:
    licences = [{"id": 1, "name": "by", "url": BY}, {"id": 2, "name": "by"}, {"id": 3, "url": BY}, {"id": 4}]
    images = [image(number, license=number) for number in (1, 2, 3, 4, 5)]
    dataset = make_dataset(images, [], licenses=licences)
    assert licence_counts(dataset) == {"by": 2, BY: 1, NOT_NAMED: 2}
    assert licensed(dataset.splits[0], ("by", NOT_NAMED)).tolist() == [True, True, False, True, True]


def test_the_same_licence_in_two_files_is_one_even_under_another_id(tmp_path: Path) -> None:
    for name, licence_id in (("train", 4), ("val", 1)):
        licences = [{"id": licence_id, "name": "Attribution License", "url": BY}]
        value = document([image(len(name), license=licence_id)], [], [category(1, "cat")], licenses=licences)
        write_split(tmp_path, value, split=name)
    assert licence_counts(open_dataset(tmp_path)) == {"Attribution License": 2}


@pytest.mark.parametrize(
    ("url", "terms"),
    [
        (BY, Terms(commercial=True, changes=True)),
        (BY_NC_ND, Terms(commercial=False, changes=False)),
        ("http://creativecommons.org/licenses/by-sa/2.0/", Terms(commercial=True, changes=True)),
        ("http://creativecommons.org/licenses/by-nc-sa/2.0/", Terms(commercial=False, changes=True)),
        ("http://creativecommons.org/licenses/by-nd/2.0/", Terms(commercial=True, changes=False)),
        ("http://flickr.com/commons/usage/", Terms(commercial=True, changes=True)),
        ("http://www.usa.gov/copyright.shtml", Terms(commercial=True, changes=True)),
        ("http://example.org/ask-me", None),
        ("", None),
    ],
)
def test_the_address_of_a_licence_says_what_it_allows(url: str, terms: Terms | None) -> None:
    assert terms_at(url) == terms


def test_only_a_licence_that_is_known_to_allow_it_allows_it(make_dataset: MakeDataset) -> None:
    licences = [
        {"id": 4, "name": "free", "url": BY},
        {"id": 5, "name": "not free", "url": BY_NC_ND},
        {"id": 6, "name": "unknown", "url": "http://example.org"},
        {"id": 7, "name": "unused", "url": BY},
    ]
    images = [image(number, license=number) for number in (4, 5, 6)]
    dataset = make_dataset(images, [], licenses=licences)
    assert licences_allowing(dataset) == ("free", "not free")
    assert licences_allowing(dataset, commercial=True) == ("free",)
    assert licences_allowing(dataset, changes=True) == ("free",)


@pytest.mark.real
def test_a_third_of_real_coco_may_be_used_commercially_and_changed(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder)
    counts = licence_counts(dataset)
    free = licences_allowing(dataset, commercial=True, changes=True)
    assert sum(counts.values()) == dataset.image_count
    ids = [split.images.licence_ids for split in dataset.splits]
    free_count = sum(int((each == number).sum()) for each in ids for number in (4, 5, 7, 8))
    assert sum(counts[name] for name in free) == free_count


def test_the_images_of_a_split_are_all_counted(four_images: Dataset) -> None:
    assert sum(licence_counts(four_images).values()) == len(FOUR_IMAGES)
