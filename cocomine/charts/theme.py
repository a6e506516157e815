"""Which colours do all charts share?

Colours of measures are blue to orange, legible without red-green vision, with a
neutral middle that follows light and dark.
"""

import plotly.graph_objects as go

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
CURVES = ("#1f77b4", "#e07b00", "#2a9d6f", "#a453c9", "#c0392b", "#7f7f7f")
