"""`python -m benchmarks`: measure CocoMine beside its peers and write `docs/benchmarks.md` with its chart."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from benchmarks.chart import chart
from benchmarks.job import Job
from benchmarks.large_tables import BOX_COUNT, CATEGORY_COUNT, IMAGE_COUNT, category_names, write_large_tables
from benchmarks.measuring import ROOT
from benchmarks.report import HEADER, Circumstances, Omitted, Row, report
from benchmarks.rows import Repeats, all_rows, large_rows
from benchmarks.tiling import tile
from cocomine.coco.reading.open_dataset import annotation_files
from cocomine.demo.dataset import write_demo
from cocomine.mining.selection.presets import PRESETS
from cocomine.system.files import write_text

TRAIN2017_IMAGE_COUNT = 118_287
QUICK_IMAGE_COUNT = 2_000
THOROUGH, QUICK = Repeats(opening=3, working=9), Repeats(opening=1, working=3)
TRAINING_STEPS, QUICK_TRAINING_STEPS = 40, 2
EXPORTED_IMAGES, QUICK_EXPORTED_IMAGES = 4_000, 40
PICKED_COUNT = 4
LABEL_MAP_COUNT = 480
CHART = "benchmarks.svg"
"""Beside the page."""
SETTLING_S = 3.0
"""A file that was written a moment ago is hashed when it is opened again, since its times cannot be trusted yet."""


class _Category(Struct):
    name: str


class _Categories(Struct):
    categories: list[_Category]


class _Length(Struct):
    images: list[msgspec.Raw]
    annotations: list[msgspec.Raw]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print each row as it is known, and write the page."""
    options = _options(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    originals = [path.resolve() for path in options.annotations] or _demo_files(options.cache)
    image_count = options.images or (QUICK_IMAGE_COUNT if options.quick else TRAIN2017_IMAGE_COUNT)
    job = _job(originals, image_count, options.cache, is_quick=options.quick)
    load, began = f"Mean load over a minute at the beginning: {os.getloadavg()[0]:.1f}.", time.monotonic()
    print(HEADER, flush=True)
    told: list[Row | Omitted] = []
    for each in _everything(job, options):
        print(each.line, flush=True)
        told.append(each)
    material = _material(job, from_demo=not options.annotations)
    if options.out:
        _write(options.out, told, Circumstances(material=material, load=load, took_s=time.monotonic() - began))
    return 0


def _everything(job: Job, options: argparse.Namespace) -> Iterator[Row | Omitted]:
    yield from all_rows(job, QUICK if options.quick else THOROUGH)
    if options.large:
        yield from _rows_of_large_tables(options.cache, quick=options.quick)


def _write(page: Path, told: Sequence[Row | Omitted], circumstances: Circumstances) -> None:
    """Write the page, and the chart beside it."""
    rows = [each for each in told if isinstance(each, Row)]
    omitted = [each for each in told if isinstance(each, Omitted)]
    write_text(page, report(rows, omitted, circumstances))
    write_text(page.with_name(CHART), chart(rows))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--annotations", nargs="*", type=Path, default=[], help="instances files; default: the demo's")
    parser.add_argument("--images", type=int, help=f"images to reach (default {TRAIN2017_IMAGE_COUNT:,})")
    parser.add_argument("--quick", action="store_true", help="a small file and few repeats, to see that it works")
    parser.add_argument("--large", action="store_true", help="also Parquet tables of 2 million images (6.5 GB of disk)")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "cocomine-benchmarks")
    parser.add_argument("--out", type=Path, help="page to write; default docs/benchmarks.md, with --quick none")
    options = parser.parse_args(arguments)
    if options.out is None and not options.quick:
        options.out = ROOT / "docs" / "benchmarks.md"
    return options


def _demo_files(cache: Path) -> list[Path]:
    write_demo(cache / "demo")
    return annotation_files(cache / "demo")


def _job(originals: Sequence[Path], image_count: int, cache: Path, *, is_quick: bool) -> Job:
    known = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in originals]
    key = sha256(repr(known).encode()).hexdigest()[:12]
    tiled = cache / f"{key}-{image_count}.json"
    if not tiled.exists():
        print(f"Writing an annotation file of {image_count:,} images to {cache} …", file=sys.stderr)
        tile(originals, image_count, tiled)
        time.sleep(SETTLING_S)
    names = [category.name for category in msgspec.json.decode(originals[0].read_bytes(), type=_Categories).categories]
    presets = [preset.classes for preset in PRESETS.values() if set(names).issuperset(preset.classes)]
    return Job(
        annotation_file=str(tiled),
        originals=tuple(map(str, originals)),
        index=str(cache / "index"),
        scratch=str(cache),
        categories=tuple(names),
        classes=presets[0] if presets else tuple(names[:PICKED_COUNT]),
        label_map_count=LABEL_MAP_COUNT,
        training_steps=QUICK_TRAINING_STEPS if is_quick else TRAINING_STEPS,
        exported_images=QUICK_EXPORTED_IMAGES if is_quick else EXPORTED_IMAGES,
    )


def _rows_of_large_tables(cache: Path, *, quick: bool) -> Iterator[Row]:
    """Write the tables, measure, and remove them and what is kept of them."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        tables = Path(folder) / "tables"
        image_count, box_count = (QUICK_IMAGE_COUNT, 15 * QUICK_IMAGE_COUNT) if quick else (IMAGE_COUNT, BOX_COUNT)
        write_large_tables(tables, image_count=image_count, box_count=box_count, category_count=CATEGORY_COUNT)
        time.sleep(SETTLING_S)
        names = category_names(CATEGORY_COUNT)
        job = Job(
            annotation_file=str(tables),
            originals=(),
            index=str(Path(folder) / "index"),
            scratch=folder,
            categories=names,
            classes=names[:PICKED_COUNT],
            label_map_count=0,
            training_steps=0,
            exported_images=0,
        )
        yield from large_rows(job, (QUICK if quick else THOROUGH).opening)


def _material(job: Job, *, from_demo: bool) -> str:
    sizes = [_sizes(Path(path)) for path in (job.annotation_file, *job.originals)]
    names = "the built-in demo" if from_demo else " and ".join(f"`{Path(path).name}`" for path in job.originals)
    original = sum(image_count for image_count, _ in sizes[1:])
    return (
        f"{sizes[0][0]:,} images, {sizes[0][1]:,} annotations, {len(job.categories)} categories, "
        f"{Path(job.annotation_file).stat().st_size / 1e6:,.0f} MB: the {original:,} images and "
        f"{sum(count for _, count in sizes[1:]):,} annotations of {names}, repeated under new ids."
    )


def _sizes(path: Path) -> tuple[int, int]:
    document = msgspec.json.decode(path.read_bytes(), type=_Length)
    return len(document.images), len(document.annotations)


if __name__ == "__main__":
    sys.exit(main())
