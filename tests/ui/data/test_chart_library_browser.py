"""The browser gets the chart library before the first chart, once."""

from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import go_to, opened_browser, running_app, settle, watched
from playwright.sync_api import expect
from records import document, write_split

from cocomine.ui.data.chart_library import SCRIPTS, chart_library_file

LOADED = "performance.getEntriesByType('resource').filter(each => each.name.includes('PlotlyChart')).length"


def test_the_front_end_has_one_file_of_the_chart_library() -> None:
    assert (SCRIPTS / chart_library_file(SCRIPTS)).stat().st_size > 1_000_000


@pytest.mark.parametrize("names", [(), ("PlotlyChart.a.js", "PlotlyChart.b.js")])
def test_where_it_cannot_be_told_which_file_it_is_none_is_loaded(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).touch()
    assert not chart_library_file(tmp_path)


@pytest.mark.slow
@pytest.mark.browser
def test_the_chart_library_is_there_before_the_first_chart_and_is_what_draws_it(tmp_path: Path) -> None:
    data = write_split(tmp_path / "data", document())
    with running_app(tmp_path) as address, opened_browser() as browser:
        page = browser.new_page()
        errors = watched(page)
        page.goto(f"{address}/?{urlencode({'data': str(data), 'classes': 'cat,cup'})}")
        page.wait_for_function(f"{LOADED} === 1")
        settle(page)
        expect(page.get_by_test_id("stPlotlyChart")).to_have_count(0)
        go_to(page, "Understand")
        expect(page.locator(".main-svg").first).to_be_attached()
        assert page.evaluate(LOADED) == 1
        assert not errors
