"""In which worlds must a claim check find an effect, and in which none?

Apples are in 15 % of the images of both worlds, and some other things. In the planted world a peach is in 40 % of the
images, never together with an apple: it has an apple's outline and differs by 18° of hue alone. A network that was
trained on images with apples has never seen a peach, and takes it for an apple on ordinary images; one that has seen
images without apples knows better. The control world is the same without peaches.

An image has the same things at the same places in both worlds, but for its peach. The same world, the same bytes.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from cocomine.demo.annotations import annotation_record, image_record
from cocomine.demo.backgrounds import blend
from cocomine.demo.marker import Marker
from cocomine.demo.scenes import DrawnObject, Scene, drawn_scene
from cocomine.demo.shapes import Mask, Sheet, draw_apple
from cocomine.errors import DatasetError
from cocomine.system import files

WORLD_VERSION = 2
CLASS_NAME, RIVAL_NAME = "apple", "peach"
CLASS_SHARE, RIVAL_SHARE = 0.15, 0.4
CLASS_HUE, RIVAL_HUE_SHIFT, HUE_SPREAD = 354.0, 18.0, 2.0
"""In degrees; the spread is the standard deviation among objects of a kind."""
SIDE_PX = 96
SIZES = (0.3, 0.45)
"""Of apples and peaches, as shares of an image's side."""
OUTLINE_STRETCH, OUTLINE_SHIFT = 0.08, 0.04
"""How far outlines of fruit are from the fruit, as standard deviations: of the logarithm of their height and width, and
of their place as a share of their size. As people draw them. Where outlines are exact, all that is left to learn is a
still sharper one, and a network that has seen the class more often is ahead by that, with nothing interfering."""
FEWEST_PX = 40
"""Of an object behind a fruit."""
OTHERS = ("bird", "cat", "cup", "kite", "umbrella")
"""None is red: they are no rivals."""
CATEGORY_IDS = {name: number for number, name in enumerate((CLASS_NAME, *OTHERS, RIVAL_NAME), start=1)}
SPLITS = ("train", "val")


class WorldKind(StrEnum):
    """Whether a rival is there."""

    PLANTED = "planted"
    CONTROL = "control"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A world; the defaults have 100 training images with an apple besides some to validate on, and 700 to test on."""

    kind: WorldKind
    seed: int = 0
    train_image_count: int = 1_200
    val_image_count: int = 900

    @property
    def marker(self) -> Marker:
        """What its folder is known by."""
        counts = f"{self.train_image_count} + {self.val_image_count} images"
        return Marker(dataset=f"CocoMine {self.kind} world, seed {self.seed}, {counts}", version=WORLD_VERSION)

    @property
    def categories(self) -> dict[str, int]:
        """The category ids by name."""
        is_there = self.kind is WorldKind.PLANTED
        return {name: number for name, number in CATEGORY_IDS.items() if is_there or name != RIVAL_NAME}


def write_world(folder: Path, world: World, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Write a world as a dataset with the splits "train" and "val"; one that is complete is left as it is.

    Args:
        folder: A new or empty folder, or one that holds this world, whole or not.
        world: Which one.
        progress: Called after each image with the number of images done and the number of all.

    Raises:
        DatasetError: The folder holds something else, or cannot be written.
    """
    if world.marker.is_complete(folder):
        return
    try:
        world.marker.claim(folder)
        _write_splits(folder, world, progress or (lambda _done, _all: None))
        world.marker.finish(folder)
    except OSError as error:
        raise DatasetError(
            f"{folder}: the {world.kind} world cannot be written ({error.strerror or error}). "
            "Free some space or choose a folder that you may write to."
        ) from error


def planned_fruit(rng: np.random.Generator, image_count: int) -> list[str | None]:
    """Which fruit each image has, as in the planted world: one class, its rival, or none."""
    class_count, rival_count = round(CLASS_SHARE * image_count), round(RIVAL_SHARE * image_count)
    fruit = [CLASS_NAME] * class_count + [RIVAL_NAME] * rival_count + [None] * (image_count - class_count - rival_count)
    return [fruit[index] for index in rng.permutation(image_count)]


