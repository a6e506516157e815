"""The question that a claim check answers, and how: a drawing of what is trained on and what is tested on."""

from html import escape

import streamlit as st

QUESTION = "Does training on your isolated subset beat training on mixed images?"
EXPLANATION = (
    "The same network is trained on different images, with several seeds, and judged on test images that none of them "
    "has seen: those with your classes, and ordinary ones."
)
_SUBSET, _MIXED = (True,) * 6, (True, False, False, True, False, False)
_ROWS = (("Train on your subset", _SUBSET), ("Train on mixed images", _MIXED))
_COLUMNS = (("Test on images with your classes", _SUBSET), ("Test on ordinary images", _MIXED))


def claim_teaching() -> None:
    """Ask the question, and draw the two worlds to train on and to test on."""
    st.header(QUESTION)
    st.write(EXPLANATION)
    st.html(worlds_drawing())
    st.caption("A filled tile is an image with one of your classes, an empty one is an image without any.")


def worlds_drawing() -> str:
    """Return the drawing as a table: rows are trained on, columns are tested on, and each cell is to be measured."""
    heads = "".join(f'<th scope="col">{_tiles(tiles)}{escape(words)}</th>' for words, tiles in _COLUMNS)
    cells = '<td class="cm-cell">IoU ?</td>' * len(_COLUMNS)
    rows = "".join(f'<tr><th scope="row">{_tiles(tiles)}{escape(words)}</th>{cells}</tr>' for words, tiles in _ROWS)
    return f'<table class="cm-worlds"><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _tiles(tiles: tuple[bool, ...]) -> str:
    """Return images as tiles, filled where they have a class; no SVG, which the page would throw away."""
    drawn = "".join(f'<span class="{"has" if has else "lacks"}"></span>' for has in tiles)
    return f'<span class="cm-tiles" aria-hidden="true">{drawn}</span>'
