"""Write each command's help into docs/command-line.md, below its heading: `make docs`."""

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from command_help import help_text  # noqa: E402

from cocomine.cli.parser import COMMANDS  # noqa: E402
from cocomine.system.files import write_text  # noqa: E402

PAGE = REPOSITORY / "docs" / "command-line.md"


def main() -> None:
    """Replace the block below each heading."""
    text = PAGE.read_text(encoding="utf-8")
    for name in COMMANDS:
        block = rf"(?<=\n## {name}\n\n)```text\n.*?\n```"
        text, number = re.subn(block, lambda _, name=name: f"```text\n{help_text(name)}\n```", text, flags=re.DOTALL)
        if number != 1:
            raise SystemExit(f"{PAGE}: there are {number} blocks below '## {name}'; there must be one.")
    write_text(PAGE, text)


if __name__ == "__main__":
    main()
