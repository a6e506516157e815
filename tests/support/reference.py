"""What the documentation says of commands and settings, from the code itself."""

import inspect
import re

import click

from cocomine.cli.parser import cocomine
from cocomine.training.runs.config import (
    LEFT_OPEN_BY_THE_PAPER,
    PRESETS,
    TrainingConfig,
    config_as_json,
    preset,
    preset_settings,
)
from cocomine.wording import PRESET_NAMES

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


def presets_table() -> str:
    """Return what each preset sets as a Markdown table, and what is our choice in those of the paper."""
    configs = [config_as_json(preset(name, export="")) for name in PRESETS]
    names = list(dict.fromkeys(setting for name in PRESETS for setting in preset_settings(name)))
    names += [setting for setting in LEFT_OPEN_BY_THE_PAPER if setting not in names]
    lines = [
        f"| set | {' | '.join(PRESET_NAMES[name] for name in PRESETS)} | left open by the paper |",
        "|---" * 5 + "|",
    ]
    for setting in names:
        values = " | ".join(f"`{config[setting]}`" for config in configs)
        lines.append(f"| `{setting}` | {values} | {LEFT_OPEN_BY_THE_PAPER.get(setting, '')} |")
    return "\n".join(lines)
