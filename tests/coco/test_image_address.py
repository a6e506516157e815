"""Images of a folder that is not on this computer."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from image_server import dripping, served

from cocomine.coco import image_address
from cocomine.coco.image_address import ImageAddress
from cocomine.coco.image_folders import place_of
from cocomine.errors import AddressError, DatasetError
from cocomine.system.file_names import is_address

IN_MEMORY = "memory://bucket/train"


@pytest.fixture(autouse=True)
def _no_former_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_address, "_failed", {})


@pytest.fixture
def files() -> Iterator[MemoryFileSystem]:
    """A store with two images, one of them beside the folder that is named."""
    store = MemoryFileSystem()
    store.pipe({"/bucket/train/1.jpg": b"one", "/bucket/train/far/2.jpg": b"two", "/bucket/secret.jpg": b"secret"})
    yield store
    store.rm("/bucket", recursive=True)


def at(address: str, kept_in: Path) -> ImageAddress:
    return ImageAddress.of(address, kept_in)


def test_an_image_is_fetched_once_and_then_read_here(files: MemoryFileSystem, tmp_path: Path) -> None:
    address = at(IN_MEMORY, tmp_path)
    assert address.kept("far/2.jpg") is None
    fetched = address.file("far/2.jpg")
    assert fetched is not None
    assert fetched.read_bytes() == b"two"
    files.rm("/bucket/train/far/2.jpg")
    assert address.file("far/2.jpg") == fetched == address.kept("far/2.jpg")


@pytest.mark.usefixtures("files")
def test_an_image_that_is_not_there_is_missing_and_no_failure(tmp_path: Path) -> None:
    address = at(IN_MEMORY, tmp_path)
    assert address.file("3.jpg") is None
    assert address.file("1.jpg") is not None


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "name", ["../secret.jpg", "far/../../secret.jpg", "/bucket/secret.jpg", "..", ".", "", "a\0b", "..\\secret.jpg"]
)
def test_no_name_leads_out_of_the_address(name: str, tmp_path: Path) -> None:
    address = at(IN_MEMORY, tmp_path)
    assert not address.has(name)
    assert address.file(name) is None
    assert not list(tmp_path.rglob("*.jpg"))


@pytest.mark.parametrize("name", ["http://127.0.0.1:1/x.jpg", "s3://other/x.jpg"])
def test_a_name_that_is_an_address_is_a_name_below_the_folder(
    name: str, files: MemoryFileSystem, tmp_path: Path
) -> None:
    files.pipe({f"/bucket/train/{name.replace('//', '/')}": b"x"})
    fetched = at(IN_MEMORY, tmp_path).file(name)
    assert fetched is not None
    assert fetched.is_relative_to(tmp_path)


def test_fsspecs_own_local_files_are_read_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`file://` itself is a path (`place_of`); what fsspec makes of a folder is what it makes of a bucket."""
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "1.jpg").write_bytes(b"one")
    monkeypatch.setattr("fsspec.core.url_to_fs", lambda _: (LocalFileSystem(), str(tmp_path / "store")))
    address = at("s3://bucket", tmp_path / "kept")
    fetched = address.file("1.jpg")
    assert fetched is not None
    assert fetched.read_bytes() == b"one"
    assert address.file("2.jpg") is None


def test_a_web_server_gives_images_and_is_asked_for_names_as_they_are(tmp_path: Path) -> None:
    with served({"/val/a%20b%3F%231.jpg": (200, b"one")}) as (server, asked):
        fetched = at(f"{server}/val/", tmp_path).file("a b?#1.jpg")
        assert fetched is not None
        assert fetched.read_bytes() == b"one"
        assert at(f"{server}/val", tmp_path).file("2.jpg") is None
    assert asked == ["/val/a%20b%3F%231.jpg", "/val/2.jpg"]


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(403, "lets nobody read here"), (500, "status 500"), (302, r"sends elsewhere \(http://169.254.169.254/\)")],
)
def test_what_a_server_refuses_is_a_sentence_and_it_is_not_asked_again_at_once(
    status: int, sentence: str, tmp_path: Path
) -> None:
    with served({"/1.jpg": (status, b"http://169.254.169.254/?token=secret")}) as (server, asked):
        for _ in range(3):
            with pytest.raises(AddressError, match=sentence):
                at(server, tmp_path).file("1.jpg")
    assert asked == ["/1.jpg"]


