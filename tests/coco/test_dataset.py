"""An image of a dataset is found by split and id, and knows its size, its file, its annotations and its shapes."""

import pytest
from records import CAT, DOG, HEIGHT, WIDTH

from cocomine.coco.dataset import Dataset
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.errors import SelectionError


def test_an_image_is_found_by_split_and_id(four_images: Dataset) -> None:
    split = four_images.splits[0]
    image = four_images.image((split.name, int(split.images.ids[1])))
    assert (image.index, image.key) == (1, (split.name, int(split.images.ids[1])))
    assert (image.file_name, image.size) == (split.images.file_names[1], Size(HEIGHT, WIDTH))


def test_an_image_has_its_own_annotations_in_file_order(four_images: Dataset) -> None:
    image = four_images.splits[0].image_at(1)
    ids = four_images.splits[0].annotations.ids[image.annotation_index].tolist()
    assert ids == [shape.annotation_id for shape in image.shapes()] == [103, 104]
    assert [shape.category_id for shape in image.shapes()] == [CAT, DOG]


def test_an_image_that_is_not_there_is_refused_with_its_name(four_images: Dataset) -> None:
    with pytest.raises(SelectionError, match=r"no image with id 999\. Choose one"):
        four_images.image((four_images.splits[0].name, 999))
    with pytest.raises(SelectionError, match="no split 'nowhere'"):
        four_images.image(("nowhere", 1))


def test_the_role_of_a_split_is_what_its_name_says_until_a_person_says_another(four_images: Dataset) -> None:
    (split,) = four_images.splits
    assert split.renamed("val2017").role is SplitRole.VAL
    assert split.renamed("photos").role is None
    assert four_images.with_roles({split.name: SplitRole.TEST}).splits[0].role is SplitRole.TEST
    with pytest.raises(SelectionError, match="no split 'nowhere'"):
        four_images.with_roles({"nowhere": SplitRole.VAL})
