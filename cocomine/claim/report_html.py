"""A report as one HTML page: no script, no network, no other file; light or dark as the reader's system is.

Whatever comes from a dataset is escaped. The charts are drawings of shares of their width, so they fit a phone and
paper alike; their numbers stand beside them as text.
"""

import re
from html import escape
from itertools import chain
from typing import assert_never

from cocomine.claim.document import Block, Code, Document, Forest, Items, Lead, Section, Table, Text
from cocomine.claim.report_drawing import axis_drawing, drawing_reach, interval_drawing
from cocomine.claim.report_style import STYLE
from cocomine.claim.tables import FOREST_HEADER, ForestRow, told_words

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""What a browser may load for the page: nothing."""
_NUMBER = re.compile("[+−–<]? ?[0-9.,]{1,12}( to [+−]?[0-9.,]{1,12})?")
_LONG_WORD = 24
_FEW_COLUMNS = 7
"""A table with more of them is set small."""


def html_page(document: Document) -> str:
    """Return a document as an HTML page."""
    title = escape(document.title)
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f"<title>{title}</title>",
        f"<style>\n{STYLE}</style>",
        "</head>",
        "<body>",
        "<main>",
        f"<h1>{title}</h1>",
        *chain.from_iterable(map(_section, document.sections)),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _section(section: Section) -> list[str]:
    return ["<section>", f"<h2>{escape(section.title)}</h2>", *map(_block, section.blocks), "</section>"]


def _block(block: Block) -> str:
    match block:
        case Lead():
            first, *others = map(escape, block.sentences)
            return "\n".join([f'<p class="lead">{first}</p>', *(f'<p class="next">{other}</p>' for other in others)])
        case Text():
            return f"<p>{escape(block.words)}</p>"
        case Items():
            return "\n".join(["<ul>", *(f"<li>{escape(item)}</li>" for item in block.items), "</ul>"])
        case Code():
            lines = "\n".join(block.lines)
            return f"<pre><code>{escape(lines)}</code></pre>"
        case Table():
            return _table(block)
        case Forest():
            return _forest(block)
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    size = ' class="small"' if len(table.header) > _FEW_COLUMNS else ""
    lines = [
        # A region that scrolls must be reachable by keyboard, and have a name.
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}"><table{size}>',
        f"<caption>{escape(table.caption)}</caption>",
        f"<thead><tr>{''.join(_head(name) for name in table.header)}</tr></thead>",
        "<tbody>",
        *(_row(cells) for cells in table.rows),
        "</tbody>",
        "</table></div>",
    ]
    return "\n".join(lines)


def _head(name: str) -> str:
    return f'<th scope="col">{escape(name)}</th>' if name else "<td></td>"


def _row(cells: tuple[str, ...]) -> str:
    first, *others = cells
    return f'<tr><th scope="row">{escape(first)}</th>{"".join(map(_cell, others))}</tr>'


def _cell(text: str) -> str:
    """Return a cell in which numbers stay in one line, and long words such as hashes are broken anywhere."""
    if _NUMBER.fullmatch(text):
        return f'<td class="number">{escape(text)}</td>'
    kind = ' class="long"' if any(len(word) > _LONG_WORD for word in text.split()) else ""
    return f"<td{kind}>{escape(text)}</td>"


def _forest(forest: Forest) -> str:
    reach = drawing_reach(forest.rows)
    axis = f"<td>{axis_drawing(reach)}</td>"
    lines = [
        '<table class="forest">',
        f"<caption>{escape(forest.caption)}</caption>",
        f"<thead><tr>{''.join(map(_head, FOREST_HEADER))}</tr></thead>",
        "<tbody>",
        *(_forest_row(row, reach) for row in forest.rows),
        "</tbody>",
        f'<tfoot aria-hidden="true"><tr><td></td>{axis * len(FOREST_HEADER[1:])}</tr></tfoot>',
        "</table>",
    ]
    return "\n".join(lines)


def _forest_row(row: ForestRow, reach: float) -> str:
    cells = [
        "<td>–</td>" if each is None else f"<td>{interval_drawing(each, reach)}{escape(told_words(each))}</td>"
        for each in row.both
    ]
    return f'<tr><th scope="row">{escape(row.name)}</th>{"".join(cells)}</tr>'
