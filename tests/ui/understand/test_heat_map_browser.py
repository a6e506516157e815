"""The map of pairs in Chromium: a click gives exactly its pair and leads to a choice; the map is saved as a picture."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import at_rest, click_at, click_cell, go_to, running_app, settle, watched
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from records import document, write_split


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("home")) as address:
        yield address


def open_understand(page: Page, address: str, data: Path) -> None:
    page.goto(f"{address}/?data={data}")
    go_to(page, "Understand")
    expect(the_map(page)).to_be_visible()
    settle(page)


def the_map(page: Page) -> Locator:
    return page.locator(".js-plotly-plot").filter(has=page.locator(".hm")).last


def expect_pair(page: Page, told: str) -> None:
    expect(page.get_by_role("dialog").get_by_role("strong").filter(has_text=told)).to_be_visible()


def close(page: Page) -> None:
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    settle(page)


def saved(page: Page, kind: str, folder: Path) -> Path:
    """Save the map as a person does, by the camera above it."""
    page.get_by_role("radio", name=kind).or_(page.get_by_role("button", name=kind, exact=True)).first.click()
    settle(page)
    drawn = "([plot, kind]) => plot._context.toImageButtonOptions.format === kind"
    page.wait_for_function(drawn, arg=[the_map(page).element_handle(), kind.lower()])
    at_rest(the_map(page))
    with page.expect_download() as download:
        the_map(page).locator("[data-title*=ownload]").first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@pytest.mark.browser
@pytest.mark.real
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_click_far_from_the_corner_of_a_large_map_leads_to_a_choice(
    page: Page, address: str, coco_folder: Path
) -> None:
    errors = watched(page)
    open_understand(page, address, coco_folder)
    for _ in range(2):  # a second click on a cell opens its pair again
        click_cell(page, "toothbrush", "sink")
        expect_pair(page, "toothbrush and sink: ")
        close(page)
    click_cell(page, "vase", "refrigerator")
    expect_pair(page, "vase and refrigerator: ")
    close(page)
    click_cell(page, "hair drier", "hair drier")
    expect(page.get_by_role("dialog").get_by_text(re.compile("^hair drier: "))).to_be_visible()
    close(page)

    click_cell(page, "oven", "microwave")
    expect_pair(page, "oven and microwave: 11 images")
    page.get_by_role("button", name="Include oven, exclude microwave").click()
    expect(page.get_by_test_id("stToast")).to_contain_text("Undo on the page Choose.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile("classes=oven&exclude=microwave"))
    go_to(page, "Choose")
    page.get_by_role("button", name="Undo").first.click()
    expect(page).not_to_have_url(re.compile("classes"))
    settle(page)
    assert errors == []


@pytest.mark.browser
@pytest.mark.slow
def test_a_click_anywhere_in_a_wide_cell_gives_its_pair_and_the_map_is_saved(
    page: Page, address: str, tmp_path: Path
) -> None:
    write_split(tmp_path / "data", document())
    open_understand(page, address, tmp_path / "data")
    the_map(page).scroll_into_view_if_needed()
    for share, pair in ((0.02, "cat and dog"), (0.98, "cat and dog"), (1.02, "cat and cup")):
        click_in_row(page, "cat", 1 + share)
        expect_pair(page, f"{pair}: ")
        close(page)

    picture = Image.open(saved(page, "PNG", tmp_path))
    assert picture.width > 900  # twice as fine as the screen
    assert len(picture.convert("RGB").getcolors(1 << 24) or ()) > 20
    drawing = saved(page, "SVG", tmp_path).read_text(encoding="utf-8")
    assert all(f">{name}<" in drawing for name in ("cat", "dog", "cup", "as by chance"))
    assert "<image" in drawing  # the cells


def click_in_row(page: Page, row: str, columns: float) -> None:
    """Click so many columns from the left edge of the map."""
    place = the_map(page).evaluate(
        """(plot, [row, columns]) => {
            const {xaxis, yaxis} = plot._fullLayout, box = plot.getBoundingClientRect();
            const up = yaxis._offset + yaxis.d2p(yaxis.ticktext.indexOf(row));
            return [box.left + xaxis._offset + xaxis.d2p(columns - 0.5), box.top + up];
        }""",
        [row, columns],
    )
    click_at(page, *place)
