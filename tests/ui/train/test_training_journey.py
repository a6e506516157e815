"""A training in Chromium as a person sees it through: watched, left, stopped, resumed, queued behind, looked into."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from browsing import choose_run, click_cell, opened_browser, running_app, settle, watched
from datasets import export_of
from playwright.sync_api import Locator, Page, expect

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.selection import Selection
from cocomine.training.runs.reading import LAST, active_folders, request_stop

CLASSES = ("boat", "cat")
ENDLESS = {"Steps": "20000", "Batch": "2"}
"""Settings of a run that only its button ends, however slow the browser is."""
SHORT = {"Steps": "1", "Batch": "2"}
"""Settings of one that ends by itself."""
MOST_PREDICTED = """truth => {
    const plot = [...document.querySelectorAll(".js-plotly-plot")].find(each => each.querySelector(".hm"));
    if (!plot?._fullLayout?.xaxis) return null;
    const {xaxis, yaxis} = plot._fullLayout;
    const shares = Array.from(plot.calcdata[0][0].z[yaxis.ticktext.indexOf(truth)], Math.abs);
    return xaxis.ticktext[shares.indexOf(Math.max(...shares))];
}"""
"""Finds the label that the pixels of a class are mostly predicted as, by the colours of the matrix; null while it is
drawn anew."""
LAST_STEP = """document.querySelector('[class*="st-key-loss"] .js-plotly-plot')?.calcdata?.[0]?.at(-1)?.x"""
"""The step at which the curve of the loss ends; long curves are thinned out, so that their points do not get more."""
LIMIT_MS = 180_000
"""So long a busy machine may take from one evaluation to the next, or to load PyTorch."""
FIRST, SECOND = "demo-quick-1", "demo-quick-2"


@contextmanager
def trainings_ended(home: Path) -> Iterator[None]:
    """Leave no training behind, whatever fails."""
    try:
        yield
    finally:
        for folder in active_folders(home / "runs", time.time()):
            request_stop(folder)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(900)
def test_a_run_is_started_watched_left_stopped_resumed_queued_behind_looked_into_and_deleted(
    tmp_path: Path, demo_folder: Path
) -> None:
    home = tmp_path / "home"
    (home / "exports").mkdir(parents=True)
    selection = Selection(classes=CLASSES)
    export_of(open_dataset(demo_folder), home / "exports" / "demo", selection, size_px=32, images="link")
    with opened_browser() as browser, running_app(home) as address, trainings_ended(home):
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        errors = watched(page)
        page.goto(f"{address}/train?data={demo_folder}&classes={','.join(CLASSES)}")
        begin(page, ENDLESS)
        see_it_move(page)
        page.reload()
        expect(page.get_by_role("textbox", name="Name of the run")).to_have_value(FIRST)
        see_it_move(page)
        page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
        expect(state(page, "Stopped")).to_be_visible()
        settle(page)
        page.get_by_role("button", name="Resume", exact=True).click()
        see_it_move(page)
        begin(page, SHORT)
        expect(page.locator(".st-key-training-queue").get_by_text(f"{SECOND} · ")).to_be_visible()
        see_the_images_behind_a_cell(page)
        page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True).click()
        expect(state(page, "Stopped")).to_be_visible()
        wait_for(page, home / "runs" / SECOND / LAST)
        expect(page.locator(".st-key-training-queue")).to_have_count(0)
        choose_run(page, SECOND)
        expect(state(page, "Done")).to_be_visible()
        overlay(page, FIRST)
        label(page, next((demo_folder / "val2017").iterdir()))
        delete(page, SECOND)
        settle(page)
        assert not errors, "\n".join(errors)
    assert [path.name for path in (home / "runs").iterdir()] == [FIRST]


def begin(page: Page, settings: Mapping[str, str]) -> None:
    """Start a run with these advanced settings, now or in its turn."""
    page.get_by_text(re.compile("^Advanced")).click()
    for name, value in settings.items():
        page.get_by_label(name, exact=True).fill(value)
        page.get_by_label(name, exact=True).press("Enter")
    expect(page.get_by_text(f"Advanced · {len(settings)} modified")).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Start training").click()


def state(page: Page, name: str) -> Locator:
    """Return the badge that says how a run is."""
    return page.locator(".stMarkdownBadge").filter(has_text=name)


def see_it_move(page: Page) -> None:
    """Wait until the samples are those of a later evaluation and the loss curve is longer."""
    sample = page.get_by_role("img", name="image, ground truth and prediction").first
    expect(sample).to_be_visible()
    before, step = sample.get_attribute("src"), page.wait_for_function(LAST_STEP).json_value()
    assert before is not None
    expect(sample).not_to_have_attribute("src", before, timeout=LIMIT_MS)
    page.wait_for_function(f"step => {LAST_STEP} > step", arg=step)


def see_the_images_behind_a_cell(page: Page) -> None:
    """Click the cell of the matrix with the most pixels of cats, and see images of them."""
    dialog = page.get_by_role("dialog")
    for _ in range(6):  # a run at work draws its matrix anew, and a click in that moment meets none, or another cell
        prediction = page.wait_for_function(MOST_PREDICTED, arg="cat").json_value()
        click_cell(page, "cat", prediction)
        heading = dialog.get_by_text(f"Images with most pixels of cat predicted as {prediction}")
        with suppress(AssertionError):
            expect(heading).to_be_visible(timeout=15_000)
            break
        if dialog.is_visible():
            dialog.get_by_role("button", name="Close").click()
    expect(heading).to_be_visible()
    expect(dialog.get_by_role("img", name=re.compile("^image")).first).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"pixels?, .* of its cat$")).first).to_be_visible()
    settle(page)
    dialog.get_by_role("button", name="Close").click()


def wait_for(page: Page, file: Path) -> None:
    """Wait for the last weights of a run, which takes its turn by itself."""
    deadline = time.monotonic() + LIMIT_MS / 1000
    while not file.is_file():
        assert time.monotonic() < deadline, f"{file} never came"
        page.wait_for_timeout(200)


def overlay(page: Page, name: str) -> None:
    """Draw another run over the one in view."""
    page.get_by_role("button", name="Overlay runs").click()
    page.get_by_test_id("stCheckbox").get_by_text(name, exact=True).click()
    expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    page.keyboard.press("Escape")
    for chart in ("loss", "iou"):
        expect(page.locator(f'[class*="st-key-{chart}"] .legend').get_by_text(f"{name}, ")).to_be_visible()


def label(page: Page, image: Path) -> None:
    """Let the network of the run in view label an image of one's own."""
    page.get_by_text("Label your own image").click()
    page.get_by_test_id("stFileUploader").locator("input").set_input_files(image)
    expect(page.get_by_role("img", name="the image with the predicted classes")).to_be_visible(timeout=LIMIT_MS)
    expect(page.get_by_role("button", name="Download mask")).to_be_visible()


def delete(page: Page, name: str) -> None:
    """Delete the run in view, and see that it is gone."""
    settle(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text(f"{name} is deleted.")).to_be_visible()
