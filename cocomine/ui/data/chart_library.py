"""The scripts of the chart library, brought to the browser before the first chart needs them.

Streamlit loads them with the first chart, and that page then waits for them. They are the file of its front end that is
named `PlotlyChart.<hash>.js`; where a Streamlit has none of this name, nothing is loaded early.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

SCRIPTS = Path(st.__file__).with_name("static") / "static" / "js"
ASSET = Path(__file__).with_name("assets") / "chart_library.js"


def load_chart_library() -> None:
    """Let the browser load the chart library when the page is drawn and it has nothing else to do."""
    if file := chart_library_file(SCRIPTS):
        _loader()(key="chart-library", data={"file": file})


@cache
def chart_library_file(folder: Path) -> str:
    """Return the name of the file among the front end's scripts; "" where there is none, or more than one."""
    found = sorted(path.name for path in folder.glob("PlotlyChart.*.js"))
    return found[0] if len(found) == 1 else ""


@cache
def _loader() -> "ComponentRenderer":
    return st.components.v2.component("cocomine.chart_library", js=ASSET.read_text(encoding="utf-8"))
