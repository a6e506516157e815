"""Which source categories has each group of an export been made of?

A group has the id of its first member. Categories that are in no group keep their ids and are not listed.
"""

from typing import Any

from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import source_categories


def id_map(dataset: Dataset) -> dict[str, list[dict[str, Any]]]:
    """Return the content of `id_map.json`: each group with its id and name, and those of its members in the source."""
    return {
        "groups": [
            {
                "id": dataset.categories[dataset.category_index_of(group.name)].category_id,
                "name": group.name,
                "source": [
                    {"id": category.category_id, "name": category.name}
                    for category in source_categories(dataset, group)
                ],
            }
            for group in dataset.groups
        ]
    }
