"""How is what a person does in a component of our own taken over, each thing once and in order?

The component shows a click at once and sends, with its number, all that the server has not confirmed yet. So quick
clicks are neither lost nor done twice, whatever message gets lost or comes again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import streamlit as st


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """The last entry that was taken over.

    Attributes:
        client: one component in one browser; a new one counts from 1 again.
        number: of the entry, 0 before the first.
    """

    client: str = ""
    number: int = 0


def new_entries(message: object, name: str, confirmed: Confirmed) -> Iterator[tuple[Confirmed, list[Any]]]:
    """Yield what a message holds beyond what was taken over: how to confirm an entry, and its values.

    Args:
        message: `{"client": text, name: [[number, value, ...], ...]}`; whatever else it holds is ignored.
        name: under which the entries are.
    """
    if not isinstance(message, dict) or not isinstance(message.get("client"), str):
        return
    client, sent = message["client"], message.get(name)
    last = confirmed.number if client == confirmed.client else 0
    for entry in sent if isinstance(sent, list) else []:
        match entry:
            case [int(number), *values] if number > last:
                yield Confirmed(client=client, number=number), values


def sent_by(key: str, name: str) -> Any:
    """Return what a component sent last under a name; None where it is no longer on the page.

    A message can come after its component: what it said was said again, or before, and what only it said is lost.
    """
    component = st.session_state.get(key)
    return None if component is None else component.get(name)


def last_confirmed(key: str) -> Confirmed:
    """Return what was taken over last from the component of this key."""
    confirmed: Confirmed = st.session_state.get(f"{key}-confirmed", Confirmed())
    return confirmed


def confirm(key: str, confirmed: Confirmed) -> None:
    """Remember what was taken over from the component of this key."""
    st.session_state[f"{key}-confirmed"] = confirmed
