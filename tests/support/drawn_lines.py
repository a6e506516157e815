"""What a page's chart shows, read from what the browser is sent."""

import base64
import json
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest


def drawn_lines(app: AppTest, chart: int) -> dict[str, Any]:
    """The lines of one of a page's charts, by name."""
    figure = json.loads(app.get("plotly_chart")[chart].proto.spec)
    return {each["name"]: each | {axis: _numbers(each[axis]) for axis in ("x", "y")} for each in figure["data"]}


def _numbers(values: Any) -> list[float]:
    """Numbers as plotly sends them: a list, or the bytes of an array."""
    if isinstance(values, list):
        return values
    numbers: list[float] = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).tolist()
    return numbers
