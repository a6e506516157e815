"""A report as Markdown, in GitHub's dialect; what comes from a dataset is text, never markup."""

import re
from itertools import chain
from typing import assert_never

from cocomine.claim.document import Block, Code, Document, Forest, Items, Lead, Section, Table, Text
from cocomine.claim.tables import FOREST_HEADER, forest_cells

_MARKUP = re.compile(r"([\\`*_\[\]<>|#~$&])")


def markdown_page(document: Document) -> str:
    """Return a document as Markdown."""
    parts = [f"# {as_text(document.title)}", *chain.from_iterable(map(_section, document.sections))]
    return "\n\n".join(parts) + "\n"


def as_text(text: str) -> str:
    """Return text in one line, which Markdown shows as it is, as far as it stays legible in the file itself."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def _section(section: Section) -> list[str]:
    return [f"## {as_text(section.title)}", *map(_block, section.blocks)]


def _block(block: Block) -> str:
    match block:
        case Lead():
            first, *others = map(as_text, block.sentences)
            return "\n\n".join([f"**{first}**", *others])
        case Text():
            return as_text(block.words)
        case Items():
            return "\n".join(f"- {as_text(item)}" for item in block.items)
        case Code():
            return "\n".join(["```sh", *(" ".join(line.splitlines()) for line in block.lines), "```"])
        case Table():
            return _table(block)
        case Forest():
            rows = tuple((row.name, *forest_cells(row)) for row in block.rows)
            return _table(Table(caption=block.caption, header=FOREST_HEADER, rows=rows))
        case _:
            assert_never(block)


def _table(table: Table) -> str:
    rule = f"|{'---|' * len(table.header)}"
    lines = [f"*{as_text(table.caption)}*", "", _row(table.header), rule, *map(_row, table.rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(as_text, cells))} |"
