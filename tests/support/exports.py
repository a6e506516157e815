"""Is a finished export still as its manifest says, and how is one written that others are in the way of?"""

import time
from pathlib import Path

from cocomine.errors import CocomineError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.exporting.writing import write_export
from cocomine.system.files import file_sha256
from cocomine.system.folders import is_file

LIMIT_S = 60.0
AGAIN_AFTER_S = 0.01


def export_problems(folder: Path) -> list[str]:
    """Return one sentence for each file of a finished export that is not as its manifest says.

    Raises:
        ExportError: the folder is not a complete export.
    """
    manifest = read_manifest(folder)
    problems = list(manifest.get("defects", []))
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not is_file(path):
            problems.append(f"{entry['path']} is missing.")
        elif path.stat().st_size != entry["size"] or file_sha256(path) != entry["sha256"]:
            problems.append(f"{entry['path']} changed since it was written.")
    return problems


def export_in_the_end(plan: ExportPlan, folder: Path) -> str:
    """Write an export, as a worker of a pool, trying again while it is refused; return "done", or the last refusal."""
    refusal, deadline = "", time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        try:
            write_export(plan, folder)
        except CocomineError as error:
            refusal = str(error)
            time.sleep(AGAIN_AFTER_S)
        else:
            return "done"
    return refusal
