"""The documentation names everything there is, and what it tells people to type works."""

import re
import shlex
from dataclasses import fields
from pathlib import Path

import pytest
from records import annotation, category, document, image, write_split
from reference import command, help_text, presets_table, settings_table

from cocomine.cli.parser import COMMANDS, main
from cocomine.training.runs.config import TrainingConfig
from cocomine.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[1]
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
COMMAND_LINE = (REPOSITORY / "docs" / "command-line.md").read_text(encoding="utf-8")
SETTINGS = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
SLOW = {"train", "claim", "erase", "predict", "onnx"}
"""Commands of the README that are understood here, and carried out by tests of their own."""


def example_lines(text: str) -> list[str]:
    """The lines to type in the blocks marked as shell, without their remarks."""
    blocks = re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def programs() -> list[Path]:
    """Every file of ours that may read an environment variable."""
    folders = ("cocomine", "pages", "tests", "benchmarks")
    return [REPOSITORY / "app.py", *(path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_is_in_the_documentation(name: str) -> None:
    assert f"\n## {name}\n\n```text\n{help_text(name)}\n```\n" in COMMAND_LINE, "run: make docs"


def test_every_environment_variable_is_in_the_documentation() -> None:
    read = {name for path in programs() for name in re.findall(r"\b_?COCOMINE_[A-Z_]+\b", path.read_text("utf-8"))}
    assert {"COCOMINE_HOME", "COCOMINE_VIEWERS"} <= read
    assert not [name for name in sorted(read) if f"`{name}`" not in SETTINGS]


def test_every_setting_of_a_training_is_in_the_documentation() -> None:
    assert all(f"| `{field.name}` |" in settings_table() for field in fields(TrainingConfig))
    assert SETTINGS.endswith(f"\n\n{settings_table()}\n"), "run: make docs"


def test_what_each_preset_sets_is_in_the_documentation() -> None:
    assert f"\n\n{presets_table()}\n\n" in SETTINGS, "run: make docs"


def test_every_folder_of_the_workspace_is_in_the_documentation() -> None:
    workspace = Workspace(root=Path())
    folders = {name for name in vars(Workspace) if isinstance(getattr(workspace, name), Path)} - {"root"}
    named = re.findall(r"`(\w+)`", SETTINGS.partition("## Workspace")[2].partition("## Training")[0])
    assert folders == set(named)


@pytest.mark.parametrize("line", example_lines(README))
def test_every_command_of_the_readme_is_understood(line: str) -> None:
    program, name, *arguments = shlex.split(line)
    assert program == "cocomine"
    command(name).make_context(name, arguments)


def test_the_readme_shows_every_command() -> None:
    shown = {line.split()[1] for line in example_lines(README)}
    assert shown | {"app", "demo"} == set(COMMANDS)
    assert "cocomine app" in README


def test_the_commands_of_the_readme_work_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    categories = [category(1, "giraffe"), category(2, "bus"), category(3, "person")]
    records = [annotation(number, number, 1 + number % 3) for number in range(1, 13)]
    write_split(tmp_path / "coco", document([image(number) for number in range(1, 13)], records, categories))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))  # no nvidia-smi, so that torch is not loaded to ask it
    for line in example_lines(README):
        _, name, *arguments = shlex.split(line)
        if name not in SLOW:
            assert main([name, *arguments]) == 0, (line, capsys.readouterr().err)
    assert (tmp_path / "again" / "recipe.yaml").read_bytes() == (tmp_path / "export" / "recipe.yaml").read_bytes()


def test_the_design_says_what_every_room_is_for() -> None:
    design = (REPOSITORY / "docs" / "design.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (REPOSITORY / "cocomine").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `cocomine/(\w+)/` \|", design, flags=re.MULTILINE)) == rooms


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text)]
    local = [target for target in targets if target and "://" not in target]
    assert not [target for target in local if not (page.parent / target).exists()]