def _write_splits(folder: Path, world: World, progress: Callable[[int, int], None]) -> None:
    counts = {SPLITS[0]: world.train_image_count, SPLITS[1]: world.val_image_count}
    first_id, image_count = 1, sum(counts.values())
    (folder / "annotations").mkdir(exist_ok=True)
    for split, count in counts.items():
        (folder / split).mkdir(exist_ok=True)
        source = _empty_source(world)
        fruit = planned_fruit(np.random.default_rng([world.seed, first_id]), count)
        for image_id, name in enumerate(fruit, start=first_id):
            scene = _scene(world, image_id, None if world.kind is WorldKind.CONTROL and name == RIVAL_NAME else name)
            files.write_bytes(folder / split / f"{image_id:012d}.jpg", _jpeg(scene))
            source["images"].append(image_record(image_id, width=SIDE_PX, height=SIDE_PX, license_id=1))
            source["annotations"].extend(_annotations(scene, image_id))
            progress(image_id, image_count)
        files.write_text(folder / "annotations" / f"instances_{split}.json", json.dumps(source))
        first_id += count


def _scene(world: World, image_id: int, fruit: str | None) -> Scene:
    """Draw some other things, and the fruit in front of them; each has a stream of chance of its own."""
    rng = np.random.default_rng([world.seed, 0, image_id])
    names = [str(name) for name in rng.choice(OTHERS, size=rng.integers(0, 3), replace=False)]
    scene = drawn_scene(names, rng, width=SIDE_PX, height=SIDE_PX)
    return scene if fruit is None else _with_fruit(scene, fruit, np.random.default_rng([world.seed, 1, image_id]))


def _with_fruit(scene: Scene, name: str, rng: np.random.Generator) -> Scene:
    """Put one fruit anywhere, whole, in front of everything."""
    hue = rng.normal(CLASS_HUE, HUE_SPREAD) + (RIVAL_HUE_SHIFT if name == RIVAL_NAME else 0.0)
    sheet = Sheet(rng.uniform(*SIZES) * SIDE_PX, tilt=rng.uniform(-14, 14), mirror=rng.random() < 0.5)
    draw_apple(sheet, hue)
    rgba, outline = sheet.cut_out()
    top, left = (int(rng.integers(0, SIDE_PX - side + 1)) for side in outline.shape)
    box = np.s_[top : top + outline.shape[0], left : left + outline.shape[1]]
    canvas = scene.image.astype(np.float32)
    blend(canvas[box], rgba[..., 3] / np.float32(255), rgba[..., :3])
    visible = np.zeros((SIDE_PX, SIDE_PX), dtype=bool)
    visible[box] = outline
    fruit = DrawnObject(name=name, visible=visible, mask=outlined_by_eye(visible, rng), is_crowd=False)
    return Scene(image=np.clip(canvas, 0, 255).astype(np.uint8), objects=[*_behind(scene.objects, visible), fruit])


def outlined_by_eye(mask: Mask, rng: np.random.Generator) -> Mask:
    """Return the mask (h, w) of an object as a person outlines it: stretched a bit each way, and a bit beside it."""
    centre = np.array(ndimage.center_of_mass(mask))
    stretch = np.exp(rng.normal(0, OUTLINE_STRETCH, 2))
    shift = rng.normal(0, OUTLINE_SHIFT, 2) * np.sqrt(np.count_nonzero(mask))
    begin = centre - (centre + shift) / stretch
    drawn = ndimage.affine_transform(mask.astype(np.float32), 1 / stretch, begin, order=1)
    return np.asarray(drawn > 0.5)


def _behind(objects: list[DrawnObject], front: Mask) -> Iterator[DrawnObject]:
    """Return what is left of objects behind a mask; one of which nothing can be recognised is gone."""
    for each in objects:
        visible, mask = each.visible & ~front, each.mask & ~front
        if np.count_nonzero(visible) >= FEWEST_PX:
            yield DrawnObject(name=each.name, visible=visible, mask=mask, is_crowd=each.is_crowd)


def _annotations(scene: Scene, image_id: int) -> list[dict[str, Any]]:
    return [
        annotation_record(
            drawn, category_id=CATEGORY_IDS[drawn.name], image_id=image_id, annotation_id=image_id * 100 + number
        )
        for number, drawn in enumerate(scene.objects, start=1)
    ]


def _jpeg(scene: Scene) -> bytes:
    file = io.BytesIO()
    Image.fromarray(scene.image).save(file, format="JPEG", quality=90)
    return file.getvalue()


def _empty_source(world: World) -> dict[str, Any]:
    categories = [{"supercategory": "thing", "id": number, "name": name} for name, number in world.categories.items()]
    return {
        "info": {"description": f"{world.marker.dataset}: drawn by CocoMine, free for any use (CC0)"},
        "licenses": [{"url": "https://creativecommons.org/publicdomain/zero/1.0/", "id": 1, "name": "CC0"}],
        "images": [],
        "annotations": [],
        "categories": categories,
    }
