"""A broken file is opened or refused with a sentence, whatever happened to its bytes; nothing hangs or crashes."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from mutations import MUTATIONS, Mutation, built_document, mutated

from cocomine.processes import with_this_package

BATCH = 250
MUTATED = 2_000
MUTATED_REAL = 100
REAL_IMAGES = 8
SMALL_ODDITIES = (
    "balloon_val",
    "datumaro_stuff_val_uncompressedRLE",
    "panoptic_as_detection_compressedRLE",
    "roboflow_sharks_test.coco",
)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("built") / "val.json"
    path.write_bytes(built_document())
    return path


@pytest.fixture(scope="session")
def real(coco_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first real images, so that a file is small enough to be broken often."""
    value = json.loads((coco_folder / "annotations" / "instances_val2017.json").read_bytes())
    value["images"] = value["images"][:REAL_IMAGES]
    ids = {image["id"] for image in value["images"]}
    value["annotations"] = [each for each in value["annotations"] if each["image_id"] in ids]
    path = tmp_path_factory.mktemp("real") / "val.json"
    path.write_text(json.dumps(value))
    return path


def opened_of(source: Path, first: int, count: int) -> int:
    """Open files broken by these seeds in a process of their own, and return how many of them opened."""
    program = Path(__file__).with_name("mutations.py")
    command = [sys.executable, str(program), str(source), str(first), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, env=with_this_package({}), check=False)
    lines = done.stdout.splitlines() or ["{}"]
    assert done.returncode == 0, f"{source.name}, {lines[-1]}: ended with {done.returncode}\n{done.stderr[-2000:]}"
    return int(json.loads(lines[-1])["opened"])


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MUTATED, BATCH))
def test_a_broken_file_is_opened_or_refused(built: Path, first: int) -> None:
    assert 0 < opened_of(built, first, BATCH) < BATCH


@pytest.mark.real
@pytest.mark.slow
def test_a_broken_real_file_is_opened_or_refused(real: Path) -> None:
    assert 0 < opened_of(real, 0, MUTATED_REAL) < MUTATED_REAL


@pytest.mark.real
@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL_ODDITIES)
def test_a_broken_odd_file_is_opened_or_refused(oddities_folder: Path, name: str) -> None:
    assert 0 < opened_of(oddities_folder / f"{name}.json", 0, MUTATED_REAL) < MUTATED_REAL


def test_a_seed_breaks_a_file_always_in_the_same_way() -> None:
    data = built_document()
    assert [mutated(data, seed) for seed in range(50)] == [mutated(data, seed) for seed in range(50)]


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda each: each.__name__)
def test_every_accident_changes_a_file(mutation: Mutation) -> None:
    data = built_document()
    assert any(mutation(random.Random(seed), data) != data for seed in range(5))
