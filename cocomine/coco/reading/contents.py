"""What does one annotation file hold, before it becomes a split of a dataset?"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cocomine.coco.dataset import Annotations, Category, FileKind, Images, Ints, Licence, Split
from cocomine.coco.source import SourceFile


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """A file as columns; see `Split` for what is named alike.

    Attributes:
        categories: the file's own; `category_index` counts in them.
    """

    kind: FileKind
    info: bytes
    licences: tuple[Licence, ...]
    licences_json: bytes
    categories: tuple[Category, ...]
    category_spans: Mapping[int, tuple[int, int]]
    images: Images
    annotations: Annotations
    dropped_ids: Mapping[str, Ints]
    remarks: Mapping[str, Ints]


def split_of(contents: Contents, source: SourceFile, *, name: str, image_folder: Path | None) -> Split:
    """Return a file's contents as the split of that name."""
    return Split(
        name=name,
        source=source,
        kind=contents.kind,
        image_folder=image_folder,
        info=contents.info,
        licences=contents.licences,
        licences_json=contents.licences_json,
        images=contents.images,
        annotations=contents.annotations,
        category_ids=tuple(category.category_id for category in contents.categories),
        category_spans=contents.category_spans,
        dropped_ids=contents.dropped_ids,
        remarks=contents.remarks,
    )
