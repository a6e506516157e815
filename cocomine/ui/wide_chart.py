"""Charts of many classes, which scroll sideways inside the page where the window is narrow; `app.css` says how."""

MOST_SIDE_BY_SIDE = 30
"""Names of so many classes can be told apart beside each other on a telephone."""


def wide_chart_key(name: str, class_count: int) -> str | None:
    """Return the key of the container of such a chart, None for a chart of few classes."""
    return f"wide-{name}" if class_count > MOST_SIDE_BY_SIDE else None
