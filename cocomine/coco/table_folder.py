"""Where in a folder of Parquet files are the tables of a dataset?

`images`, `annotations`, `categories` and `splits`, each a folder or one file, partitioned by split in hive style:
`images/split=train2017/part-0.parquet`. Tables without partitions hold one split, which is called as the folder is.

A split is named by a path that stands where an annotation file would: `DIR/split=train2017`, which is no file, or `DIR`
itself where nothing is partitioned. So its images are looked for beside it, as those of an annotation file are.

Source: docs/parquet.md
"""

import hashlib
import os
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, unquote

from cocomine.errors import DatasetError
from cocomine.system.files import Stamp, stamp_of
from cocomine.system.folders import folder_names, is_file, is_folder, names_in
from cocomine.wording import printable

IMAGES, ANNOTATIONS, CATEGORIES, SPLITS = TABLES = ("images", "annotations", "categories", "splits")
PARTITION = "split="
ENDING = ".parquet"
HIDDEN = ("_", ".")
"""How names begin of what programs keep beside the rows, such as rows that are not all written yet."""
NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
"""What programs call the partition of rows that name no split."""
OF_ALL_SPLITS = (CATEGORIES, SPLITS)
"""Tables that may be there once for all splits."""


def has_tables(folder: Path) -> bool:
    """Return whether a folder holds a dataset as tables; folders of images or JSON under the same names are none."""
    return all(_has_table(folder, name) for name in (ANNOTATIONS, IMAGES))  # images last: they may be 100,000 files


def lacking_table(folder: Path) -> str:
    """Return which of the two tables that a dataset must have is missing where the other is there; "" else."""
    there = [name for name in (ANNOTATIONS, IMAGES) if _has_table(folder, name)]
    return "".join({ANNOTATIONS, IMAGES}.difference(there)) if len(there) == 1 else ""


def _has_table(folder: Path, name: str) -> bool:
    return _holds_parquet(folder / name) or is_file(folder / f"{name}{ENDING}")


def table_splits(folder: Path) -> list[Path]:
    """Return the path that stands for each split of a folder with tables, sorted.

    Raises:
        DatasetError: the name of a split is none, some images are in a partition and some in none, or there are
            annotations of a split that has no images.
    """
    base = _base(folder, IMAGES)
    partitions = _only_partitions(base)
    if not partitions:
        return [folder]
    for name in partitions:
        _refuse_name(base / name)
    names = {split_of_partition(name): name for name in reversed(partitions)}  # %61 is another way to write a
    _require_images(_base(folder, ANNOTATIONS), names)
    return [folder / name for name in sorted(names.values())]


def is_tables(path: Path) -> bool:
    """Return whether a path stands for a split of tables, and is no annotation file."""
    return is_folder(path) or (path.name.startswith(PARTITION) and not is_file(path))


def partition_name(split: str) -> str:
    """Return what the folder of a split is called: characters that names of folders may not have are written as %2F."""
    return f"{PARTITION}{quote(split, safe=' ')}"


def split_of_partition(name: str) -> str:
    """Return the split that a folder is named for."""
    return unquote(name.removeprefix(PARTITION))


def table_files(split: Path, table: str) -> list[Path]:
    """Return the files of one table of a split, sorted; none where it has no rows there.

    Raises:
        DatasetError: the table is not partitioned as the images are.
    """
    folder = split if is_folder(split) else split.parent
    base = _base(folder, table)
    if is_file(base):
        _require_partitions(split, folder, base, table)
        return [base]
    partitions = _only_partitions(base)
    if not partitions:
        files = [base / name for name in _own_files(base)]
        if files:
            _require_partitions(split, folder, base, table)
        return files
    if split == folder:
        raise DatasetError(
            f"{base / partitions[0]}: this table is partitioned by split, and 'images' is not. Write both in one way."
        )
    wanted = split_of_partition(split.name)
    return [file for name in partitions if split_of_partition(name) == wanted for file in _files_below(base / name)]


def tables_stamp(split: Path) -> Stamp:
    """Return by what the tables of a split are known again: all bytes, the last times, and a number of all files.

    Raises:
        OSError: a file is gone.
    """
    files = [file for table in TABLES for file in table_files(split, table)]
    found = [stamp_of(file.stat()) for file in files]
    text = "\n".join(f"{file}\0{each.size}\0{each.inode}" for file, each in zip(files, found, strict=True))
    return Stamp(
        size=sum(each.size for each in found),
        mtime_ns=max((each.mtime_ns for each in found), default=0),
        ctime_ns=max((each.ctime_ns for each in found), default=0),
        inode=int.from_bytes(hashlib.sha256(text.encode(errors="surrogateescape")).digest()[:7], "big"),
    )


def source_stamp(path: Path) -> Stamp:
    """Return by what an annotation file, or a split of tables, is known again.

    Raises:
        OSError: it is gone.
    """
    return tables_stamp(path) if is_tables(path) else stamp_of(path.stat())


def _require_partitions(split: Path, folder: Path, base: Path, table: str) -> None:
    if split != folder and table not in OF_ALL_SPLITS:
        raise DatasetError(
            f"{base}: this table is not partitioned by split, and 'images' is. Write it with one folder for each "
            f"split, {base.name}/{split.name}."
        )


def _require_images(base: Path, splits: Collection[str]) -> None:
    """Make sure that no annotations are left out, as where a program wrote their split in another way."""
    for name in _partitions(base):
        if split_of_partition(name) not in splits:
            raise DatasetError(
                f"{base / name}: there are annotations of this split, and no images. Splits of the images are "
                f"{', '.join(map(printable, splits))}. Rename the folder, or take it out."
            )


def _refuse_name(path: Path) -> None:
    name = split_of_partition(path.name)
    if name in {"", NO_VALUE}:
        raise DatasetError(f"{path}: these images are of no split. Give each row a split, and write the folder again.")
    if "/" in name or "\\" in name or name != printable(name) or not name.strip("."):
        raise DatasetError(
            f"{path}: no split can be called {printable(name)!r}: folders are named for it. Rename it, here and in "
            "the other tables."
        )


def _base(folder: Path, table: str) -> Path:
    """Return the folder or the file of a table."""
    named = folder / f"{table}{ENDING}"
    return named if is_file(named) or is_folder(named) else folder / table


def _holds_parquet(base: Path) -> bool:
    return bool(_partitions(base)) or bool(_own_files(base))


def _only_partitions(base: Path) -> list[str]:
    """Return the partitions of a table, none where it has none.

    Raises:
        DatasetError: some of its rows are in a partition and some in none.
    """
    partitions = _partitions(base)
    if partitions and (loose := _own_files(base)):
        raise DatasetError(
            f"{base / loose[0]}: this file is in no partition, and {base / partitions[0]} is one. "
            f"Put it into the folder of its split, {PARTITION}NAME."
        )
    return partitions


def _partitions(base: Path) -> list[str]:
    return [name for name in _folders_in(base) if name.startswith(PARTITION)]


def _own_files(base: Path) -> Sequence[str]:
    return [name for name in names_in(base) if name.endswith(ENDING) and not name.startswith(HIDDEN)]


def _folders_in(base: Path) -> Sequence[str]:
    try:
        return folder_names(base)
    except (OSError, ValueError):  # not there, a file, or not ours to read
        return []


def _files_below(partition: Path) -> Iterator[Path]:
    """Yield the files in a partition and in folders below it; links to folders, which may lead back, are none."""
    for folder, below, _ in os.walk(partition):
        below[:] = sorted(name for name in below if not name.startswith(HIDDEN))
        yield from (Path(folder, name) for name in _own_files(Path(folder)))
