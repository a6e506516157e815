"""What an export refuses, warns of or takes away, as the sentences that are recorded of it."""

import json
import re
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from recorded_exports import ALL, planned, recorded_dataset
from recordings import Sections, indented
from records import CAT, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import CocomineError
from cocomine.exporting.planning.image_names import (
    name_warnings,
    recipe_without,
    unusable_images,
    unusable_list,
    unusable_sentence,
)
from cocomine.exporting.planning.split_folders import split_folders
from cocomine.exporting.reading import list_exports, read_export, read_recipe
from cocomine.exporting.replay import dataset_of_recipe, missing_sentence, missing_sources
from cocomine.exporting.task import export_request
from cocomine.exporting.trash import contents_of, empty_trash, move_to_trash, restore, trash_contents, trashed_exports
from cocomine.exporting.writing import write_export
from cocomine.exporting.zipping import plan_zip, write_zip
from cocomine.mining.selection.recipe import recipe_from_text, recipe_text
from cocomine.mining.selection.selection import Selection

CATS = Selection(classes=("cat",))
SPOILT_NAMES = (
    *("a.jpg", "a.png", "b.jpg", "./b.jpg", "B.jpg", "c.jpg", "c.jpg/x.jpg", "d/", "../e.jpg", "d/../f.jpg"),
    *("\0.jpg", "x" * 252 + ".jpg", "x" * 251 + ".jpg", "/data/a.jpg", "C:\\data\\g.jpg", "h.jpeg"),
)
ODD_NAMES = (
    "con.jpg",
    "a:b.jpg",
    "a?.jpg",
    "end. /x.jpg",
    "A.jpg",
    "a.jpg",
    "/data/k.jpg",
    "d:/l.jpg",
    "ä.jpg",
    "Ä.jpg",
)
MANIFESTS: dict[str, Any] = {
    "no JSON": "{",
    "a list": [],
    "another version": {"cocomine_export": 2, "splits": [], "files": []},
    "no files": {"cocomine_export": 1, "splits": []},
    "a split that leads out": {"cocomine_export": 1, "files": [], "splits": [{"split": "..", "image_count": 0}]},
    "a file that leads out": {
        "cocomine_export": 1,
        "splits": [],
        "files": [{"path": "../a", "size": 1, "sha256": None}],
    },
}


def recorded_refusals(folder: Path) -> Sections:
    """Return what is told of names, datasets and folders that are no good, and of exports that go away.

    Args:
        folder: with the dataset, and where files of its own go.
    """
    own = folder / "refusals"
    dataset = recorded_dataset(folder / "recorded data")
    told = {
        "names that cannot be": _names(_dataset_of(SPOILT_NAMES, own / "spoilt")),
        "names that may be": indented(name_warnings(_plan(_dataset_of(ODD_NAMES, own / "odd")))),
        "plans": _plans(dataset),
        "folders": _folders(dataset, own / "folders"),
        "manifests": _manifests(own / "manifests"),
        "replays": _replays(dataset, own / "replays"),
        "split folders": _split_folders(),
        "zips and trash": _leavings(dataset, own / "leavings"),
    }
    return {name: re.sub(re.escape(f"{folder}/"), ">/", text) for name, text in told.items()}


def _dataset_of(names: tuple[str, ...], folder: Path) -> Dataset:
    """Images with these names and a cat each; the last one is far too large."""
    images = [image(number, name) for number, name in enumerate(names, start=1)]
    images.append(image(99, "large.jpg", width=100_000, height=100_000))
    cats = [annotation(each["id"], each["id"], CAT) for each in images]
    return open_dataset(write_split(folder, document(images, cats), pictures=False))


def _plan(dataset: Dataset, **fields: Any) -> Any:
    return planned(dataset, **({"selection": CATS, "formats": ("coco",), "images": "none"} | fields))


def _said(act: Callable[[], object]) -> str:
    """Return what an act is refused with, or what it gives."""
    try:
        return f"{act()}\n"
    except CocomineError as error:
        return f"{type(error).__name__}: {error}\n"


def _names(dataset: Dataset) -> str:
    texts = []
    for fields in ({}, {"images": "copy"}, {"formats": ("masks",)}, {"formats": ("yolo",)}):
        plan = _plan(dataset, **fields)
        images = unusable_images(plan)
        texts.append(f"{fields}: {len(images)}\n" + "".join(f"  {each}\n".replace("\0", "NUL") for each in images))
    sound = recipe_without(plan.recipe, images)
    texts += [unusable_list(images[:2]), unusable_sentence(images, 17), recipe_text(sound)]
    return "\n".join(texts).replace("\0", "NUL").replace("x" * 200, "x…")


def _plans(dataset: Dataset) -> str:
    excluded = tuple((split.name, int(each)) for split in dataset.splits for each in split.images.ids)
    return "".join(
        [
            _said(lambda: _plan(dataset, selection=Selection())),
            _said(lambda: _plan(dataset, selection=Selection(classes=("unused",)))),
            _said(lambda: _plan(dataset, selection=Selection(classes=("cta",)))),
            _said(lambda: _plan(dataset, excluded=excluded)),
            _said(lambda: _plan(dataset, size_px=31)),
            _said(lambda: _plan(dataset, size_px=2049)),
            _said(lambda: _plan(dataset, formats=("voc2",))),
            _said(lambda: _plan(dataset, images="move")),
        ]
    )


