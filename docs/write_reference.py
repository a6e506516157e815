"""Write each command's help into docs/command-line.md, and the training settings into docs/settings.md: `make docs`."""

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPOSITORY), str(REPOSITORY / "tests" / "support")]

from reference import help_text, presets_table, settings_table  # noqa: E402

from cocomine.cli.parser import COMMANDS  # noqa: E402
from cocomine.system.files import write_text  # noqa: E402


def main() -> None:
    """Replace the block below each heading, and the last table."""
    page = REPOSITORY / "docs" / "command-line.md"
    text = page.read_text(encoding="utf-8")
    for name in COMMANDS:
        block = rf"(?<=\n## {name}\n\n)```text\n.*?\n```"
        text, number = re.subn(block, lambda _, name=name: f"```text\n{help_text(name)}\n```", text, flags=re.DOTALL)
        if number != 1:
            raise SystemExit(f"{page}: there are {number} blocks below '## {name}'; there must be one.")
    write_text(page, text)
    page = REPOSITORY / "docs" / "settings.md"
    text = page.read_text(encoding="utf-8")
    text = re.sub(r"(?<=\n)\| set \|.*?\n\n", lambda _: f"{presets_table()}\n\n", text, flags=re.DOTALL)
    write_text(page, f"{text[: text.rindex('| setting |')]}{settings_table()}\n")


if __name__ == "__main__":
    main()
