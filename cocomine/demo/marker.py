"""Which dataset of ours does a folder hold, and is it whole?

`demo.json` is written twice: first to say that the folder is ours, last to say that it is complete.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocomine.errors import DatasetError
from cocomine.system import files

DEMO_MARKER = "demo.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What `demo.json` says of a dataset that is drawn here."""

    dataset: str
    version: int

    def is_complete(self, folder: Path) -> bool:
        """Whether the folder says that it holds the whole dataset of this version."""
        return bool(_found(folder) == self._content(complete=True))

    def is_begun(self, folder: Path) -> bool:
        """Whether writing was begun, in any version, and has not come to its end."""
        found = _found(folder)
        return self._is_ours(found) and not found.get("complete")

    def claim(self, folder: Path) -> None:
        """Mark the folder as one that is being written.

        Raises:
            DatasetError: It belongs to somebody else.
        """
        if not self._is_ours(_found(folder)) and folder.exists():
            self._refuse_others(folder)
        folder.mkdir(parents=True, exist_ok=True)
        files.write_json(folder / DEMO_MARKER, self._content(complete=False))

    def finish(self, folder: Path) -> None:
        """Mark the folder as complete."""
        files.write_json(folder / DEMO_MARKER, self._content(complete=True))

    def _refuse_others(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DatasetError(f"{folder}: this is a file, the demo dataset needs a folder. Choose another name.")
        others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(f"{DEMO_MARKER}.part-"))
        if others:
            raise DatasetError(
                f"{folder}: the folder is not empty and not a {self.dataset} (it holds {others[0]!r}). "
                "Choose a new or an empty folder; nothing was changed."
            )

    def _is_ours(self, found: Any) -> bool:
        return isinstance(found, dict) and found.get("dataset") == self.dataset

    def _content(self, *, complete: bool) -> dict[str, Any]:
        return {"dataset": self.dataset, "version": self.version, "complete": complete}


def _found(folder: Path) -> Any:
    try:
        return json.loads((folder / DEMO_MARKER).read_bytes())
    except (OSError, ValueError):
        return None
