"""What is different between two recipes, in words?

Everything that a recipe's text says is compared, so that nothing that decides what an export holds is passed over; what
this module has no words for is told by its own name. Where datasets and files lie is not compared, their content is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import yaml

from cocomine.mining.selection.recipe import MaskShape, Recipe, recipe_text
from cocomine.wording import FORMAT_NAMES, MODE_NAMES, POLICY_NAMES, counted, join_names, percent

MOST_NAMED = 5
SHOWN_SIGNS = 12
"""Of a SHA-256."""
COMPARED_APART = frozenset({"cocomine_recipe", "dataset", "sources", "excluded", "together", "listed", "roles"})
NAME_LISTS = {
    "classes": "Classes",
    "excluded_classes": "Excluded classes",
    "licences": "Licences",
    "formats": "Formats",
}
IN_WORDS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "mode": ("Images kept", MODE_NAMES.__getitem__),
    "others": ("Unselected classes", POLICY_NAMES.__getitem__),
    "val_share": ("Share of images for validation", percent),
    "test_share": ("Share of images for testing", percent),
    "seed": ("Seed of the division", str),
    "split_method": ("Method of division", str),
    "fold": ("Fold for validation", "{0[number]} of {0[count]}".format),
    "val_from": ("Split that gives images for validation", str),
    "size_px": ("Mask size", "{} px".format),
    "images": (
        "Image files",
        {"link": "links", "copy": "copies", "symlink": "symbolic links", "none": "none"}.__getitem__,
    ),
}
"""Fields of a recipe's text, what they are called, and how their values are said."""


def recipe_changes(before: Recipe, after: Recipe) -> list[str]:
    """Return a sentence for each difference between two recipes, the weightiest first; none where there is none."""
    old, new = (_flat(yaml.safe_load(recipe_text(recipe))) for recipe in (before, after))
    sentences = _source_changes(before, after)
    for key in dict.fromkeys([*old, *new]):
        if key not in COMPARED_APART and old.get(key) != new.get(key):
            sentences += _field_changes(key, old.get(key), new.get(key))
    sentences += _role_changes(old.get("roles") or {}, new.get("roles") or {})
    return [*sentences, *_exclusion_changes(before, after), *_together_changes(old, new), *_listed_changes(old, new)]


def _flat(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a recipe's text with those of its selection, which come first, and of its limits."""
    selection = dict(value["selection"])
    limits = {f"limit {name}": each for name, each in (selection.pop("limits", None) or {}).items()}
    unsaid = {"mask_shape": str(MaskShape.SQUARE)}
    return {**selection, **limits, **unsaid, **{key: each for key, each in value.items() if key != "selection"}}


def _source_changes(before: Recipe, after: Recipe) -> list[str]:
    old, new = ({each.split: each.sha256 for each in recipe.sources} for recipe in (before, after))
    sentences = [f"Splits added: {join_names(added)}." for added in [[*(new.keys() - old.keys())]] if added]
    sentences += [f"Splits removed: {join_names(gone)}." for gone in [[*(old.keys() - new.keys())]] if gone]
    for split in [split for split in old if split in new and old[split] != new[split]]:
        signs = f"SHA-256 {old[split][:SHOWN_SIGNS]}… → {new[split][:SHOWN_SIGNS]}…"
        sentences.append(f"The annotations of {split} are others ({signs}).")
    return sentences


def _field_changes(key: str, old: Any, new: Any) -> list[str]:
    if key in NAME_LISTS:
        return _list_changes(NAME_LISTS[key], *(_in_words(key, each) for each in (old, new)))
    if key == "groups":
        return _group_changes(old or {}, new or {})
    name, said = IN_WORDS.get(key, (key.replace("_", " ").capitalize(), str))
    return [f"{name}: {'none' if old is None else said(old)} → {'none' if new is None else said(new)}."]


def _in_words(key: str, names: Sequence[str] | None) -> Sequence[str] | None:
    """Return formats as people call them, and other names as they are."""
    return names if key != "formats" or names is None else [FORMAT_NAMES.get(each, each) for each in names]


def _list_changes(name: str, old: Sequence[str] | None, new: Sequence[str] | None) -> list[str]:
    """Return which names came and went; None stands for all, which only licences may be."""
    if old is None or new is None:
        said = ["all" if each is None else ", ".join(each) or "none" for each in (old, new)]
        return [f"{name}: {said[0]} → {said[1]}."]
    added, removed = [each for each in new if each not in old], [each for each in old if each not in new]
    sentences = [f"{name} added: {join_names(added)}."] if added else []
    sentences += [f"{name} removed: {join_names(removed)}."] if removed else []
    kept = [each for each in old if each in new]
    if kept != [each for each in new if each in old]:
        sentences.append(f"{name} in another order: {', '.join(new)}.")
    return sentences


def _group_changes(old: Mapping[str, Sequence[str]], new: Mapping[str, Sequence[str]]) -> list[str]:
    sentences = [f"Group added: {name} = {', '.join(new[name])}." for name in new if name not in old]
    sentences += [f"Group removed: {name} = {', '.join(old[name])}." for name in old if name not in new]
    changed = [name for name in old if name in new and list(old[name]) != list(new[name])]
    return sentences + [f"Group {name}: {', '.join(old[name])} → {', '.join(new[name])}." for name in changed]


def _role_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    splits = [split for split in dict.fromkeys([*old, *new]) if old.get(split) != new.get(split)]
    return [f"Use of {split}: {old.get(split, 'by its name')} → {new.get(split, 'by its name')}." for split in splits]


def _exclusion_changes(before: Recipe, after: Recipe) -> list[str]:
    old, new = set(before.excluded), set(after.excluded)
    sentences = [_images_sentence("more excluded", new - old)] if new - old else []
    sentences += [_images_sentence("not excluded any more", old - new)] if old - new else []
    reasons = [dict(recipe.reasons) for recipe in (before, after)]
    count = sum(reasons[0].get(image) != reasons[1].get(image) for image in old & new)
    return sentences + ([f"Other reasons for {counted(count, 'excluded image')}."] if count else [])


def _images_sentence(what: str, images: Iterable[tuple[str, int]]) -> str:
    named = [f"{split} {image_id}" for split, image_id in sorted(images)]
    shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
    return f"{counted(len(named), 'image')} {what}: {shown}."


def _together_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    counts = [len(value.get("together") or ()) for value in (old, new)]
    if old.get("together") == new.get("together"):
        return []
    return [
        f"Images that stay on one side: {counted(counts[0], 'set')} → {counted(counts[1], 'set')}, of other images."
    ]


def _listed_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return for each side how many other images are listed for it."""
    before, after = (
        {
            each["side"]: {(each["split"], image_id) for image_id in each["image_ids"]}
            for each in value.get("listed") or ()
        }
        for value in (old, new)
    )
    sentences = []
    for side in dict.fromkeys([*before, *after]):
        was, now = before.get(side, set()), after.get(side, set())
        sentences += [_images_sentence(f"listed for {side}", now - was)] if now - was else []
        sentences += [_images_sentence(f"not listed for {side} any more", was - now)] if was - now else []
    return sentences
