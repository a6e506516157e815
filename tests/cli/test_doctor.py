"""The doctor says what works here, and what to do about the rest."""

import shutil
import socket
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from cocomine.cli.commands import doctor
from cocomine.cli.commands.doctor import LEAST_FREE_GB, Check, examined
from cocomine.errors import ViewerError
from cocomine.system import extras
from cocomine.workspace import Workspace

NAMES = ["python", "training", "onnx", "viewer", "mongod", "port", "browser", "gpu", "weights", "space"]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A computer without programs, and a workspace that was never used."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.delenv("FIFTYONE_DATABASE_URI", raising=False)
    monkeypatch.delenv("COCOMINE_MONGOD", raising=False)
    return Workspace(root=tmp_path / "home")


def check(workspace: Workspace, name: str) -> Check:
    (found,) = [each for each in examined(workspace) if each.name == name]
    return found


def add_program(tmp_path: Path, name: str, script: str = "exit 0") -> Path:
    path = tmp_path / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_every_thing_is_looked_at_once_and_says_something(bare: Workspace) -> None:
    signs = examined(bare)
    assert [each.name for each in signs] == NAMES
    assert all(each.message for each in signs)


def test_looking_writes_nothing(bare: Workspace) -> None:
    examined(bare)
    assert not bare.root.exists()


def test_this_python_and_its_packages_work(bare: Workspace) -> None:
    assert check(bare, "python") == Check(name="python", works=True, message=sys.version.split()[0])
    assert check(bare, "training") == Check(name="training", works=True, message="safetensors and torch installed")
    assert check(bare, "viewer") == Check(name="viewer", works=True, message="fiftyone installed")


def test_a_port_that_is_taken_is_told_with_the_command_for_another(
    bare: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("STREAMLIT_SERVER_PORT", str(port))
        found = check(bare, "port")
        assert not found.works
        assert f"{port} is taken" in found.message
        assert "`cocomine app` takes the next one that is free" in found.message
    assert check(bare, "port") == Check(name="port", works=True, message=f"{port} is free")


def test_an_old_python_is_told_with_what_to_install(bare: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert check(bare, "python") == Check(name="python", works=False, message="3.10.4; install Python 3.11 or newer")


def test_missing_packages_are_named_with_the_command_that_installs_them(
    bare: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name == "torch" else object())
    found = check(bare, "training")
    assert not found.works
    assert found.message.startswith("Training needs torch, not installed here. Run `")
    assert check(bare, "viewer").works


def test_a_mongod_is_told_by_its_path(bare: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = add_program(tmp_path, "my-mongod")
    monkeypatch.setenv("COCOMINE_MONGOD", str(program))
    assert check(bare, "mongod") == Check(name="mongod", works=True, message=str(program))


def test_a_mongod_that_is_not_there_is_told_with_what_to_do(
    bare: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_MONGOD", str(tmp_path / "nothing"))
    found = check(bare, "mongod")
    assert not found.works
    assert str(tmp_path / "nothing") in found.message


def test_a_database_that_does_not_answer_is_told(bare: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "reachable_uri", _nobody)
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", "mongodb://nowhere")
    assert check(bare, "mongod") == Check(name="mongod", works=False, message="Nobody answers at mongodb://nowhere.")


def _nobody(uri: str) -> str:
    raise ViewerError(f"Nobody answers at {uri}.")


def test_a_database_that_answers_is_well_and_its_address_stays_unsaid(
    bare: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "reachable_uri", lambda uri: uri)
    monkeypatch.setenv("FIFTYONE_DATABASE_URI", "mongodb://me:secret@host")
    assert check(bare, "mongod") == Check(name="mongod", works=True, message="FIFTYONE_DATABASE_URI answers")


def test_browsers_are_told_by_name(bare: Workspace, tmp_path: Path) -> None:
    for name in ("firefox", "chromium"):
        add_program(tmp_path, name)
    assert check(bare, "browser") == Check(name="browser", works=True, message="chromium, firefox")


def test_without_a_browser_any_other_computer_s_will_do(bare: Workspace) -> None:
    found = check(bare, "browser")
    assert not found.works
    assert "open the address that `cocomine app` prints" in found.message


def test_without_a_gpu_training_runs_on_the_cpu(bare: Workspace) -> None:
    found = check(bare, "gpu")
    assert not found.works
    assert "training runs on the CPU" in found.message


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("NVIDIA Test", Check(name="gpu", works=True, message="NVIDIA Test")),
        (
            "",
            Check(
                name="gpu",
                works=False,
                message="there is one, but this torch cannot use it; install a CUDA build of the same version",
            ),
        ),
    ],
)
def test_a_gpu_works_when_torch_can_use_it(
    bare: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, expected: Check
) -> None:
    add_program(tmp_path, "nvidia-smi")
    monkeypatch.setattr(sys, "executable", str(add_program(tmp_path, "python", f"echo '{answer}'")))
    assert check(bare, "gpu") == expected


def test_weights_are_told_by_file_and_other_files_are_not(bare: Workspace) -> None:
    bare.weights.mkdir(parents=True)
    for name in ("resnet50.pth", "a.safetensors", "notes.txt"):
        (bare.weights / name).touch()
    assert check(bare, "weights") == Check(name="weights", works=True, message="a.safetensors, resnet50.pth")


def test_weights_that_torch_keeps_are_told_since_training_takes_them(bare: Workspace, tmp_path: Path) -> None:
    hub = tmp_path / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    (hub / "resnet50-11ad3fa6.pth").touch()
    assert check(bare, "weights") == Check(name="weights", works=True, message="resnet50-11ad3fa6.pth")


def test_without_weights_the_folder_to_put_them_in_is_told(bare: Workspace) -> None:
    found = check(bare, "weights")
    assert not found.works
    assert str(bare.weights) in found.message


@pytest.mark.parametrize(
    ("free_gb", "works", "advice"),
    [
        (LEAST_FREE_GB, True, ""),
        (LEAST_FREE_GB - 0.9, False, "; free at least 2 GB or set COCOMINE_HOME to another disk"),
    ],
)
def test_little_space_is_told_with_the_way_to_another_disk(
    bare: Workspace, monkeypatch: pytest.MonkeyPatch, free_gb: float, works: bool, advice: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: Usage(0, 0, int(free_gb * 1e9)))
    expected = f"{free_gb:.0f} GB free at {bare.root}{advice}"
    assert check(bare, "space") == Check(name="space", works=works, message=expected)