def test_no_connection_is_a_sentence(tmp_path: Path) -> None:
    with served({}) as (server, _):
        pass
    with pytest.raises(AddressError, match=r"cannot be read .*Check the address and the connection"):
        at(server, tmp_path).file("1.jpg")


def test_a_server_that_never_answers_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_address, "LONGEST_S", 0.05)
    monkeypatch.setattr(ImageAddress, "_bytes_of", lambda *_: time.sleep(1))
    with pytest.raises(AddressError, match="no answer within"):
        at(IN_MEMORY, tmp_path).file("1.jpg")


def test_a_server_that_sends_byte_after_byte_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_address, "LONGEST_S", 0.2)
    with dripping() as (server, is_left):
        with pytest.raises(AddressError, match="no answer within"):
            at(server, tmp_path).file("1.jpg")
        assert is_left.wait(10)


def test_an_image_that_is_shorter_than_its_server_said_is_not_kept(tmp_path: Path) -> None:
    with served({"/1.jpg": (200, b"half")}, announced=8) as (server, _), pytest.raises(AddressError, match="cannot be"):
        at(server, tmp_path).file("1.jpg")
    assert not list(tmp_path.rglob("*.jpg"))


def test_a_missing_package_is_named_with_what_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(AddressError, match=r"s3://bucket/train: s3:// is read with .* pip install s3fs"):
        at("s3://bucket/train", tmp_path).file("1.jpg")


@pytest.mark.parametrize(
    "error", [PermissionError("Forbidden"), RuntimeError("Unable to locate credentials")], ids=["refused", "unsigned"]
)
def test_missing_credentials_say_how_to_sign_in(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise error

    monkeypatch.setattr(MemoryFileSystem, "cat_file", refuse)
    with pytest.raises(AddressError, match=r"not allowed .*AWS_PROFILE.* FSSPEC_MEMORY_ANON=true"):
        at(IN_MEMORY, tmp_path).file("1.jpg")


def test_a_file_larger_than_any_image_is_not_kept(
    files: MemoryFileSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_address, "MOST_IMAGE_BYTES", 10)
    files.pipe("/bucket/train/large.jpg", b"x" * 11)
    with pytest.raises(AddressError, match="no image has"):
        at(IN_MEMORY, tmp_path).file("large.jpg")
    assert not list(tmp_path.rglob("*.jpg"))


@pytest.mark.parametrize(
    "text",
    [
        "ftp://host/folder",
        "ftp://a:secret@host/folder",
        "simplecache::s3://bucket",
        "zip://x.zip",
        "https://a:secret@host/x",
        "https://secret@host/x",
        "https://host/x?key=secret",
        "https://[x",
        "s3://",
    ],
)
def test_other_addresses_are_refused_before_anything_is_asked(text: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as refusal:
        place_of(text, tmp_path)
    assert "secret" not in str(refusal.value)


def test_the_container_of_an_azure_address_is_no_user(tmp_path: Path) -> None:
    assert at("abfs://images@account.dfs.core.windows.net/x", tmp_path).has("1.jpg")


def test_names_that_no_disk_holds_beside_each_other_are_files_here(tmp_path: Path) -> None:
    names = ["a", "a/b", "A", f"{'x' * 300}.jpg"]
    with served({f"/{name}": (200, name.encode()) for name in names}) as (server, _):
        address = at(server, tmp_path)
        fetched = [address.file(name) for name in names]
    assert [path.read_bytes().decode() for path in fetched if path] == names
    assert [address.kept(name) for name in names] == fetched
    assert len({str(path).lower() for path in fetched}) == len(names)


def test_a_page_that_comes_instead_of_an_image_is_not_kept(tmp_path: Path) -> None:
    answers = {"/1.jpg": (200, b"<html>Sign in</html>")}
    with served(answers) as (server, _):
        assert at(server, tmp_path).file("1.jpg") is None
        answers["/1.jpg"] = (200, b"one")
        fetched = at(server, tmp_path).file("1.jpg")
    assert fetched is not None
    assert fetched.read_bytes() == b"one"


def test_a_path_is_no_address() -> None:
    assert [is_address(text) for text in ("s3://a", "memory://a", "/data", "C:/data", "train=s3://a")] == [
        True,
        True,
        False,
        False,
        False,
    ]
