"""`cocomine download` and `mine --download`: the images come, and what did not come is told."""

import json
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from bad_server import BadServer, bad_server, network_of_tests, status
from download_bench import HURRY, jpeg
from records import FOUR_IMAGES, HEIGHT, WIDTH, document, write_split

from cocomine.cli import downloads
from cocomine.cli.parser import main
from cocomine.coco.size import Size
from cocomine.downloading.report import Conditions

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[BadServer]:
    """Has the four images; the commands may reach it once they are told to."""
    with bad_server() as server:
        for number, record in enumerate(FOUR_IMAGES):
            server.files[f"/{record['file_name']}"] = jpeg(number, Size(height=HEIGHT, width=WIDTH))
        conditions = partial(Conditions, network=network_of_tests(), patience=HURRY)
        monkeypatch.setattr(downloads, "Conditions", conditions)
        yield server


@pytest.fixture
def data(server: BadServer, tmp_path: Path) -> Path:
    """The annotations of the four images, without the images."""
    images = [record | {"coco_url": server.url(f"/{record['file_name']}")} for record in FOUR_IMAGES]
    write_split(tmp_path / "data", document(images), pictures=False)
    return tmp_path / "data"


def run(capsys: Capture, *arguments: object) -> tuple[int, dict[str, Any], str]:
    code = main([*map(str, arguments), "--json"])
    output = capsys.readouterr()
    return code, json.loads(output.out), output.err


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_missing_images_come_to_where_the_dataset_finds_them(
    data: Path, server: BadServer, capsys: Capture
) -> None:
    code, value, told = run(capsys, "download", data, "--allow-http", server.authority)
    assert (code, value["fetched"], value["failures"]) == (0, 4, [])
    assert names_in(data / "all2017") == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert "Downloading 4 images, about 400 bytes, to " in told
    assert "Images: 4 of 4" in told
    assert main(["check", str(data)]) == 0
    assert "missing" not in capsys.readouterr().out


def test_a_second_command_fetches_nothing(data: Path, server: BadServer, capsys: Capture) -> None:
    run(capsys, "download", data, "--allow-http", server.authority)
    assert main(["download", str(data), "--allow-http", server.authority]) == 0
    assert capsys.readouterr().out == "No image is missing.\n"
    assert len(server.requests) == 4


def test_only_the_images_of_a_selection_come(data: Path, server: BadServer, capsys: Capture) -> None:
    allow = ("--allow-http", server.authority)
    assert run(capsys, "download", data, "--classes", "cup", "--mode", "only", *allow)[1]["fetched"] == 1
    assert names_in(data / "all2017") == ["c.jpg"]


def test_images_come_to_the_folder_that_is_named(
    data: Path, server: BadServer, tmp_path: Path, capsys: Capture
) -> None:
    _, value, _ = run(capsys, "download", data, "--to", tmp_path / "to", "--allow-http", server.authority)
    assert value["folders"] == [str(tmp_path / "to" / "all2017")]
    assert len(names_in(tmp_path / "to" / "all2017")) == 4
    assert not (data / "all2017").exists()


def test_a_host_that_is_not_allowed_is_not_asked_and_the_option_is_named(
    data: Path, server: BadServer, capsys: Capture
) -> None:
    code, value, told = run(capsys, "download", data)
    assert (code, value["fetched"], len(value["failures"])) == (1, 0, 4)
    assert f"If you trust {server.authority}, allow it: --allow-host {server.authority}" in told
    assert not server.requests


def test_an_image_that_does_not_come_is_told_and_comes_with_the_next_command(
    data: Path, server: BadServer, capsys: Capture
) -> None:
    server.faults["/b.jpg"] = [status(404)]
    allow = ("--allow-http", server.authority)
    code = main(["download", str(data), *allow])
    output = capsys.readouterr()
    assert code == 1
    assert re.fullmatch(rf"{data / 'all2017'}: 3 images downloaded \(\d kB\), 1 did not come\.\n", output.out)
    assert f"Warning: b.jpg: {server.authority} answers 404 Not Found" in output.err
    assert run(capsys, "download", data, *allow)[1]["fetched"] == 1


def test_an_unknown_class_is_told(data: Path, capsys: Capture) -> None:
    assert main(["download", str(data), "--classes", "kat"]) == 1
    assert "Did you mean cat" in capsys.readouterr().err


def test_a_restriction_without_classes_is_refused(data: Path, capsys: Capture) -> None:
    assert main(["download", str(data), "--exclude", "cat"]) == 1
    assert "Name --classes as well" in capsys.readouterr().err


def test_what_is_no_host_is_told(data: Path, capsys: Capture) -> None:
    assert main(["download", str(data), "--allow-host", "a b"]) == 1
    assert "'a b' is no host" in capsys.readouterr().err


def test_mine_brings_the_images_of_the_subset_and_exports_them(
    data: Path, server: BadServer, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    options = ("--classes", "cat", "--mask-size", 32, "--download", "--allow-http", server.authority, "--out", out)
    code, value, _ = run(capsys, "mine", data, *options)
    assert (code, value["image_count"], value["defects"]) == (0, 2, [])
    assert names_in(data / "all2017") == ["a.jpg", "b.jpg"]
    assert sum(len(names_in(folder)) for folder in (out / "images").iterdir()) == 2


def test_mine_tells_which_images_did_not_come_and_exports_the_others(
    data: Path, server: BadServer, tmp_path: Path, capsys: Capture
) -> None:
    server.faults["/b.jpg"] = [status(404)]
    options = ("--classes", "cat", "--mask-size", 32, "--download", "--allow-http", server.authority)
    _, value, told = run(capsys, "mine", data, *options, "--out", tmp_path / "out")
    assert "Warning: b.jpg: " in told
    assert sum(split["missing_image_file_count"] for split in value["splits"]) == 1
