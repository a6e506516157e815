"""What `pip install .` gives to a person who has no repository."""

import json
import os
import signal
import socket
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from datasets import files_in
from installed import REPOSITORY, Installed, built_wheel, installed
from packaging.requirements import Requirement
from requests_by_hand import OPENING, Server

from benchmarks.session import opened_session
from cocomine import __version__
from cocomine.server.launching import USUAL_PORT
from cocomine.system.extras import ONNX, TRAINING, VIEWER, Extra

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def requirements(*files: str) -> dict[str, Requirement]:
    """The lines of requirement files by the packages' names."""
    lines = [line for file in files for line in (REPOSITORY / file).read_text(encoding="utf-8").splitlines()]
    return {each.name: each for each in map(Requirement, filter(lambda line: line and line[0] not in "#-", lines))}


def test_the_tested_versions_are_those_that_the_package_asks_for() -> None:
    """`requirements.txt` pins one version of each dependency and of each package of the extras."""
    asked = map(Requirement, [*PROJECT["dependencies"], *EXTRAS["train"], *EXTRAS["onnx"], *EXTRAS["viewer"]])
    ranges = {each.name: each.specifier for each in asked}
    pinned = requirements("requirements.txt")
    assert ranges.keys() == pinned.keys()
    for name, requirement in pinned.items():
        (version,) = requirement.specifier
        assert version.operator == "=="
        assert version.version in ranges[name]


@pytest.mark.parametrize(("name", "extra"), [("train", TRAINING), ("onnx", ONNX), ("viewer", VIEWER)])
def test_what_is_missing_is_installed_as_the_package_says(name: str, extra: Extra) -> None:
    assert sorted(extra.requirements) == sorted(EXTRAS[name])
    assert sorted(extra.modules) == sorted(Requirement(each).name for each in extra.requirements)


def test_the_extra_all_is_all_extras() -> None:
    (everything,) = map(Requirement, EXTRAS["all"])
    assert everything.extras == EXTRAS.keys() - {"all"}


