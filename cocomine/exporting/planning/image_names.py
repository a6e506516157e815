"""Under which name does an image come into an export, and which images cannot?

An image file lies where readers of the COCO file look for it: `images/<split>/` and the name as it was written. Only
a name that leads out of that folder is another one in an export, as an absolute one, an address, or one that climbs
with “..”: the one that its file has in the image folder, or what follows the root, the drive or the server. Its record
then has the new name.

Images that share a name, or of which label files would share one, cannot both be right. Within a split as it was
opened the first one keeps its name, whatever the seed of a division.
"""

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath, PureWindowsPath

from cocomine.coco.dataset import ImageKey, Split
from cocomine.coco.mask_encoding import MaskEncoding
from cocomine.exporting.planning.plan import LABEL_FORMATS, ExportPlan
from cocomine.mining.selection.recipe import MaskShape, Recipe
from cocomine.mining.selection.selection import SubsetSplit
from cocomine.system.file_names import is_absolute, is_address, is_portable, leads_out, name_flaw

MOST_NAMED = 10
MOST_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusableImage:
    """An image that an export cannot hold as it is.

    Attributes:
        image: split and id.
        reason: why, as the end of a sentence that begins with its name.
    """

    image: ImageKey
    file_name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.image[0]}: {self.file_name!r} {self.reason}"


def exported_name(split: Split, image_index: int) -> str:
    """Return the name of an image in an export."""
    name = split.images.file_names[image_index]
    if not leads_out(name):
        return name
    if image_index in split.found_names:
        return split.found_names[image_index]
    if is_address(name):
        return name.partition("://")[2].partition("?")[0].partition("/")[2]
    if not is_absolute(name):
        return _name_below(split, name)
    path = PurePosixPath(name) if name.startswith("/") else PureWindowsPath(name)
    folder = None if split.image_folder is None else split.image_folder.as_posix()
    return path.relative_to(folder if folder and path.is_relative_to(folder) else path.anchor).as_posix()


def _name_below(split: Split, name: str) -> str:
    """Return the plain name of a file that a climbing name leads to in the image folder; else the name itself."""
    if split.image_folder is None:
        return name
    folder = posixpath.normpath(split.image_folder.as_posix())
    path = posixpath.normpath(posixpath.join(folder, name))
    return posixpath.relpath(path, folder) if path.startswith(f"{folder.rstrip('/')}/") else name


def part_names(part: SubsetSplit) -> list[str]:
    """Return the names of a part's images in an export, in its order."""
    return [exported_name(part.split, index) for index in part.image_index.tolist()]


def unusable_images(plan: ExportPlan) -> list[UnusableImage]:
    """Return the images that the export cannot hold; nothing is written as long as there are any."""
    is_named = plan.recipe.images != "none" or bool({*plan.recipe.formats} - {"coco"})
    return [image for part in plan.subset.parts for image in _unusable_in(part, plan)] if is_named else []


def recipe_without(recipe: Recipe, images: Sequence[UnusableImage]) -> Recipe:
    """Return a recipe that excludes these images, with the reason, so that its replay does so too."""
    return replace(
        recipe,
        excluded=tuple(sorted({*recipe.excluded, *(each.image for each in images)})),
        reasons=tuple(sorted({**dict(recipe.reasons), **{each.image: str(each) for each in images}}.items())),
    )


def unusable_sentence(images: Sequence[UnusableImage], image_count: int) -> str:
    """Return which images an export cannot hold, and what to do."""
    return (
        f"{len(images):,} of {image_count:,} images cannot be exported as they are: {unusable_list(images)}. "
        "Correct these in the annotation file and on the disk, or exclude these images."
    )


def unusable_list(images: Sequence[UnusableImage]) -> str:
    """Return the first of some images with their reasons, and how many more there are."""
    more = f"; and {len(images) - MOST_NAMED:,} more" if len(images) > MOST_NAMED else ""
    return "; ".join(map(str, images[:MOST_NAMED])) + more


def name_warnings(plan: ExportPlan) -> list[str]:
    """Return which names other systems cannot hold, and which are not those of the annotation file, in sentences."""
    images = [(part.split, index) for part in plan.subset.parts for index in part.image_index.tolist()]
    names = [(split.name, exported_name(split, index), split.images.file_names[index]) for split, index in images]
    odd = [name for _, name, _ in names if not is_portable(name)]
    folded = dict[tuple[str, str], str]()
    alike = [name for split, name, _ in names if folded.setdefault((split, name.casefold()), name) != name]
    renamed = [(name, written) for _, name, written in names if name != written]
    absolute = [name for name, written in renamed if is_absolute(written)]
    others = [name for name, written in renamed if not is_absolute(written)]
    return [
        *_name_sentence("Image names that Windows cannot write, such as those with a colon or a backslash", odd),
        *_name_sentence("Image names that differ in capital letters alone, and are one on Windows and macOS", alike),
        *_name_sentence("Absolute image names, which became relative ones, in the COCO file too", absolute),
        *_name_sentence(
            "Image names that climbed or were addresses and became plain ones, in the COCO file too", others
        ),
    ]


def _name_sentence(what: str, names: Sequence[str]) -> list[str]:
    more = ", …" if len(names) > MOST_SHOWN else ""
    return [f"{what}: {len(names):,} ({', '.join(map(repr, names[:MOST_SHOWN]))}{more})"] if names else []


def _unusable_in(part: SubsetSplit, plan: ExportPlan) -> Iterator[UnusableImage]:
    split, has_labels = part.split, bool(LABEL_FORMATS & set(plan.recipe.formats))
    folders = {folder for index in part.image_index for folder in _folders(exported_name(split, index))}
    by_stem: dict[str, str] = {}
    for index in part.image_index:
        name = exported_name(split, index)
        reason = (
            name_flaw(name) or _collision(name, by_stem, folders, has_labels=has_labels) or _oversize(part, index, plan)
        )
        if reason:
            image = split.name, int(split.images.ids[index])
            yield UnusableImage(image=image, file_name=split.images.file_names[index], reason=reason)


def _collision(name: str, by_stem: dict[str, str], folders: set[str], *, has_labels: bool) -> str | None:
    """Return how a name collides with an earlier one; None where it does not, and it joins the earlier ones."""
    name = posixpath.normpath(name)
    stem = posixpath.splitext(name)[0] if has_labels else name
    if stem in by_stem:
        other = by_stem[stem]
        same = "is the name of another image, too" if other == name else f"differs from {other!r} in its ending alone"
        return same if other == name else f"{same}, so that both would share one label file"
    if name in folders or (has_labels and f"{stem}.png" in folders):
        return "is also the name of a folder of other images"
    by_stem[stem] = name
    return None


def _oversize(part: SubsetSplit, index: int, plan: ExportPlan) -> str | None:
    """Return why an image has no label map for its size; None where it can have one, or has none anyway."""
    split, size = part.split, part.split.images.size_at(index)
    if "masks" not in plan.recipe.formats or size.is_drawable:
        return None
    encodings = split.annotations.mask_encodings[split.annotations_of_image(index)]
    if plan.recipe.mask_shape is not MaskShape.NATIVE and not (encodings >= MaskEncoding.RLE).any():
        return None
    return f"has {size.width:,} × {size.height:,} pixels in the annotation file, too many for its masks to be drawn"


def _folders(name: str) -> list[str]:
    return [str(parent) for parent in PurePosixPath(posixpath.normpath(name)).parents] if "/" in name else []
