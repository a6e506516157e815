"""Is what was written what was meant?

An independent look at a finished export: every file's size and SHA-256, and the
counts that the COCO files give when read back.
"""

from pathlib import Path

from cocomine.atomic import file_sha256
from cocomine.coco.reading import read_split
from cocomine.exporting.folder import annotation_path, read_manifest


def export_problems(folder: Path) -> list[str]:
    """Return one sentence for each thing that is not as the manifest says; an empty list means all is well.

    Raises:
        ExportError: the folder is not a complete export.
        DatasetError: an annotation file cannot be read back.
    """
    manifest = read_manifest(folder)
    problems = []
    for entry in manifest["files"]:
        path = folder / entry["path"]
        if not path.is_file():
            problems.append(f"{entry['path']} is missing.")
        elif path.stat().st_size != entry["size"] or file_sha256(path) != entry["sha256"]:
            problems.append(f"{entry['path']} changed since it was written.")
    for entry in manifest["splits"]:
        split, _ = read_split(annotation_path(folder, entry["split"]), name=entry["split"], image_folder=None)
        read_back = len(split.images), len(split.annotations)
        if read_back != (entry["image_count"], entry["annotation_count"]):
            problems.append(
                f"{entry['split']} holds {read_back[0]} images and {read_back[1]} annotations when read back."
            )
    return problems
