"""The cards on top of Understand: as many in a row as are wide enough, and none alone in the last row."""

from collections.abc import Iterator, Sequence

import pytest
from browsing import REPOSITORY, opened_browser
from playwright.sync_api import Page

STYLE = (REPOSITORY / "cocomine" / "ui" / "app.css").read_text(encoding="utf-8")
NARROWEST_PX = 215
ROWS = """([style, count, widths]) => {
    document.body.innerHTML = `<style>${style} .stGrid { display: grid; gap: 1rem }</style>
        <div class="stGrid st-key-insights-${count}">${"<div>52 %</div>".repeat(count)}</div>`;
    const grid = document.querySelector(".stGrid");
    return widths.map((width) => {
        grid.style.width = `${width}px`;
        const rows = Map.groupBy([...grid.children], (card) => card.getBoundingClientRect().top);
        return {lengths: [...rows.values()].map((row) => row.length), card: grid.children[0].offsetWidth};
    });
}"""
"""Lays so many cards out at each width, and returns the length of each row and the width of a card."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with opened_browser() as browser:
        yield browser.new_page(viewport={"width": 2000, "height": 900})


def laid_out(page: Page, count: int, widths_px: Sequence[int]) -> list[tuple[list[int], int]]:
    return [(each["lengths"], each["card"]) for each in page.evaluate(ROWS, [STYLE, count, list(widths_px)])]


@pytest.mark.browser
@pytest.mark.parametrize("count", range(1, 7))
def test_no_card_stands_alone_below_a_row_of_several_at_any_width(page: Page, count: int) -> None:
    widths_px = range(320, 1900, 7)
    for width_px, (rows, card_px) in zip(widths_px, laid_out(page, count, widths_px), strict=True):
        assert rows[-1] > 1 or set(rows) == {1}, f"{rows} at {width_px} px"
        assert card_px >= min(NARROWEST_PX, width_px)


@pytest.mark.browser
@pytest.mark.parametrize(("width_px", "rows"), [(350, [1] * 5), (1040, [3, 2]), (1440, [5])])
def test_five_cards_take_as_few_rows_as_there_is_room_for(page: Page, width_px: int, rows: list[int]) -> None:
    """The widths are those that the page leaves of 390, 1200 and 1600 px."""
    assert laid_out(page, 5, [width_px])[0][0] == rows
