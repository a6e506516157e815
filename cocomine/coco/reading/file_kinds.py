"""What does an annotation file that opens hold?

Told from its columns and its first annotation. What does not open is the matter
of `cocomine.coco.reading.refusals`.

Source: https://cocodataset.org/#format-data
"""

from collections.abc import Sequence

import msgspec

from cocomine.coco.dataset import Annotations, Category, FileKind, Images
from cocomine.coco.json_repair import masked
from cocomine.coco.mask_encoding import MaskEncoding

HOLDS = {
    FileKind.INSTANCES: "objects with boxes or outlines",
    FileKind.KEYPOINTS: "people with marked joints, which are kept in exports and not used otherwise",
    FileKind.LVIS: "objects, where only some classes were looked for in each image (LVIS)",
    FileKind.STUFF: "stuff, such as grass or sky: one region for each class and image",
}
"""What a person reads about each kind."""
STUFF_IDS = range(92, 184)
"""COCO-Stuff's categories, "other" included (https://github.com/nightrome/cocostuff)."""


def kind_of(
    images: Images, annotations: Annotations, categories: Sequence[Category], first_annotation: bytes
) -> FileKind:
    """Return the kind of a file with these columns, whose first annotation is these bytes."""
    if images.is_federated:
        return FileKind.LVIS
    if "num_keypoints" in fields_of(first_annotation):
        return FileKind.KEYPOINTS
    is_stuff = all(category.category_id in STUFF_IDS for category in categories)
    has_polygons = (annotations.mask_encodings == MaskEncoding.POLYGONS).any()
    return FileKind.STUFF if is_stuff and not has_polygons else FileKind.INSTANCES


def fields_of(record: bytes) -> frozenset[str]:
    """Return the names of a record's fields, none where it is no record."""
    try:
        return frozenset(msgspec.json.decode(masked(record), type=dict[str, msgspec.Raw]))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return frozenset()
