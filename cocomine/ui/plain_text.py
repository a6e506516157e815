"""Names of other people's making, as Markdown shows them unchanged."""

import re

MARKDOWN = re.compile(r"([\\`*_\[\](){}:$~<>#|!])")


def plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return MARKDOWN.sub(r"\\\1", text)


def shortened(text: str, longest: int) -> str:
    """Return text in one line, of at most so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
