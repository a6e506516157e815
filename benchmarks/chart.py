"""The ratios as a drawing: how many times less than its peer each piece of work takes, on a scale of powers of ten.

It is an SVG whose colours follow the light or dark scheme of whoever looks at it, also inside an `img` element. It has
a ground of its own, for a page may be dark whose reader's system is light.
"""

import math
from collections.abc import Sequence
from statistics import median
from xml.etree import ElementTree

from benchmarks.report import Row

WIDTH_PX, ROW_PX, BAR_PX, TOP_PX, EDGE_PX = 860, 40, 14, 46, 16
NAMES_PX, FIGURES_PX = 430, 70
"""Room for the names on the left, and for the figures behind the longest bar."""
LEAST = 0.5
"""Where the scale begins; a bar to the left of 1 is slower than its peer."""
STYLE = """
text { font-family: system-ui, sans-serif; font-size: 14px; fill: #0c1214 }
.peer { font-size: 12px; fill: #4d585a }
.ground { fill: #fdfdfb }
.bar { fill: #0b6e69 }
.one { stroke: #4d585a; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6ebea }
  .peer { fill: #a9b4b5 }
  .ground { fill: #12171a }
  .bar { fill: #4cc3b9 }
  .one { stroke: #a9b4b5 }
}
"""


def chart(rows: Sequence[Row]) -> str:
    """Return the chart of the rows that have a peer, as SVG."""
    drawn = [row for row in rows if row.peer]
    height_px = TOP_PX + ROW_PX * len(drawn)
    width, height = f"{WIDTH_PX + 2 * EDGE_PX}", f"{height_px + 2 * EDGE_PX}"
    box = f"{-EDGE_PX} {-EDGE_PX} {width} {height}"
    root = ElementTree.Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=box, role="img")
    ElementTree.SubElement(root, "title").text = "How many times less than its peer each piece of work takes"
    ElementTree.SubElement(root, "style").text = STYLE
    ground = {"class": "ground", "x": f"{-EDGE_PX}", "y": f"{-EDGE_PX}", "width": width, "height": height, "rx": "8"}
    ElementTree.SubElement(root, "rect", ground)
    scale = _Scale(max([1.0, *(median(row.ratios) for row in drawn)]))
    _text(root, NAMES_PX, 20, "× less than the peer (right is better)")
    for index, row in enumerate(drawn):
        _draw(root, row, TOP_PX + ROW_PX * index, scale)
    one = {name: f"{scale.x(1):.1f}" for name in ("x1", "x2")}
    ElementTree.SubElement(root, "line", {"class": "one", "y1": "30", "y2": str(height_px)} | one)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


class _Scale:
    """From a ratio to a place."""

    def __init__(self, most: float) -> None:
        self._px_a_unit = (WIDTH_PX - NAMES_PX - FIGURES_PX) / (math.log(most) - math.log(LEAST))

    def x(self, ratio: float) -> float:
        """Return where a ratio is, in px from the left."""
        return NAMES_PX + self._px_a_unit * (math.log(max(ratio, LEAST)) - math.log(LEAST))


def _draw(root: ElementTree.Element, row: Row, top_px: float, scale: _Scale) -> None:
    ratio = median(row.ratios)
    left, right = sorted((scale.x(1), scale.x(ratio)))
    for line, (words, look) in enumerate(((f"{row.work}, {row.unit}", ""), (row.peer.replace("`", ""), "peer"))):
        _text(root, 0, top_px + 13 + 16 * line, words, look)
    place = {"x": f"{left:.1f}", "y": f"{top_px + 4}", "width": f"{right - left:.1f}", "height": f"{BAR_PX}"}
    ElementTree.SubElement(root, "rect", {"class": "bar"} | place)
    _text(root, right + 6, top_px + 4 + BAR_PX - 2, f"{ratio:,.0f} ×" if ratio >= 100 else f"{ratio:.3g} ×")


def _text(root: ElementTree.Element, x: float, y: float, words: str, look: str = "") -> None:
    ElementTree.SubElement(root, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "class": look}).text = words
