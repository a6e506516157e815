"""Who else is in the images of a class, and what is left of it without them: numbers, bars, and a button."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from cocomine.charts.companions import images_left_figure
from cocomine.charts.theme import Figure
from cocomine.mining.interference.companions import (
    Companion,
    avoided_sentence,
    companion_sentence,
    companions,
    images_left,
    strangest,
    strangest_sentence,
)
from cocomine.mining.selection.editing import forbidding, wanting
from cocomine.mining.statistics.categories import CategoryStatistics
from cocomine.ui.data.tables import as_csv
from cocomine.ui.session import state
from cocomine.ui.session.cached import BY_STAMP, Opened, pairs_of, presence_of
from cocomine.ui.session.decisions import decide, key_of
from cocomine.wording import counted, plain, shortened

TABLE_HEIGHT_PX = 318
COLUMNS = {
    "companion": st.column_config.TextColumn(width=130),
    "images with both": st.column_config.NumberColumn("with both", help="Images with the class and the companion"),
    "of images": st.column_config.NumberColumn(
        "of images", help="Images with the class where somebody looked for the companion"
    ),
    "% of its images": st.column_config.NumberColumn(
        "% of its images", format="%.1f", help="How many of the class's images have the companion too"
    ),
    "images left": st.column_config.NumberColumn("left", help="Images of the class without the companion"),
    "% left": st.column_config.NumberColumn(
        format="%.1f", help="What share of the class's images is left when the companion is forbidden"
    ),
    "not looked for": st.column_config.NumberColumn(
        help="Images of the class where nobody looked for the companion: it may be there all the same"
    ),
    "times chance": st.column_config.NumberColumn(
        "× chance", format="%.2f", help="Images with both, divided by how many chance would bring"
    ),
    "95 % from": st.column_config.NumberColumn(
        format="%.2f", help="Between this and the next number lies, in 95 of 100 cases, the true “× chance”"
    ),
    "to": st.column_config.NumberColumn(format="%.2f"),
}
"""How the table shows the fields of `companion_rows`."""


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def companions_of(opened: Opened, name: str) -> list[Companion]:
    """Return the classes that share an image with this one, see `companions`."""
    return companions(pairs_of(opened), opened.dataset.category_index_of(name))


@st.cache_resource(max_entries=64, hash_funcs=BY_STAMP, show_spinner=False)
def _figure_of(opened: Opened, name: str, theme: str) -> Figure:
    return images_left_figure(companions_of(opened, name), theme=theme)


def companions_panel(opened: Opened, category: CategoryStatistics) -> None:
    """Show who else is in the images of the class, and what is left of it without them."""
    beside = companions_of(opened, category.name)
    if not beside:
        st.info(_alone(opened, category), icon=":material/person:")
        return
    st.text(_told(opened, category, beside))
    if opened.dataset.is_federated:
        st.caption(
            ":material/visibility_off: In each image of this dataset only some classes were looked for. Shares are "
            "those of the images where the companion was looked for too; in the others it may be there all the same."
        )
    bars, table = st.columns([2, 3], gap="medium")
    with bars:
        st.markdown("**Images left if a companion is forbidden**")
        figure = _figure_of(opened, category.name, st.context.theme.type or "light")
        st.plotly_chart(figure, key=key_of(category, "left"), config={"displayModeBar": False}, alt="Images left")
    with table:
        picked = _companion_table(category, beside)
        with st.container(horizontal=True):
            with st.container():
                _forbid_companions(opened, category, picked)
            _csv(category, beside)


def _told(opened: Opened, category: CategoryStatistics, beside: Sequence[Companion]) -> str:
    """Return what stands out among the companions, a line for each."""
    beyond = strangest(beside)
    avoided = avoided_sentence(pairs_of(opened), opened.dataset.category_index_of(category.name))
    lines = [companion_sentence(beside[0]), strangest_sentence(beyond) if beyond else None, avoided]
    return "\n".join(filter(None, lines))


def _alone(opened: Opened, category: CategoryStatistics) -> str:
    if not category.image_count:
        return "No image has this class, so there is nobody beside it."
    if len(opened.dataset.categories) == 1:
        return "This dataset has a single category, so there is nobody beside it."
    return "No other class is marked in its images: it is alone in all of them."


def _companion_table(category: CategoryStatistics, beside: Sequence[Companion]) -> list[Companion]:
    """Show every companion with its numbers; return those that are ticked."""
    rows = companion_rows(beside)
    st.markdown(f"**{counted(len(beside), 'companion')} in numbers**")
    chosen = st.dataframe(
        rows,
        hide_index=True,
        height=min(35 * (len(rows) + 1) + 3, TABLE_HEIGHT_PX),
        key=key_of(category, "companions"),
        on_select="rerun",
        selection_mode="multi-row",
        column_config=COLUMNS,
        alt=f"Companions of {category.name}",
    )
    return [beside[row] for row in chosen.selection.rows if row < len(beside)]


def _csv(category: CategoryStatistics, beside: Sequence[Companion]) -> None:
    st.download_button(
        "CSV",
        lambda: as_csv(companion_rows(beside)),
        file_name=f"companions_of_{category.id}.csv",
        mime="text/csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        key=key_of(category, "csv"),
    )


def _forbid_companions(opened: Opened, category: CategoryStatistics, picked: Sequence[Companion]) -> None:
    """Offer to forbid the ticked companions, and to want the class where it is not wanted yet: else it had no sense."""
    if not picked:
        st.caption("Tick companions to see what is left without them, and to forbid them.")
        return
    chosen, names = state.selection(), [companion.name for companion in picked]
    is_wanted = category.name in chosen.classes
    index = opened.dataset.category_index_of(category.name)
    left = images_left(presence_of(opened), index, [companion.index for companion in picked])
    ticked = plain(shortened(names[0], 24)) if len(names) == 1 else f"these {len(names)}"
    label = f"Forbid {ticked}" if is_wanted else f"Want {plain(shortened(category.name, 24))} and forbid {ticked}"
    st.text(f"Without {'it' if len(names) == 1 else 'them'}, {left:,} of its {category.image_count:,} images are left.")
    given_up = [name for name in names if name in chosen.classes]
    if given_up:
        st.text(f"You want {', '.join(given_up)} now; forbidding takes that back.")
    if st.button(label, icon=":material/block:", key=key_of(category, "forbid-companions")):
        told = "" if is_wanted else f"{category.name} is now one of your classes. "
        decide(forbidding(wanting(chosen, [category.name]), names), f"{told}Forbidden: {', '.join(names)}.")


def companion_rows(beside: Sequence[Companion]) -> list[dict[str, Any]]:
    """Return companions in the page's words; where they were not looked for in all images, in how many they were."""
    is_federated = any(companion.unchecked_count for companion in beside)
    return [
        {
            "companion": companion.name,
            "images with both": companion.both_count,
            **({"of images": companion.checked_count} if is_federated else {}),
            "% of its images": round(100 * companion.share, 2),
            "images left": companion.left_count,
            "% left": round(100 * companion.share_left, 2),
            **({"not looked for": companion.unchecked_count} if is_federated else {}),
            "times chance": round(companion.lift, 2),
            "95 % from": round(companion.lift_low, 2),
            "to": round(companion.lift_high, 2),
        }
        for companion in beside
    ]
