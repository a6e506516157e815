"""The demo, drawn once for all tests, and how its drawing went."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from cocomine.demo.dataset import demo_is_complete, write_demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """What was told on the way, pairs of images done and images in all, and the CPU time that it took."""

    steps: list[list[int]]
    cpu_s: float


def drawn_demo(root: Path) -> Path:
    """Return the demo of a folder, which need not be there; it is drawn unless it is complete."""
    folder = root / "demo"
    if not demo_is_complete(folder):
        steps: list[list[int]] = []
        start = time.process_time()
        write_demo(folder, progress=lambda done, count: steps.append([done, count]))
        drawing = Drawing(steps=steps, cpu_s=time.process_time() - start)
        _record(folder).write_text(json.dumps(asdict(drawing)))
    return folder


def drawing_of(folder: Path) -> Drawing:
    """Return how the drawing of such a demo went."""
    return Drawing(**json.loads(_record(folder).read_text()))


def _record(folder: Path) -> Path:
    return folder.with_name("drawing.json")
