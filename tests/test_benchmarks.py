"""The benchmarks' file is as COCO as its originals, and the whole runner does what it says."""

import json
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from pycocotools.coco import COCO
from records import CATEGORIES, FOUR_IMAGES, Record, annotation, category, document, image, write_split

from benchmarks import sessions
from benchmarks.__main__ import main
from benchmarks.chart import chart
from benchmarks.job import Job
from benchmarks.measuring import Worker, in_turns, refuse_difference
from benchmarks.peer import painted
from benchmarks.report import Circumstances, Omitted, Row, report
from benchmarks.tiling import tile, tiled_from
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError

ODD = annotation(9, 42, 90, note='{"id": 5} 100%d\\u00e9', parts=[{"id": 7, "image_id": 8}])
ROUNDS = 3
NO_JOB = Job(
    annotation_file="",
    originals=(),
    index="",
    scratch="",
    categories=(),
    classes=(),
    label_map_count=0,
    training_steps=0,
    exported_images=0,
)


@pytest.fixture
def originals(tmp_path: Path) -> list[Path]:
    """The four images, and two more with a record that is hard to change."""
    files = {
        "a.json": document(),
        "b.json": document([image(42, "ü.jpg"), image(3)], [ODD, annotation(1, 3, 17, score=1e-07)]),
    }
    for name, value in files.items():
        (tmp_path / name).write_text(json.dumps(value), encoding="utf-8")
    return [tmp_path / name for name in files]


def tiled(originals: list[Path], image_count: int) -> Record:
    target = originals[0].with_name("tiled.json")
    tile(originals, image_count, target)
    value: Record = json.loads(target.read_bytes())
    return value


def without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def test_ids_and_file_names_are_unique_and_counts_exact(originals: list[Path]) -> None:
    value = tiled(originals, 6 * ROUNDS)
    assert [record["id"] for record in value["images"]] == list(range(1, 6 * ROUNDS + 1))
    assert len({record["file_name"] for record in value["images"]}) == 6 * ROUNDS
    assert [record["id"] for record in value["annotations"]] == list(range(1, 8 * ROUNDS + 1))


def test_all_but_the_ids_of_a_record_stays(originals: list[Path]) -> None:
    sources = [json.loads(path.read_bytes()) for path in originals]
    images = [record for source in sources for record in source["images"]] * ROUNDS
    annotations = [record for source in sources for record in source["annotations"]] * ROUNDS
    value = tiled(originals, 6 * ROUNDS)
    names = "id", "file_name"
    assert [without(record, *names) for record in value["images"]] == [without(record, *names) for record in images]
    names = "id", "image_id"
    assert [without(each, *names) for each in value["annotations"]] == [without(each, *names) for each in annotations]
    assert value["categories"] == list(CATEGORIES)


def test_number_formats_and_order_of_fields_stay(originals: list[Path]) -> None:
    tiled(originals, 6)
    text = originals[0].with_name("tiled.json").read_text(encoding="utf-8")
    assert json.dumps(ODD)[8:-1].replace('"image_id": 42', '"image_id": 5') in text
    assert '"score": 1e-07' in text


def test_each_annotation_stays_with_its_image(originals: list[Path]) -> None:
    value = tiled(originals, 6)
    owned = Counter(record["image_id"] for record in value["annotations"])
    assert owned == {1: 2, 2: 2, 3: 2, 5: 1, 6: 1}  # the fourth has none


def test_the_mix_of_categories_stays(originals: list[Path]) -> None:
    once, often = (Counter(each["category_id"] for each in tiled(originals, n)["annotations"]) for n in (6, 60))
    assert often == {category_id: 10 * count for category_id, count in once.items()}


def test_the_last_round_stops_at_the_image_count(originals: list[Path]) -> None:
    value = tiled(originals, 8)
    assert len(value["images"]) == 8
    assert {record["image_id"] for record in value["annotations"]} <= set(range(1, 9))
    assert len(value["annotations"]) == 8 + 4


def test_each_image_of_the_file_is_known_by_its_original(originals: list[Path]) -> None:
    sources = [json.loads(path.read_bytes()) for path in originals]
    value = tiled(originals, 8)
    found = [sources[source]["images"][index] for source, index in tiled_from(originals, 8)]
    names = "id", "file_name"
    assert [without(record, *names) for record in value["images"]] == [without(record, *names) for record in found]


def test_fewer_images_than_one_original_are_taken_from_it(originals: list[Path]) -> None:
    value = tiled(originals, 2)
    assert [record["mood"] for record in value["images"] if "mood" in record] == [FOUR_IMAGES[0]["mood"]]
    assert len(value["annotations"]) == 4


def test_cocomine_and_pycocotools_read_the_same(originals: list[Path]) -> None:
    tiled(originals, 600)
    path = originals[0].with_name("tiled.json")
    ours, peer = open_dataset(path), COCO(str(path))
    assert (ours.image_count, ours.annotation_count) == (len(peer.imgs), len(peer.anns)) == (600, 800)


def test_originals_of_different_datasets_are_refused(originals: list[Path]) -> None:
    originals[1].write_text(json.dumps(document(categories=[category(17, "kitten")])))
    with pytest.raises(DatasetError, match=r"the categories differ\. Name files of one dataset"):
        tiled(originals, 6)


def test_originals_without_images_are_refused(originals: list[Path]) -> None:
    for path in originals:
        path.write_text(json.dumps(document([], [])))
    with pytest.raises(DatasetError, match="no image to repeat"):
        tiled(originals, 6)


def test_the_sides_take_turns() -> None:
    order: list[str] = []
    in_turns(3, lambda: order.append("ours"), lambda: order.append("peer"))
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]


