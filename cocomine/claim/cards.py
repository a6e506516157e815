"""Which published numbers may stand beside a run?

A card is a YAML file with one number and the conditions it was measured under. It stands solid beside a run only where
every condition is the run's own; what a source does not state is null and equals nothing. So the three numbers of the
paper's Table I, 37.1, 50.0 and 89.6, which measure three different things, are never drawn as equals.

People add cards of their own to the folder `cards` of the workspace.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import msgspec.structs
import yaml
from msgspec import Meta

from cocomine.errors import ClaimError
from cocomine.system.files import write_bytes
from cocomine.system.space import writing_to
from cocomine.training.runs.records import EvalLine, RunInfo
from cocomine.wording import counted, join_names

Key = Literal["data", "split", "images", "classes", "measure", "input"]
KEYS: tuple[Key, ...] = ("data", "split", "images", "classes", "measure", "input")
"""What must be the same for two numbers to be compared."""
WITHOUT_BACKGROUND, WITH_BACKGROUND = "mIoU without background", "mIoU with background"
TRUE_PROBABILITY = "mean probability of the true class (Eq. 2)"
MOST_WORDS = 8
"""Of what is said of a key that differs."""
BUILT_IN = Path(__file__).parent / "cards"
Text = Annotated[str, Meta(min_length=1, max_length=300)]
_FILE_NAME = re.compile(r"[^\w-]+")


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
        ClaimError: It cannot be read, or keys are missing, unknown or have wrong values; the message names each.
    """
    try:
        return card_of(path.read_bytes(), path.name)
    except OSError as error:
        raise ClaimError(f"{path.name}: the card cannot be read ({error}). Correct the file or delete it.") from error


def card_of(data: bytes, name: str) -> Card:
    """Return the card in the content of a file.

    Raises:
        ClaimError: see `read_card`.
    """
    try:
        value = yaml.safe_load(data.decode("utf-8-sig"))
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ClaimError(f"{name}: the card cannot be read ({error}). Correct the file or delete it.") from error
    _refuse_other_keys(name, value)
    if wrong := list(filter(None, (_wrong_value(field, value[field.name]) for field in msgspec.structs.fields(Card)))):
        raise ClaimError(f"{name}: {'; '.join(wrong)}. Correct {'it' if len(wrong) == 1 else 'them'}.")
    return msgspec.convert(value, Card)


def add_card(folder: Path, name: str, data: bytes) -> Card:
    """Write a card of one's own into the folder of cards, and return it.

    Args:
        folder: `Workspace.cards`; made if it is not there.
        name: of the file that the person gave; its last part, with the ending ".yaml", is the name here.
        data: its content.

    Raises:
        ClaimError: see `read_card`; or a card of this name is there.
        StorageError: it cannot be written.
    """
    card = card_of(data, name)
    path = folder / f"{_FILE_NAME.sub('-', Path(name).stem).strip('-') or 'card'}.yaml"
    if path.exists():
        raise ClaimError(f"{path}: a card of this name is there already. Give the file another name, or delete that.")
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(path, data)
    return card


def comparability(card: Card, run: Conditions) -> list[Mismatch]:
    """Return in what a card differs from a run; nothing where the two numbers may stand side by side."""
    pairs = ((key, getattr(card, key), getattr(run, key)) for key in KEYS)
    return [Mismatch(key=key, words=_words(key, theirs, ours)) for key, theirs, ours in pairs if _differ(theirs, ours)]


def condition_words(card: Card) -> str:
    """Return under which conditions a number was measured, such as "data: COCO-Stuff-10K · split: test"."""
    return " · ".join(f"{key}: {_value_words(getattr(card, key))}" for key in KEYS)


def _value_words(value: str | int | tuple[str, ...] | None) -> str:
    if value is None:
        return "not stated"
    if isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else join_names(value)


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


def _refuse_other_keys(name: str, value: Any) -> None:
    fields = Card.__struct_fields__
    if not isinstance(value, dict):
        raise ClaimError(f"{name}: this is no card. Write one line for each key: {join_names(sorted(fields))}.")
    missing = sorted(set(fields) - value.keys())
    unknown = sorted(str(key) for key in value.keys() - set(fields))
    if missing:
        raise ClaimError(
            f"{name}: the card has no {join_names(missing)}. Add it; null is for what the source does not state."
        )
    if unknown:
        raise ClaimError(f"{name}: a card has no key {join_names(unknown)}. Its keys are {join_names(sorted(fields))}.")


def _wrong_value(field: msgspec.structs.FieldInfo, value: Any) -> str:
    """Return what is wrong with the value of a key; "" where nothing is."""
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        return f"the key “{field.name}{place.rstrip('`')}” is wrong: {what}"
    return ""


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
        return f"{counted(theirs, 'image')}, not {ours:,}"
    exact = f"{theirs}, not {ours}"
    return exact if len(exact.split()) <= MOST_WORDS else f"another {key}"


def _class_words(theirs: Any, ours: Any) -> str:
    if isinstance(theirs, str) or isinstance(ours, str) or len(theirs) == len(ours):
        return "other classes"
    return f"{len(theirs)} classes, not {len(ours)}"