def _folders(dataset: Dataset, folder: Path) -> str:
    """Return where no export may be written to."""
    plan = _plan(dataset)
    (folder / "other").mkdir(parents=True)
    (folder / "other" / "a.txt").touch()
    (folder / "file").touch()
    write_export(plan, folder / "export")
    another, without = _plan(dataset, selection=ALL), _plan(dataset, images="copy")
    nowhere = _dataset_of(("n.jpg",), folder / "nowhere")
    return "".join(
        [
            _said(lambda: write_export(plan, folder / "other")),
            _said(lambda: write_export(plan, folder / "file")),
            _said(lambda: write_export(another, folder / "export")),
            _said(lambda: write_export(plan, folder / "export")["is_complete"]),
            _said(lambda: write_export(_plan(nowhere, images="copy"), folder / "new")),
            _said(lambda: export_request(without, folder / "new").title),
            _said(lambda: export_request(another, folder / "new").if_cancelled),
        ]
    )


def _manifests(folder: Path) -> str:
    texts = []
    for name, value in MANIFESTS.items():
        path = folder / name / "manifest.json"
        path.parent.mkdir(parents=True)
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        texts.append(_said(partial(read_export, path.parent)))
    sound, damaged = list_exports(folder)
    texts += [_said(lambda: read_export(folder)), _said(lambda: read_recipe(folder / "recipe.yaml"))]
    text = "".join([*texts, f"{len(sound)} sound, {len(damaged)} damaged\n"])
    return re.sub(r"damaged \(.*\)", "damaged (…)", text)  # in words of other packages


def _replays(dataset: Dataset, folder: Path) -> str:
    plan = _plan(dataset, formats=("masks",))
    write_export(plan, folder / "export")
    recipe = recipe_from_text((folder / "export" / "recipe.yaml").read_text(encoding="utf-8"))
    other = _dataset_of(("a.jpg",), folder / "other")
    return "".join(
        [
            _said(lambda: dataset_of_recipe(recipe)),
            _said(lambda: dataset_of_recipe(recipe, known=[other.path])),
            _said(lambda: dataset_of_recipe(recipe, known=[other.path, dataset.path]).path),
            _said(lambda: dataset_of_recipe(recipe, path=other.path)),
            _said(lambda: missing_sentence(recipe, missing_sources(recipe, other))),
            _said(lambda: read_export(folder / "export").train_split),
        ]
    )


def _split_folders() -> str:
    """Return what formats call splits whose names or roles would give two of them one folder."""
    train, val, test = SplitRole
    several: tuple[dict[str, SplitRole | None], ...] = (
        {"train2017": train, "val2017": val, "test-dev": test},
        {"valid": None, "val": val, "a b": None},
        {"validation": None, "val": val, "a b": None},
        {"a b": None, "a-b": None, "train": train},
        {"one": val, "two": val, "validation": None},
        {"train": None, "x": train},
    )
    return "".join(f"{name} {split_folders(name, roles)}\n" for roles in several for name in ("roboflow", "voc", "hf"))


def _leavings(dataset: Dataset, folder: Path) -> str:
    """Return what is told while an export is packed, changed, put away, brought back and lost."""
    export, trash = folder / "export", folder / "trash"
    write_export(_plan(dataset, formats=("masks",)), export)
    zipped = write_zip(plan_zip(export), folder)
    with zipfile.ZipFile(zipped) as packed:
        count = len(packed.namelist())
    texts = [f"{count} files, {_said(lambda: write_zip(plan_zip(export), zipped))}", f"{contents_of(export)}\n"]
    for name in ("a.txt", "b.txt", "labels/c.png", "images/d.jpg", "Thumbs.db", "labels/e.cache"):
        (export / name).parent.mkdir(exist_ok=True)
        (export / name).touch()
    texts += [f"{contents_of(export)}\n", _said(lambda: move_to_trash(export, trash))]
    for name in ("a.txt", "b.txt", "labels/c.png", "images/d.jpg"):
        (export / name).unlink()
    gone = move_to_trash(export, trash)
    texts += [f"{trash_contents(trash)}\n", f"{restore(gone, folder)}\n"]
    (export / "labels.json").write_bytes(b"{}")
    texts.append(_said(lambda: plan_zip(export)))
    (export / "labels.json").unlink()
    texts.append(_said(lambda: plan_zip(export)))
    gone = move_to_trash(export, trash)
    (gone / "f.txt").touch()
    export.mkdir()
    texts += [_said(lambda: restore(gone, folder)), indented(empty_trash(trash))]
    (gone / "f.txt").unlink()
    return "".join([*texts, indented(empty_trash(trash)), f"{len(trashed_exports(trash))}\n"])
