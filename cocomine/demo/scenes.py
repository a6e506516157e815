"""What does an image of the demo show?

One scene is a background with objects on it, all drawn by CocoMine. Objects are
put on the image from back to front, and what stays visible of a silhouette is
the object's mask, so masks agree with the pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from cocomine.demo.backgrounds import Setting, blend, painted_background, puff
from cocomine.demo.shapes import SHAPES, Floats, Mask, Sheet, without_holes

_SMALL_BITE = 0.07  # the hidden share of an object up to which its outline ignores what is in front


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnObject:
    """One object or crowd of a scene, with two masks (h, w), neither empty.

    `visible` is where its pixels are on top, `mask` what an annotator would outline; see `_annotated`.
    """

    name: str
    visible: Mask
    mask: Mask
    is_crowd: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A finished image, uint8 (h, w, 3), and its objects from back to front."""

    image: npt.NDArray[np.uint8]
    objects: list[DrawnObject]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """Where objects of one category appear, how large (share of the short side), tilted, and how many."""

    zone: str
    size: tuple[float, float]
    tilt: float = 4
    most: int = 1


MODELS = {
    "bird": _Model(zone="sky", size=(0.17, 0.27), tilt=18, most=3),
    "kite": _Model(zone="sky", size=(0.28, 0.4), tilt=30, most=2),
    "balloon": _Model(zone="sky", size=(0.3, 0.48), tilt=5, most=2),
    "boat": _Model(zone="water", size=(0.3, 0.42), most=2),
    "fish": _Model(zone="water", size=(0.15, 0.22), tilt=14, most=3),
    "car": _Model(zone="ground", size=(0.34, 0.48), tilt=2, most=2),
    "cat": _Model(zone="ground", size=(0.28, 0.4), most=2),
    "mushroom": _Model(zone="ground", size=(0.16, 0.26), tilt=8, most=3),
    "umbrella": _Model(zone="ground", size=(0.34, 0.48), tilt=14, most=2),
    "cactus": _Model(zone="ground", size=(0.34, 0.58), tilt=3, most=4),
    "apple": _Model(zone="front", size=(0.13, 0.2), tilt=14, most=3),
    "cake": _Model(zone="front", size=(0.24, 0.34), tilt=0, most=1),
    "cup": _Model(zone="front", size=(0.17, 0.24), tilt=0, most=2),
}


def _setting(rng: np.random.Generator, names: Sequence[str], width: int, height: int) -> Setting:
    zones = {MODELS[name].zone for name in names}
    water, front, ground = "water" in zones, "front" in zones, "ground" in zones
    horizon = rng.uniform(0.4, 0.5) if zones - {"sky"} else rng.uniform(0.68, 0.84)
    if water:
        horizon = rng.uniform(0.34, 0.4)
    shore = horizon + water * (0.3 if ground or front else 0.42)
    blanket = 1.0
    if front:
        blanket = max(shore + 0.06, rng.uniform(0.6, 0.7)) if ground or water else rng.uniform(0.5, 0.6)
    kind = str(rng.choice(["meadow", "meadow", "autumn", "beach", "snow"]))
    if "cactus" in names or (not names and rng.random() < 0.4):
        kind = "desert"
    elif "car" in names and rng.random() < 0.75:
        kind = "street"
    return Setting(
        width=width,
        height=height,
        horizon=horizon * height,
        shore=shore * height,
        blanket=blanket * height,
        ground=kind,
    )


