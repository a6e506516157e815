"""Published weights come whole, as their name says, and fit the encoder; else nothing appears under their name."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch
from bad_server import BadServer, Fault, bad_server, dropped_after, network_of_tests, sent, status, truncated_to
from download_bench import HURRY

from cocomine.background.records import STATUS, Status
from cocomine.background.reporting import Report
from cocomine.downloading.permission import web_address
from cocomine.downloading.report import Conditions
from cocomine.errors import DownloadError, StorageError, WeightsError
from cocomine.system.jobs import JobCancelled
from cocomine.training.runs.encoders import BASIC, ENCODERS, Encoder
from cocomine.training.runs.weights_download import (
    DOWNLOADING,
    HOST,
    PUBLISHED,
    PublishedWeights,
    _Bytes,
    bring_weights,
)
from cocomine.training.runs.weights_files import usable_files, weights_candidates

TINY = Encoder(name="tiny", title="tiny ResNet", stem=2, widths=(2, 2, 2, 2), blocks=(1, 1, 1, 1), expansion=BASIC)
Known = Callable[..., PublishedWeights]


def weights_of(encoder: Encoder, without: str = "none") -> bytes:
    """A plain PyTorch file with zeros for an encoder's tensors, but for those of one stage."""
    file = io.BytesIO()
    shapes = encoder.shapes().items()
    torch.save({name: torch.zeros(shape) for name, shape in shapes if not name.startswith(without)}, file)
    return file.getvalue()


WHOLE = weights_of(TINY)


@pytest.fixture
def server() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


def known(server: BadServer, data: bytes = WHOLE, *faults: Fault, named: bytes | None = None) -> PublishedWeights:
    """Let the server have a file, which is known by the check sum in its name."""
    path = f"/models/tiny-{hashlib.sha256(named or data).hexdigest()[:8]}.pth"
    server.files[path] = data
    server.faults[path] = list(faults)
    return PublishedWeights(encoder=TINY, url=server.url(path), size_bytes=len(data))


def bring(server: BadServer, published: PublishedWeights, folder: Path) -> Path:
    task = folder.with_name("task")
    task.mkdir(exist_ok=True)
    conditions = Conditions(permission=server.permission(), patience=HURRY, network=network_of_tests())
    return bring_weights(published, folder, conditions, Report(task))


def test_what_came_is_found_as_the_encoders_weights(server: BadServer, tmp_path: Path) -> None:
    published = known(server)
    path = bring(server, published, tmp_path / "weights")
    assert path.name == published.file_name
    (found,) = usable_files(weights_candidates(tmp_path / "weights", {"TORCH_HOME": str(tmp_path)}), TINY)
    assert (found.path, found.missing) == (path, ())
    assert [each.name for each in (tmp_path / "weights").iterdir()] == [path.name]


def test_what_had_come_is_not_fetched_again(server: BadServer, tmp_path: Path) -> None:
    bring(server, known(server, WHOLE, dropped_after(500), status(503)), tmp_path / "weights")
    assert [request.sent_bytes for request in server.requests] == [500, 0, len(WHOLE) - 500]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (sent(WHOLE[::-1]), "what came is not the file that is known: its SHA-256 begins with [0-9a-f]{8}\\."),
        (truncated_to(700), "what came is not the file that is known"),
        (sent(b"<html>Sign in</html>", Content_Type="text/html"), "sends a web page instead of it"),
        (sent(b"<html>Sign in</html>"), "what came is not the file that is known"),
        (status(404), "answers 404 Not Found"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(
    server: BadServer, tmp_path: Path, fault: Fault, message: str
) -> None:
    with pytest.raises(DownloadError, match=rf"{message}.* put it into .*weights\."):
        bring(server, known(server, WHOLE, fault), tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


@pytest.mark.parametrize(
    ("data", "message"),
    [(weights_of(TINY, without="layer4"), "lacks 15 tensors of a tiny ResNet"), (b"no weights", "cannot be used")],
)
def test_a_file_with_the_right_check_sum_must_fill_the_encoder(
    server: BadServer, tmp_path: Path, data: bytes, message: str
) -> None:
    with pytest.raises(DownloadError, match=message):
        bring(server, known(server, data), tmp_path / "weights")
    assert list((tmp_path / "weights").iterdir()) == []


def test_what_came_is_told_in_bytes_and_in_whole_megabytes(tmp_path: Path) -> None:
    told, seen = Report(tmp_path), []
    told.plan({DOWNLOADING: 1.0}, unit="megabyte")
    counted = _Bytes(told, 5_600_000)
    for came in (400_000, 2_500_000, 2_600_000, 600_000):  # the size that is said is rounded: more may come
        counted.add(came)
        told.begin()
        written = msgspec.json.decode((tmp_path / STATUS).read_bytes(), type=Status)
        seen.append((written.done, written.total, written.bytes_done, written.bytes_total))
    assert seen == [
        (0, 5, 400_000, 5_600_000),
        (2, 5, 2_900_000, 5_600_000),
        (5, 5, 5_500_000, 5_600_000),
        (6, 5, 6_100_000, 6_100_000),
    ]


def test_a_larger_file_than_is_known_is_cut(server: BadServer, tmp_path: Path) -> None:
    published = known(server, bytes(5000), named=WHOLE)
    smaller = PublishedWeights(encoder=TINY, url=published.url, size_bytes=1000)
    with pytest.raises(DownloadError, match="larger than 1 kB"):
        bring(server, smaller, tmp_path / "weights")


def test_a_cancelled_download_ends(server: BadServer, tmp_path: Path) -> None:
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "CANCEL").touch()
    with pytest.raises(JobCancelled):
        bring(server, known(server), tmp_path / "weights")
    assert not list(tmp_path.rglob("*.pth"))


def test_what_there_is_no_room_for_is_not_begun(
    server: BadServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cocomine.system.space.free_bytes", lambda _: 10)
    with pytest.raises(StorageError, match="The download needs about"):
        bring(server, known(server), tmp_path / "weights")
    assert not server.requests


def test_a_name_without_a_check_sum_is_refused() -> None:
    with pytest.raises(WeightsError, match="does not end with eight digits of a SHA-256"):
        _ = PublishedWeights(encoder=TINY, url="https://host/tiny.pth", size_bytes=1).sha256_start


@pytest.mark.parametrize("name", [name for name, encoder in ENCODERS.items() if encoder.is_published])
def test_every_published_encoder_is_asked_for_at_pytorchs_host_over_https(name: str) -> None:
    published = PUBLISHED[name]
    address = web_address(published.url)
    assert (address.scheme, address.host, address.port) == ("https", HOST, 443)
    assert published.file_name.startswith(f"{name}-")
    assert len(published.sha256_start) == 8
    numbers = sum(torch.Size(shape).numel() for shape in ENCODERS[name].shapes().values())
    assert published.size_bytes > 4 * numbers
