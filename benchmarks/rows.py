"""What is measured, row by row, and what each row has to reach."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.first_visits import first_visit_rows
from benchmarks.job import LABEL_SIZE_PX, Job
from benchmarks.measuring import Worker, fresh, in_turns, refuse_difference
from benchmarks.opening_rows import opening_rows
from benchmarks.report import Omitted, Row
from benchmarks.sides import EXPORTING, HOTCOCO, OURS, PAGES, PYCOCOTOOLS, hotcoco_is_missing
from benchmarks.training_rows import live_page_rows, training_rows

RERUN_LIMITS_MS = {"data": 50, "understand": 100, "choose": 150}
CLICK_LIMIT_MS = 100
WARM_RERUNS = 2
LARGE_LIMIT_GB = 4
SELECTION_COUNT = 6
"""Two choices of classes in three modes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """How often each kind of work is done."""

    opening: int
    working: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Both sides with the file open.

    Attributes:
        repeats: how often each works, after once to warm up.
    """

    ours: Worker
    peer: Worker
    repeats: int

    def cpu_s(self, name: str, peers_name: str) -> tuple[list[float], list[float]]:
        """Return our CPU-seconds and the peer's for two methods that must come to the same result."""
        refuse_difference(name, [self.ours.measure(name).outcome, self.peer.measure(peers_name).outcome])
        sides = in_turns(self.repeats, lambda: self.ours.measure(name), lambda: self.peer.measure(peers_name))
        return [sample.cpu_s for sample in sides[0]], [sample.cpu_s for sample in sides[1]]


def all_rows(job: Job, repeats: Repeats) -> Iterator[Row | Omitted]:
    """Measure everything and yield the rows, in the order in which they are told."""
    yield from opening_rows(job, repeats.opening)
    with Worker(OURS, job) as ours:
        ours.measure("open_file")
        yield from pycocotools_rows(job, ours, repeats.working)
        yield from hotcoco_rows(job, ours, repeats.working)
        yield from own_rows(ours, repeats.working)
    yield from export_rows(job)
    yield from page_rows(job, repeats.working)
    yield from first_visit_rows(job, repeats.opening)
    yield from training_rows(job, repeats.working)
    yield from live_page_rows(job, repeats.working)


def pycocotools_rows(job: Job, ours: Worker, repeats: int) -> Iterator[Row]:
    """What both sides can do with the file open."""
    with Worker(PYCOCOTOOLS, job) as peer:
        peer.measure("open_file")
        contest = Contest(ours=ours, peer=peer, repeats=repeats)
        yield from pair_rows(job, contest)
        yield from subset_rows(job, contest)
        yield from label_map_rows(job, contest)


def hotcoco_rows(job: Job, ours: Worker, repeats: int) -> Iterator[Row | Omitted]:
    """Write the subset's JSON; hotcoco's has empty fields beside those that were there, ours the same bytes."""
    work = f"subset JSON of {', '.join(job.classes)}"
    if hotcoco_is_missing():
        yield Omitted(work=f"{work}, beside hotcoco", reason="hotcoco is not installed")
        return
    with Worker(HOTCOCO, job) as peer:
        peer.measure("open_file")
        cpu_s = Contest(ours=ours, peer=peer, repeats=repeats).cpu_s("subset_json", "subset_json")
        refuse_difference(work, [side.measure("subset_written").outcome for side in (ours, peer)])
    words = "hotcoco, `filter`, `save`"
    yield Row(work=work, unit="CPU-s", ours=cpu_s[0], peer=words, peers=cpu_s[1], target=0.5)


def export_rows(job: Job) -> Iterator[Row | Omitted]:
    """Write a whole export, once."""
    with Worker(EXPORTING, job) as exporting:
        if not exporting.measure("has_images").outcome:
            yield Omitted(work="a whole export", reason="there are no image files beside the annotations")
            return
        count = exporting.measure("prepare").outcome
        sample = exporting.measure("export")
    work = f"a whole export of {count:,} images, all formats, for each image"
    yield Row(work=work, unit="CPU-ms", ours=[1000 * sample.cpu_s / count], target=1.9)
    yield Row(work=f"{work}, time to wait", unit="ms", ours=[1000 * sample.wall_s / count], target=1.1)


def pair_rows(job: Job, contest: Contest) -> Iterator[Row]:
    """Count all pairs of categories."""
    work = f"pair matrix of {len(job.categories)} categories"
    for words, name, target in (("`getAnnIds`, `loadAnns`", "pairs", 20), ("its insides", "pairs_from_index", None)):
        ours, peers = contest.cpu_s("pairs", name)
        yield Row(work=work, unit="CPU-s", ours=ours, peer=f"pycocotools, {words}", peers=peers, target=target)


