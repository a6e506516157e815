"""A broken file is opened or refused with a sentence, whatever happened to its bytes; nothing hangs or crashes."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import picture_mutations
import pytest
from fuzzing import KINDS
from mutations import MUTATIONS, Mutation, built_document, mutated
from value_mutations import revalued

from cocomine.system.subprocesses import with_this_package

BATCH = 1_000
MUTATED = 2_000
MUTATED_REAL = 100
REAL_IMAGES = 8
WHOLE_WAY = {"files": 150, "pictures": 40, "exports": 40}
"""Datasets with something broken that are checked, exported and prepared for a training in every run of the tests."""
WHOLE_WAY_IN_FULL = {"files": 2_000, "pictures": 200, "exports": 400}
"""So many with `make fuzz`."""
WHOLE_WAY_BATCH = 100
MOST_HELD_BYTES = 2 << 30
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


def last_words_of(program: str, *arguments: object) -> dict[str, int]:
    """Run a program beside this file to its good end and return what it said last."""
    command = [sys.executable, str(Path(__file__).with_name("support") / program), *map(str, arguments)]
    environment = with_this_package({"COCOMINE_HOME": os.environ["COCOMINE_HOME"]})
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    last = (done.stdout.splitlines() or ["{}"])[-1]
    assert done.returncode == 0, f"{arguments}, {last}: ended with {done.returncode}\n{done.stderr[-2000:]}"
    words: dict[str, int] = json.loads(last)
    return words


def opened_of(source: Path, first: int, count: int) -> int:
    """Open files broken by these seeds in a process of their own, and return how many of them opened."""
    return last_words_of("mutations.py", source, first, count)["opened"]


def whole_way_batches() -> Iterator[tuple[str, int, int]]:
    """Yield what is broken, the first seed and how many."""
    counts = WHOLE_WAY_IN_FULL if os.environ.get("COCOMINE_FUZZ") == "full" else WHOLE_WAY
    for kind in KINDS:
        for first in range(0, counts[kind], WHOLE_WAY_BATCH):
            yield kind, first, min(WHOLE_WAY_BATCH, counts[kind] - first)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MUTATED, BATCH))
def test_a_broken_file_is_opened_or_refused(built: Path, first: int) -> None:
    assert 0 < opened_of(built, first, BATCH) < BATCH


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "first", "count"), list(whole_way_batches()))
def test_what_is_broken_goes_the_whole_way_or_is_refused(kind: str, first: int, count: int) -> None:
    words = last_words_of("fuzzing.py", kind, first, count)
    assert 0 < words["through"] < count
    assert words["held_bytes"] < MOST_HELD_BYTES


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


def test_a_seed_gives_a_document_always_the_same_values() -> None:
    data = built_document(1)
    values = [revalued(data, seed) for seed in range(50)]
    assert values == [revalued(data, seed) for seed in range(50)]
    assert len(set(values)) > 40


def test_a_seed_breaks_a_picture_always_in_the_same_way() -> None:
    pictures = [picture_mutations.mutated_picture(random.Random(seed)) for seed in range(50)]
    assert pictures == [picture_mutations.mutated_picture(random.Random(seed)) for seed in range(50)]
    assert len(set(pictures)) == 50


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda each: each.__name__)
def test_every_accident_changes_a_file(mutation: Mutation) -> None:
    data = built_document()
    assert any(mutation(random.Random(seed), data) != data for seed in range(5))
