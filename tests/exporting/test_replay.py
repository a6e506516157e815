"""A recipe opens the dataset it was made from, and no other."""

from dataclasses import replace
from pathlib import Path

import pytest
from datasets import MakeDataset, export_of
from records import document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError, RecipeError
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division, SplitMethod
from cocomine.mining.selection.recipe import Recipe, recipe_from_text, recipe_text, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.mining.selection.train_val_split import split_parts


def recipe_for(dataset: Dataset) -> Recipe:
    return Recipe(dataset_path=str(dataset.path), sources=sources_of(dataset), selection=Selection(classes=("cat",)))


def test_a_replay_of_images_excluded_with_a_reason_gives_the_same_bytes(four_images: Dataset, tmp_path: Path) -> None:
    excluded = (("all2017", 7), ("all2017", 42))
    export_of(four_images, tmp_path / "one", excluded=excluded, reasons=((excluded[0], "blurred: “half” of it"),))
    recipe = recipe_from_text((tmp_path / "one" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe.reasons == ((excluded[0], "blurred: “half” of it"),)
    write_export(plan_export(dataset_of_recipe(recipe), recipe), tmp_path / "again")
    files = {path.relative_to(tmp_path / "one"): path for path in (tmp_path / "one").rglob("*") if path.is_file()}
    assert {name: (tmp_path / "again" / name).read_bytes() for name in files} == {
        name: path.read_bytes() for name, path in files.items()
    }


def test_a_former_recipe_gives_the_sides_that_it_always_gave(four_images: Dataset, tmp_path: Path) -> None:
    former = replace(recipe_for(four_images), division=Division(method=SplitMethod.RAREST_CLASS, val_share=0.5, seed=3))
    text = recipe_text(former)
    assert "split_method" not in text
    plan = plan_export(four_images, recipe_from_text(text))
    expected = split_parts(plan.subset, val_share=0.5, seed=3)
    assert [part.image_index.tolist() for part in plan.parts] == [part.image_index.tolist() for part in expected]
    write_export(plan, tmp_path / "again")
    assert (tmp_path / "again" / "recipe.yaml").read_text(encoding="utf-8") == text


def test_a_recipe_opens_its_dataset_again(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    again = dataset_of_recipe(recipe_for(dataset))
    assert (again.path, again.categories, again.image_count) == (dataset.path, dataset.categories, 4)


def test_a_recipe_takes_only_the_splits_it_was_made_from(tmp_path: Path) -> None:
    for name in ("train", "val"):
        write_split(tmp_path, document(), split=name, pictures=False)
    recipe = recipe_for(open_dataset(tmp_path).with_splits(["val"]))
    assert [split.name for split in dataset_of_recipe(recipe).splits] == ["val"]


def test_of_two_files_of_the_same_content_the_first_stands_for_one_that_has_another_name_now(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_split(tmp_path, document(), split=name, pictures=False)
    recipe = recipe_for(open_dataset(tmp_path).with_splits(["b"]))
    (tmp_path / "annotations" / "instances_b.json").rename(tmp_path / "annotations" / "instances_c.json")
    (split,) = dataset_of_recipe(recipe, path=tmp_path).splits
    assert (split.name, split.source.path.name) == ("b", "instances_a.json")


def test_a_source_that_changed_is_refused(make_dataset: MakeDataset) -> None:
    recipe = recipe_for(make_dataset())
    make_dataset([image(5)], [])
    with pytest.raises(RecipeError, match=r"not the file this recipe was made from .*Put the original file back"):
        dataset_of_recipe(recipe)


def test_a_source_that_is_gone_is_refused(make_dataset: MakeDataset) -> None:
    recipe = recipe_for(make_dataset())
    Path(recipe.sources[0].path).unlink()
    with pytest.raises(DatasetError, match="there is no such file or folder"):
        dataset_of_recipe(recipe)
