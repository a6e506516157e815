"""What came out of a claim check: the sentence first, then every number it rests on, each with a way to its runs."""

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from cocomine.charts.forest import forest_chart
from cocomine.claim.arms import ARMS
from cocomine.claim.csv_table import differences_csv
from cocomine.claim.number_words import interval_words, p_words, plain_number, signed, with_interval
from cocomine.claim.reading import Claim
from cocomine.claim.records import Difference, Protocol, Result
from cocomine.claim.report import command_lines, limit_sentences, report_html, report_markdown, strength_words
from cocomine.claim.sentences import is_claimed
from cocomine.claim.tables import (
    TEST_SET_WORDS,
    Pair,
    false_alarms,
    forest_rows,
    learning_speeds,
    pair_of,
    pairs,
    told_words,
    what_words,
)
from cocomine.ui.compare.claim_images import differing_images
from cocomine.ui.compare.claim_progress import claim_grid
from cocomine.ui.compare.claim_session import open_run
from cocomine.wording import plain

AS_PNG: dict[str, Any] = {
    "displayModeBar": True,
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"filename": "claim-check", "scale": 2},
}
"""Plotly's bar of buttons, with the one that saves the chart alone."""


def claim_answer(claim: Claim, result: Result) -> None:
    """Show the answer of a claim check that is judged."""
    for sentence in result.sentences[:2]:  # on images with a class, and in the natural mix: neither alone is the answer
        st.header(plain(sentence))
    with st.container(horizontal=True, gap="small"):
        for part in strength_words(claim.protocol).split(" · "):
            st.badge(part, icon=":material/verified:", color="gray")
    for sentence in result.sentences[2:]:
        st.markdown(f"- {plain(sentence)}")
    _take_along(claim, result)
    _forest(result)
    left, right = st.columns(2, gap="large")
    with left:
        _false_alarms(result)
    with right:
        _learning_speed(result)
    _all_differences(claim, result)
    st.subheader("Runs")
    claim_grid(claim)
    differing_images(claim)
    _limits(claim.protocol, result)


def _take_along(claim: Claim, result: Result) -> None:
    """Offer the sentence, the numbers and the report; each file is made when somebody clicks."""
    files = (
        ("CSV", partial(differences_csv, result), "csv", "text/csv", ":material/table:"),
        (
            "Download report HTML",
            partial(report_html, claim.protocol, result),
            "html",
            "text/html",
            ":material/description:",
        ),
        ("Markdown", partial(report_markdown, claim.protocol, result), "md", "text/markdown", ":material/article:"),
    )
    with st.container(horizontal=True):
        with st.popover("Copy sentence", icon=":material/content_copy:", key="claim-copy"):
            st.code(" ".join(result.sentences[:2]), language=None, wrap_lines=True)
        for label, made, ending, kind, icon in files:
            name = f"{claim.folder.name}.{ending}"
            st.download_button(label, made, name, kind, icon=icon, on_click="ignore")


def _forest(result: Result) -> None:
    """Show the differences of two arms, class by class, on both sets of test images."""
    found = {pair: rows for pair in pairs(result) if (rows := forest_rows(result, pair))}
    if not found:
        return
    st.subheader("Differences by class")
    pair = _pair_choice(list(found)) if len(found) > 1 else next(iter(found))
    st.caption(
        f"{plain(pair.words)}. Points of IoU with 95 % intervals, on test images with a selected class and on the "
        "natural mix. Hollow: no difference can be told. The camera saves the chart as PNG."
    )
    st.plotly_chart(
        forest_chart(found[pair], theme=st.context.theme.type or "light"),
        key="claim-forest",
        config=AS_PNG,
        alt=f"Differences of IoU, {pair.words}",
    )


def _pair_choice(found: list[Pair]) -> Pair:
    names = {f"{pair.short}, {pair.steps:,} steps": pair for pair in found}
    name = st.segmented_control(
        "Arms", list(names), default=next(iter(names)), required=True, key="claim-pair", label_visibility="collapsed"
    )
    return names[name]


def _false_alarms(result: Result) -> None:
    """Say how many pixels each arm takes for a class on images without any."""
    found = false_alarms(result)
    if not found:
        return
    st.subheader("False alarms")
    st.caption("Pixels an image that are taken for one of your classes, on test images without any of them.")
    levels: dict[str, str] = {}
    for each in found:
        for arm, value in ((each.comparison.first, each.first), (each.comparison.second, each.second)):
            levels.setdefault(f"{arm} {ARMS[arm].words}", plain_number(value))
    with st.container(horizontal=True):
        for name, level in levels.items():
            st.metric(name, level)
    for each in found:
        st.markdown(f"{pair_of(each.comparison).short}: {plain(told_words(each))}")


def _learning_speed(result: Result) -> None:
    """Say how a difference changes with three times the steps."""
    groups = learning_speeds(result)
    if not groups:
        return
    st.subheader("Learning speed")
    st.caption("Differences of mIoU in points; one that shrinks with more steps is of speed, not of interference.")
    rows = [
        {
            "arms": pair_of(each.comparison).short,
            "test images": TEST_SET_WORDS[each.comparison.test_set],
            "steps": each.comparison.steps,
            "difference": signed(each.value),
            "95 % interval": interval_words(each),
        }
        for group in groups
        for each in group
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt="Differences by number of steps")


def _all_differences(claim: Claim, result: Result) -> None:
    """Show every difference with its p values; the runs behind the one that is selected can be opened."""
    with st.expander(f"All {len(result.differences):,} differences", icon=":material/table:", key="claim-differences"):
        st.caption("IoU in points, false alarms in pixels an image. Select a row to see the runs behind it.")
        picked = st.dataframe(
            pd.DataFrame([_shown(difference) for difference in result.differences]),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key="claim-difference",
            alt="All differences",
        )
        for index in picked.selection.rows[:1]:
            _runs_behind(claim, result.differences[index])


def _shown(difference: Difference) -> dict[str, str | int]:
    asked = difference.comparison
    return {
        "arms": pair_of(asked).short,
        "steps": asked.steps,
        "test images": TEST_SET_WORDS[asked.test_set],
        "measure": what_words(difference),
        "first": plain_number(difference.first),
        "second": plain_number(difference.second),
        "difference": signed(difference.value),
        "95 % interval": interval_words(difference),
        "p": p_words(difference.p),
        "p (Holm)": "primary" if difference.is_primary else p_words(difference.p_corrected),
        "claimed": "yes" if is_claimed(difference) else "no",
        "seeds": difference.seed_count,
    }


def _runs_behind(claim: Claim, difference: Difference) -> None:
    """Offer the runs of both arms of a difference."""
    asked = difference.comparison
    steps = claim.protocol.steps if difference.what == "learning speed" else (asked.steps,)
    arms = (asked.first, asked.second)
    st.markdown(f"Runs behind {plain(with_interval(difference))}:")
    with st.container(horizontal=True):
        for cell in claim.cells:
            if cell.arm in arms and cell.steps in steps:
                label, key = cell.folder.name, f"behind-{cell.folder}"
                if st.button(label, icon=":material/model_training:", key=key, type="tertiary"):
                    open_run(cell.folder)


def _limits(protocol: Protocol, result: Result) -> None:
    """Say what the check cannot see, and what was decided before it began."""
    with st.expander("Protocol and limits", icon=":material/policy:", key="claim-limits"):
        st.caption("The whole of it is in the report.")
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in limit_sentences(result)))
        st.markdown(f"Decided before the first run; SHA-256 of the protocol: `{result.protocol_sha256}`")
        st.code("\n".join(command_lines(protocol.settings)), language="bash")
