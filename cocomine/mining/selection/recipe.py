"""What must be known to make the same export again?

The selection, the policies, the excluded images with the reasons given, how the images are divided and the SHA-256 of
every source file, as YAML. The same recipe on the same sources gives the same bytes, wherever they lie: a recipe that
is written names dataset and files, and says no place on the computer that it was made on. Former ones say where.

A recipe whose images are divided says by which method, and is of version 2, which a program refuses that knows the
former method alone. One of version 1 is divided by the former method. Where nothing is divided both are the same, and
the version is 1; but with groups or limits, which such a program would not see, it is 2, and names a method only where
images are divided. A recipe that lists its images names that as a method, too, so that who does not know it refuses it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import yaml

from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.split_role import SplitRole
from cocomine.errors import RecipeError
from cocomine.mining.selection.division import Division, Fold, SplitMethod
from cocomine.mining.selection.listing import listed_of, listed_value
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.mining.selection.serialisation import (
    has_groups_or_limits,
    names_in,
    selection_of,
    selection_value,
    yaml_text,
)

FORMER_VERSION, VERSION = 1, 2
"""Of recipes that name no method of division, since there was only one, and of those that name it, or have groups."""
YOLO_DETECT = "yolo-detect"
FORMATS = ("coco", "roboflow", "masks", "yolo", YOLO_DETECT, "voc", "hf", "mined")
"""What an export can hold: COCO JSON, the same as Roboflow lays it out, label maps, YOLO's outlines, YOLO's boxes,
Pascal VOC, an image folder for Hugging Face's `datasets`, the paper's image dictionary."""
DEFAULT_FORMATS = ("coco", "masks", "mined")
SYMLINK = "symlink"
LINK_WAYS = ("link", "copy", SYMLINK, "none")
"""How image files come along."""
NOTHING_DIVIDED = (
    "Nothing is divided, since the splits stay as they are, but more was asked of a division. Take one split alone, "
    "name the one that gives images for validation, or ask for less."
)
LISTED_ALONE = (
    "The images of each side are listed, but more is said of which images are taken: a mode, excluded classes or "
    "images, licences, limits that draw, or the use of a split. Leave these out, or list no images."
)


class MaskShape(StrEnum):
    """Of what shape label maps are."""

    SQUARE = "square"
    """every side as long as was asked for"""
    LONGEST = "longest"
    """the image's own shape, its longer side as long as was asked for"""
    NATIVE = "native"
    """the image's own size"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One annotation file that the recipe was made from.

    Attributes:
        file_name: its name; in former recipes where it was.
    """

    split: str
    file_name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what an export holds.

    Attributes:
        dataset_name: the name of what was opened, a folder or a file; in former recipes where it was.
        sources: the annotation files in view, with their content's hash.
        excluded: images that the person took out, sorted.
        reasons: why, of those of them for which it was said, sorted; decides nothing.
        size_px: side of the label maps, or their longer side; of no effect where they are native.
        images: of `LINK_WAYS`.
        formats: of `FORMATS`.
        mask_shape: of the label maps.
        roles: what splits are for, as the person said, by name; of the others their names say it.
        division: of images into training, validation and testing, where they are divided; see `is_divided`.
    """

    dataset_name: str
    sources: tuple[Source, ...]
    selection: Selection
    excluded: tuple[ImageKey, ...] = ()
    reasons: tuple[tuple[ImageKey, str], ...] = ()
    size_px: int = 128
    images: str = "link"
    formats: tuple[str, ...] = DEFAULT_FORMATS
    roles: tuple[tuple[str, SplitRole], ...] = ()
    division: Division = field(default_factory=Division)
    mask_shape: MaskShape = MaskShape.SQUARE

    def __post_init__(self) -> None:
        if self.images not in LINK_WAYS:
            raise RecipeError(f"Image files can come along by {', '.join(LINK_WAYS)}, not {self.images!r}. Choose one.")
        unknown = [name for name in self.formats if name not in FORMATS]
        if unknown:
            raise RecipeError(f"Unknown export format {unknown[0]!r}. Choose from {', '.join(FORMATS)}.")
        if not 32 <= self.size_px <= 2048:
            raise RecipeError(f"Label maps of {self.size_px} px cannot be made. Choose a side from 32 to 2048.")
        if self.division.asks_for_more and not self.is_divided:
            raise RecipeError(NOTHING_DIVIDED)
        if self.lists_images and self._draws_images:
            raise RecipeError(LISTED_ALONE)

    @property
    def is_divided(self) -> bool:
        """Whether splits are made here: of a single one without a given role, of one that is named, or by lists."""
        is_single = len(self.sources) == 1 and not self.roles
        return self.lists_images or self.division.val_from is not None or is_single

    @property
    def lists_images(self) -> bool:
        """Whether it names every image of the export; the selection decides labels and annotations alone."""
        return self.division.method is SplitMethod.LISTED

    @property
    def _draws_images(self) -> bool:
        """Whether anything but a list says which images are taken, or what a split is for."""
        chosen = self.selection
        by_classes = chosen.mode is not Mode.ANY or chosen.excluded_classes or chosen.licences is not None
        return bool(by_classes or chosen.limits.draws or self.excluded or self.roles)


def sources_of(dataset: Dataset) -> tuple[Source, ...]:
    """Return every annotation file in view with the hash of what was read from it."""
    return tuple(
        Source(split=split.name, file_name=name_in_path(str(split.source.path)), sha256=split.source.sha256)
        for split in dataset.splits
    )


def without_places(recipe: Recipe) -> Recipe:
    """Return a recipe that names its dataset and its files as any other computer may have them."""
    return replace(
        recipe,
        dataset_name=name_in_path(recipe.dataset_name),
        sources=tuple(replace(source, file_name=name_in_path(source.file_name)) for source in recipe.sources),
    )


def name_in_path(path: str) -> str:
    """Return the last name of a path of any system, as text; a path without one, such as a root, is "dataset"."""
    name = re.split(r"[/\\]", path.rstrip("/\\"))[-1] or "dataset"
    return name.encode("utf-8", "replace").decode()  # what is not UTF-8 could be written nowhere


def recipe_text(recipe: Recipe) -> str:
    """Return the recipe as YAML; the same recipe gives the same text."""
    value = {
        "cocomine_recipe": _version(recipe),
        "dataset": recipe.dataset_name,
        "sources": [{"split": s.split, "path": s.file_name, "sha256": s.sha256} for s in recipe.sources],
        "selection": selection_value(recipe.selection),
        "excluded": _excluded_value(recipe),
        "val_share": recipe.division.val_share,
        "seed": recipe.division.seed,
        **_method_value(recipe),
        "size_px": recipe.size_px,
        **({} if recipe.mask_shape is MaskShape.SQUARE else {"mask_shape": str(recipe.mask_shape)}),
        "images": recipe.images,
        "formats": list(recipe.formats),
        **({"roles": {split: str(role) for split, role in recipe.roles}} if recipe.roles else {}),
    }
    return yaml_text(value)


def recipe_from_text(text: str) -> Recipe:
    """Read a recipe.

    Raises:
        RecipeError: it is not one; the message names what is missing or odd.
    """
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none; too many brackets
        raise RecipeError(f"The recipe is not valid YAML ({error}). Use a recipe.yaml from an export.") from error
    if not isinstance(value, Mapping) or value.get("cocomine_recipe") not in (FORMER_VERSION, VERSION):
        raise RecipeError("This is no CocoMine recipe of version 1 or 2. Use a recipe.yaml from an export.")
    try:
        return _recipe(value)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise RecipeError(f"The recipe is damaged: {error!r}. Use a recipe.yaml from an export.") from error


def _version(recipe: Recipe) -> int:
    says_more = _names_method(recipe) or has_groups_or_limits(recipe.selection)
    return VERSION if says_more else FORMER_VERSION


def _names_method(recipe: Recipe) -> bool:
    return recipe.is_divided and recipe.division.method is not SplitMethod.RAREST_CLASS


def _method_value(recipe: Recipe) -> dict[str, Any]:
    """Return how images are divided, beside share and seed; nothing by the former method, whose recipes say no more."""
    if not _names_method(recipe):
        return {}
    division, fold = recipe.division, recipe.division.fold
    if recipe.lists_images:
        return {"split_method": str(division.method), "listed": listed_value(division.listed)}
    together = [[{"split": split, "image_id": image_id} for split, image_id in images] for images in division.together]
    return {
        "split_method": str(division.method),
        "test_share": division.test_share,
        "val_from": division.val_from,
        **({"fold": {"number": fold.number, "count": fold.count}} if fold else {}),
        **({"together": together} if together else {}),
    }


def _division(value: Mapping[str, Any]) -> Division:
    """Return how a recipe divides images."""
    division = Division(val_share=float(value["val_share"]), seed=int(value["seed"]))
    names_no_method = "split_method" not in value and not {"groups", "limits"}.isdisjoint(value["selection"])
    if value["cocomine_recipe"] == FORMER_VERSION or names_no_method:
        is_divided = len(value["sources"]) == 1 and not value.get("roles")
        return replace(division, method=SplitMethod.RAREST_CLASS) if is_divided else division
    if value["split_method"] == SplitMethod.LISTED:
        return replace(division, method=SplitMethod.LISTED, listed=listed_of(value["listed"]))
    together = [[(image["split"], int(image["image_id"])) for image in images] for images in value.get("together", ())]
    fold = value.get("fold")
    return replace(
        division,
        method=SplitMethod(value["split_method"]),
        test_share=float(value["test_share"]),
        fold=None if fold is None else Fold(number=int(fold["number"]), count=int(fold["count"])),
        val_from=None if value["val_from"] is None else str(value["val_from"]),
        together=tuple(tuple(images) for images in together),
    )


def _excluded_value(recipe: Recipe) -> list[dict[str, Any]]:
    """Return the excluded images; a reason only where one was given, as recipes without any have no such field."""
    reasons = {image: {"reason": reason} for image, reason in recipe.reasons if reason}
    return [{"split": key[0], "image_id": key[1], **reasons.get(key, {})} for key in sorted(recipe.excluded)]


def _recipe(value: Mapping[str, Any]) -> Recipe:
    excluded = [
        ((entry["split"], int(entry["image_id"])), str(entry.get("reason") or "")) for entry in value["excluded"]
    ]
    return Recipe(
        dataset_name=str(value["dataset"]),
        sources=tuple(Source(split=s["split"], file_name=s["path"], sha256=s["sha256"]) for s in value["sources"]),
        selection=selection_of(value["selection"]),
        excluded=tuple(image for image, _ in excluded),
        reasons=tuple((image, reason) for image, reason in excluded if reason),
        size_px=int(value["size_px"]),
        images=value["images"],
        formats=names_in(value["formats"]),
        mask_shape=MaskShape(value.get("mask_shape", MaskShape.SQUARE)),
        roles=tuple((str(split), SplitRole(role)) for split, role in dict(value.get("roles") or {}).items()),
        division=_division(value),
    )
