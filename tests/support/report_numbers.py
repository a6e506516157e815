"""The words of a report's page, and the numbers in them."""

import re
from html.parser import HTMLParser

NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)?|\b[0-9a-f]{64}\b")


class Reader(HTMLParser):
    """The texts of a page's body, and its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[str] = []
        self.skips = 0

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.append(tag)
        self.skips += tag in {"head", "svg"}  # what is drawn has its numbers beside it

    def handle_endtag(self, tag: str) -> None:
        self.skips -= tag in {"head", "svg"}

    def handle_data(self, data: str) -> None:
        if not self.skips and data.strip():
            self.texts.append(data.strip())


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    return reader


def numbers(text: str) -> list[str]:
    return sorted(NUMBER.findall(text.replace("\\", "")))
