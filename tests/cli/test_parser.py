"""What can be asked of the command line before any work begins."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cocomine import __version__
from cocomine.cli.choices import Names
from cocomine.cli.parser import COMMANDS, COMPLETION, cocomine, main
from cocomine.cli.results import ResultCommand

REPOSITORY = Path(__file__).resolve().parents[2]
CONTEXT = click.Context(cocomine, info_name="cocomine")
QUICK = """
import json, sys
from cocomine.cli.parser import main
main(json.loads(sys.argv[1]))
large = {"numpy", "pandas", "PIL", "msgspec", "streamlit", "torch"}
print(json.dumps(sorted(large & set(sys.modules))), file=sys.stderr)
"""
"""Runs a command line, then says which large packages that took."""


def command(name: str) -> click.Command:
    found = cocomine.get_command(CONTEXT, name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_the_first_sentence_of_each(name: str) -> None:
    text = command(name).help
    assert text is not None
    assert text.split("\n\n")[0].replace("\n", " ") == COMMANDS[name]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_does(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert f"Usage: cocomine {name}" in capsys.readouterr().out
    options = [each for each in command(name).params if isinstance(each, click.Option)]
    assert all((each.help or "").endswith(".") for each in options)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_of_the_help_is_understood(name: str) -> None:
    examples = getattr(command(name), "examples", ())
    assert examples
    for example in examples:
        program, first, *arguments = shlex.split(example.partition(" > ")[0])
        assert (program, first) == ("cocomine", name)
        command(name).make_context(name, arguments)


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"cocomine {__version__}\n"


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_version_and_help_answer_without_the_packages_of_the_work(arguments: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", QUICK, json.dumps(arguments)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert run.stdout
    assert json.loads(run.stderr) == []


@pytest.mark.parametrize(
    ("words", "completed"),
    [("cocomine m", "mine"), ("cocomine mine --ex", "--exclude"), ("cocomine mine --mode o", "only")],
)
def test_a_shell_completes_commands_options_and_values(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str, completed: str
) -> None:
    monkeypatch.setenv(COMPLETION, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"plain,{completed}\n"


def test_a_command_that_is_not_there_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mines"]) == 2
    assert "No such command 'mines'" in capsys.readouterr().err


def test_names_are_split_at_commas_outside_quotes() -> None:
    assert Names().convert('cat, "cup, blue"', None, None) == ("cat", "cup, blue")


def test_a_command_line_of_ours_prints_results_as_json_when_asked() -> None:
    assert all(
        isinstance(command(name), ResultCommand) and "wants_json" in [each.name for each in command(name).params]
        for name in COMMANDS
        if name != "app"
    )