class _Stage:
    """An image in the making: what is painted, and which object is on top at each pixel."""

    def __init__(self, canvas: Floats, setting: Setting) -> None:
        self.canvas = canvas
        self.setting = setting
        self.owner = np.full(canvas.shape[:2], -1, dtype=np.int16)
        self.full: list[Mask] = []
        self._boxes: list[tuple[slice, slice]] = []

    def hides_too_much(self, mask: Mask, box: tuple[slice, slice], most: float) -> bool:
        """Would a mask laid at `box` leave an earlier object under 1 - `most` of itself, or punch a hole in it?"""
        under = self.owner[box][mask]
        for index in np.unique(under[under >= 0]).tolist():
            rest = self.owner == index
            rest[box] &= ~mask
            left = np.count_nonzero(rest)
            if left < (1 - most) * np.count_nonzero(self.full[index]):
                return True
            if np.count_nonzero(without_holes(rest[self._boxes[index]])) > 1.03 * left:
                return True
        return False

    def put(
        self, rgba: Floats, mask: Mask, corner: tuple[int, int], *, shadow: float = 0, crowd: int | None = None
    ) -> None:
        """Paint an object with its upper left corner at (row, column); `crowd` adds it to that earlier object."""
        top, left = corner
        box, inside = _clipped(corner, mask.shape, self.owner.shape)
        if shadow:
            height, width = mask.shape
            spot = (left + width * 0.53, top + height * 0.985)
            puff(self.canvas, (*spot, width * 0.5, width * 0.085), (40, 44, 66), shadow, width * 0.06 + 1)
        blend(self.canvas[box], np.divide(rgba[inside][..., 3], 255, dtype=np.float32), rgba[inside][..., :3])
        if crowd is None:
            self.full.append(np.zeros(self.owner.shape, dtype=bool))
            self._boxes.append(box)
        else:
            self._boxes[crowd] = np.s_[:, :]
        index = len(self.full) - 1 if crowd is None else crowd
        self.full[index][box] |= mask[inside]
        self.owner[box][mask[inside]] = index


