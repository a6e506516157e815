"""Combinations of the selected classes, other classes in their images, and help where few images match."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cocomine.charts.combinations import MOST_BARS, combination_bars
from cocomine.charts.theme import Figure
from cocomine.mining.advice.nearest_choice import NearestChoice, nearest_choices
from cocomine.mining.advice.too_few_images import alternatives, what_stands_in_the_way
from cocomine.mining.selection.combinations import CombinationTable, combination_table
from cocomine.mining.selection.editing import with_excluded
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
    "images removed": st.column_config.NumberColumn(
        "images removed if excluded", width=85, format="localized", help="Selected images that contain the class"
    ),
    "share of images": st.column_config.ProgressColumn(width=135, format="percent", min_value=0, max_value=1),
    "objects": st.column_config.NumberColumn(
        width=70, format="localized", help="Labelled objects of the class in the selected images, without crowd regions"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Help:
    """Why few images match, and the alternatives."""

    reason: str
    choices: tuple[NearestChoice, ...]


def few_images_help(opened: Opened) -> None:
    """Where few images match, say which conditions limit them and offer the nearest selections with more."""
    chosen = state.selection()
    if not chosen.classes:
        return
    help_for = _help_of(opened, replace(chosen, others=Others.BACKGROUND), state.excluded())
    if help_for.choices:
        with st.container(border=True, key="few-images"):
            st.markdown(f":material/search_off: **{plain(help_for.reason)}**")
            for number, choice in enumerate(help_for.choices):
                _offer(replace(choice, selection=replace(choice.selection, others=chosen.others)), number)
    elif help_for.reason:
        st.info(plain(help_for.reason), icon=":material/search_off:")


def _offer(choice: NearestChoice, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Select", key=f"nearest-{number}", on_click=state.choose, args=(choice.selection,))
        st.markdown(plain(choice.sentence))


@st.fragment
def combinations_section(opened: Opened) -> None:
    """Show how selected classes combine, and the other classes in their images; a selected row reruns it alone."""
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
    st.header("Class combinations")
    table = _table_of(opened, chosen, state.excluded())
    if not table.combinations:
        st.caption("No image contains any of them under these conditions.")
        return
    figure = _figure_of(opened, chosen, state.excluded(), st.context.theme.type or "light")
    st.plotly_chart(figure, key="combinations", config={"displayModeBar": False}, alt="Images by their set of classes")
    st.caption(_how_to_read(table))


def _how_to_read(table: CombinationTable) -> str:
    """Return how to read the bars, and what they leave out."""
    parts = ["Each image counts once, by its combination of the selected classes."]
    if rest := table.combinations[MOST_BARS:]:
        images = counted(sum(each.image_count for each in rest), "image")
        parts.append(f"{counted(len(rest), 'rarer combination')} ({images}) not shown.")
    if table.left_out:
        selected_count = len(table.classes) + len(table.left_out)
        parts.append(f"Shown: the {len(table.classes)} of {selected_count} selected classes with the most images.")
    return " ".join(parts)


def _companions(opened: Opened, chosen: Selection) -> None:
    """Show every other class in the images, and offer to exclude those whose rows are selected."""
    st.header("Other classes in these images")
    total, rows = _companions_of(opened, replace(chosen, others=Others.BACKGROUND), state.excluded())
    if not rows:
        st.caption("No other class is labelled in these images." if total else "No images.")
        return
    table = st.dataframe(
        rows,
        hide_index=True,
        height=min(35 * (len(rows) + 1) + 3, TALLEST_TABLE_PX),
        key=f"companions-{hash((opened.stamp, chosen, state.excluded()))}",  # another choice has other rows
        on_select="rerun",
        selection_mode="multi-row",
        column_config=COLUMNS,
        alt="Images removed by excluding each class",
    )
    names = [rows[row]["class"] for row in table.selection.rows if row < len(rows)]
    _exclude(opened, chosen, names, total)


def _exclude(opened: Opened, chosen: Selection, names: list[str], total: int) -> None:
    after = with_excluded(chosen, names)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Exclude selected", key="exclude-companions", icon=":material/block:", disabled=not names):
            state.choose(after)
            st.rerun()
        if not names:
            st.caption("Select rows to see what remains without these classes, and to exclude them in one step.")
            return
        left = candidates_of(opened, state.excluded()).image_count(after)
        st.caption(f"**{left:,}** of {counted(total, 'image')} remain")


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _help_of(opened: Opened, selection: Selection, excluded: frozenset[ImageKey]) -> _Help:
    candidates = candidates_of(opened, excluded)
    reason = what_stands_in_the_way(candidates, selection)
    if not reason and not candidates.image_count(selection):
        reason = f"No image has {alternatives(selection.classes)}. Select another class."
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
            "images removed": by_class[name],
            "share of images": by_class[name] / total,
            "objects": amount.object_count,
        }
        for name, amount in rest.by_class.items()
    ]
    return total, sorted(rows, key=lambda row: (-by_class[str(row["class"])], -int(str(row["objects"]))))
