"""How many viewers there may be, and what a person is told beyond that."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cocomine.errors import ViewerError
from cocomine.viewer.viewer_limit import MOST_VIEWERS, NEEDED_MB, acquire_slot, viewer_limit


@pytest.mark.parametrize(("given", "limit"), [("", None), ("0", 0), (" 3 ", 3)])
def test_the_setting_is_a_whole_number_or_nothing(given: str, limit: int | None) -> None:
    assert viewer_limit({"COCOMINE_VIEWERS": given}) == limit


@pytest.mark.parametrize("given", ["many", "-1", "1.5", "\u0663"])
def test_a_setting_that_is_no_number_is_refused_with_its_value(given: str) -> None:
    with pytest.raises(ViewerError, match=rf"COCOMINE_VIEWERS is “{given}”, .* Set it to a whole number"):
        viewer_limit({"COCOMINE_VIEWERS": given})


def test_each_viewer_takes_a_place_and_gives_it_back_by_closing_it(tmp_path: Path) -> None:
    first, second = acquire_slot(tmp_path, 2), acquire_slot(tmp_path, 2)
    with pytest.raises(ViewerError, match=r"All 2 image viewers .* or start CocoMine with COCOMINE_VIEWERS set to"):
        acquire_slot(tmp_path, 2)
    first.close()
    acquire_slot(tmp_path, 2).close()
    second.close()


def test_a_greater_setting_makes_more_places_at_once(tmp_path: Path) -> None:
    with acquire_slot(tmp_path, 1), acquire_slot(tmp_path, 2):
        pass


def test_without_a_setting_memory_decides_up_to_a_limit(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match=rf"needs about {NEEDED_MB} MB of memory and 100 MB are free\. Close other"):
        acquire_slot(tmp_path, None, free_mb=100)
    places = [acquire_slot(tmp_path, None, free_mb=10 * NEEDED_MB) for _ in range(MOST_VIEWERS)]
    with pytest.raises(ViewerError, match=rf"All {MOST_VIEWERS} image viewers"):
        acquire_slot(tmp_path, None, free_mb=10 * NEEDED_MB)
    for place in places:
        place.close()


def test_a_setting_counts_whatever_memory_there_is(tmp_path: Path) -> None:
    acquire_slot(tmp_path, 1, free_mb=1).close()


def test_a_killed_process_gives_its_place_back(tmp_path: Path) -> None:
    script = (
        "import pathlib, time; from cocomine.viewer.viewer_limit import acquire_slot; "
        f"place = acquire_slot(pathlib.Path({str(tmp_path)!r}), 1); print('taken', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"taken\n"
        with pytest.raises(ViewerError, match="All 1 image viewers"):
            acquire_slot(tmp_path, 1)
        process.send_signal(signal.SIGKILL)
    assert not psutil.pid_exists(process.pid)
    acquire_slot(tmp_path, 1).close()
