"""A run in a real browser, where its head is drawn again alone: renamed, deleted and brought back, it stays in view."""

from pathlib import Path

import pytest
from browsing import opened_browser, running_app, settle, watched
from playwright.sync_api import expect
from run_folders import write_run


@pytest.mark.slow
@pytest.mark.browser
def test_a_run_stays_in_view_under_its_new_name_and_after_it_came_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_run(home / "runs/mine-1")
    with opened_browser() as browser, running_app(home) as address:
        page = browser.new_page()
        errors = watched(page)
        page.goto(f"{address}/train")
        name = page.get_by_role("textbox", name="Name of the run")
        expect(name).to_have_value("mine-1")
        name.fill("first try")
        name.press("Enter")
        expect(page.get_by_role("combobox", name="Run")).to_have_value("first try")
        expect(name).to_have_value("first try")
        page.get_by_role("button", name="Delete", exact=True).click()
        page.get_by_role("button", name="Move to trash").click()
        expect(page.get_by_text("first try is deleted.")).to_be_visible()
        page.get_by_role("button", name="Restore").first.click()
        expect(page.get_by_text("first try is back.")).to_be_visible()
        expect(name).to_have_value("first try")
        settle(page)
        assert not errors, "\n".join(errors)
    assert [path.name for path in (home / "runs").iterdir()] == ["first try"]
