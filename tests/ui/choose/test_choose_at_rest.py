"""What is measured beside the Choose page comes into it alone: the page is not run anew for it, and comes to rest."""

import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from browsing import running_app
from records import document, write_split

from benchmarks.session import opened_session

LONGEST_S = 60.0


@pytest.mark.slow
def test_what_is_known_later_comes_into_the_page_without_another_run_of_it(tmp_path: Path) -> None:
    data = write_split(tmp_path / "data", document())
    with running_app(tmp_path) as address, opened_session(address) as own:
        own.show("choose", urlencode({"data": str(data), "classes": "cat,cup"}))
        assert not own.is_at_rest
        end_s = time.monotonic() + LONGEST_S
        while not own.is_at_rest and time.monotonic() < end_s:
            own.look(0.5)
        assert own.is_at_rest
        assert (own.titles, own.shown.errors) == (["Choose"], [])
