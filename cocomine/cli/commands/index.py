"""`cocomine index`: a dataset as tables for other programs."""

from pathlib import Path
from typing import Unpack

import click

from cocomine.cli.datasets import PATH, DatasetOptions, dataset_options, named_dataset
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.exporting.parquet_tables import write_tables
from cocomine.wording import counted, size_words


@click.command(
    cls=ResultCommand,
    examples=("cocomine index coco --out coco-tables", "cocomine index instances_val2017.json --out tables --json"),
)
@dataset_options()
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write, new or empty.")
def command(*, out: Path, **options: Unpack[DatasetOptions]) -> Result:
    """Write a dataset as Parquet tables for other programs.

    Images, annotations with their masks, categories, info and licences, partitioned by split, for DuckDB, Spark, Polars
    and others. The folder opens here as the dataset does, also one that these wrote; docs/parquet.md describes it.
    """
    written = write_tables(named_dataset(options), out, show_progress("Bytes"))
    value = {"folder": str(written.folder), "size_bytes": written.size_bytes, "rows": written.rows}
    lines = [
        f"{name}: {counted(rows['images'], 'image')}, {counted(rows['annotations'], 'annotation')}"
        for name, rows in written.rows.items()
    ]
    return Result(value=value, text="\n".join([*lines, f"{written.folder}: {size_words(written.size_bytes)}"]))
