"""What the picked classes share, who else is in their images, and what to do where few images fit."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cocomine.charts.combinations import MOST_BARS, combination_bars
from cocomine.charts.theme import Figure
from cocomine.mining.advice.nearest_choice import NearestChoice, nearest_choices
from cocomine.mining.advice.too_few_images import alternatives, what_stands_in_the_way
from cocomine.mining.selection.combinations import CombinationTable, combination_table
from cocomine.mining.selection.editing import forbidding
from cocomine.mining.selection.selection import ImageKey, Mode, Others, Selection
from cocomine.ui.choose.other_classes import remainder_of
from cocomine.ui.session import state
from cocomine.ui.session.cached import BY_STAMP, Opened, colours_of
from cocomine.ui.session.counts import candidates_of, counts_of, price_of
from cocomine.wording import counted, plain

NARROWEST_PX = 430
TALLEST_TABLE_PX = 388
COLUMNS = {
    "class": st.column_config.TextColumn(width=125),
    "images lost": st.column_config.NumberColumn(
        width=85, format="localized", help="Of your images these have the class; they go when you forbid it"
    ),
    "share of images": st.column_config.ProgressColumn(width=135, format="percent", min_value=0, max_value=1),
    "objects": st.column_config.NumberColumn(
        width=70,
        format="localized",
        help="Labelled objects of the class in your images, without crowd regions: they dilute your classes",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Help:
    """Why few images fit, and what else there is."""

    reason: str
    choices: tuple[NearestChoice, ...]


def few_images_help(opened: Opened) -> None:
    """Where few images fit, say what stands in the way and offer the nearest choices with more; else nothing."""
    chosen = state.selection()
    if not chosen.classes:
        return
    told = _help_of(opened, replace(chosen, others=Others.BACKGROUND), state.excluded())
    if told.choices:
        with st.container(border=True, key="few-images"):
            st.markdown(f":material/search_off: **{plain(told.reason)}**")
            for number, choice in enumerate(told.choices):
                _offer(replace(choice, selection=replace(choice.selection, others=chosen.others)), number)
    elif told.reason:
        st.info(plain(told.reason), icon=":material/search_off:")


def _offer(choice: NearestChoice, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Use this", key=f"nearest-{number}", on_click=state.choose, args=(choice.selection,))
        st.markdown(plain(choice.sentence))


@st.fragment
def sharing_panel(opened: Opened) -> None:
    """Show which of the picked classes meet, and who else is in their images; ticking rows draws this part alone."""
    chosen = state.selection()
    if not chosen.classes:
        return
    if len(chosen.classes) == 1:
        _companions(opened, chosen)
        return
    halves = st.grid(2, min_column_width=NARROWEST_PX, gap="large")
    with halves.cell():
        _combinations(opened, replace(chosen, others=Others.BACKGROUND, mode=Mode.ANY))
    with halves.cell():
        _companions(opened, chosen)


def _combinations(opened: Opened, chosen: Selection) -> None:
    st.markdown("**What your classes share**")
    table = _table_of(opened, chosen, state.excluded())
    if not table.combinations:
        st.caption("No image has any of them under these conditions.")
        return
    figure = _figure_of(opened, chosen, state.excluded(), st.context.theme.type or "light")
    st.plotly_chart(figure, key="combinations", config={"displayModeBar": False}, alt="Images by their set of classes")
    st.caption(_read_so(table))


def _read_so(table: CombinationTable) -> str:
    """Return how to read the bars, and what they leave out."""
    parts = ["Each image is in one bar: the dots under it are all of your classes that the image has."]
    if rest := table.combinations[MOST_BARS:]:
        images = counted(sum(each.image_count for each in rest), "image")
        parts.append(f"{counted(len(rest), 'rarer combination')} with {images} together {_is(len(rest))} not shown.")
    if table.left_out:
        picked_count = len(table.classes) + len(table.left_out)
        parts.append(f"Compared are the {len(table.classes)} of your {picked_count} classes that are in most images.")
    return " ".join(parts)


def _companions(opened: Opened, chosen: Selection) -> None:
    """Show every other class in the images, and forbid those that are ticked."""
    st.markdown("**Who else is in these images**")
    total, rows = _companions_of(opened, replace(chosen, others=Others.BACKGROUND), state.excluded())
    if not rows:
        marked = "marked" if opened.dataset.is_federated else "labelled"
        st.caption(f"Nobody: no other class is {marked} in them." if total else "There are no images.")
        return
    picked = st.dataframe(
        rows,
        hide_index=True,
        height=min(35 * (len(rows) + 1) + 3, TALLEST_TABLE_PX),
        key=f"companions-{hash((opened.stamp, chosen, state.excluded()))}",  # another choice has other rows
        on_select="rerun",
        selection_mode="multi-row",
        column_config=COLUMNS,
        alt="What forbidding each class would cost",
    )
    names = [rows[row]["class"] for row in picked.selection.rows if row < len(rows)]
    _forbid(opened, chosen, names, total)


def _forbid(opened: Opened, chosen: Selection, names: list[str], total: int) -> None:
    wanted = forbidding(chosen, names)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Forbid the selected", key="forbid-companions", icon=":material/block:", disabled=not names):
            state.choose(wanted)
            st.rerun()
        if not names:
            st.caption("Tick classes to see what is left without them, and to forbid them in one step.")
            return
        left = candidates_of(opened, state.excluded()).image_count(wanted)
        st.caption(f"leaves **{left:,}** of {counted(total, 'image')}")


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _help_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> _Help:
    candidates = candidates_of(opened, excluded)
    reason = what_stands_in_the_way(candidates, selection)
    if not reason and not candidates.image_count(selection):
        reason = f"No image has {alternatives(selection.classes)}. Pick another class."
    return _Help(reason=reason, choices=tuple(nearest_choices(candidates, selection)))


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _table_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> CombinationTable:
    return combination_table(candidates_of(opened, excluded), selection)


@st.cache_resource(max_entries=16, hash_funcs=BY_STAMP, show_spinner=False)
def _figure_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey], theme: str) -> Figure:
    """Return the figure of `_table_of`; it is shared, so nobody may change it."""
    table = _table_of(opened, selection, excluded)
    return combination_bars(table, colours=colours_of(opened.dataset), theme=theme)


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _companions_of(
    opened: Opened, selection: Selection, excluded: frozenset[ImageKey]
) -> tuple[int, list[dict[str, Any]]]:
    """Return the number of images and one row for each other class in them, the costliest first."""
    total, by_class = counts_of(opened, selection, excluded).image_count, price_of(opened, selection, excluded)
    rest = remainder_of(opened, selection, excluded)
    rows = [
        {
            "class": name,
            "images lost": by_class[name],
            "share of images": by_class[name] / total,
            "objects": amount.object_count,
        }
        for name, amount in rest.by_class.items()
    ]
    return total, sorted(rows, key=lambda row: (-by_class[str(row["class"])], -int(str(row["objects"]))))


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
