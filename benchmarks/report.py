"""How are the measurements told? As ratios, beside what was asked for and what the machine was."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import psutil

LIBRARIES = ("numpy", "msgspec", "pycocotools", "hotcoco", "pillow", "streamlit", "torch")
HEADER = "| work | peer | the peer's figure | ours | ratio | target | reached |\n|---|---|---|---|---|---|---|"
CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        work: what was done.
        unit: of all figures; less is better.
        ours: our figures.
        peer: whom ours are compared with, "" for nobody.
        peers: the peer's figures, each measured beside ours at the same position.
        target: the ratio to reach with a peer, the figure to stay below without one; None where nothing was asked for.
    """

    work: str
    unit: str
    ours: Sequence[float]
    target: float | None
    peer: str = ""
    peers: Sequence[float] = ()

    @property
    def ratios(self) -> list[float]:
        """The peer's figures divided by ours, neighbour by neighbour."""
        return [peer / our for peer, our in zip(self.peers, self.ours, strict=True)] if self.peer else []

    @property
    def verdict(self) -> str:
        """Whether the median fulfils the target, in a word."""
        if self.target is None:
            return "–"
        is_reached = median(self.ratios) >= self.target if self.peer else median(self.ours) < self.target
        return "yes" if is_reached else "**no**"

    @property
    def line(self) -> str:
        """The row in Markdown."""
        target = (
            "–" if self.target is None else f"≥ {self.target:g} ×" if self.peer else f"< {self.target:g} {self.unit}"
        )
        cells = [
            self.work,
            self.peer or "–",
            _spread(self.peers, self.unit) if self.peer else "–",
            _spread(self.ours, self.unit),
            f"**{_spread(self.ratios, '×')}**" if self.peer else "–",
            target,
            self.verdict,
        ]
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True, slots=True, kw_only=True)
class Omitted:
    """What could not be measured here, and why."""

    work: str
    reason: str

    @property
    def line(self) -> str:
        """It as an entry of a list, in Markdown."""
        return f"* {self.work}: {self.reason}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the figures depend on.

    Attributes:
        material: a sentence about the annotation file.
        load: a sentence about what else the machine did.
        took_s: seconds of the whole run.
    """

    material: str
    load: str
    took_s: float


def report(rows: Sequence[Row], omitted: Sequence[Omitted], circumstances: Circumstances) -> str:
    """Return the whole page."""
    lines = "\n".join(row.line for row in rows)
    left_out = [each.line for each in omitted]
    return PAGE.format(
        table=f"{HEADER}\n{lines}",
        omitted="\n".join(["## What could not be measured", "", *left_out, "", ""]) if left_out else "",
        machine=f"{machine()} {circumstances.load} The run took {circumstances.took_s / 60:.0f} minutes.",
        material=circumstances.material,
    )


def machine() -> str:
    """Return what the figures depend on: processor, memory, versions."""
    libraries = ", ".join(f"{name} {_version(name)}" for name in LIBRARIES)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB of memory, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}, {libraries}."
    )


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "processor unknown"


def _spread(figures: Sequence[float], unit: str) -> str:
    """Return "37.1 CPU-s (36.8 – 38.0)": the median, and the smallest and largest in brackets."""
    middle, low, high = (_rounded(value) for value in (median(figures), min(figures), max(figures)))
    return f"{middle} {unit} ({low} – {high})" if len(figures) > 1 else f"{middle} {unit}"


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


PAGE = """# How fast it is

Written by `make bench`; every figure was measured in one run on one machine. A ratio is the peer's figure divided by
ours, so more is better; a figure without a peer has a limit. Each cell gives the median, and in brackets the smallest
and the largest value.

![How many times less than its peer each piece of work takes](benchmarks.svg)

{table}

{omitted}## The machine

{machine}

## The file

{material}

## How it was measured

* Each side works in a process of its own, and the two take turns, who goes first changing each time. A ratio is that
  of two neighbours in time. Where both give a result, the run stops unless the results are equal.
* CPU-s is processor time of all threads, user and system. Starting Python and importing are not in it, on either side.
  Files are in the system's cache.
* Cores are those that the process may be bound to; on all of them, where nothing else is said.
* *First open* reads the file, checks the dataset's health and keeps columns for reopening, in a fresh process.
  *Memory* is the largest resident memory of that process; the mapped pages of the file itself count.
* *Reopen* is a fresh process again, with the columns that the first open kept. The peer keeps nothing, so reopening is
  opening.
* hotcoco opens the file, checks it and counts what is in it, in a fresh process each time; it keeps nothing either. Its
  subset is `filter` and `save`: the same records, with empty fields beside those that the file has, where ours are the
  file's own bytes. Figures of processor time include all threads.
* *Pair matrix*, *subset*, *label map* and *counts* find the file open and have run once before. The peer has its
  records decoded in memory at that point; we read them from the file.
* The peer's pair matrix is a loop over the images with `getAnnIds`, `loadAnns`, a set and a dictionary; its subset is
  `getImgIds`, `loadAnns` and `json.dump`. Where going around these is faster, a second row without a target shows that
  as well: a loop over `imgToAnns`, and `json.dumps`, which needs the whole text in memory.
* The peer's label maps decode each annotation by `annToMask` at the image's size, reduce it by Pillow (nearest) and
  paint smaller objects over larger ones; in the second row they paint first and reduce the map. Ours scale the polygons
  first, so the maps differ along the edges; they are made for sixteen images at a time, as an export makes them.
* *All counters of Choose* are the images of each mode, the images left if each class is excluded, images, objects,
  unselected objects and objects of each class, class combinations, and objects and pixels of unselected classes. *All
  suggestions* are what to exclude, what to include, and low-overlap sets of four. Both are measured on the four
  classes named above and on the two most frequent ones, in each of the three modes, so the largest value is that of
  the slowest of six selections.
* *Gallery* reads an image and its records and makes a JPEG of 480 px and the outlines of boxes and masks, which the
  browser draws; one figure for each of up to 100 images.
* *A whole export* is of other images: the originals repeated until the selection holds about so many, each with a hard
  link to its original's file. All formats are written, image files are linked, and what was written is verified. It is
  measured once.
* *A training step* is that of a real run on one thread, from its begin to where the next one would begin: the batch
  from the disk, learning rates, lines and status included. Between two of them the peer takes one in the same process,
  with another network of the same kind (small encoder, paper settings) and its batches at hand: forward, loss, backward
  and the optimiser's step. One figure for each step. *Preparing* an image reads it and its label map at the training
  size; *evaluating* predicts it and compares it with its ground truth at its own size.
* *A look* at a run at work is what its panel takes when it is drawn anew, as it is every two seconds: 20 lines were
  added since the last one, and header, numbers, charts, class table and confusion matrix are drawn. Processor time of
  the script run.
* A *rerun* is a run of `app.py` and the page by Streamlit's script runner after a widget was changed, callbacks and
  turning the messages into bytes included; no browser, no network, no viewer. The page had run twice before. On Choose
  four other classes are selected each time; on Understand what is counted and the sorting change; on Data the part of
  the file that is shown.
* *The first page* and *a first visit* are what a person waits for in Chromium, which is open already: from the start of
  the program, or a click in the navigation, until the page's title is there, nothing runs, and charts and images are
  drawn. Each server is fresh, with a workspace of its own, on the first of the original files, and the classes named
  above are selected.

## How to repeat it

```sh
make bench                                         # the demo's annotations, repeated to the size of train2017
make bench COCO="instances_train2017.json instances_val2017.json"
python -m benchmarks.accelerator                   # training on a GPU, with and without half precision; below 3 minutes
```
"""
