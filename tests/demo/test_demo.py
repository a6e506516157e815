"""The demo dataset: reproducible, COCO-like, and with the planted truths in it."""

import hashlib
import json
import math
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drawn_demo import drawing_of
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo import dataset as demo
from cocomine.demo.annotations import polygons_of, run_lengths
from cocomine.demo.scenes import MODELS, drawn_scene
from cocomine.demo.shapes import without_holes
from cocomine.errors import DatasetError
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.interference.ranking import notable_pairs, strongest_pairs
from cocomine.mining.statistics.categories import presence

SPLITS = ("train2017", "val2017")
RECORD_KEYS = ["segmentation", "area", "iscrowd", "image_id", "bbox", "category_id", "id"]
IMAGE_KEYS = ["license", "file_name", "coco_url", "height", "width", "date_captured", "flickr_url", "id"]


# Drawing takes over 2 s: the parameter marks every test that asks for the demo as slow.
@pytest.fixture(scope="module", params=[pytest.param(None, marks=pytest.mark.slow, id="demo")])
def folder(demo_folder: Path) -> Path:
    return demo_folder


@pytest.fixture(scope="module")
def sources(folder: Path) -> dict[str, dict[str, Any]]:
    return {split: json.loads((folder / f"annotations/instances_{split}.json").read_text()) for split in SPLITS}


