"""The gallery and the training masks in Chromium: pointing, keys, an image opened, one excluded, steps."""

import re
from pathlib import Path

import pytest
from browsing import REPOSITORY, running_script, watched
from playwright.sync_api import Locator, Page, expect
from records import CAT, CUP, annotation, category, crowd, document, image, write_split

MALICIOUS = "<img src=x onerror=alert(1)> **cup**"
SCRIPT = """
import sys
from pathlib import Path
import streamlit as st
sys.path.insert(0, {repository!r})
from cocomine.ui.session import state
from cocomine.ui.session.opening import in_session, opened_at
from cocomine.ui.gallery.gallery import gallery, images_of
from cocomine.ui.check.training_masks import mask_view

state.restore_from_url()
view = in_session(opened_at({path!r}, Path({index!r})))
images = images_of(view.with_excluded_images.subset)
st.text(f"excluded {{len(state.excluded())}}.")
st.button("Training masks", on_click=lambda: st.session_state.update(way="masks"))
if st.session_state.get("way") == "masks":
    mask_view(view, images)
else:
    gallery(view, images, key="g", classes=None, can_exclude=True)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """An app that shows two images with cats and cups, one with a crowd, and one whose file is missing."""
    categories = [category(CAT, "cat"), category(CUP, MALICIOUS)]
    images = [image(number, width=20, height=10) for number in (1, 2, 3)]
    records = [
        annotation(11, 1, CAT, (1, 1, 9, 8)),
        annotation(12, 1, CUP, (3, 3, 4, 4)),
        annotation(21, 2, CAT, (1, 1, 5, 5)),
        crowd(22, 2, CAT),
        annotation(31, 3, CUP, (1, 1, 5, 5)),
    ]
    folder = write_split(tmp_path / "data", document(images, records, categories)).parent.parent
    (folder / "all2017" / "3.jpg").unlink()
    path = tmp_path / "app.py"
    text = SCRIPT.format(repository=str(REPOSITORY), path=str(folder), index=str(tmp_path / "index"))
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.browser
@pytest.mark.slow
def test_a_person_looks_closely_by_mouse_and_keyboard(page: Page, script: Path) -> None:
    with running_script(script) as address:
        errors = watched(page)
        page.goto(f"{address}?classes=cat,{MALICIOUS.replace(' ', '%20')}&data={script.parent / 'data'}")
        expect(page.locator(".tile")).to_have_count(3)
        expect(page.locator(".without-pixels")).to_have_count(1)
        pointing_at_a_class_shows_it_alone(page)
        keys_switch_masks_boxes_and_names(page)
        an_image_opens_with_its_objects(page)
        an_image_is_excluded(page)
        label_maps_are_stepped_through(page)
        assert errors == []


def objects(page: Page, place: int) -> Locator:
    return page.locator(".tile").nth(place).locator(".object")


def pointing_at_a_class_shows_it_alone(page: Page) -> None:
    page.get_by_role("button", name=f"{MALICIOUS} 2").hover()
    expect(objects(page, 0).nth(0)).to_have_css("opacity", "0")
    expect(objects(page, 0).nth(1)).to_have_css("opacity", "1")
    expect(page.locator(".tile.without .id")).to_have_text("2")
    objects(page, 0).nth(0).locator(".mask").hover(position={"x": 5, "y": 5})
    expect(objects(page, 0).nth(0)).to_have_css("opacity", "1")
    expect(objects(page, 0).nth(1)).to_have_css("opacity", "0")
    page.get_by_role("button", name="cat 3").click()  # stays when the pointer leaves
    page.mouse.move(600, 880)
    expect(objects(page, 2)).to_have_css("opacity", "0")
    page.keyboard.press("Escape")
    expect(page.locator(".images .object.other")).to_have_count(0)


def keys_switch_masks_boxes_and_names(page: Page) -> None:
    masks, boxes, names = (page.locator(f".images .{part}").first for part in ("mask", "box", "name"))
    expect(masks).to_be_visible()
    page.keyboard.press("m")
    expect(masks).to_be_hidden()
    page.keyboard.press("n")
    expect(names).to_have_text("cat")
    expect(names).to_be_visible()
    expect(boxes).to_be_visible()
    page.keyboard.press("b")
    expect(boxes).to_be_hidden()
    page.keyboard.press("b")
    page.keyboard.press("m")
    expect(masks).to_be_visible()


def an_image_opens_with_its_objects(page: Page) -> None:
    page.locator(".open").nth(1).click(position={"x": 3, "y": 3})
    large = page.get_by_role("dialog")
    rows = large.locator("tr.row")
    expect(large.locator(".title")).to_contain_text("2 · all2017")
    expect(large.locator(".count")).to_have_text("1 object · 1 crowd region")
    expect(rows.nth(0)).to_contain_text("cat (crowd)")
    expect(rows.nth(1)).to_have_text("cat2521")
    rows.nth(1).hover()
    expect(large.locator(".object.crowd")).to_have_css("opacity", "0")
    page.keyboard.press("ArrowRight")
    expect(large.locator(".title")).to_contain_text("3 · all2017")
    expect(rows).to_have_count(1)
    expect(large.get_by_text("The image file is missing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(page.locator(".open").nth(2)).to_be_focused()


def an_image_is_excluded(page: Page) -> None:
    box = page.get_by_role("checkbox", name="Exclude image 2 from the subset")
    box.check()
    expect(page.locator(".tile.excluded .mark")).to_be_visible()
    expect(page.get_by_text("excluded 1.")).to_be_visible()
    box.uncheck()
    expect(page.get_by_text("excluded 0.")).to_be_visible()
    expect(page.locator(".tile.excluded")).to_have_count(0)


def label_maps_are_stepped_through(page: Page) -> None:
    page.get_by_role("button", name="Training masks").click()
    canvas = page.locator("canvas")
    expect(canvas).to_be_visible()
    expect(page.get_by_test_id("stRadio")).to_contain_text(re.compile(r"Overlapping classes\s*1\s*Lost"))
    page.locator(".legend .chip", has_text="cat").hover()
    expect(page.locator(".truth-frame .object").nth(1)).to_have_css("opacity", "0")
    pixels = "canvas => [...canvas.getContext('2d').getImageData(0, 0, 128, 128).data]"
    assert set(canvas.evaluate(pixels)[3::4]) == {38, 255}  # all else is faded
    canvas.hover(position={"x": 2, "y": 2})
    expect(page.locator(".pixel")).to_have_text("1, 2: 0 background")
    expect(page.locator(".truth-frame .spot")).to_have_css("opacity", "1")
    page.keyboard.press("n")
    expect(page.get_by_label("Training mask of image 2")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_text("The image file is missing or cannot be read.")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_text("2 of 3 images")).to_be_visible()
    page.keyboard.press("x")
    expect(page.get_by_text("excluded 1.")).to_be_visible()
