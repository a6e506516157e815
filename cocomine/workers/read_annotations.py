"""How is a large file read while the pages go on?

By a process of its own, `python -m cocomine.workers.read_annotations`, which puts the columns
into the index: decoding holds Python's lock for long.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from cocomine.coco.reading.column_cache import indexed_split
from cocomine.coco.table_folder import source_stamp
from cocomine.errors import NotInstancesError
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import run_in_subprocess, serve_parent

FEWEST_BYTES_BETWEEN_REPORTS = 1 << 20


def index_files(files: Sequence[Path], index: Path, progress: Progress) -> None:
    """Put annotation files into an index, in a process of its own; what holds no instances is passed over.

    Args:
        files: what to read.
        index: the index's folder.
        progress: gets how far it is, in bytes of all files; what it raises stops the process.

    Raises:
        DatasetError: a file cannot be opened, or the process died.
    """
    arguments = [str(index), *map(str, files)]
    run_in_subprocess(
        "cocomine.workers.read_annotations", arguments, progress, work="Reading", remedy="open the dataset again"
    )


def _size(file: Path) -> int:
    try:
        return source_stamp(file).size
    except OSError:
        return 0  # reading it says what is wrong


def _index(files: Sequence[Path], index: Path, progress: Progress) -> None:
    sizes = [_size(file) for file in files]
    said = 0
    for number, file in enumerate(files):
        before = sum(sizes[:number])

        def tell(done: int, _: int, before: int = before) -> None:
            nonlocal said
            if before + done - said >= FEWEST_BYTES_BETWEEN_REPORTS:
                said = before + done
                progress(said, sum(sizes))

        try:
            indexed_split(file, index, tell)
        except NotInstancesError:
            continue  # the index knows why


def main(arguments: Sequence[str]) -> None:
    """Read files into an index: INDEX FILE ..."""
    serve_parent(lambda progress: _index([Path(name) for name in arguments[1:]], Path(arguments[0]), progress))


if __name__ == "__main__":
    main(sys.argv[1:])
