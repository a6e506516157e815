"""What do the small lists of an annotation file say: `categories` and `licenses`?

And which entries cannot stand beside each other: an id that is there twice, a name that two categories have.
"""

from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from cocomine.coco.columns import Category, Licence
from cocomine.coco.reading.columns import CategoryRecord, Part, whole_or_none
from cocomine.coco.reading.record_fields import CategoryFields
from cocomine.errors import DatasetError

MOST_CATEGORIES = 10_000
"""As iNaturalist has: each is compared with each other, and each image has a slot for each."""


def without_twins(
    path: Path, records: Sequence[CategoryRecord], annotations: Sequence[Part]
) -> tuple[list[CategoryRecord], dict[str, list[int]]]:
    """Return the categories without unused ones whose name another has, and pairs of ids: dropped, and kept.

    Args:
        annotations: of which the `category_ids` are looked at.

    Raises:
        DatasetError: there are too many, an id is there twice, or two of one name are used.
    """
    if len(records) > MOST_CATEGORIES:
        raise DatasetError(
            f"{path}: 'categories' holds {len(records):,} entries, and {MOST_CATEGORIES:,} are possible here, since "
            "each class is compared with each other. Keep the classes that annotations name, or join some."
        )
    refuse_duplicates(path, "categories", [fields.id for fields, _ in records])
    kept = {fields.name: fields.id for fields, _ in records}  # of unused ones the last: a synthetic root is the first
    if len(kept) == len(records):
        return list(records), {}
    used = {category_id for part in annotations for category_id in np.unique(part["category_ids"]).tolist()}
    for fields, _ in records:
        if fields.id in used and kept[fields.name] != fields.id:
            _refuse_used_twin(path, fields, kept[fields.name], used)
            kept[fields.name] = fields.id
    pairs = [(fields.id, kept[fields.name]) for fields, _ in records if kept[fields.name] != fields.id]
    rest = [record for record in records if kept[record[0].name] == record[0].id]
    return rest, {"twin_category": list(chain.from_iterable(pairs))}


def _refuse_used_twin(path: Path, fields: CategoryFields, other: int, used: Collection[int]) -> None:
    if other in used:
        raise DatasetError(
            f"{path}: categories {fields.id} and {other} are both called {fields.name!r}, and annotations name both, "
            "so that nothing tells these classes apart. Rename one, or give the annotations of both one category."
        )


def listed_categories(records: Sequence[CategoryRecord]) -> tuple[tuple[Category, ...], dict[int, tuple[int, int]]]:
    """Return the categories, and the byte range of each record by category id."""
    categories = tuple(
        Category(category_id=fields.id, name=fields.name, supercategory=fields.supercategory or "none")
        for fields, _ in records
    )
    return categories, {fields.id: span for fields, span in records}


def refuse_duplicates(path: Path, where: str, values: Sequence[int] | Sequence[str]) -> None:
    """Make sure that each value is there once.

    Raises:
        DatasetError: one is there twice.
    """
    if len(set(values)) == len(values):
        return
    seen: set[int | str] = set()
    twice = next(value for value in values if value in seen or seen.add(value))  # type: ignore[func-returns-value]
    raise DatasetError(f"{path}: {where} holds {twice!r} twice. Each must be there once; correct the file.")


def listed_licences(data: bytes) -> tuple[Licence, ...]:
    """Return the licences that can be read; an odd list is no reason to refuse the dataset.

    One without a name is known by its address.
    """
    try:
        entries = msgspec.json.decode(data, type=list[Any] | None) or []
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    licences = [(whole_or_none(each.get("id")), each) for each in entries if isinstance(each, dict)]
    return tuple(
        Licence(
            licence_id=licence_id, name=_text(each.get("name")) or _text(each.get("url")), url=_text(each.get("url"))
        )
        for licence_id, each in licences
        if licence_id is not None
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
