"""The whole way of a broken dataset: `check`, `mine`, and what a training reads; each a success or a sentence.

Run as a program, `python tests/fuzzing.py KIND FIRST COUNT`, it breaks something in a small dataset of its own for
each seed: its annotation file (`files`), a picture (`pictures`) or a file of its finished export (`exports`). The
process has little memory and little time for each, and says a seed before it begins: a traceback, a hang and a memory
that runs out are told by the last seed said. At the end it says how many went through, and the most memory it held.
"""

import csv
import io
import json
import random
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from exports import export_problems
from mutations import built_document, mutated, say
from picture_mutations import image_file_bytes, mutated_picture
from places import MEMORY
from records import HEIGHT, WIDTH
from value_mutations import revalued

from cocomine.cli.parser import main as command_line
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import CocomineError
from cocomine.exporting.reading import Export, ExportImage, ExportSplit, read_export
from cocomine.training.data import prepare_arrays

MEMORY_BYTES = 4 << 30
"""Of addresses, of which libraries reserve many; what is held is measured."""
MOST_SECONDS = 20
IMAGES = 5
KINDS = ("files", "pictures", "exports")


def whole_dataset(root: Path, pictures: Sequence[bytes] = ()) -> Path:
    """Write a dataset of a few images with masks of all kinds, and return its annotation file.

    Args:
        root: its folder.
        pictures: of the first images; the others get sound ones.
    """
    value = json.loads(built_document(IMAGES))
    (root / "val").mkdir(parents=True)
    for number, record in enumerate(value["images"]):
        data = pictures[number] if number < len(pictures) else image_file_bytes("PNG", "RGB", (WIDTH, HEIGHT))
        (root / "val" / record["file_name"]).write_bytes(data)
    path = root / "annotations" / "instances_val.json"
    path.parent.mkdir()
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def told(*arguments: object) -> int:
    """Carry out a command and return its exit code; a refusal is one line."""
    said = io.StringIO()
    with redirect_stdout(io.StringIO()), redirect_stderr(said):
        code = command_line([str(each) for each in arguments])
    assert code in (0, 1), code
    assert code == 0 or said.getvalue().strip(), f"{arguments} failed without a word"
    return code


def class_list(path: Path) -> str:
    """Return the first classes as `--classes` takes them."""
    names = open_dataset(path).category_names[:3]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL).writerow(names)
    return text.getvalue().strip()


def went_through(path: Path, out: Path) -> bool:
    """Check a dataset, export all of it, and prepare a training; return whether nothing was refused."""
    if told("check", path, "--images") == 1:
        return False
    command = ["mine", path, "--classes", class_list(path), "--mask-size", 32, "--images", "copy", "--val-share", 0.4]
    if told(*command, "--formats", "coco,masks,yolo,voc,mined", "--out", out) == 1:
        return False
    return is_read(out)


def is_read(folder: Path) -> bool:
    """Read an export as a training does."""
    try:
        export_problems(folder)
        export = read_export(folder)
    except CocomineError:
        return False
    prepared = [is_prepared(export, split, image) for split in export.splits for image in split.images]
    return all(prepared)


def is_prepared(export: Export, split: ExportSplit, image: ExportImage) -> bool:
    """Make a training's arrays of one image; those of all would end at the first that is refused."""
    cache = export.folder.parent / "arrays"
    try:
        prepare_arrays(export, (image,), folder=cache, split_name=split.name, progress=lambda *_: None)
    except CocomineError:
        return False
    return True


def broken_file(rng: random.Random, root: Path) -> bool:
    path = whole_dataset(root / "data")
    accident = rng.choice([mutated, revalued])
    path.write_bytes(accident(path.read_bytes(), rng.randrange(1 << 32)))
    return went_through(path, root / "out")


def broken_pictures(rng: random.Random, root: Path) -> bool:
    path = whole_dataset(root / "data", [mutated_picture(rng), mutated_picture(rng)])
    return went_through(path, root / "out")


def broken_export(rng: random.Random, root: Path) -> bool:
    out = Path(shutil.copytree(sound_export(root.parent / "sound"), root / "out"))
    path = rng.choice(sorted(each for each in out.rglob("*") if each.is_file()))
    path.write_bytes(mutated(path.read_bytes(), rng.randrange(1 << 32)))
    return is_read(out)


def sound_export(root: Path) -> Path:
    """Return the export whose copies are broken, made once."""
    out = root / "out"
    if not out.exists():
        assert went_through(whole_dataset(root / "data"), out)
    return out


BROKEN: dict[str, Callable[[random.Random, Path], bool]] = dict(
    zip(KINDS, (broken_file, broken_pictures, broken_export), strict=True)
)


def main(kind: str, first: str, count: str) -> None:
    """Break things of one KIND: FIRST seed, COUNT."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    through = 0
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        for seed in range(int(first), int(first) + int(count)):
            say(seed=seed)
            root = Path(folder) / str(seed)
            root.mkdir()
            signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
            through += BROKEN[kind](random.Random(seed), root)
            signal.setitimer(signal.ITIMER_PROF, 0)
            shutil.rmtree(root)
    say(through=through, held_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10)


if __name__ == "__main__":
    main(*sys.argv[1:])
