"""Files that are dropped on the page in a real browser, where the upload takes them."""

import json
from pathlib import Path

import pytest
from browsing import opened_browser, running_app, see_number, watched
from playwright.sync_api import expect
from records import document

DROP = """([names, text]) => {
  const dropped = new DataTransfer();
  for (const name of names) dropped.items.add(new File([text], name, { type: "application/json" }));
  document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
}"""


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_of_several_files_dropped_on_the_page_one_is_opened_and_the_others_are_named(tmp_path: Path) -> None:
    with running_app(tmp_path) as address, opened_browser() as browser:
        page = browser.new_page()
        errors = watched(page)
        page.goto(address)
        expect(page.get_by_text("Upload an annotation file")).to_be_visible()
        page.wait_for_function("window[Symbol.for('cocomine.drop-zone')] === true")
        page.evaluate(DROP, [["train.json", "val.json"], json.dumps(document())])
        expect(page.get_by_text("train.json is open, val.json is not: one dataset is open at a time.")).to_be_visible()
        see_number(page, "Images", "4")
        assert not errors, "\n".join(errors)
