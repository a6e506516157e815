"""Which other runs are drawn over the curves of a run: only those judged on the same images, classes and labels."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from cocomine.charts.theme import CURVES
from cocomine.errors import TrainingError
from cocomine.training.runs.comparable import is_judged, why_not_comparable
from cocomine.training.runs.reading import Run
from cocomine.ui.session.exports_and_runs import all_runs, run_at
from cocomine.ui.train.run_figures import OWN, DrawnRun
from cocomine.ui.train.swatch import swatch
from cocomine.wording import counted, plain

_COLOURS = tuple(colour for colour in CURVES if colour != OWN)
_MOST_LISTED = 40


def overlay_choice(run: Run) -> list[DrawnRun]:
    """Show the button that opens the list of other runs; return those that are chosen, each with its colour."""
    key = f"overlay-{run.folder}"
    colours: dict[str, str] = st.session_state.setdefault(f"{key}-colours", {})
    can_be_compared = is_judged(run)
    with st.popover(
        "Overlay runs",  # always the same: with another label it would close at each tick
        icon=":material/stacked_line_chart:",
        key=key,
        on_change="rerun",
        disabled=not can_be_compared,
        help=None if can_be_compared else _why_none(run),
    ) as listed:
        if listed.open and can_be_compared:
            _list_of_others(run, colours)
    return [drawn for folder, colour in colours.items() if (drawn := _drawn(run, Path(folder), colour))]


def _why_none(run: Run) -> str:
    if run.config.is_overfit_test:
        return "An overfit test is compared with no other run: it is judged on the images that it trains on."
    return "Other runs can be drawn over this one after its first evaluation."


def _list_of_others(run: Run, colours: dict[str, str]) -> None:
    others = [other for other in all_runs()[0] if other.folder != run.folder]
    if not others:
        st.caption("There is no other run yet.")
        return
    st.caption("Runs judged on the same validation images with the same classes. Colour: run; dashed: validation loss.")
    reasons = {str(other.folder): why_not_comparable(run, other) for other in others}
    in_order = sorted(others, key=lambda other: reasons[str(other.folder)] is not None)
    for other in in_order[:_MOST_LISTED]:
        _choice(run, other, reasons[str(other.folder)], colours)
    if len(in_order) > _MOST_LISTED:
        st.caption(f"{counted(len(in_order) - _MOST_LISTED, 'other run')} not listed.")


def _choice(run: Run, other: Run, reason: str | None, colours: dict[str, str]) -> None:
    """Show one other run with its colour, greyed with the reason where it cannot be chosen."""
    folder, name, key = str(other.folder), plain(other.folder.name), f"overlay-{run.folder}-{other.folder}"
    if reason is None and folder not in colours and _free_colour(colours) is None:
        reason = f"at most {len(_COLOURS)} runs at once"
    if reason is not None:
        name = f"{name} · {reason}"
    elif folder in colours:
        name = f"![]({swatch(colours[folder])}) {name}"
    st.checkbox(
        name,
        value=folder in colours,
        disabled=reason is not None,
        key=key,
        on_change=_take_over,
        args=(key, folder, colours),
    )


def _take_over(key: str, folder: str, colours: dict[str, str]) -> None:
    """Give a run that was ticked a colour, and take it from one that is not any more."""
    colour = _free_colour(colours)
    if not st.session_state[key]:
        colours.pop(folder, None)
    elif colour is not None:
        colours.setdefault(folder, colour)


def _free_colour(colours: Mapping[str, str]) -> str | None:
    return next((colour for colour in _COLOURS if colour not in colours.values()), None)


def _drawn(run: Run, folder: Path, colour: str) -> DrawnRun | None:
    """Return a chosen run as it is now; None where it was deleted, or cannot be compared any more."""
    try:
        other = run_at(folder)
    except TrainingError:
        return None
    return None if why_not_comparable(run, other) else DrawnRun(run=other, colour=colour)
