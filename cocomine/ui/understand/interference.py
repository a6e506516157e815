"""Class interference (co-occurrence): the map of all pairs, the notable ones, and the pairs as a table."""

from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from cocomine.charts.bars import MOST_CATEGORIES
from cocomine.charts.heat_map import pair_of_marker
from cocomine.mining.interference.co_occurrence import OF_MASKS
from cocomine.mining.interference.pair_rows import SHARES, VALUE_NAMES, all_pairs_csv, pair_columns
from cocomine.mining.interference.sentences import notable_sentence
from cocomine.ui.classes.class_dialog import class_dialog
from cocomine.ui.lvis_notes import pairs_note
from cocomine.ui.navigation import page_path
from cocomine.ui.percent_columns import percent_columns, percent_config
from cocomine.ui.session.opening import in_session
from cocomine.ui.session.view import View
from cocomine.ui.understand.overlap import overlap_of, overlap_panel
from cocomine.ui.understand.pair_cache import (
    Ranking,
    axes_of,
    hidden_counts,
    map_of,
    mask_shares,
    measured_pairs,
    notable_of,
    ranking_of,
)
from cocomine.ui.understand.pair_dialog import pair_dialog
from cocomine.ui.understand.pair_settings import CAPTIONS, Settings, asks_for_mine, hide_below, settings_of
from cocomine.ui.wide_chart import wide_chart_key
from cocomine.wording import counted

ASKED, LAST = "asked-pair", "last-clicked-pair"
MOST_BESIDE_A_TABLE = 30
LIFT_FORMATS = {name: st.column_config.NumberColumn(format="%.2f") for name in ("lift", "95 % CI from", "to")}
IMAGE_SCALE = {"png": 2, "svg": 1}


@st.fragment
def interference_section(view: View) -> None:
    """Show the pairs with everything that can be done about them; a click in the map runs this section alone."""
    view = in_session(view)
    if len(view.dataset.categories) < 2:
        st.info("This dataset has a single class, so there is no pair to compare.", icon=":material/grid_off:")
        return
    pairs_note(view)
    settings = settings_of(view)
    if settings.measure in OF_MASKS:
        settings = replace(settings, is_estimate=not overlap_of(view).from_masks)
    if asks_for_mine() and not settings.mine:
        st.info("No classes selected.", icon=":material/checklist:")
        st.page_link(page_path("choose"), label="Choose classes", icon=":material/arrow_forward:")
        return
    st.caption(f"{CAPTIONS[settings.measure]} Click a cell to see its images, or a diagonal cell to see its class.")
    if settings.measure in OF_MASKS:
        overlap_panel(view)
    is_small = len(axes_of(view, settings).columns) <= MOST_BESIDE_A_TABLE
    if not is_small:
        _notable_pairs(view, settings)
    left, right = st.columns([3, 2], gap="medium") if is_small else (st.container(), st.container())
    with left:
        _pair_map(view, settings)
    with right:
        if is_small:
            _notable_pairs(view, settings, side_by_side=False)
        _pair_table(view, settings)
    _open_asked(view, settings)


def _pair_map(view: View, settings: Settings) -> None:
    axes = axes_of(view, settings)
    if not axes.columns:
        st.info("Not enough data about any other class.", icon=":material/grid_off:")
        return
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_map_caption(view, settings))
        image_format = st.segmented_control(
            "Image format",
            ["png", "svg"],
            default="png",
            required=True,
            format_func=str.upper,
            key="image-format",
            persist_state="session",
            label_visibility="collapsed",
            help="Format that the camera at the upper right of the map saves",
        )
    key = f"pair-map-{settings.measure}"
    with st.container(key=wide_chart_key(key, len(axes.columns))):
        st.plotly_chart(
            map_of(view, settings, st.context.theme.type or "light"),
            key=key,
            on_select=partial(_clicked, key, len(view.dataset.categories)),
            selection_mode="points",
            config=_map_config(settings, image_format),
            alt="Heat map of pairs of categories",
        )


