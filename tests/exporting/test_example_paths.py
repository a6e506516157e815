"""The files that a page names for a format are those that an export has."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from datasets import MakeDataset, recipe_of
from records import CAT, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.exporting.example_paths import example_paths, tree_text
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Selection


@pytest.fixture
def two_cats(make_dataset: MakeDataset) -> Dataset:
    """Two images with a cat each."""
    return make_dataset([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CAT)])


@pytest.mark.parametrize("images", ["copy", "symlink", "none"])
def test_every_file_that_is_named_is_in_the_export(two_cats: Dataset, tmp_path: Path, images: str) -> None:
    recipe = replace(recipe_of(two_cats, Selection(classes=("cat",))), images=images, formats=FORMATS)
    plan = plan_export(two_cats, recipe)
    if images == "copy":
        manifest = write_export(plan, tmp_path / "out", workers=1)
        written = [PurePosixPath(each["path"]) for each in manifest["files"]]
        named = [path for paths in example_paths(plan).values() for path in paths]
        assert not [path for path in named if not any(each.match(path.as_posix()) for each in written)]
    has_image = {each: any(path.suffix == ".jpg" for path in paths) for each, paths in example_paths(plan).items()}
    with_images = set() if images == "none" else {"coco", "roboflow", "yolo-detect", "voc", "hf"}
    assert {each for each, is_there in has_image.items() if is_there} == with_images


def test_each_format_names_its_one_place_for_images_also_where_there_is_one_image_alone(
    make_dataset: MakeDataset,
) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], pictures=False)
    plan = plan_export(dataset, recipe_of(dataset, Selection(classes=("cat",)), formats=FORMATS))
    named = {each: [path for path in paths if path.suffix == ".jpg"] for each, paths in example_paths(plan).items()}
    assert {each: paths[0].parts[0] for each, paths in named.items() if paths} == {
        "coco": "images",
        "roboflow": "roboflow",
        "yolo-detect": "yolo-detect",
        "voc": "voc",
        "hf": "hf",
    }
    assert max(map(len, named.values())) == 1


def test_a_tree_names_each_folder_at_the_top_once() -> None:
    voc = (Path("voc/ImageSets/Main/train.txt"), Path("voc/JPEGImages/*.jpg"))
    paths = (voc[0], Path("mined.json"), voc[1], Path("images/*.jpg"))
    assert tree_text(paths) == "voc/\n  ImageSets/Main/train.txt\n  JPEGImages/*.jpg\nmined.json\nimages/\n  *.jpg"
