"""How is a selection kept outside the app: in a small YAML file, in a recipe, in an address?

The file is what a person sends to a colleague: class names, no data. What names it holds is checked against the dataset
that is open; an unknown one is answered with the nearest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

import yaml

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset, unknown_name_message
from cocomine.coco.grouping import grouped, ungrouped
from cocomine.errors import SelectionError
from cocomine.mining.selection.licences import licence_counts
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.selection import Mode, Others, Selection

FILE_VERSION, GROUPING_VERSION = 1, 2
"""Of files without groups and limits, and of those with: a program that does not know these refuses them."""
FORMER_KEY = "forbidden"
"""What files and recipes called the excluded classes before 26 November 2026; such ones are read."""
UNICODE_LINE_BREAKS = frozenset("\x85\u2028\u2029")
"""PyYAML 6.0.3 writes them so that it reads blanks, unless all signs beyond ASCII are escaped."""


def selection_text(selection: Selection) -> str:
    """Return a selection as a small YAML file; the same selection gives the same text."""
    version = GROUPING_VERSION if has_groups_or_limits(selection) else FILE_VERSION
    return yaml_text({"cocomine_selection": version, **selection_value(selection)})


def selection_from_text(text: str) -> Selection:
    """Read a selection's file, or the selection in a recipe.

    Raises:
        SelectionError: it is neither; the message names what is missing or odd.
    """
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a date that is none; too many brackets
        raise SelectionError(f"The file is not valid YAML ({error}). Use one that CocoMine saved.") from error
    if isinstance(value, Mapping) and "cocomine_recipe" in value:
        value = value.get("selection")
    elif not isinstance(value, Mapping) or value.get("cocomine_selection") not in (FILE_VERSION, GROUPING_VERSION):
        raise SelectionError("This is neither a CocoMine selection of version 1 or 2 nor a recipe. Use one it saved.")
    try:
        return selection_of(value)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise SelectionError(f"The selection is damaged: {error!r}. Use a file that CocoMine saved.") from error


def without_unknown_names(chosen: Selection, dataset: Dataset) -> tuple[Selection, list[str]]:
    """Return a selection in the dataset's own names, without those it lacks, and a sentence about each of these.

    A name that is there is meant; else the only one that differs from it in nothing but blanks at the ends. A group
    without a class that is there goes, and one whose name another class has.
    """
    groups, of_groups = _known_groups(chosen.groups, ungrouped(dataset))
    seen = grouped(dataset, groups)
    classes, licences = seen.category_names, tuple(licence_counts(dataset)) if chosen.licences else ()
    selected = _Names("category", chosen.classes, classes)
    excluded = _Names("category", chosen.excluded_classes, classes)
    licenced = _Names("licence", chosen.licences or (), licences)
    kept = replace(
        chosen,
        classes=selected.present,
        excluded_classes=excluded.present,
        licences=None if chosen.licences is None else licenced.present,
        groups=groups,
    )
    return kept, [*of_groups, *selected.sentences, *excluded.sentences, *licenced.sentences]


def _known_groups(groups: Sequence[ClassGroup], dataset: Dataset) -> tuple[tuple[ClassGroup, ...], list[str]]:
    """Return groups of what a dataset without groups has, and a sentence about each name that it lacks."""
    kept, sentences = list[ClassGroup](), list[str]()
    for group in groups:
        members = _Names("category", group.members, dataset.category_names)
        sentences += members.sentences
        if not members.present or members.present == (group.name,):
            continue
        known = replace(group, members=members.present)
        try:
            grouped(dataset, [*kept, known])
        except SelectionError as error:
            sentences.append(str(error))
        else:
            kept.append(known)
    return tuple(kept), sentences


class _Names:
    """Names that were asked for, as the dataset writes them.

    Attributes:
        present: those that it has, each once.
        sentences: one about each other.
    """

    def __init__(self, what: str, asked: Sequence[str], existing: Sequence[str]) -> None:
        meant = [self._meant(name, existing) for name in asked]
        self.present = tuple(dict.fromkeys(names[0] for names in meant if len(names) == 1))
        self.sentences = [
            _which_sentence(what, name, names) if names else unknown_name_message(what, name, existing)
            for name, names in zip(asked, meant, strict=True)
            if len(names) != 1
        ]

    @staticmethod
    def _meant(name: str, existing: Sequence[str]) -> list[str]:
        return [name] if name in existing else [each for each in existing if each.strip() == name.strip()]


def _which_sentence(what: str, name: str, names: Sequence[str]) -> str:
    shown = " or ".join(map(repr, names))
    return f"The {what} {name!r} may be {shown}. Write the one you mean in double quotes, with its blanks."


def has_groups_or_limits(selection: Selection) -> bool:
    """Return whether a selection says what programs before 26 November 2026 do not understand."""
    return bool(selection.groups) or selection.limits != Limits()


def selection_value(selection: Selection) -> dict[str, Any]:
    """Return a selection as what YAML and JSON can hold; licences, groups and limits only where some were chosen."""
    licences = {} if selection.licences is None else {"licences": list(selection.licences)}
    groups = {group.name: list(group.members) for group in selection.groups}
    limits = limits_value(selection.limits)
    return {
        "classes": list(selection.classes),
        "excluded_classes": list(selection.excluded_classes),
        "mode": str(selection.mode),
        "others": str(selection.others),
        **licences,
        **({"groups": groups} if groups else {}),
        **({"limits": limits} if limits else {}),
    }


def limits_value(limits: Limits) -> dict[str, Any]:
    """Return of limits what is not as by default, as what YAML and JSON can hold."""
    changed = {each.name: getattr(limits, each.name) for each in fields(limits)}
    usual = Limits()
    return {
        name: str(value) if isinstance(value, StrEnum) else value
        for name, value in changed.items()
        if value != getattr(usual, name)
    }


def limits_of(value: Mapping[str, Any]) -> Limits:
    """Return the limits that `limits_value` gave.

    Raises:
        TypeError: a field is unknown.
        ValueError: one is of another kind.
        SelectionError: one is out of its range.
    """
    kinds: dict[str, Callable[[Any], Any]] = {
        "min_area_px": int,
        "crowd": Crowd,
        "cap": int,
        "balance": float,
        "counted": Counted,
        "negatives": float,
        "seed": int,
    }
    unknown = sorted(set(value) - set(kinds))
    if unknown:
        raise TypeError(f"{unknown[0]!r} is no limit; choose from {', '.join(kinds)}")
    return Limits(**{name: kinds[name](each) for name, each in value.items()})


def groups_of(value: Mapping[Any, Any]) -> tuple[ClassGroup, ...]:
    """Return groups from a mapping of their names to lists of their members.

    Raises:
        TypeError: a member list is none.
        SelectionError: a group has no member.
    """
    return tuple(ClassGroup(name=str(name), members=names_in(members)) for name, members in value.items())


def selection_of(value: Any) -> Selection:
    """Return the selection that `selection_value` gave.

    Raises:
        AttributeError: groups or limits are no mapping.
        KeyError: a field is missing.
        TypeError: a field is of another kind.
        ValueError: a mode or policy does not exist.
        SelectionError: the classes contradict each other, or a limit is out of its range.
    """
    licences = value.get("licences") if isinstance(value, Mapping) else None
    return Selection(
        classes=names_in(value["classes"]),
        excluded_classes=names_in(value["excluded_classes" if "excluded_classes" in value else FORMER_KEY]),
        mode=Mode(value["mode"]),
        others=Others(value["others"]),
        licences=None if licences is None else names_in(licences),
        groups=groups_of(value.get("groups") or {}),
        limits=limits_of(value.get("limits") or {}),
    )


def names_in(value: object) -> tuple[str, ...]:
    """Return a list of names as such.

    Raises:
        TypeError: it is no list.
    """
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list of names")
    return tuple(str(name) for name in value)


def yaml_text(value: Mapping[str, Any]) -> str:
    """Return a value as YAML that reads back as it was."""
    text = _dumped(value, allow_unicode=True)
    return text if UNICODE_LINE_BREAKS.isdisjoint(text) else _dumped(value, allow_unicode=False)


def _dumped(value: Mapping[str, Any], *, allow_unicode: bool) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=allow_unicode, width=100)
