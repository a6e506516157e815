"""Tables to plotly figures; the only package that knows plotly.

Figures carry data and layout alone; Streamlit's theme gives fonts and backgrounds. A `theme` is "light" or "dark",
`colours` are "#rrggbb" by class name.
"""

# plotly looks for pandas among the loaded modules and stumbles over one that another session's thread is still
# importing; importing it before any chart waits until it is complete. To go when plotly no longer peeks into
# sys.modules.
import pandas as pd  # noqa: F401
