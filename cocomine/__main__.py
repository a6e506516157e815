"""The command line: `python -m cocomine COMMAND ...`; every page's work can be done here.

Results go to stdout (`--json` for machines), progress to stderr. Exit 0: done; 1: something the
person can act on, one message, or a result that is not what was asked, such as a run that was
stopped; 2: wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from cocomine.cli import commands
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError
from cocomine.mining.selection.recipe import DEFAULT_FORMATS, FORMATS, LINK_WAYS
from cocomine.mining.selection.selection import Mode, Others
from cocomine.training.runs.config import PRESETS
from cocomine.wording import names_from_line


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    top = argparse.ArgumentParser(prog="python -m cocomine", description="Mine your classes out of COCO.")
    subs = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text, run in (
        ("check", "say what is odd about a dataset", commands.check),
        ("stats", "count every category", commands.stats),
        ("pairs", "compare every pair of categories with chance", commands.pairs),
    ):
        sub = _command(subs, name, text, run)
        _add_dataset(sub)
        if name == "check":
            sub.add_argument("--pictures", action="store_true", help="look into every image file, not into 64")
    _add_mine(_command(subs, "mine", "write a subset to a folder", commands.mine))
    _add_train(_command(subs, "train", "train a network on an export, or go on with a run", commands.train))
    demo = _command(subs, "demo", "draw the built-in demo dataset", commands.demo)
    demo.add_argument("folder", metavar="DIR", type=Path, nargs="?", help="by default in CocoMine's workspace")
    doctor = _command(subs, "doctor", "say what works on this computer", commands.doctor)
    doctor.add_argument("--only", metavar="NAME", help="look at one thing; exit 1 if it does not work")
    return top


def _command(
    subs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, text: str, run: commands.Command
) -> argparse.ArgumentParser:
    sub = subs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
    sub.add_argument("--json", action="store_true", help="print the result as JSON")
    sub.set_defaults(run=run)
    return sub


def _add_dataset(sub: argparse.ArgumentParser, *, optional: bool = False) -> None:
    sub.add_argument(
        "dataset", metavar="DATASET", type=Path, nargs="?" if optional else None, help="a folder or an annotation file"
    )
    sub.add_argument("--split", action="append", metavar="NAME", help="take this split only; may be repeated")
    sub.add_argument(
        "--image-folder",
        action="append",
        default=[],
        metavar="[SPLIT=]PATH",
        help="where the images of a split are, or of all; may be repeated",
    )
    sub.add_argument(
        "--linked-folder",
        action="append",
        default=[],
        type=Path,
        metavar="PATH",
        help="links among the images may lead here; others that leave the image folder are not followed",
    )


def _add_mine(sub: argparse.ArgumentParser) -> None:
    _add_dataset(sub, optional=True)
    sub.add_argument("--classes", type=names_from_line, metavar="A,B", help="the classes you want")
    sub.add_argument("--forbid", type=names_from_line, default=(), metavar="C,D", help="classes that no image may have")
    sub.add_argument("--mode", type=Mode, choices=list(Mode), default=Mode.ANY)
    sub.add_argument("--others", type=Others, choices=list(Others), default=Others.BACKGROUND)
    sub.add_argument(
        "--licence",
        action="append",
        metavar="NAME",
        help="take only images under this licence; can be named several times",
    )
    sub.add_argument(
        "--role",
        action="append",
        type=_role,
        default=[],
        metavar="SPLIT=train|val|test",
        help="what a split is for, where its name does not say it; may be repeated",
    )
    sub.add_argument(
        "--least-images", type=int, default=1, metavar="N", help="name each class with fewer images; takes none out"
    )
    sub.add_argument("--val-share", type=float, default=0.2, help="for a dataset with a single split")
    sub.add_argument("--seed", type=int, default=0, help="of that split")
    sub.add_argument("--size", type=int, default=128, metavar="PX", help="side of the label maps")
    sub.add_argument("--images", choices=LINK_WAYS, default="link")
    sub.add_argument(
        "--formats",
        type=names_from_line,
        default=DEFAULT_FORMATS,
        metavar=",".join(FORMATS),
        help=f"by default {','.join(DEFAULT_FORMATS)}",
    )
    sub.add_argument(
        "--leave-out-unusable", action="store_true", help="leave out images that cannot be exported as they are"
    )
    sub.add_argument("--recipe", type=Path, metavar="YAML", help="replay a recipe, on DATASET where it is named")
    sub.add_argument("--out", type=Path, required=True, metavar="DIR")


def _role(text: str) -> tuple[str, SplitRole]:
    split, _, role = text.rpartition("=")
    if not split or role not in list(SplitRole):
        raise argparse.ArgumentTypeError(f"{text!r} is not SPLIT=train, SPLIT=val or SPLIT=test")
    return split, SplitRole(role)


def _add_train(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("export", metavar="EXPORT", type=Path)
    sub.add_argument("--preset", choices=list(PRESETS), default="try")
    sub.add_argument("--steps", type=int)
    sub.add_argument("--weights", metavar="FILE|none", help="by default the best file found without network")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--run", dest="run_folder", type=Path, required=True, metavar="DIR")


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; return the exit code."""
    args = parser().parse_args(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be written in no encoding at all
    try:
        result = args.run(args)
        print(commands.as_json(result.value) if args.json else result.text, flush=True)
    except CocomineError as error:
        print(f"cocomine: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cocomine: stopped", file=sys.stderr)
        return 130  # as shells have it
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went away; nothing more to say
        return 1
    return 0 if result.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
