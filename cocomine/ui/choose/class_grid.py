"""The classes as cards, each included, excluded or neither, with a thumbnail cut from the dataset.

The grid lives in the browser, the selection here: a click shows there at once and comes as a numbered action, see
`browser_actions`. Thumbnails go their own way, once for a session, for they are many times larger than all else.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast, get_args

import streamlit as st

from cocomine.coco.grouping import ungrouped
from cocomine.colours import class_colour
from cocomine.mining.interference.ranking import by_supercategory
from cocomine.mining.selection.editing import with_classes, with_excluded, without_classes
from cocomine.mining.selection.selection import Selection
from cocomine.system.jobs import Job
from cocomine.ui.gallery.browser_actions import Confirmed, confirm, last_confirmed, new_entries, sent_by
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.jobs import background, stop_following
from cocomine.ui.session.view import DATASETS, View, of_dataset
from cocomine.workers.class_thumbnails import file_of, kept_or_cut

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

Kind = Literal["include", "clear", "exclude", "details"]
ASSETS = Path(__file__).with_name("assets")
NO_SUPERCATEGORY = {"", "none"}
"""What files write where a class has none."""
POLL_S = 0.7
QUICK_S = 0.05
"""Thumbnails kept from last time are there after this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a person did to some classes.

    Attributes:
        kind: include them, exclude them, clear them (neither), or open the details, which changes nothing.
        names: of one class, or of a group's.
    """

    kind: Kind
    names: tuple[str, ...]


def class_grid(view: View, *, key: str) -> str | None:
    """Show the classes as cards; what the person does there changes the selection.

    Returns:
        The name of a class whose details the person asked for, once; else None.
    """
    chosen, confirmed = state.selection(), last_confirmed(key)
    with st.container(gap=None):
        _grid()(
            key=key,
            data={
                "key": key,
                "cards": class_cards_json(view),
                "included": chosen.classes,
                "excluded": chosen.excluded_classes,
                "confirmed": [confirmed.client, confirmed.number],
                "thumbnails": _thumbnail_file(view).stem,
            },
            on_sent_change=partial(_take_over, view, key),
        )
        job = _thumbnail_job(view)
        st.fragment(_send_thumbnails, run_every=POLL_S if job.state == "running" else None)(view, key)
    name: str | None = st.session_state.pop(_details_of(key), None)
    return name


def after(selection: Selection, action: Action) -> Selection:
    """Return the selection after an action: a class is included, excluded or neither."""
    if action.kind == "details":
        return selection
    step = {"include": with_classes, "exclude": with_excluded}.get(action.kind, without_classes)
    return step(selection, action.names)


def new_actions(message: object, confirmed: Confirmed, class_names: Collection[str]) -> list[tuple[Confirmed, Action]]:
    """Return what a message of the browser holds beyond what was taken over, in order.

    Args:
        message: `{"client": text, "actions": [[number, kind, names], ...]}`; whatever else it holds is ignored.
        class_names: names of the dataset's classes; others are ignored.
    """
    found = []
    for number, entry in new_entries(message, "actions", confirmed):
        match entry:
            case [str(kind), list(names)] if kind in get_args(Kind):
                named = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name in class_names))
                found.append((number, Action(kind=cast("Kind", kind), names=named)))
    return found


def _take_over(view: View, key: str) -> None:
    """Apply what the browser sent, each action as one step that can be undone."""
    class_names = frozenset(view.dataset.category_names)
    for number, action in new_actions(sent_by(key, "sent"), last_confirmed(key), class_names):
        confirm(key, number)
        state.choose(after(state.selection(), action))
        if action.kind == "details" and action.names:
            st.session_state[_details_of(key)] = action.names[0]


def _details_of(key: str) -> str:
    return f"{key}-details-of"


@cache
def _grid() -> "ComponentRenderer":
    script = "\n".join(_asset(name) for name in ("model.js", "cards.js", "grid.js"))
    return st.components.v2.component(
        "cocomine.class_grid", html=_asset("grid.html"), css=_asset("grid.css"), js=script
    )


@cache
def _thumbnails() -> "ComponentRenderer":
    return st.components.v2.component("cocomine.class_thumbnails", js=_asset("thumbnails.js"))


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


@cached(of_dataset, most=DATASETS)
def class_cards_json(view: View) -> str:
    """Return the cards, which change with the groups alone.

    Of each class the name, supercategory, image count and colour, the name under which its thumbnail is sent, and the
    names of its members, none where it is no group.
    """
    categories, statistics = view.dataset.categories, view.statistics
    groups = ["" if each.supercategory in NO_SUPERCATEGORY else each.supercategory for each in categories]
    order = by_supercategory([category.supercategory for category in categories])
    members = {group.name: group.members for group in view.dataset.groups}
    names = [category.name for category in categories]
    shown = [members.get(name, (name,))[0] for name in names]
    rows = [
        [names[at], groups[at], statistics[at].image_count, class_colour(at), shown[at], members.get(names[at], ())]
        for at in order
    ]
    return json.dumps(rows)


def _thumbnail_file(view: View) -> Path:
    return file_of(state.workspace().thumbnails, (view.stamp, view.files))


def _thumbnail_job(view: View) -> Job[bytes]:
    """Return the work that finds or cuts the thumbnails, begun with the first call."""
    file = _thumbnail_file(view)
    return background(("class thumbnails", file), partial(kept_or_cut, file, ungrouped(view.dataset)), wait_s=QUICK_S)


def _send_thumbnails(view: View, key: str) -> None:
    """Send the thumbnails to the browser until it says that it holds them; a fragment, so the page stays as it is."""
    job, thumbnails_id = _thumbnail_job(view), _thumbnail_file(view).stem
    if job.state == "running":
        return
    stop_following()  # it runs once more when the browser says that it holds them
    if st.session_state.get(f"{key}-held") != thumbnails_id:
        _thumbnails()(
            key=f"{key}-thumbnails",
            data=f"{thumbnails_id}\n".encode() + job.result(),
            on_held_change=partial(_note_held, key),
        )


def _note_held(key: str) -> None:
    if held := sent_by(f"{key}-thumbnails", "held"):
        st.session_state[f"{key}-held"] = held
