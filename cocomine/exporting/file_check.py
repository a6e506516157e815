"""What is compared with the plan of a file that an export has once?"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """One file that the plan holds.

    Attributes:
        kind: what is counted together, in the plural.
        path: from the export's folder on.
        flaws: says in what the file, which is there, is not as planned; "of another size", ...
    """

    kind: str
    path: str
    flaws: Callable[[Path], list[str]]
