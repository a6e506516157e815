"""How does a command tell what it found, and how far it is?

The result goes to stdout, as text for people or as JSON for machines; everything else goes to stderr.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import click

from cocomine.system.jobs import Progress
from cocomine.wording import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command found: a value for `--json`, the same as text, and whether it is what was asked."""

    value: Any
    text: str
    is_well: bool = True


class HelpfulCommand(click.Command):
    """A command whose help ends with examples."""

    def __init__(self, *, examples: Sequence[str], **settings: Any) -> None:
        """Keep the examples, command lines in the order of need; for the settings see `click.Command`."""
        super().__init__(**settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples below the options, a line each."""
        with formatter.section("Examples"):
            for line in self.examples:
                formatter.write(f"  {line}\n")


class ResultCommand(HelpfulCommand):
    """A command whose function returns a `Result`; it is printed, and the exit code says whether it is well."""

    def __init__(self, **settings: Any) -> None:
        """Add `--json` to the options; for the settings see `HelpfulCommand`."""
        super().__init__(**settings)
        self.params.append(click.Option(["--json", "wants_json"], is_flag=True, help="Print the result as JSON."))

    def invoke(self, ctx: click.Context) -> int:
        """Carry out the command and return its exit code."""
        wants_json = ctx.params.pop("wants_json")
        result: Result = super().invoke(ctx)
        print(as_json(result.value) if wants_json else result.text, flush=True)
        return 0 if result.is_well else 1


def as_json(value: Any) -> str:
    """Return a value as JSON; NaN is not allowed."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def one_line(name: str) -> str:
    """Return a name whose line breaks and other invisible characters are written as escapes."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in name)


def say(text: str, end: str = "\n") -> None:
    """Write to stderr at once."""
    print(text, end=end, file=sys.stderr, flush=True)


def show_progress(what: str) -> Progress:
    """Return what says how far some work is: every step on a terminal, the last one elsewhere."""

    def show(done: int, total: int) -> None:
        if sys.stderr.isatty() or done == total:
            say(f"{what}: {done:,} of {total:,}", end="\n" if done == total else "\r")

    return show


def show_reading(done: int, total: int) -> None:
    """Say how much of the annotations is read, on a terminal alone."""
    if sys.stderr.isatty():
        say(f"Reading the annotations: {percent(done / total, decimals=0)}", end="\n" if done == total else "\r")
