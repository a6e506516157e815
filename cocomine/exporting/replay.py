"""Which dataset was a recipe made from, and is it still the same?

The content of the annotation files decides, by their SHA-256, not where they are or what their folder is called. So a
recipe of another computer is replayed on the dataset that is named, or on the one among those known here that fits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders
from cocomine.coco.reading.open_dataset import annotation_files, open_dataset
from cocomine.coco.table_folder import is_tables
from cocomine.errors import CocomineError, RecipeError
from cocomine.mining.selection.recipe import Recipe, Source, name_in_path
from cocomine.system.files import file_sha256
from cocomine.wording import join_names

SHOWN_SIGNS = 12
"""Of a SHA-256 in a sentence."""


def dataset_of_recipe(
    recipe: Recipe,
    *,
    path: Path | None = None,
    known: Iterable[Path] = (),
    index: Path | None = None,
    image_folders: ImageFolders = EVERYWHERE,
) -> Dataset:
    """Open a recipe's dataset and make sure that its sources are the same.

    Args:
        path: where the dataset is; None where it is to be found: where a former recipe says, or among the known.
        known: datasets to look among, the best guess first.
        index: see `open_dataset`.
        image_folders: see `open_dataset`.

    Raises:
        DatasetError: what is at the path, or where a former recipe says, cannot be opened.
        RecipeError: a source's content is not what the recipe was made from, or is in no dataset that is known.
    """
    former = Path(recipe.dataset_name)
    splits = None
    if path is None and former.is_absolute() and former.exists():
        path, splits = former, [source.split for source in recipe.sources]
    place = path or _place_among(known, recipe, index)
    dataset = open_dataset(place, splits=splits, index=index, image_folders=image_folders)
    return replace(dataset, splits=tuple(_split_of(dataset, source) for source in recipe.sources))


def missing_sources(recipe: Recipe, dataset: Dataset) -> list[Source]:
    """Return the annotation files of a recipe that a dataset does not have."""
    there = {split.source.sha256 for split in dataset.splits}
    return [source for source in recipe.sources if source.sha256 not in there]


def missing_sentence(recipe: Recipe, missing: Sequence[Source]) -> str:
    """Return which annotation files of a recipe are missing."""
    are = "is" if len(missing) == 1 else "are"
    named = [f"{name_in_path(each.file_name)} (SHA-256 {each.sha256[:SHOWN_SIGNS]}…)" for each in missing]
    return f"The recipe was made from {name_in_path(recipe.dataset_name)}: {join_names(named)} {are} not here."


def _place_among(known: Iterable[Path], recipe: Recipe, index: Path | None) -> Path:
    """Return the known dataset that has all of a recipe's files, of several the one of its name.

    Raises:
        RecipeError: none has.
    """
    wanted, name = {source.sha256 for source in recipe.sources}, name_in_path(recipe.dataset_name)
    places = sorted(known, key=lambda place: place.name != name)
    for place in places:
        if wanted <= _sha256_of_files(place, index):
            return place
    searched = f" Searched: {join_names([str(place) for place in places])}." if places else ""
    raise RecipeError(
        f"{missing_sentence(recipe, recipe.sources)}{searched} Name the dataset (mine DATASET --recipe …), or open it."
    )


def _sha256_of_files(place: Path, index: Path | None) -> set[str]:
    try:
        files = annotation_files(place) if place.is_dir() else [place]
        if any(map(is_tables, files)):
            return {split.source.sha256 for split in open_dataset(place, index=index).splits}
        return {file_sha256(file) for file in files}
    except (CocomineError, OSError):  # gone since, or not ours to read: it is not the one
        return set()


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
