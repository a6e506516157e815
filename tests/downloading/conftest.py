"""A server and a place to download to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bad_server import bad_server
from download_bench import Bench

from cocomine.downloading.image_store import ImageStore


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A server that is good until it is told otherwise."""
    with bad_server() as server:
        yield Bench(server=server, folder=tmp_path / "images", store=ImageStore(tmp_path / "store"))
