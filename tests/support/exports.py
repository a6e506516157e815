"""Is a finished export still as its manifest says?"""

from pathlib import Path

from cocomine.exporting.manifest import read_manifest
from cocomine.system.files import file_sha256
from cocomine.system.folders import is_file


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
