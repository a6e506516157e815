"""The help of a command as the documentation shows it."""

import click

from cocomine.cli.parser import cocomine

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
