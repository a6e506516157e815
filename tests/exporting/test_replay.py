"""A recipe opens the dataset it was made from, and no other."""

from dataclasses import replace
from pathlib import Path

import pytest
from datasets import MakeDataset, export_of
from records import document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import RecipeError
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.replay import dataset_of_recipe, missing_sentence, missing_sources
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division, SplitMethod
from cocomine.mining.selection.rarest_class_split import split_parts
from cocomine.mining.selection.recipe import (
    Recipe,
    name_in_path,
    recipe_from_text,
    recipe_text,
    sources_of,
    without_places,
)
from cocomine.mining.selection.selection import Selection


def recipe_for(dataset: Dataset) -> Recipe:
    return Recipe(dataset_name=str(dataset.path), sources=sources_of(dataset), selection=Selection(classes=("cat",)))


def test_a_replay_of_images_excluded_with_a_reason_gives_the_same_bytes(four_images: Dataset, tmp_path: Path) -> None:
    excluded = (("all2017", 7), ("all2017", 42))
    export_of(four_images, tmp_path / "one", excluded=excluded, reasons=((excluded[0], "blurred: “half” of it"),))
    recipe = recipe_from_text((tmp_path / "one" / "recipe.yaml").read_text(encoding="utf-8"))
    assert recipe.reasons == ((excluded[0], "blurred: “half” of it"),)
    write_export(plan_export(dataset_of_recipe(recipe, path=four_images.path), recipe), tmp_path / "again")
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
    assert (tmp_path / "again" / "recipe.yaml").read_text(encoding="utf-8") == recipe_text(without_places(former))


def test_a_recipe_opens_its_dataset_again(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    again = dataset_of_recipe(recipe_for(dataset))
    assert (again.path, again.categories, again.image_count) == (dataset.path, dataset.categories, 4)


def test_a_recipe_takes_only_the_splits_it_was_made_from(tmp_path: Path) -> None:
    for name in ("train", "val"):
        write_split(tmp_path, document(), split=name, pictures=False)
    recipe = recipe_for(open_dataset(tmp_path).with_splits(["val"]))
    assert [split.name for split in dataset_of_recipe(recipe).splits] == ["val"]


@pytest.mark.parametrize("name", ["a", "b"])
def test_of_two_files_of_the_same_content_the_one_of_its_name_is_taken(tmp_path: Path, name: str) -> None:
    for each in ("a", "b"):
        write_split(tmp_path, document(), split=each, pictures=False)
    recipe = recipe_for(open_dataset(tmp_path).with_splits([name]))
    (split,) = dataset_of_recipe(recipe, path=tmp_path).splits
    assert (split.name, split.source.path.name) == (name, f"instances_{name}.json")


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


def test_of_several_sources_the_one_that_changed_is_named(tmp_path: Path) -> None:
    write_split(tmp_path, document(), split="train", pictures=False)
    write_split(tmp_path, document([image(4)], []), split="val", pictures=False)
    recipe = recipe_for(open_dataset(tmp_path))
    write_split(tmp_path, document([image(5)], []), split="val", pictures=False)
    with pytest.raises(RecipeError, match=r"^\S*instances_val.json is not the file .* 'val'"):
        dataset_of_recipe(recipe)


def test_a_source_that_is_gone_is_refused(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    dataset.path.unlink()
    with pytest.raises(RecipeError, match=r"made from .*\.json \(SHA-256 [0-9a-f]{12}….* Name the dataset"):
        dataset_of_recipe(recipe_for(dataset))


def test_a_recipe_without_places_finds_its_dataset_among_those_known(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_split(tmp_path / name, document(info={"of": name}), split="val", pictures=False)
    write_split(tmp_path / "more", document(), split="train", pictures=False)
    recipe = without_places(recipe_for(open_dataset(tmp_path / "two")))
    (tmp_path / "two").rename(tmp_path / "renamed")
    known = [tmp_path / name for name in ("gone", "more", "one", "renamed")]
    assert dataset_of_recipe(recipe, known=known).path == tmp_path / "renamed"
    with pytest.raises(RecipeError, match=r"made from two: instances_val\.json .*Searched: .*more and .*one\."):
        dataset_of_recipe(recipe, known=known[1:3])


def test_of_two_known_datasets_that_fit_the_one_of_the_recipes_name_is_taken(tmp_path: Path) -> None:
    for name in ("copy", "coco"):
        write_split(tmp_path / name, document(), split="val", pictures=False)
    recipe = without_places(recipe_for(open_dataset(tmp_path / "coco")))
    assert dataset_of_recipe(recipe, known=[tmp_path / "copy", tmp_path / "coco"]).path == tmp_path / "coco"


def test_a_dataset_tells_which_files_of_a_recipe_it_lacks(tmp_path: Path) -> None:
    for name in ("train", "val"):
        write_split(tmp_path, document(info={"of": name}), split=name, pictures=False)
    dataset = open_dataset(tmp_path)
    recipe = without_places(recipe_for(dataset))
    assert missing_sources(recipe, dataset) == []
    (missing,) = missing_sources(recipe, dataset.with_splits(["train"]))
    assert "instances_val.json (SHA-256 " in missing_sentence(recipe, [missing])


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/home/me/coco", "coco"),
        ("C:\\Users\\me\\coco.json", "coco.json"),
        ("coco/", "coco"),
        ("/", "dataset"),
        ("", "dataset"),
    ],
)
def test_of_a_path_of_any_system_the_last_name_is_kept(path: str, name: str) -> None:
    assert name_in_path(path) == name


def test_each_source_is_known_by_its_content_whatever_the_files_are_called_now(tmp_path: Path) -> None:
    for count, split in enumerate(("train2017", "val2017"), 1):
        write_split(tmp_path, document([image(each) for each in range(count)], []), split=split, pictures=False)
    dataset = open_dataset(tmp_path)
    one, other = sources_of(dataset)
    for source, name in ((one, other.split), (other, one.split)):
        recipe = replace(recipe_for(dataset), sources=(replace(source, split=name),))
        (found,) = dataset_of_recipe(recipe, path=tmp_path).splits
        assert (found.name, found.source.sha256) == (name, source.sha256)
