"""Which commands are there, and what is the exit code?

Results go to stdout (`--json` for machines), progress and warnings to stderr. Exit 0: done; 1: something the person
can act on, one message, or a result that is not what was asked, such as a run that was stopped; 2: wrong usage.

A command's module is imported when the command is named, so that `--version`, `--help` and shell completion answer
without the packages that the work needs.
"""

import importlib
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import click
from click.shell_completion import CompletionItem

from cocomine import __version__
from cocomine.errors import CocomineError

COMMANDS = {
    "app": "Open CocoMine in the browser.",
    "doctor": "Say what works on this computer, and how to fix the rest.",
    "demo": "Draw the built-in demo dataset.",
    "check": "Report a dataset's health: errors, warnings, info.",
    "stats": "Count the images and objects of every category.",
    "pairs": "Compare every pair of categories with chance.",
    "index": "Write a dataset as Parquet tables for other programs.",
    "download": "Download images that are not on disk.",
    "mine": "Export a subset: images, annotations, masks, recipe.",
    "diff": "Say what changed from one recipe to another.",
    "zip": "Put an export into one zip file.",
    "relabel": "Turn the grey values of mask images into labels.",
    "train": "Train a network on an export, or resume a run.",
    "runs": "List the runs of the workspace, or rename, delete or restore one.",
    "claim": "Check whether training on the selected classes helped, with intervals.",
    "predict": "Let a trained network label images.",
    "erase": "Erase each class from the validation images of a run, and measure what the network misses.",
    "onnx": "Write a trained network for programs without PyTorch.",
}
"""Each with its first sentence; its module in `cocomine.cli.commands` has the same name."""
COMPLETION = "_COCOMINE_COMPLETE"
INTERRUPTED = 130
"""The exit code that shells give to what Ctrl-C ended."""


class Commands(click.Group):
    """The commands of `COMMANDS`, each imported when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which people need them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of this name, None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"cocomine.cli.commands.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands and options that begin so, without importing one."""
        begun = [CompletionItem(name, help=text) for name, text in COMMANDS.items() if name.startswith(incomplete)]
        return [*begun, *click.Command.shell_complete(self, ctx, incomplete)]


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
    epilog="cocomine COMMAND --help shows the options of a command, with examples.",
)
@click.version_option(__version__, message="cocomine %(version)s")
def cocomine() -> None:
    """Look into a COCO dataset, select classes, export a clean subset and train on it.

    DATASET is a folder or an annotation file. "cocomine app" does the same in the browser.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code.

    Args:
        arguments: of the command line; None takes those of this process.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be written in no encoding at all
    name = None if arguments is None else "cocomine"
    try:
        code: int = cocomine.main(arguments, prog_name=name, complete_var=COMPLETION, standalone_mode=False)
    except CocomineError as error:
        print(f"cocomine: {error}", file=sys.stderr)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        print("cocomine: stopped", file=sys.stderr)
        return INTERRUPTED
    return code
