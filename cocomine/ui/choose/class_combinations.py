"""Combinations of the selected classes, other classes in their images, and help where few images match."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from cocomine.charts.combinations import MOST_BARS, combination_bars
from cocomine.charts.theme import Figure
from cocomine.mining.advice.too_few_images import (
    AlternativeSelection,
    alternative_selections,
    any_of,
    limiting_conditions,
)
from cocomine.mining.selection.combinations import CombinationTable
from cocomine.mining.selection.editing import with_excluded
from cocomine.ui.percent_columns import PERCENT_FORMAT, percent_rows
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.opening import in_session
from cocomine.ui.session.view import View, of_images
from cocomine.wording import counted, plain, shortened

NARROWEST_PX = 430
TALLEST_TABLE_PX = 388
LONGEST_NAME = 24
COLUMNS = {
    "class": st.column_config.TextColumn(width=125),
    "images removed": st.column_config.NumberColumn(
        width=120, format="localized", help="Selected images that contain the class: excluding it removes them"
    ),
    "share of images": st.column_config.ProgressColumn(width=115, format=PERCENT_FORMAT, min_value=0, max_value=100),
    "objects": st.column_config.NumberColumn(
        width=70, format="localized", help="Labelled objects of the class in the selected images, without crowd regions"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Help:
    """Why few images match, and the alternatives."""

    reason: str
    choices: tuple[AlternativeSelection, ...]


def few_images_help(view: View) -> None:
    """Where few images match, say which conditions limit them and offer the nearest selections with more."""
    chosen = view.selection
    if not chosen.classes:
        return
    help_for = _help_of(view)
    if help_for.choices:
        with st.container(border=True, key="few-images"):
            st.markdown(f":material/search_off: **{plain(help_for.reason)}**")
            for number, choice in enumerate(help_for.choices):
                _offer(replace(choice, selection=replace(choice.selection, others=chosen.others)), number)
    elif help_for.reason:
        st.info(plain(help_for.reason), icon=":material/search_off:")


def _offer(choice: AlternativeSelection, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Select", key=f"nearest-{number}", on_click=state.choose, args=(choice.selection,))
        st.markdown(plain(choice.sentence))


@st.fragment
def combinations_section(view: View) -> None:
    """Show how selected classes combine, and the other classes in their images; a selected row reruns it alone."""
    view = in_session(view)
    chosen = view.selection
    if not chosen.classes:
        return
    if len(chosen.classes) == 1:
        _companions(view)
        return
    halves = st.grid(2, min_column_width=NARROWEST_PX, gap="large")
    with halves.cell():
        _combinations(view)
    with halves.cell():
        _companions(view)


def _combinations(view: View) -> None:
    st.header("Class combinations")
    table = view.combinations
    if not table.combinations:
        st.caption("No image contains any of them under these conditions.")
        return
    figure = _figure_of(view, st.context.theme.type or "light")
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


def _companions(view: View) -> None:
    """Show every other class in the images, and offer to exclude those whose rows are selected."""
    st.header("Other classes in these images")
    total, rows = view.counts.image_count, _companion_rows(view)
    if not rows:
        st.caption("No other class is labelled in these images." if total else "No images.")
        return
    table = st.dataframe(
        percent_rows([row | {"class": shortened(row["class"], LONGEST_NAME)} for row in rows], ["share of images"]),
        hide_index=True,
        height=min(35 * (len(rows) + 1) + 3, TALLEST_TABLE_PX),
        key=f"companions-{hash(view.key)}",  # another choice has other rows
        on_select="rerun",
        selection_mode="multi-row",
        column_config=COLUMNS,
        alt="Images removed by excluding each class",
    )
    names = [rows[row]["class"] for row in table.selection.rows if row < len(rows)]
    _exclude(view, names, total)


def _exclude(view: View, names: list[str], total: int) -> None:
    after = with_excluded(view.selection, names)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Exclude selected", key="exclude-companions", icon=":material/block:", disabled=not names):
            state.choose(after)
            st.rerun()
        if not names:
            st.caption("Select rows to see what remains without these classes, and to exclude them in one step.")
            return
        left = view.candidates.image_count(after)
        st.caption(f"**{left:,}** of {counted(total, 'image')} remain")


@cached(of_images)
def _help_of(view: View) -> _Help:
    candidates, selection = view.candidates, view.selection
    reason = limiting_conditions(candidates, selection)
    if not reason and not candidates.image_count(selection):
        reason = f"No image has {any_of(selection.classes)}. Select another class."
    return _Help(reason=reason, choices=tuple(alternative_selections(candidates, selection)))


@cached(of_images, most=16)
def _figure_of(view: View, theme: str) -> Figure:
    return combination_bars(view.combinations, colours=view.colours, theme=theme)


@cached(of_images)
def _companion_rows(view: View) -> list[dict[str, Any]]:
    """Return one row for each other class in the images, the costliest first."""
    total, by_class = view.counts.image_count, view.images_removed_by_excluding
    rows = [
        {
            "class": name,
            "images removed": by_class[name],
            "share of images": by_class[name] / total,
            "objects": amount.object_count,
        }
        for name, amount in view.other_classes.by_class.items()
    ]
    return sorted(rows, key=lambda row: (-by_class[str(row["class"])], -int(str(row["objects"]))))
