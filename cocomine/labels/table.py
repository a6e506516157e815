"""Which mask value stands for which categories?

0 is background, 1 to n the selected classes in the order they were selected, then,
by the policy for the others, one label each or one for all; 255 is ignored.
No two values have one name, even where a class is called "background" or "other".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec

from cocomine.coco.dataset import Dataset
from cocomine.coco.grouping import grouped, ungrouped
from cocomine.colours import BACKGROUND, OTHER, class_colour
from cocomine.errors import ExportError
from cocomine.mining.selection.recipe import MaskShape
from cocomine.mining.selection.selection import Others, Selection

BACKGROUND_LABEL = 0
IGNORED_LABEL = 255
MAXIMUM_LABEL = 254
LARGEST_CATEGORY_ID = 2**31 - 1
"""Of an id of our own: many programs keep ids in 32 bits."""
MERGED_KEY = "merged_category_id"
FORMER_KEY = "picked"
"""What `labels.json` called the selected classes before 26 November 2026; such files are read."""
PAINTING_RULE = (
    "Smaller objects lie over larger ones, by their written area, or by the pixels of their mask where that is missing "
    "or not within a factor of two of what the outline encloses; of equal areas the higher id lies on top. "
    "Crowd regions are ignored where no object is painted."
)
"""See `cocomine.coco.paint_order` and `cocomine.coco.mask_area`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One mask value.

    Attributes:
        label: the value, 0 to 254.
        category_ids: COCO's ids that are drawn with it.
        colour: "#rrggbb".
        selected: the person selected it (not background, not one of the others).
    """

    label: int
    name: str
    category_ids: tuple[int, ...]
    colour: str
    selected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelTable:
    """All mask values of an export.

    Attributes:
        labels: by rising value; the first is background.
        ignored_category_ids: categories drawn as 255.
        merged_category_id: the one id, which no category of the dataset has, of the label of all others in formats
            with ids; None where nothing is merged.
    """

    labels: tuple[Label, ...]
    ignored_category_ids: tuple[int, ...] = ()
    merged_category_id: int | None = None

    @property
    def merged_label(self) -> Label | None:
        """The label that the others share; None where nothing is merged."""
        return None if self.merged_category_id is None else self.labels[-1]

    @property
    def label_of_category(self) -> dict[int, int]:
        """The mask value of each category id that is drawn."""
        drawn = {category_id: label.label for label in self.labels for category_id in label.category_ids}
        if self.merged_category_id is not None:
            drawn[self.merged_category_id] = self.labels[-1].label
        return drawn | dict.fromkeys(self.ignored_category_ids, IGNORED_LABEL)

    @property
    def class_index_of_category(self) -> dict[int, int]:
        """The position from 0 of each category's class, as formats without mask values count; ignored ones have none.

        There may be more of them than mask values.
        """
        return {category_id: label.label - 1 for label in self.labels for category_id in label.category_ids}

    def as_json(self, *, size_px: int | None, mask_shape: MaskShape = MaskShape.SQUARE) -> dict[str, Any]:
        """Return the content of `labels.json`.

        Args:
            size_px: side of the label maps, or their longer side; None where they have their images' size.
        """
        return {
            "size_px": size_px,
            "mask_shape": str(mask_shape),
            "background_label": BACKGROUND_LABEL,
            "ignored_label": IGNORED_LABEL,
            "rule": PAINTING_RULE,
            **msgspec.to_builtins(self),
        }


def label_table(dataset: Dataset, selection: Selection) -> LabelTable:
    """Return the mask values that a selection gives on a dataset.

    Raises:
        ExportError: more than 254 values would be needed.
        SelectionError: a class is unknown.
    """
    table = class_table(dataset, selection)
    require_room(table)
    return table


def require_room(table: LabelTable) -> None:
    """Refuse a table that label maps have no room for.

    Raises:
        ExportError: it has more than 254 values besides background.
    """
    needed = len(table.labels) - 1
    if needed > MAXIMUM_LABEL:
        raise ExportError(
            f"{needed:,} classes need a label of their own, and a label map has room for {MAXIMUM_LABEL}. "
            "Select fewer classes, let the others become background or one class, or export without label maps."
        )


def class_table(dataset: Dataset, selection: Selection) -> LabelTable:
    """Return the classes that a selection gives on a dataset, of whatever number: formats without masks take them all.

    Raises:
        SelectionError: a class is unknown.
    """
    dataset = grouped(dataset, selection.groups)
    selected = [dataset.category_index_of(name) for name in selection.classes]
    others = sorted(set(range(len(dataset.categories))) - set(selected))
    alone = selected + (others if selection.others is Others.KEEP else [])
    names = [dataset.category_names[index] for index in alone]
    empty = _name_beside(names, "background", "no object")
    labels = [Label(label=BACKGROUND_LABEL, name=empty, category_ids=(), colour=BACKGROUND, selected=False)]
    for index in alone:
        category = dataset.categories[index]
        labels.append(
            Label(
                label=len(labels),
                name=category.name,
                category_ids=(category.category_id,),
                colour=class_colour(index),
                selected=index in selected,
            )
        )
    other_ids = tuple(dataset.categories[index].category_id for index in others)
    merged_id = None
    if selection.others is Others.MERGE and other_ids:
        merged, merged_id = _name_beside(names, "other", "merged"), _free_category_id(dataset)
        labels.append(Label(label=len(labels), name=merged, category_ids=other_ids, colour=OTHER, selected=False))
    return LabelTable(
        labels=tuple(labels),
        ignored_category_ids=other_ids if selection.others is Others.IGNORE else (),
        merged_category_id=merged_id,
    )


def _free_category_id(dataset: Dataset) -> int:
    """Return the id after a dataset's largest; the first free one where that is too large for other programs."""
    taken = {category.category_id for category in ungrouped(dataset).categories}
    after = max(0, *taken) + 1
    return after if after <= LARGEST_CATEGORY_ID else next(each for each in count(1) if each not in taken)


def _name_beside(names: Sequence[str], name: str, meaning: str) -> str:
    """Return a name for a label of our own, with its meaning behind it as often as a class has the same."""
    taken = {each.strip().casefold() for each in names}
    while name in taken:
        name = f"{name} ({meaning})"
    return name


def label_table_from_json(value: Mapping[str, Any]) -> LabelTable:
    """Return the table that `as_json` wrote.

    Raises:
        KeyError: it has no labels, or does not say what is ignored.
        ValueError: a field is missing or of another kind.
    """
    labels = [{"selected": entry.get(FORMER_KEY), **entry} for entry in value["labels"]]
    fields = {"ignored_category_ids": value["ignored_category_ids"], "merged_category_id": value.get(MERGED_KEY)}
    return msgspec.convert({"labels": labels, **fields}, LabelTable)
