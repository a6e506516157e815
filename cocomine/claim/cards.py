"""Which published numbers may stand beside a run?

A card is a YAML file with one number and the conditions it was measured under. It stands solid beside a run only where
every condition is the run's own; what a source does not state is null and equals nothing. So the three numbers of the
paper's Table I, 37.1, 50.0 and 89.6, which measure three different things, are never drawn as equals.

People add cards of their own to the folder `cards` of the workspace.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta

from cocomine.errors import ClaimError
from cocomine.training.runs.records import EvalLine, RunInfo
from cocomine.wording import join_names

Key = Literal["data", "split", "images", "classes", "measure", "input"]
KEYS: tuple[Key, ...] = ("data", "split", "images", "classes", "measure", "input")
"""What must be the same for two numbers to be compared."""
WITHOUT_BACKGROUND, WITH_BACKGROUND = "mIoU without background", "mIoU with background"
TRUE_PROBABILITY = "mean probability of the true class (Eq. 2)"
MOST_WORDS = 8
"""Of what is said of a key that differs."""
BUILT_IN = Path(__file__).parent / "cards"
Text = Annotated[str, Meta(min_length=1, max_length=300)]


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Under which a number was measured; None where that is not stated."""

    data: Text | None
    split: Text | None
    images: Annotated[int, Meta(ge=1)] | None
    """How many judged it."""
    classes: Text | tuple[Text, ...] | None
    """By name, in any order; a text where there are too many to name."""
    measure: Text | None
    input: Text | None
    """How large the network sees an image, such as "128 px"."""


class Card(Conditions, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published number."""

    result: Text
    """Which network, and whose number it is."""
    value: Annotated[float, Meta(ge=0, le=100)]
    """In points of 100."""
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A condition of a card that is not that of a run, in at most `MOST_WORDS` words."""

    key: Key
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """All cards, those of the project first, and what is wrong with the files that hold none."""

    cards: tuple[Card, ...]
    faults: tuple[str, ...]


def read_cards(own_folder: Path | None = None) -> Cards:
    """Read the project's cards and the person's own; a damaged file costs itself alone."""
    paths = sorted(BUILT_IN.glob("*.yaml"))
    if own_folder is not None:
        paths += sorted(path for path in own_folder.glob("*") if path.suffix in {".yaml", ".yml"})
    cards, faults = [], []
    for path in paths:
        try:
            cards.append(read_card(path))
        except ClaimError as error:
            faults.append(str(error))
    return Cards(cards=tuple(cards), faults=tuple(faults))


def read_card(path: Path) -> Card:
    """Read one card.

    Raises:
        ClaimError: It cannot be read, or a key is missing, unknown or has a wrong value.
    """
    try:
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ClaimError(f"{path.name}: the card cannot be read ({error}). Correct the file or delete it.") from error
    _refuse_other_keys(path, value)
    try:
        return msgspec.convert(value, Card)
    except msgspec.ValidationError as error:
        what, _, key = str(error).partition(" - at `$.")
        raise ClaimError(f"{path.name}: the key “{key.rstrip('`')}” is wrong: {what}. Correct it.") from error


def comparability(card: Card, run: Conditions) -> list[Mismatch]:
    """Return in what a card differs from a run; nothing where the two numbers may stand side by side."""
    pairs = ((key, getattr(card, key), getattr(run, key)) for key in KEYS)
    return [Mismatch(key=key, words=_words(key, theirs, ours)) for key, theirs, ours in pairs if _differ(theirs, ours)]


def run_conditions(info: RunInfo, line: EvalLine, measure: str) -> Conditions:
    """Return the conditions of a run's number, which is one of the three measures of this module."""
    return Conditions(
        data=info.dataset or None,
        split=info.val_split,
        images=line.image_count,
        classes=tuple(label.name for label in info.selected_labels),
        measure=measure,
        input=f"{info.size_px} px",
    )


def _refuse_other_keys(path: Path, value: Any) -> None:
    fields = Card.__struct_fields__
    if not isinstance(value, dict):
        raise ClaimError(f"{path.name}: this is no card. Write one line for each key: {join_names(sorted(fields))}.")
    missing = sorted(set(fields) - value.keys())
    unknown = sorted(str(key) for key in value.keys() - set(fields))
    if missing:
        raise ClaimError(
            f"{path.name}: the card has no {join_names(missing)}. Add it; null is for what the source does not state."
        )
    if unknown:
        raise ClaimError(
            f"{path.name}: a card has no key {join_names(unknown)}. Its keys are {join_names(sorted(fields))}."
        )


def _differ(theirs: Any, ours: Any) -> bool:
    return theirs is None or ours is None or _plain(theirs) != _plain(ours)


def _plain(value: Any) -> Any:
    """Return a value as it is compared: words without regard to capitals and blanks, classes without order."""
    if isinstance(value, str):
        return " ".join(value.casefold().split())
    return frozenset(map(_plain, value)) if isinstance(value, tuple) else value


def _words(key: Key, theirs: Any, ours: Any) -> str:
    if theirs is None:
        return f"{key}: not stated by the source"
    if ours is None:
        return f"{key}: not known of this run"
    if key == "classes":
        return _class_words(theirs, ours)
    if key == "images":
        return f"{theirs:,} images, not {ours:,}"
    exact = f"{theirs}, not {ours}"
    return exact if len(exact.split()) <= MOST_WORDS else f"another {key}"


def _class_words(theirs: Any, ours: Any) -> str:
    if isinstance(theirs, str) or isinstance(ours, str) or len(theirs) == len(ours):
        return "other classes"
    return f"{len(theirs)} classes, not {len(ours)}"
