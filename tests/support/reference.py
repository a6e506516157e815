"""What the documentation says of commands and settings, from the code itself."""

from dataclasses import MISSING, fields

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
from cocomine.training.runs.settings import SETTINGS
from cocomine.wording import PRESET_NAMES

WIDTH = 100


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
    """Return the settings of a training as a Markdown table, with meaning and bounds of each."""
    defaults = {field.name: field.default for field in fields(TrainingConfig)}
    lines = ["| setting | on the page | meaning | values | default |", "|---" * 5 + "|"]
    for setting in SETTINGS:
        default = defaults[setting.name]
        value = "none" if default is MISSING else f"`{default!r}`".replace("'", '"')
        cells = [f"`{setting.name}`", setting.title, setting.meaning, setting.expected, value]
        lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def presets_table() -> str:
    """Return what each preset sets as a Markdown table, and what is our choice in those of the paper."""
    configs = [config_as_json(preset(name, export="")) for name in PRESETS]
    names = list(dict.fromkeys(setting for name in PRESETS for setting in preset_settings(name)))
    names += [setting for setting in LEFT_OPEN_BY_THE_PAPER if setting not in names]
    lines = [
        f"| set | {' | '.join(PRESET_NAMES[name] for name in PRESETS)} | left open by the paper |",
        "|---" * (2 + len(PRESETS)) + "|",
    ]
    for setting in names:
        values = " | ".join(f"`{config[setting]}`" for config in configs)
        lines.append(f"| `{setting}` | {values} | {LEFT_OPEN_BY_THE_PAPER.get(setting, '')} |")
    return "\n".join(lines)
