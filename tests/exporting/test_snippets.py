"""The code that a page shows for an export runs as it stands, where its package is installed."""

import subprocess
import sys
from dataclasses import replace
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from datasets import MakeDataset, recipe_of
from records import CAT, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.exporting.layout import annotation_path
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.snippets import Snippet, snippets
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import DEFAULT_FORMATS, FORMATS, Recipe
from cocomine.mining.selection.selection import Selection

SAID = {"pycocotools": "images, ", "torch": "torch.Size([1, 3, 32, 32])", "supervision": "cat", "datasets": "train"}
"""What the code of a package prints, among other things; the others train, and fetch weights for that."""


@pytest.fixture
def two_cats(make_dataset: MakeDataset) -> Dataset:
    """Two images with a cat each."""
    return make_dataset([image(1), image(2)], [annotation(1, 1, CAT), annotation(2, 2, CAT)])


def snippets_of(dataset: Dataset, folder: Path, *, images: str, formats: tuple[str, ...]) -> dict[str, Snippet]:
    recipe = replace(recipe_of(dataset, Selection(classes=("cat",))), images=images, formats=formats)
    manifest = write_export(plan_export(dataset, recipe), folder, workers=1)
    return {each.tool: each for each in snippets(folder, recipe, manifest)}


@pytest.mark.slow
def test_each_runs_where_its_package_is_installed(two_cats: Dataset, tmp_path: Path) -> None:
    found = snippets_of(two_cats, tmp_path / "it's here", images="copy", formats=FORMATS)
    installed = packages_distributions()
    can_run = [each for each in found.values() if each.package in SAID and each.package in installed]
    assert "pycocotools" in {each.package for each in can_run}
    for snippet in can_run:
        run = subprocess.run([sys.executable, "-c", snippet.code], capture_output=True, text=True, check=False)
        assert (run.returncode, SAID[snippet.package] in run.stdout) == (0, True), (run.stdout, run.stderr)


@pytest.mark.parametrize(
    ("splits", "opened"),
    [
        ((("val", 1), ("train", 1)), "train"),
        ((("val", 1), ("train", 0)), "val"),
        ((("test", 0), ("val", 1)), "val"),
        ((("val", 0),), "val"),
    ],
)
def test_the_split_for_training_is_opened_else_the_first_one_with_images(
    splits: tuple[tuple[str, int], ...], opened: str
) -> None:
    manifest = {"splits": [{"split": name, "role": name, "image_count": count} for name, count in splits]}
    recipe = Recipe(dataset_name="data", sources=(), selection=Selection(classes=("cat",)), images="none")
    (pycocotools,) = snippets(Path("export"), recipe, manifest)
    assert str(annotation_path(Path("export"), opened)) in pycocotools.code


def test_a_tool_is_named_only_where_the_export_has_what_it_reads(two_cats: Dataset, tmp_path: Path) -> None:
    assert [*snippets_of(two_cats, tmp_path / "bare", images="none", formats=FORMATS)] == ["pycocotools"]
    usual = snippets_of(two_cats, tmp_path / "usual", images="copy", formats=DEFAULT_FORMATS)
    assert [*usual] == ["pycocotools", "PyTorch", "supervision"]
    for snippet in usual.values():
        compile(snippet.code, snippet.tool, "exec")