def digests(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def names_per_image(source: dict[str, Any]) -> list[set[str]]:
    name_of = {category["id"]: category["name"] for category in source["categories"]}
    names: dict[int, set[str]] = defaultdict(set)
    for annotation in source["annotations"]:
        names[annotation["image_id"]].add(name_of[annotation["category_id"]])
    return [names[image["id"]] for image in source["images"]]


def decoded(annotation: dict[str, Any], image: dict[str, Any]) -> Any:
    encoded = coco_mask.frPyObjects(annotation["segmentation"], image["height"], image["width"])
    return coco_mask.decode(encoded if annotation["iscrowd"] else coco_mask.merge(encoded)).astype(bool)


# What was written


def test_the_folder_is_laid_out_as_coco_2017(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {"annotations", "train2017", "val2017", "demo.json"}
    assert (folder / "train2017/000000000001.jpg").is_file()


def test_there_are_240_train_and_80_val_images_with_ids_of_their_own(sources: dict[str, dict[str, Any]]) -> None:
    ids = [[image["id"] for image in sources[split]["images"]] for split in SPLITS]
    assert [len(of_split) for of_split in ids] == [240, 80]
    assert len({*ids[0], *ids[1]}) == 320


def test_annotation_ids_are_unique_across_both_splits(sources: dict[str, dict[str, Any]]) -> None:
    ids = [annotation["id"] for source in sources.values() for annotation in source["annotations"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("split", SPLITS)
def test_records_have_the_fields_of_coco_in_its_order(sources: dict[str, dict[str, Any]], split: str) -> None:
    source = sources[split]
    assert list(source) == ["info", "licenses", "images", "annotations", "categories"]
    assert all(list(image) == IMAGE_KEYS for image in source["images"])
    assert all(list(annotation) == RECORD_KEYS for annotation in source["annotations"])


@pytest.mark.parametrize("split", SPLITS)
def test_the_pictures_on_disk_have_the_size_in_the_records(
    folder: Path, sources: dict[str, dict[str, Any]], split: str
) -> None:
    for image in sources[split]["images"]:
        with Image.open(folder / split / image["file_name"]) as picture:
            assert (picture.size, picture.mode) == ((image["width"], image["height"]), "RGB")


def test_category_ids_are_sparse_and_fall_into_several_supercategories(sources: dict[str, dict[str, Any]]) -> None:
    categories = sources["train2017"]["categories"]
    ids = [category["id"] for category in categories]
    assert len(ids) >= 10
    assert ids == sorted(set(ids))
    assert ids != list(range(1, len(ids) + 1))
    assert len({category["supercategory"] for category in categories}) >= 4


def test_two_licences_are_in_use(sources: dict[str, dict[str, Any]]) -> None:
    source = sources["train2017"]
    assert {4, 7} == {entry["id"] for entry in source["licenses"]} == {image["license"] for image in source["images"]}


def test_the_info_says_that_the_pictures_are_free(sources: dict[str, dict[str, Any]]) -> None:
    assert "drawn by CocoMine, free for any use (CC0)" in sources["val2017"]["info"]["description"]


def test_progress_counts_every_image_once(folder: Path) -> None:
    assert drawing_of(folder).steps == [[done, 320] for done in range(1, 321)]


def test_drawing_takes_a_minute_of_cpu_at_the_very_most(folder: Path) -> None:
    assert drawing_of(folder).cpu_s < 60


# What is planted


@pytest.mark.parametrize(("split", "least"), [("train2017", 25), ("val2017", 8)])
def test_every_category_is_in_enough_images(sources: dict[str, dict[str, Any]], split: str, least: int) -> None:
    counts = Counter(name for names in names_per_image(sources[split]) for name in names)
    assert set(counts) == set(MODELS) == {name for _, name, _ in demo.CATEGORIES}
    assert min(counts.values()) >= least


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("pair", demo.PLANTED_PAIRS)
def test_planted_pairs_nearly_always_meet(
    sources: dict[str, dict[str, Any]], split: str, pair: tuple[str, str]
) -> None:
    images = names_per_image(sources[split])
    first, second = (sum(name in names for names in images) for name in pair)
    both = sum(set(pair) <= names for names in images)
    assert both >= 0.9 * max(first, second)
    assert both * len(images) / (first * second) > 3


@pytest.mark.parametrize("split", SPLITS)
def test_the_loner_meets_nobody(sources: dict[str, dict[str, Any]], split: str) -> None:
    assert all(len(names) == 1 for names in names_per_image(sources[split]) if demo.PLANTED_LONER in names)


def test_all_other_pairs_meet_about_as_often_as_by_chance(sources: dict[str, dict[str, Any]]) -> None:
    images = names_per_image(sources["train2017"])
    counts = Counter(name for names in images for name in names)
    for pair in combinations(sorted(counts.keys() - {demo.PLANTED_LONER}), 2):
        if pair in demo.PLANTED_PAIRS or pair[::-1] in demo.PLANTED_PAIRS:
            continue
        both = sum(set(pair) <= names for names in images)
        assert 0.5 < both * len(images) / math.prod(counts[name] for name in pair) < 2, pair


def test_the_planted_pairs_and_the_planted_exclusion_of_the_demo_come_first(folder: Path) -> None:
    dataset = open_dataset(folder)
    table = pair_table(presence(dataset), dataset.category_names)
    ranked = [{table.names[first], table.names[second]} for first, second in strongest_pairs(table, fewest_images=5)]
    alone = [{demo.PLANTED_LONER, name} for name in table.names if name != demo.PLANTED_LONER]
    assert ranked[:2] == [set(pair) for pair in demo.PLANTED_PAIRS]
    assert all(pair in alone for pair in ranked[2 : 2 + len(alone)])
    assert len(alone) == 12

    shown = [{table.names[first], table.names[second]} for first, second in notable_pairs(table, fewest_images=5)]
    assert shown == ranked[:3]


@pytest.mark.parametrize("split", SPLITS)
def test_one_image_in_twenty_shows_nothing(sources: dict[str, dict[str, Any]], split: str) -> None:
    images = names_per_image(sources[split])
    assert sum(not names for names in images) == len(images) // 20


# Masks


@pytest.mark.parametrize("split", SPLITS)
def test_pycocotools_finds_the_area_and_the_box_that_the_record_states(folder: Path, split: str) -> None:
    coco = COCO(str(folder / f"annotations/instances_{split}.json"))
    for annotation in coco.dataset["annotations"]:
        mask = coco.annToMask(annotation)
        rows, columns = np.nonzero(mask)
        x, y, width, height = annotation["bbox"]
        assert mask.sum() == annotation["area"] > 0  # exactly: both rasterize the polygons by pycocotools' rule
        assert (x, y) == (columns.min(), rows.min())
        assert (x + width, y + height) == (columns.max() + 1, rows.max() + 1)


@pytest.mark.parametrize("split", SPLITS)
def test_polygons_stay_inside_their_image(sources: dict[str, dict[str, Any]], split: str) -> None:
    size_of = {image["id"]: (image["width"], image["height"]) for image in sources[split]["images"]}
    for annotation in sources[split]["annotations"]:
        for polygon in [] if annotation["iscrowd"] else annotation["segmentation"]:
            points = np.array(polygon).reshape(-1, 2)
            assert len(points) >= 3
            assert points.min() >= 0
            assert (points <= size_of[annotation["image_id"]]).all()


@pytest.mark.parametrize("split", SPLITS)
def test_crowds_are_uncompressed_run_lengths_that_fill_the_image(
    sources: dict[str, dict[str, Any]], split: str
) -> None:
    crowds = [annotation for annotation in sources[split]["annotations"] if annotation["iscrowd"]]
    assert len(crowds) >= 5
    for crowd in crowds:
        assert sum(crowd["segmentation"]["counts"]) == math.prod(crowd["segmentation"]["size"])


@pytest.mark.parametrize("split", SPLITS)
def test_many_objects_have_several_parts(sources: dict[str, dict[str, Any]], split: str) -> None:
    parts = [len(entry["segmentation"]) for entry in sources[split]["annotations"] if not entry["iscrowd"]]
    assert sum(count > 1 for count in parts) > 0.1 * len(parts)


def test_some_pixels_are_claimed_by_two_objects_but_few(sources: dict[str, dict[str, Any]]) -> None:
    source = sources["val2017"]
    image_of = {image["id"]: image for image in source["images"]}
    claims = {key: np.zeros((image["height"], image["width"]), dtype=int) for key, image in image_of.items()}
    for annotation in source["annotations"]:
        claims[annotation["image_id"]] += decoded(annotation, image_of[annotation["image_id"]])
    twice, once = (sum(int((claim > least).sum()) for claim in claims.values()) for least in (1, 0))
    assert 0.001 < twice / once < 0.05


@pytest.mark.parametrize("seed", range(6))
def test_polygons_cover_what_is_visible_of_an_object(seed: int) -> None:
    names = ["boat", "fish", "cat", "umbrella", "kite", "balloon", "cup"]
    scene = drawn_scene(names, np.random.default_rng(seed), width=400, height=360)
    assert {drawn.name for drawn in scene.objects} == set(names)
    for drawn in scene.objects:
        image = {"height": 360, "width": 400}
        outlined = decoded({"segmentation": polygons_of(drawn.mask), "iscrowd": 0}, image)
        visible = without_holes(drawn.visible)
        assert (outlined & visible).sum() > 0.9 * (outlined | visible).sum(), drawn.name


def test_an_outline_is_right_for_a_mask_checked_by_hand() -> None:
    square_with_hole = np.zeros((6, 7), dtype=bool)
    square_with_hole[1:5, 2:6] = True
    square_with_hole[2, 3] = False
    (polygon,) = polygons_of(square_with_hole)
    points = np.array(polygon).reshape(-1, 2)
    assert points.min(axis=0).tolist() == [2, 1]
    assert points.max(axis=0).tolist() == [6, 5]


def test_parts_that_touch_at_a_corner_are_two_polygons() -> None:
    mask = np.kron(np.eye(2, dtype=bool), np.ones((5, 5), dtype=bool))
    assert len(polygons_of(mask)) == 2


@pytest.mark.parametrize("first_is_set", [False, True])
def test_run_lengths_are_those_that_pycocotools_reads(first_is_set: bool) -> None:
    mask = np.random.default_rng(0).random((5, 4)) < 0.5
    mask[0, 0] = first_is_set
    encoded = coco_mask.frPyObjects(run_lengths(mask), 5, 4)
    assert np.array_equal(coco_mask.decode(encoded), mask)


# Writing again


def test_a_complete_demo_is_left_alone(folder: Path) -> None:
    def touched(_done: int, _all: int) -> None:
        raise AssertionError

    assert demo.demo_is_complete(folder)
    assert not demo.demo_is_begun(folder)
    demo.write_demo(folder, progress=touched)


@pytest.fixture
def few_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a demo have so few images that it is drawn twice in a moment; nothing else of it differs."""
    monkeypatch.setattr(demo, "_IMAGE_COUNT", 20)


@pytest.mark.usefixtures("few_images")
def test_an_interrupted_demo_is_incomplete_and_is_finished_by_the_next_call(tmp_path: Path) -> None:
    def stop(done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    whole, broken = tmp_path / "whole", tmp_path / "broken"
    broken.mkdir()  # an empty folder will do as well
    demo.write_demo(whole)
    with pytest.raises(KeyboardInterrupt):
        demo.write_demo(broken, progress=stop)
    assert not demo.demo_is_complete(broken)
    assert not (broken / "annotations").exists()
    assert demo.demo_is_begun(broken)
    demo.write_demo(broken)
    assert demo.demo_is_complete(broken)
    assert digests(broken) == digests(whole)


def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"mine")
    with pytest.raises(DatasetError, match=r"not empty and not a CocoMine demo \(it holds 'holiday.jpg'\)"):
        demo.write_demo(tmp_path)
    assert digests(tmp_path) == {"holiday.jpg": hashlib.sha256(b"mine").hexdigest()}


@pytest.mark.parametrize("text", ["{", "[]", '{"dataset": "another"}', "\xff"])
def test_a_marker_that_is_not_ours_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "demo.json").write_text(text, encoding="latin-1")
    with pytest.raises(DatasetError, match="not a CocoMine demo"):
        demo.write_demo(tmp_path)


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(DatasetError, match="this is a file, the demo dataset needs a folder"):
        demo.write_demo(tmp_path / "demo")


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match=r"cannot be written \(Not a directory\)"):
        demo.write_demo(tmp_path / "file" / "demo")


def test_a_missing_image_makes_a_demo_incomplete(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text(
        json.dumps({"dataset": "CocoMine demo", "version": demo.DEMO_VERSION, "complete": True})
    )
    assert not demo.demo_is_complete(tmp_path)
