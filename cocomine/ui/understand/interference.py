"""Which classes interfere? The map of all pairs, what stands out in it, and the pairs as a table."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from cocomine.charts.bars import MOST_CATEGORIES
from cocomine.mining.interference.co_occurrence import OF_MASKS
from cocomine.mining.interference.sentences import notable_sentence
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.lvis_notes import pairs_note
from cocomine.ui.navigation import page_path
from cocomine.ui.session.view import View
from cocomine.ui.understand.overlap import overlap_of, overlap_panel
from cocomine.ui.understand.pair_cache import (
    Ranking,
    axes_of,
    hidden_counts,
    map_of,
    mask_shares,
    measured_pairs,
    ranking_of,
    standing_out_of,
)
from cocomine.ui.understand.pair_dialog import pair_dialog
from cocomine.ui.understand.pair_settings import CAPTIONS, FEWEST, Settings, asks_for_mine, settings_of
from cocomine.ui.understand.pair_table import SHARES, VALUE_NAMES, all_pairs_csv, pair_columns

ASKED, LAST = "asked-pair", "last-clicked-pair"
MOST_BESIDE_A_TABLE = 30
IMAGE_SCALE = {"png": 2, "svg": 1}


def interference_section(view: View) -> None:
    """Show the pairs with everything that can be done about them; two categories at least."""
    if len(view.dataset.categories) < 2:
        st.info(
            "This dataset has a single category, so there is no pair to compare. Interference is between two classes.",
            icon=":material/grid_off:",
        )
        return
    pairs_note(view)
    settings = settings_of(view)
    if settings.measure in OF_MASKS:
        settings = replace(settings, is_estimate=not overlap_of(view).from_masks)
    if asks_for_mine() and not settings.mine:
        st.info("You have picked no classes yet, so there are no pairs to show.", icon=":material/checklist:")
        st.page_link(page_path("choose"), label="Pick classes", icon=":material/arrow_forward:")
        return
    st.caption(f"{CAPTIONS[settings.measure]} Click a cell to see its images, one on the diagonal to see its class.")
    if settings.measure in OF_MASKS:
        overlap_panel(view)
    is_small = len(axes_of(view, settings).columns) <= MOST_BESIDE_A_TABLE
    if not is_small:
        _standing_out(view, settings)
    left, right = st.columns([3, 2], gap="medium") if is_small else (st.container(), st.container())
    with left:
        _pair_map(view, settings)
    with right:
        if is_small:
            _standing_out(view, settings, side_by_side=False)
        _pair_table(view, settings)
    _open_asked(view, settings)


def _pair_map(view: View, settings: Settings) -> None:
    axes = axes_of(view, settings)
    if not axes.columns:
        st.info("There is no other class of which anything can be told beside yours.", icon=":material/grid_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_map_caption(view, settings))
        picture = st.segmented_control(
            "Picture as",
            ["png", "svg"],
            default="png",
            required=True,
            format_func=str.upper,
            key="picture-format",
            persist_state="session",
            label_visibility="collapsed",
            help="The camera at the map’s upper right saves it as a picture of this kind",
        )
    key = f"pair-map-{settings.measure}"
    st.plotly_chart(
        map_of(view, settings, st.context.theme.type or "light"),
        key=key,
        on_select=partial(_clicked, key),
        selection_mode="points",
        config=_map_config(settings, picture),
        alt="Heat map of pairs of categories",
    )


def _map_config(settings: Settings, picture: str) -> dict[str, Any]:
    saved = {"format": picture, "filename": f"pairs_{settings.measure}", "scale": IMAGE_SCALE[picture]}
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def _map_caption(view: View, settings: Settings) -> str:
    axes, category_count = axes_of(view, settings), len(view.dataset.categories)
    pair_count, hatched, grey = hidden_counts(view, settings)
    told = []
    if len(settings.mine) > len(axes.rows):
        told.append(f"The first {len(axes.rows)} of your {len(settings.mine):,} classes.")
    if settings.mine and len(axes.columns) == MOST_CATEGORIES:
        told.append(f"The {MOST_CATEGORIES} classes with the strongest pairs with yours.")
    elif settings.mine and len(axes.columns) < category_count - len(settings.mine):
        told.append(
            f"Of {category_count - len(settings.mine) - len(axes.columns):,} other classes nothing can be told."
        )
    elif not settings.mine and len(axes.columns) < category_count:
        told.append(f"The {len(axes.columns)} classes with the most images; the table has all {category_count:,}.")
    if hatched:
        told.append(
            f"{hatched:,} of {pair_count:,} pairs are hatched: fewer than {settings.fewest_images} images have both, "
            "and chance would give fewer as well."
        )
    if grey:
        told.append(f"{grey:,} grey pairs cannot be told: a class is in no image, or was not looked for.")
    return " ".join(told)


def _standing_out(view: View, settings: Settings, *, side_by_side: bool = True) -> None:
    """Say which pairs to look at first, each with a button."""
    table = view.pairs
    pairs = standing_out_of(view, settings.fewest_images, settings.mine)
    if not pairs:
        st.caption("No pair is further from chance than luck alone may bring it.")
        return
    places = st.columns(len(pairs)) if side_by_side else [st.container() for _ in pairs]
    for number, (place, pair) in enumerate(zip(places, pairs, strict=True)):
        with place, st.container(border=True, height="stretch"):
            st.text(notable_sentence(table, *pair))
            st.button(
                "Look at it",
                icon=":material/image_search:",
                type="tertiary",
                key=f"look-at-{number}",
                on_click=ask_for,
                args=(pair,),
            )


def _pair_table(view: View, settings: Settings) -> None:
    """Show the strongest pairs by the measure, of all classes or of one; a row opens its pair."""
    image_counts = {category.name: category.image_count for category in view.statistics}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Pairs of",
            sorted(image_counts, key=lambda name: -image_counts[name]),
            index=None,
            format_func=lambda name: f"{name} · {image_counts[name]:,}",
            placeholder="your classes, the strongest first" if settings.mine else "all classes, the strongest first",
            key="pairs-of",
            width=280,
        )
        st.download_button(
            "All pairs as CSV",
            lambda: all_pairs_csv(view.pairs, mask_shares(view)),
            file_name="pairs.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    ranking = ranking_of(view, settings, name)
    if not ranking.pairs:
        _nothing_told(settings)
        return
    key = f"pairs-{settings.measure}-{settings.fewest_images}-{name or settings.mine}"
    st.dataframe(
        pair_columns(measured_pairs(view, settings), ranking.pairs),
        hide_index=True,
        height=min(420, 38 + 35 * len(ranking.pairs)),
        key=key,
        on_select=partial(_picked, key, ranking),
        selection_mode="single-row",
        column_config={VALUE_NAMES[measure]: st.column_config.NumberColumn(format="percent") for measure in SHARES},
        alt="Strongest pairs",
    )
    shown = f"the {len(ranking.pairs):,} strongest of " if len(ranking.pairs) < ranking.pair_count else ""
    st.caption(f"Here are {shown}{ranking.pair_count:,} pairs. Tick one to see its images; click a heading to sort.")


def _nothing_told(settings: Settings) -> None:
    if not settings.fewest_images:
        st.info("There is no pair of which this can be told.", icon=":material/search_off:")
        return
    st.info(f"No such pair has {settings.fewest_images} images.", icon=":material/search_off:")
    st.button("Hide none", icon=":material/filter_alt_off:", on_click=_hide_none, key="hide-none")


def _hide_none() -> None:
    st.session_state[FEWEST] = 0


def _clicked(key: str) -> None:
    """Ask for the pair whose cell was clicked; a second click on a cell takes its marker back, and asks again."""
    points = st.session_state[key].selection.points
    pair = tuple(int(index) for index in points[0]["customdata"]) if points else st.session_state.get(LAST)
    st.session_state[LAST] = pair
    if pair is not None:
        ask_for(pair)


def _picked(key: str, ranking: Ranking) -> None:
    """Ask for the pair whose row was ticked."""
    rows = st.session_state[key].selection.rows
    if rows and rows[0] < len(ranking.pairs):
        ask_for(ranking.pairs[rows[0]])


def ask_for(pair: tuple[int, ...]) -> None:
    """Let the dialog of a pair open in the next run; that of a class where it is twice the same."""
    st.session_state[ASKED] = pair


def _open_asked(view: View, settings: Settings) -> None:
    """Open the dialog of the pair, or class, that was asked for in this run."""
    first, second = st.session_state.pop(ASKED, (None, None))
    if first is None or max(first, second) >= len(view.dataset.categories):
        return
    if first == second:
        class_dialog(view, view.dataset.category_names[first])
    else:
        pair_dialog(view, measured_pairs(view, settings), (first, second))