def subset_rows(job: Job, contest: Contest) -> Iterator[Row]:
    """Write the subset's JSON; both files must hold the same."""
    work = f"subset JSON of {', '.join(job.classes)}"
    for words, name, target in (("`json.dump`", "subset_json", 20), ("`json.dumps`", "subset_json_at_once", None)):
        ours, peers = contest.cpu_s("subset_json", name)
        refuse_difference(work, [side.measure("subset_written").outcome for side in (contest.ours, contest.peer)])
        yield Row(work=work, unit="CPU-s", ours=ours, peer=f"pycocotools, {words}", peers=peers, target=target)


def label_map_rows(job: Job, contest: Contest) -> Iterator[Row]:
    """Make label maps of the first images."""
    count = min(job.label_map_count, contest.ours.measure("image_count").outcome)
    ways = ("each mask resized", "label_maps", 8), ("the map resized", "label_maps_reduced_last", None)
    for words, name, target in ways:
        ours, peers = ([cpu_s / count * 1000 for cpu_s in side] for side in contest.cpu_s("label_maps", name))
        work = f"label map at {LABEL_SIZE_PX} px, one image"
        yield Row(work=work, unit="CPU-ms", ours=ours, peer=f"`annToMask`, {words}", peers=peers, target=target)


def own_rows(ours: Worker, repeats: int) -> Iterator[Row]:
    """Work that has a limit and no peer."""
    ours.measure("mode_counts")
    counts = [ours.measure("mode_counts").wall_s for _ in range(repeats)]
    yield Row(work="counts of all modes for a selection", unit="ms", ours=_ms(counts), target=5)
    for work, name, target in (("all counters of Choose", "counters", 40), ("all suggestions", "suggestions", None)):
        for _ in range(SELECTION_COUNT):
            ours.measure(name)
        found = [ours.measure(name).wall_s for _ in range(SELECTION_COUNT * 2)]
        yield Row(work=f"{work} for a selection", unit="ms", ours=_ms(found), target=target)
    gallery_image_count = ours.measure("gallery_image_count").outcome
    if gallery_image_count:
        for _ in range(gallery_image_count):
            ours.measure("gallery_image")  # brings the files into the system's cache
        times = [ours.measure("gallery_image").wall_s for _ in range(gallery_image_count)]
        yield Row(work="our gallery, one image with masks", unit="ms", ours=_ms(times), target=10)


def page_rows(job: Job, repeats: int) -> Iterator[Row]:
    """A rerun of each page after something was changed on it."""
    with Worker(PAGES, job) as pages:
        pages.measure("open_app")
        for page, limit_ms in RERUN_LIMITS_MS.items():
            pages.measure(f"go_to_{page}")
            for _ in range(WARM_RERUNS):
                pages.measure("rerun")
            reruns = [pages.measure("rerun").outcome for _ in range(repeats)]
            yield Row(work=f"a rerun of {page.capitalize()}", unit="ms", ours=_ms(reruns), target=limit_ms)
            if page == "understand":
                yield click_row(pages, repeats)


def large_rows(job: Job, repeats: int) -> Iterator[Row]:
    """Tables of millions of images: open them, count the pairs, and say what selections would give.

    Args:
        job: its annotation file is the folder of the tables.
    """
    shutil.rmtree(job.index, ignore_errors=True)
    first = fresh(OURS, job, "first_open")
    size = f"{first.outcome[0]:,} images and {first.outcome[1]:,} boxes in Parquet"
    yield Row(work=f"first open of {size}, checks included", unit="CPU-s", ours=[first.cpu_s], target=None)
    yield Row(work="memory of that", unit="GB", ours=[first.peak_bytes / 1e9], target=LARGE_LIMIT_GB)
    with Worker(OURS, job) as ours:
        again = ours.measure("open_file")
        yield Row(work="reopen them", unit="CPU-s", ours=[again.cpu_s], target=None)
        pairs = [ours.measure("pairs").cpu_s for _ in range(repeats)]
        yield Row(work=f"their pair matrix of {first.outcome[2]} categories", unit="CPU-s", ours=pairs, target=None)
        ours.measure("what_if")
        found = [ours.measure("what_if") for _ in range(SELECTION_COUNT)]
        waits_ms = _ms([sample.wall_s for sample in found])
        yield Row(work="what a selection of them would give", unit="ms", ours=waits_ms, target=500)
        peak_gb = found[-1].peak_bytes / 1e9
        yield Row(work="memory with all that Choose counts from", unit="GB", ours=[peak_gb], target=LARGE_LIMIT_GB)


def click_row(pages: Worker, repeats: int) -> Row:
    """A click in the heat map until its dialog is told to the browser."""
    pages.measure("click_in_map")
    clicks = [pages.measure("click_in_map").outcome for _ in range(repeats)]
    return Row(work="a click in the heat map to its dialog", unit="ms", ours=_ms(clicks), target=CLICK_LIMIT_MS)


def _ms(seconds: Sequence[float]) -> list[float]:
    return [1000 * value for value in seconds]
