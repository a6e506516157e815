"""Which dataset was a recipe made from, and is it still the same?

The content of the annotation files decides, by their SHA-256, not where they are.
"""

from dataclasses import replace
from pathlib import Path

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import RecipeError
from cocomine.mining.selection.recipe import Recipe, Source


def dataset_of_recipe(
    recipe: Recipe, *, path: Path | None = None, index: Path | None = None, image_folders: ImageFolders = EVERYWHERE
) -> Dataset:
    """Open a recipe's dataset and make sure that its sources are the same.

    Args:
        path: where the dataset is now; None where the recipe says. Its content decides, not its path.
        index: see `open_dataset`.
        image_folders: see `open_dataset`.

    Raises:
        DatasetError: a source is gone.
        RecipeError: a source's content is not what the recipe was made from.
    """
    names = [source.split for source in recipe.sources]
    opened_path, splits = path or Path(recipe.dataset_path), None if path else names
    dataset = open_dataset(opened_path, splits=splits, index=index, image_folders=image_folders)
    return replace(dataset, splits=tuple(_split_of(dataset, source) for source in recipe.sources))


def _split_of(dataset: Dataset, source: Source) -> Split:
    """Return the split with a source's content, of several the one of its name, under that name."""
    alike = [split for split in dataset.splits if split.source.sha256 == source.sha256]
    if not alike:
        found = next((split.source.path for split in dataset.splits if split.name == source.split), dataset.path)
        raise RecipeError(
            f"{found} is not the file this recipe was made from (its SHA-256 differs: "
            f"{source.split!r}). Put the original file back, or make a new export."
        )
    return next((split for split in alike if split.name == source.split), alike[0]).renamed(source.split)
