"""The colour of a class in a table."""

from urllib.parse import quote

_SQUARE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'><rect width='16' height='16' fill='{}'/></svg>"
)


def swatch(colour: str) -> str:
    """Return a square of a colour "#rrggbb" as the address of an image."""
    return f"data:image/svg+xml,{quote(_SQUARE.format(colour))}"