def _map_config(settings: Settings, image_format: str) -> dict[str, Any]:
    saved = {"format": image_format, "filename": f"pairs_{settings.measure}", "scale": IMAGE_SCALE[image_format]}
    return {
        "displayModeBar": True,
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
    }


def _map_caption(view: View, settings: Settings) -> str:
    axes, category_count = axes_of(view, settings), len(view.dataset.categories)
    pair_count, hatched, grey = hidden_counts(view, settings)
    parts = []
    if len(settings.mine) > len(axes.rows):
        parts.append(f"Rows: the first {len(axes.rows)} of {len(settings.mine):,} selected classes.")
    if settings.mine and len(axes.columns) == MOST_CATEGORIES:
        parts.append(f"Columns: the {MOST_CATEGORIES} classes with the strongest pairs.")
    elif settings.mine and len(axes.columns) < category_count - len(settings.mine):
        parts.append(
            f"{category_count - len(settings.mine) - len(axes.columns):,} other classes hidden (not enough data)."
        )
    elif not settings.mine and len(axes.columns) < category_count:
        parts.append(f"The {len(axes.columns)} of {category_count:,} classes with the most images; the table has all.")
    if hatched:
        parts.append(f"{hatched:,} of {pair_count:,} pairs hidden (fewer than {settings.fewest_images} images).")
    if grey:
        parts.append(f"{counted(grey, 'pair')} grey (no image, or not annotated).")
    return " ".join(parts)


def _notable_pairs(view: View, settings: Settings, *, side_by_side: bool = True) -> None:
    """Say which pairs to look at first, each with a button."""
    table = view.pairs
    pairs = notable_of(view, settings.fewest_images, settings.mine)
    if not pairs:
        st.caption("No pair differs significantly from chance (95 %).")
        return
    columns = st.columns(len(pairs)) if side_by_side else [st.container() for _ in pairs]
    for number, (column, pair) in enumerate(zip(columns, pairs, strict=True)):
        with column, st.container(border=True, height="stretch"):
            st.text(notable_sentence(table, *pair))
            st.button(
                "Show images",
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
            "Class",
            sorted(image_counts, key=lambda name: -image_counts[name]),
            index=None,
            format_func=lambda name: f"{name} · {image_counts[name]:,}",
            placeholder="Selected classes" if settings.mine else "All classes",
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
        _no_pairs(settings)
        return
    shares = [VALUE_NAMES[measure] for measure in SHARES]
    key = f"pairs-{settings.measure}-{settings.fewest_images}-{name or settings.mine}"
    st.dataframe(
        percent_columns(pair_columns(measured_pairs(view, settings), ranking.pairs), shares),
        hide_index=True,
        height=min(420, 38 + 35 * len(ranking.pairs)),
        key=key,
        on_select=partial(_row_selected, key, ranking),
        selection_mode="single-row",
        column_config=LIFT_FORMATS | percent_config(shares),
        alt="Strongest pairs",
    )
    shown = f"Strongest {len(ranking.pairs):,} of " if len(ranking.pairs) < ranking.pair_count else ""
    st.caption(f"{shown}{counted(ranking.pair_count, 'pair')}. Select a row to see its images.")


def _no_pairs(settings: Settings) -> None:
    if not settings.fewest_images:
        st.info("No pair to show.", icon=":material/search_off:")
        return
    st.info(f"No pair has at least {settings.fewest_images} images.", icon=":material/search_off:")
    st.button("Show all", icon=":material/filter_alt_off:", on_click=hide_below, args=(0,), key="hide-none")


def _clicked(key: str, category_count: int) -> None:
    """Ask for the pair whose cell was clicked; a second click on a cell takes its marker back, and asks again."""
    chart = st.session_state.get(key)
    if chart is None:  # no longer on the page: the click came after it
        return
    points = chart.selection.points
    clicked = pair_of_marker(points[0]["customdata"], category_count) if points else None
    pair = clicked or st.session_state.get(LAST)
    st.session_state[LAST] = pair
    if pair is not None:
        ask_for(pair)


def _row_selected(key: str, ranking: Ranking) -> None:
    """Ask for the pair whose row was selected."""
    table = st.session_state.get(key)
    rows = [] if table is None else table.selection.rows
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
