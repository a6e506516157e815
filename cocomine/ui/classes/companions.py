"""The classes that co-occur with a class, and what remains of it without them: numbers, bars, and a button."""

from collections.abc import Sequence

import streamlit as st

from cocomine.charts.companions import images_left_figure
from cocomine.charts.theme import Figure
from cocomine.mining.interference.companions import (
    Companion,
    association_sentence,
    avoided_sentence,
    companion_rows,
    companion_sentence,
    images_left,
    strongest_association,
)
from cocomine.mining.selection.editing import with_classes, with_excluded
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.system.csv_text import csv_of_rows
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.decisions import apply_and_close, key_of
from cocomine.ui.session.view import View, of_dataset
from cocomine.wording import counted, plain, shortened

TABLE_HEIGHT_PX = 318
LONGEST_NAME = 24
"""In the table; longer ones would push the numbers out of sight. The file has them whole."""
COLUMNS = {
    "class": st.column_config.TextColumn(width=130),
    "images with both": st.column_config.NumberColumn("with both", help="Images with both classes"),
    "of images": st.column_config.NumberColumn(
        "of images", help="Images with this class in which the other one was annotated for"
    ),
    "% of its images": st.column_config.NumberColumn(
        "% of its images", format="%.1f", help="Share of this class's images that contain the other class"
    ),
    "images left": st.column_config.NumberColumn("remaining", help="Images of this class without the other one"),
    "% left": st.column_config.NumberColumn(
        "% remaining", format="%.1f", help="Share of this class's images that remain if the other class is excluded"
    ),
    "not annotated": st.column_config.NumberColumn(
        help="Images of this class in which the other one was not annotated for: it may be present"
    ),
    "lift": st.column_config.NumberColumn(
        format="%.2f", help="Images with both, divided by the number expected by chance"
    ),
    "95 % CI from": st.column_config.NumberColumn(format="%.2f", help="95 % confidence interval of the lift"),
    "to": st.column_config.NumberColumn(format="%.2f"),
}
"""How the table shows the fields of `companion_rows`."""


@cached(of_dataset)
def _figure_of(view: View, name: str, theme: str) -> Figure:
    return images_left_figure(view.companions(name), theme=theme)


def companions_panel(view: View, category: CategoryStatistics) -> None:
    """Show which classes co-occur with the class, and what remains of it without them."""
    beside = view.companions(category.name)
    if not beside:
        st.info(_alone(view, category), icon=":material/person:")
        return
    st.text(_notable(view, category, beside))
    if view.dataset.is_federated:
        st.caption(
            ":material/visibility_off: This dataset is not exhaustively labelled (LVIS). Shares refer to the images in "
            "which both classes were annotated; in the others the class may be present."
        )
    bars, table = st.columns([2, 3], gap="medium")
    with bars:
        st.markdown("**Images remaining if this class is excluded**")
        figure = _figure_of(view, category.name, st.context.theme.type or "light")
        st.plotly_chart(
            figure,
            key=key_of(category, "left"),
            config={"displayModeBar": False},
            alt="Images remaining if a class is excluded",
        )
    with table:
        ticked = _companion_table(category, beside)
        with st.container(horizontal=True):
            with st.container():
                _exclude_companions(view, category, ticked)
            _csv(category, beside)


def _notable(view: View, category: CategoryStatistics, beside: Sequence[Companion]) -> str:
    """Return what is notable among the co-occurring classes, a line for each."""
    beyond = strongest_association(beside)
    avoided = avoided_sentence(view.pairs, view.dataset.category_index_of(category.name))
    lines = [companion_sentence(beside[0]), association_sentence(beyond) if beyond else None, avoided]
    return "\n".join(filter(None, lines))


def _alone(view: View, category: CategoryStatistics) -> str:
    if not category.image_count:
        return "No image contains this class."
    if len(view.dataset.categories) == 1:
        return "This dataset has a single class."
    return "No other class is annotated in its images."


def _companion_table(category: CategoryStatistics, beside: Sequence[Companion]) -> list[Companion]:
    """Show every co-occurring class with its numbers; return those whose rows are selected."""
    rows = [row | {"class": shortened(row["class"], LONGEST_NAME)} for row in companion_rows(beside)]
    st.markdown(f"**{counted(len(beside), 'co-occurring class')}**")
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=min(35 * (len(rows) + 1) + 3, TABLE_HEIGHT_PX),
        key=key_of(category, "companions"),
        on_select="rerun",
        selection_mode="multi-row",
        column_config=COLUMNS,
        alt=f"Classes that co-occur with {category.name}",
    )
    return [beside[row] for row in chosen.selection.rows if row < len(beside)]


def _csv(category: CategoryStatistics, beside: Sequence[Companion]) -> None:
    st.download_button(
        "CSV",
        lambda: csv_of_rows(companion_rows(beside)),
        file_name=f"co_occurring_with_{category.id}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=key_of(category, "csv"),
    )


def _exclude_companions(view: View, category: CategoryStatistics, ticked: Sequence[Companion]) -> None:
    """Offer to exclude the selected classes, and to include this one where it is not: else it would have no effect."""
    if not ticked:
        st.caption("Select rows to see what remains without these classes, and to exclude them.")
        return
    chosen, names = state.selection(), [companion.name for companion in ticked]
    is_included = category.name in chosen.classes
    index = view.dataset.category_index_of(category.name)
    left = images_left(view.presence, index, [companion.index for companion in ticked])
    shown = plain(shortened(names[0], 24)) if len(names) == 1 else f"these {len(names)}"
    label = f"Exclude {shown}" if is_included else f"Include {plain(shortened(category.name, 24))}, exclude {shown}"
    st.text(f"{left:,} of {counted(category.image_count, 'image')} remain.")
    given_up = [name for name in names if name in chosen.classes]
    if given_up:
        st.text(f"Currently included: {', '.join(given_up)}. Excluding replaces that.")
    if st.button(label, icon=":material/block:", key=key_of(category, "exclude-companions")):
        told = "" if is_included else f"{category.name} included. "
        apply_and_close(
            with_excluded(with_classes(chosen, [category.name]), names), f"{told}Excluded: {', '.join(names)}."
        )
