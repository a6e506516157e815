"""What the documentation says of commands and settings, from the code itself."""

import inspect
import re

import click

from cocomine.cli.parser import cocomine
from cocomine.training.runs.config import TrainingConfig

WIDTH = 100
SETTING = re.compile(r"^    (\w+): [^#=\n]*(?:= (?P<default>[^#\n]+?))?  # (?P<meaning>.*)$", re.MULTILINE)


def command(name: str) -> click.Command:
    """Return the command of this name."""
    found = cocomine.get_command(click.Context(cocomine), name)
    assert found is not None
    return found


def help_text(name: str) -> str:
    """Return what `cocomine NAME --help` prints on a wide terminal."""
    top = click.Context(cocomine, info_name="cocomine", terminal_width=WIDTH, **cocomine.context_settings)
    return command(name).get_help(click.Context(command(name), parent=top, info_name=name))


def settings_table() -> str:
    """Return the settings of a training as a Markdown table, with the remark that stands beside each."""
    lines = ["| setting | meaning | default |", "|---|---|---|"]
    for found in SETTING.finditer(inspect.getsource(TrainingConfig)):
        default = f"`{found['default']}`" if found["default"] else "none"
        lines.append(f"| `{found[1]}` | {found['meaning'].replace('|', '/')} | {default} |")
    return "\n".join(lines)