def test_this_python_is_one_of_those_that_the_package_names() -> None:
    named = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if "Python :: 3." in each]
    assert named == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == f">={named[0]}"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    if os.name == "nt":
        pytest.skip("the packages it requires are linked, which Windows allows to few")
    return installed(wheel, tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def demo(place: Installed) -> Path:
    ended = place.run("demo", "demo", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == {"folder": "demo"}
    return place.elsewhere / "demo"


START_VIEWER = """
from cocomine.viewer.client import start_viewer
from cocomine.workspace import workspace_from_environment
print(start_viewer(workspace_from_environment()).wait_until_started(60).message)
"""


@contextmanager
def served(place: Installed, *arguments: object) -> Iterator[tuple[Server, str]]:
    """Run `cocomine app` until its address is known; yield where it is, and the address that it prints."""
    command = [str(place.program), "app", "--no-browser", *map(str, arguments)]
    environment = place.environment | {"COCOMINE_VIEWERS": "0"}
    with subprocess.Popen(
        command, cwd=place.elsewhere, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = iter(process.stdout.readline, "")
            address = next(line.split()[-1] for line in said if "http://" in line)
            yield Server(port=int(address.split("/")[2].rpartition(":")[2])), address
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.communicate(timeout=30)[0]
    assert "Traceback" not in rest
    assert process.returncode == 0


@pytest.fixture(scope="module")
def export(place: Installed, demo: Path) -> Path:
    ended = place.run("mine", demo, "--classes", "cup,cake", "--out", place.home / "exports" / "export", "--json")
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["is_complete"]
    return Path(json.loads(ended.stdout)["folder"])


@pytest.fixture(scope="module")
def app(place: Installed, demo: Path) -> Iterator[tuple[Server, str]]:
    """The app, started in a folder of somebody who would like to have it elsewhere and open to all."""
    theirs = place.elsewhere / ".streamlit"
    theirs.mkdir()
    (theirs / "config.toml").write_text('[server]\nbaseUrlPath = "theirs"\naddress = "0.0.0.0"\n')
    (theirs / "secrets.toml").write_text('COCOMINE_TRUST_PROXY = "1"\n')
    with served(place, "--data", demo.name) as found:
        yield found


@pytest.mark.slow
def test_the_wheel_holds_what_the_app_and_the_command_line_need(wheel: Path) -> None:
    ours = [path for path in (REPOSITORY / "cocomine").rglob("*") if path.is_file() and path.suffix != ".pyc"]
    expected = {path.relative_to(REPOSITORY).as_posix() for path in ours}
    scripts = [REPOSITORY / "app.py", REPOSITORY / ".streamlit" / "config.toml", *REPOSITORY.glob("pages/*.py")]
    expected |= {f"cocomine/_app/{path.relative_to(REPOSITORY).as_posix()}" for path in scripts}
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == expected


@pytest.mark.slow
def test_the_installed_command_says_its_version(place: Installed) -> None:
    assert place.run("--version").stdout == f"cocomine {__version__}\n"


@pytest.mark.slow
def test_the_installed_command_draws_the_demo_with_the_same_bytes(demo: Path, demo_folder: Path) -> None:
    """Drawn a second time, by another process and in another place."""
    assert files_in(demo) == files_in(demo_folder)


@pytest.mark.slow
def test_the_installed_command_mines_the_demo(export: Path) -> None:
    assert (export / "manifest.json").is_file()


@pytest.mark.slow
def test_without_the_extras_the_command_line_says_what_installs_them(place: Installed, export: Path) -> None:
    trained = place.run("train", export, "--run", "run")
    assert (trained.returncode, trained.stdout) == (1, "")
    assert trained.stderr.startswith("cocomine: Training needs safetensors and torch, not installed here. Run `")
    assert ' -m pip install "safetensors>=0.8" "torch>=2.13"`' in trained.stderr
    doctor = place.run("doctor", "--only", "viewer")
    assert doctor.returncode == 1
    assert "no  viewer: The FiftyOne viewer needs fiftyone, not installed here. Run `" in doctor.stdout


@pytest.mark.slow
def test_the_installed_app_is_healthy_and_shows_all_pages_of_a_dataset(
    app: tuple[Server, str], demo: Path, export: Path
) -> None:
    """PyTorch is missing, which Train says where there is an export."""
    assert export.is_dir()
    server, address = app
    assert server.answer("/_stcore/health", {"Host": f"localhost:{server.port}"}).status == 200
    base, _, query = address.partition("/?")
    assert parse_qs(query) == {"data": [str(demo)]}
    with opened_session(base) as session:
        session.show("", query)
        for page in ("understand", "choose", "check", "export", "train", "compare"):
            session.show(page, query)
            wrong = [each for each in session.shown.errors if not each.startswith("Training needs safetensors and")]
            assert wrong == []
            assert len(session.shown.errors) == (page == "train")
            assert session.shown.title


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example:PORT"},
        {"Host": "localhost:PORT", "Origin": "https://attacker.example"},
        {"Host": "localhost:PORT", "Origin": "https://attacker.example", **OPENING},
        {"Host": "localhost:PORT", "X-Forwarded-For": "192.0.2.1"},
    ],
)
def test_the_installed_app_refuses_pages_and_names_of_others(app: tuple[Server, str], headers: dict[str, str]) -> None:
    server, _ = app
    sent = {name: value.replace("PORT", str(server.port)) for name, value in headers.items()}
    path = "/_stcore/stream" if "Upgrade" in headers else "/"
    assert server.answer(path, sent).status == 403


@pytest.mark.slow
def test_a_port_that_is_taken_is_passed_over_unless_it_is_named(place: Installed) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", USUAL_PORT))
            other.listen()
        except OSError:
            pass  # somebody else has it: so much the better
        with served(place) as (server, _):
            assert server.port > USUAL_PORT
        ended = place.run("app", "--port", USUAL_PORT)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"cocomine: Port {USUAL_PORT} cannot be used (")


@pytest.mark.slow
def test_without_fiftyone_the_viewer_says_what_installs_it_and_that_the_gallery_is_there(place: Installed) -> None:
    said = place.python("-c", START_VIEWER).stdout
    assert said.startswith("The FiftyOne viewer needs fiftyone, not installed here. Run `")
    assert said.rstrip().endswith("the built-in gallery is shown.")