def _clipped(
    corner: tuple[int, int], shape: tuple[int, ...], frame: tuple[int, ...]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a sheet of `shape` at `corner` lies in the frame, and which part of it that is."""
    spans = [(max(0, at), min(size, at + long)) for at, long, size in zip(corner, shape, frame, strict=True)]
    (top, bottom), (left, right) = spans
    row, column = corner
    return np.s_[top:bottom, left:right], np.s_[top - row : bottom - row, left - column : right - column]


def _foot_row(rng: np.random.Generator, zone: str, setting: Setting, size: float) -> float:
    """The row on which an object of a zone stands, or for the sky the row where it ends."""
    if zone == "sky":
        return float(rng.uniform(size * 1.08, max(size * 1.15, setting.horizon - size * 0.1)))
    if zone == "water":
        low, high = setting.horizon + 0.3 * (setting.shore - setting.horizon), setting.shore - 5
    elif zone == "front":
        low, high = setting.blanket + size * 0.35, setting.height - 5
    else:
        low, high = setting.shore + size * 0.2, setting.height - 6
        if setting.blanket < setting.height:
            high = max(setting.blanket - 2, setting.shore + size * 0.25)
    return float(rng.uniform(min(low, high), high))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Role:
    """One object that is to appear: its category, its size in pixels and the row on which it stands."""

    name: str
    size: float
    foot: float


def _drawn_object(rng: np.random.Generator, name: str, size_px: float) -> tuple[Floats, Mask]:
    """Return one object, tilted and mirrored by chance, as `Sheet.cut_out` gives it."""
    tilt = MODELS[name].tilt
    sheet = Sheet(size_px, tilt=rng.uniform(-tilt, tilt), mirror=rng.random() < 0.5)
    SHAPES[name](sheet, rng)
    return sheet.cut_out()


def _place(stage: _Stage, rng: np.random.Generator, role: _Role, *, shrink: float = 1, most: float = 0.32) -> bool:
    """Put one object where it hides little of the others; False when there is no such place."""
    model, setting = MODELS[role.name], stage.setting
    rgba, mask = _drawn_object(rng, role.name, role.size * shrink)
    height, width = mask.shape
    most = most if rng.random() < 0.4 else 0.02
    margin = -0.3 * width if rng.random() < 0.12 else 4.0
    for _ in range(14):
        left = int(rng.uniform(margin, max(margin + 1, setting.width - width - margin)))
        drift = rng.normal(0, 0.03) * setting.height if model.zone == "sky" else 0
        corner = (int(role.foot + drift - height), left)
        box, inside = _clipped(corner, mask.shape, stage.owner.shape)
        if mask[inside].sum() < 0.6 * mask.sum() or stage.hides_too_much(mask[inside], box, most):
            continue
        shadow = {"sky": 0, "water": 0.16}.get(model.zone, 0.34) if role.name != "fish" else 0
        stage.put(rgba, mask, corner, shadow=shadow)
        return True
    return False


def _place_crowd(stage: _Stage, rng: np.random.Generator, role: _Role) -> None:
    """Put a dense group of small objects of one category."""
    model, setting = MODELS[role.name], stage.setting
    unit = setting.short_side
    middle = rng.uniform(0.3, 0.7) * setting.width
    offsets = rng.normal(0, 1, (int(rng.integers(9, 15)), 2)) * (0.1 * unit, 0.045 * unit)
    crowd = None
    for across, down in sorted(offsets.tolist(), key=lambda offset: offset[1]):
        rgba, mask = _drawn_object(rng, role.name, unit * rng.uniform(0.075, 0.105))
        low = np.clip(role.foot + down, mask.shape[0] + 3, setting.height - 3)
        left = np.clip(middle + across, 3, setting.width - mask.shape[1] - 3)
        shadow = 0 if model.zone == "sky" else 0.3
        stage.put(rgba, mask, (int(low - mask.shape[0]), int(left)), shadow=shadow, crowd=crowd)
        crowd = len(stage.full) - 1


def _cast(rng: np.random.Generator, names: Sequence[str], setting: Setting) -> list[_Role]:
    """Who appears, from back to front; each name at least once."""
    counts = [int(rng.integers(1, MODELS[name].most + 1)) for name in names]
    scale = {0: 1.0, 1: 1.35, 2: 1.2, 3: 1.1, 4: 1.0}.get(sum(counts), 0.86) * setting.short_side
    cast = []
    for name, count in zip(names, counts, strict=True):
        for _ in range(count):
            size = rng.uniform(*MODELS[name].size) * scale
            foot = _foot_row(rng, MODELS[name].zone, setting, size)
            cast.append(_Role(name=name, size=size, foot=foot))
    return sorted(cast, key=lambda role: (MODELS[role.name].zone != "sky", role.foot))


def _play(
    stage: _Stage, rng: np.random.Generator, cast: Sequence[_Role], crowd_of: str | None
) -> tuple[list[str], int | None]:
    """Put the cast on the stage; the names of the objects in order, and the position of the crowd among them."""
    placed: list[str] = []
    crowd_index = None
    for role in cast:
        if role.name == crowd_of and crowd_index is None:
            crowd_index = len(placed)
            _place_crowd(stage, rng, role)
            placed.append(role.name)
        # The second of a kind may stay away when there is no room; the first must appear, if smaller.
        tries = ((1.0, 0.32),) if role.name in placed else ((1.0, 0.32), (0.7, 0.32), (0.55, 0.45), (0.45, 0.6))
        if any(_place(stage, rng, role, shrink=shrink, most=most) for shrink, most in tries):
            placed.append(role.name)
    return placed, crowd_index


def _annotated(stage: _Stage, names: Sequence[str], crowd_index: int | None) -> list[DrawnObject]:
    """The objects' masks as an annotator draws them.

    Small bites that another object takes out are not followed, large ones loosely, so that, as in COCO, some
    pixels are claimed twice. A crowd is one region around its members.
    """
    objects = []
    for index, (name, full) in enumerate(zip(names, stage.full, strict=True)):
        visible = stage.owner == index
        hidden = 1 - np.count_nonzero(visible) / np.count_nonzero(full)
        if index == crowd_index:
            mask = ndimage.binary_closing(visible, iterations=5) & np.isin(stage.owner, (-1, index))
        elif hidden < _SMALL_BITE:
            mask = full
        else:
            mask = ndimage.binary_dilation(visible, iterations=2) & full
        objects.append(DrawnObject(name=name, visible=visible, mask=mask, is_crowd=index == crowd_index))
    return objects


def drawn_scene(
    names: Sequence[str], rng: np.random.Generator, *, width: int, height: int, crowd_of: str | None = None
) -> Scene:
    """Draw a scene in which every category of `names` is seen at least once.

    Args:
        names: Keys of `MODELS`, none twice; empty gives a landscape.
        rng: The only source of chance.
        width: In pixels.
        height: In pixels.
        crowd_of: A name of which there is a dense group besides; it becomes one crowd object.
    """
    setting = _setting(rng, names, width, height)
    canvas, light = painted_background(rng, setting)
    stage = _Stage(canvas, setting)
    placed, crowd_index = _play(stage, rng, _cast(rng, names, setting), crowd_of)
    canvas *= np.array(light, dtype=np.float32) * np.float32(rng.normal(1, 0.03))
    canvas += 2 * rng.standard_normal((height, width, 1), dtype=np.float32)
    np.clip(canvas, 0, 255, out=canvas)
    return Scene(image=canvas.astype(np.uint8), objects=_annotated(stage, placed, crowd_index))
