"""What a report consists of, before it is HTML or Markdown: so that both say the same."""

from dataclasses import dataclass

from cocomine.claim.tables import ForestRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """The sentences of the answer, the first of them large."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph."""

    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Sentences, each an item of a list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What is typed."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of texts; the first column names the row."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """Differences with intervals around a zero line, a row for each class; in Markdown their numbers alone."""

    caption: str
    rows: tuple[ForestRow, ...]


Block = Lead | Text | Items | Code | Table | Forest


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A report: a title, and its sections in their order."""

    title: str
    sections: tuple[Section, ...]
