"""Which colours do all charts share, and how do names stand on an axis?

Colours of measures are blue to orange, legible without red-green vision, with a
neutral middle that follows light and dark.
"""

from collections.abc import Sequence
from html import escape, unescape
from typing import Any

import plotly.graph_objects as go

from cocomine.wording import is_wide, shortened

Figure = go.Figure

MIDDLE = {"light": "#f3f1ec", "dark": "#20262b"}
UNKNOWN = {"light": "#cfd3d6", "dark": "#444b52"}
"""What has no value."""
HATCHES = {"light": "#d3d7da", "dark": "#4a5158"}
"""Lines over values that rest on too few images."""
FAINT = {"light": "#9aa1a7", "dark": "#5f6971"}
"""Lines between groups."""
TEXT = {"light": "#31333f", "dark": "#e6eaf1"}
"""Small words, such as the names on long axes."""
FEWER = {"light": "#be560a", "dark": "#f4a259"}
MORE = {"light": "#1f6fb2", "dark": "#6cb6f2"}
MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
CURVES = ("#1f77b4", "#e07b00", "#2a9d6f", "#a453c9", "#c0392b", "#7f7f7f")


def label(name: str, longest: int) -> str:
    """Return a name short enough for an axis, and without what plotly takes for HTML."""
    return escape(shortened(name, longest), quote=False)


def name_ticks(names: Sequence[str], longest: int) -> dict[str, Any]:
    """Return the ticks of an axis on which names stand at 0, 1, 2 and so on."""
    return ticks([label(name, longest) for name in names])


def ticks(labels: Sequence[str]) -> dict[str, Any]:
    """Return the ticks of an axis with these texts at 0, 1, 2 and so on."""
    return {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": list(labels)}


def widest_px(labels: Sequence[str], font_px: int) -> float:
    """Return about how wide the widest of these labels is drawn, 0 where there is none."""
    widths = [sum(1.0 if is_wide(sign) else 0.6 for sign in unescape(text)) for text in labels]
    return font_px * max(widths, default=0.0)


def row_axis(labels: Sequence[str]) -> dict[str, Any]:
    """Return a y axis of rows with these texts, the first on top."""
    look = {"range": [len(labels) - 0.5, -0.5], "showgrid": False, "zeroline": False, "automargin": True}
    return look | ticks(labels)
