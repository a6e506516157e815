"""Who is measured, and by which name each is told."""

from importlib.util import find_spec

OURS = "benchmarks.ours:CocoMine"
EXPORTING = "benchmarks.exporting:WholeExport"
PAGES = "benchmarks.pages:Pages"
LIVE_PAGE = "benchmarks.live_page:LivePage"
TRAINING = "benchmarks.training:Training"
PYCOCOTOOLS = "benchmarks.peer:Pycocotools"
HOTCOCO = "benchmarks.hotcoco_peer:Hotcoco"
"""Each a module and a class, see `benchmarks.worker`."""
PYCOCOTOOLS_OPENING = "`pycocotools.coco.COCO(path)`"
HOTCOCO_OPENING = "hotcoco: `COCO(path)`, `healthcheck`, `stats`"


def hotcoco_is_missing() -> bool:
    """Tell whether hotcoco cannot be measured here; it comes with the development packages."""
    return find_spec("hotcoco") is None