def test_of_three_sides_each_goes_first_once() -> None:
    order: list[str] = []

    def side(name: str) -> Callable[[], str]:
        def work() -> str:
            order.append(name)
            return name

        return work

    assert in_turns(3, side("a"), side("b"), side("c")) == [["a"] * 3, ["b"] * 3, ["c"] * 3]
    assert order == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to cores")
def test_a_side_may_be_given_one_core_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (
        "import os",
        "class Side:",
        "    def __init__(self, _): pass",
        "    def cores(self): return len(os.sched_getaffinity(0))",
    )
    (tmp_path / "asked.py").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Worker("asked:Side", NO_JOB, cores=1) as side:
        assert side.measure("cores").outcome == 1


def test_a_side_that_fails_is_told_with_its_name() -> None:
    with Worker("benchmarks.job:Job", NO_JOB) as side, pytest.raises(RuntimeError, match=r"Job\.nothing failed"):
        side.measure("nothing")


def test_different_results_are_no_comparison() -> None:
    refuse_difference("pairs", [[1, 2], [1, 2]])
    with pytest.raises(RuntimeError, match=r"pairs: the sides differ"):
        refuse_difference("pairs", [[1, 2], [1, 3]])


def test_a_ratio_is_that_of_neighbours_and_its_median_decides() -> None:
    row = Row(work="pairs", unit="CPU-s", ours=[1, 2, 4], peer="a loop", peers=[8, 24, 60], target=12)
    assert row.ratios == [8, 12, 15]
    assert row.line == "| pairs | a loop | 24 CPU-s (8 – 60) | 2 CPU-s (1 – 4) | **12 × (8 – 15)** | ≥ 12 × | yes |"


def test_a_row_that_misses_its_target_says_so() -> None:
    assert (
        Row(work="counts", unit="ms", ours=[60], target=50).line == "| counts | – | – | 60 ms | – | < 50 ms | **no** |"
    )


def test_a_row_without_a_target_claims_nothing() -> None:
    row = Row(work="pairs", unit="CPU-s", ours=[1], peer="its index", peers=[2], target=None)
    assert row.line == "| pairs | its index | 2 CPU-s | 1 CPU-s | **2 ×** | – | – |"


def test_the_peer_paints_by_our_rules() -> None:
    masks = [np.array([row], dtype=np.uint8) for row in ([1, 1, 0, 0], [0, 1, 0, 0], [1, 1, 1, 0])]
    assert painted(masks, [7, 5, 255], (1, 4)).tolist() == [[7, 5, 255, 0]]


def test_the_chart_has_a_bar_for_each_row_with_a_peer_and_follows_the_scheme() -> None:
    rows = [
        Row(work="reopen", unit="CPU-s", ours=[0.02], peer="`COCO(path)`", peers=[20], target=750),
        Row(work="<counts>", unit="ms", ours=[1], peer="a loop", peers=[0.8], target=None),
        Row(work="alone", unit="ms", ours=[1], target=5),
    ]
    drawn = chart(rows)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - it was drawn here
    words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert words[1:] == ["reopen, CPU-s", "COCO(path)", "1,000 ×", "<counts>, ms", "a loop", "0.8 ×"]
    ground, fast, slow = root.iter("{http://www.w3.org/2000/svg}rect")
    assert [ground.get(name) for name in ("x", "y", "width", "height")] == root.get("viewBox", "").split()
    one = next(root.iter("{http://www.w3.org/2000/svg}line")).get("x1")
    assert fast.get("x") == one
    assert float(slow.get("x", 0)) + float(slow.get("width", 0)) == pytest.approx(float(one or 0), abs=0.2)
    assert "prefers-color-scheme: dark" in drawn


def test_what_could_not_be_measured_is_said_with_the_reason() -> None:
    around = Circumstances(material="4 images.", load="Idle.", took_s=150)
    row = Row(work="pairs", unit="ms", ours=[1], target=None)
    page = report([row], [Omitted(work="training", reason="there are no image files")], around)
    assert "## What could not be measured\n\n* training: there are no image files.\n\n## The machine" in page
    assert "The run took 2 minutes." in page
    assert "could not be measured" not in report([row], [], around)


@pytest.mark.slow
def test_the_whole_runner_measures_every_row_and_names_no_place(tmp_path: Path) -> None:
    page, original = tmp_path / "benchmarks.md", write_split(tmp_path / "data", document())
    places = ["--cache", str(tmp_path / "cache"), "--out", str(page), "--annotations", str(original)]
    assert main(["--quick", "--large", "--images", "200", *places]) == 0
    text = page.read_text(encoding="utf-8")
    works = "first open", "reopen", "pair matrix", "subset JSON", "label map", "all modes", "gallery", "rerun of"
    large = "first open of 2,000 images and 30,000 boxes in Parquet", "what a selection of them would give"
    training = "a training step", "preparing an image", "evaluating an image", "a look at a run", "five other runs"
    told = (
        *works,
        *large,
        *training,
        "all counters of Choose",
        "all suggestions",
        "a whole export",
        "hotcoco, `filter`",
    )
    for work in told:
        assert work in text.partition("## The machine")[0]
    assert "200 images, 300 annotations" in text
    assert str(tmp_path) not in text
    assert "hotcoco" in page.with_name("benchmarks.svg").read_text(encoding="utf-8")


@pytest.mark.slow
def test_sessions_go_through_all_pages_and_see_no_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOMINE_VIEWERS", "0")
    monkeypatch.setattr(sessions, "LOOK_S", 0.1)
    data = write_split(tmp_path / "data", document())
    assert sessions.main([str(data), "--sessions", "2", "--seconds", "4"]) == 0
    told = capsys.readouterr().out
    assert all(f"| {title} |" in told for title in sessions.PAGES.values())
    assert "2 sessions, 4 s" in told
