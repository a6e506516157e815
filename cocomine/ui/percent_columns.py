"""Shares in tables, told as everywhere else: "71.2 %"."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

PERCENT_FORMAT = "%.1f %%"
"""Streamlit's own "percent" leaves no space before the sign, unlike all sentences of the app."""


def percent_rows(rows: Sequence[Mapping[str, Any]], names: Collection[str]) -> list[dict[str, Any]]:
    """Return rows of a table with these of their shares in [0, 1] in percent; an unknown one stays so."""
    return [
        {name: value * 100 if name in names and value is not None else value for name, value in row.items()}
        for row in rows
    ]


def percent_columns(columns: Mapping[str, Sequence[Any]], names: Collection[str]) -> dict[str, Sequence[Any]]:
    """Return columns of a table with these of their shares in [0, 1] in percent."""
    return {name: [value * 100 for value in column] if name in names else column for name, column in columns.items()}


def percent_config(names: Collection[str]) -> dict[str, Any]:
    """Return how these columns are shown, for `st.dataframe`."""
    return {name: st.column_config.NumberColumn(format=PERCENT_FORMAT) for name in names}
