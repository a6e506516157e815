"""What does a picture of the demo show?

One scene is a background (sky, far land, water, ground, blanket) with objects
on it, all drawn here. Every object is drawn three times too large on a sheet of
its own and scaled down; the sheet also keeps the silhouette. Objects are put on
the picture from back to front, and what stays visible of a silhouette is the
object's mask, so masks agree with the pixels. Strings, ropes and steam are
painted but belong to no mask, as a COCO annotator would leave them out.
"""

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw
from scipy import ndimage

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Colour = tuple[int, int, int]
Point = tuple[float, float]
Outline = Sequence[Point] | npt.NDArray[np.float64]
Paint = Sequence[float] | npt.NDArray[np.floating]

_ZOOM = 2  # a sheet is drawn this much larger than the object appears
_REACH = 1.45  # a sheet shows -_REACH.._REACH of the object's own coordinates, so that it can be tilted
_SMALL_BITE = 0.07  # the hidden share of an object up to which its outline ignores what is in front
_WHITE, _INK, _BROWN, _CREAM = (250, 250, 246), (52, 46, 60), (132, 88, 58), (250, 236, 208)


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
    """A finished picture, uint8 (h, w, 3), and its objects from back to front."""

    picture: npt.NDArray[np.uint8]
    objects: list[DrawnObject]


def tone(hue: float, saturation: float, lightness: float) -> Colour:
    """The RGB colour of a hue in degrees, saturation and lightness in [0, 1]."""
    red, green, blue = colorsys.hls_to_rgb(hue / 360 % 1, min(lightness, 1), saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def without_holes(mask: Mask) -> Mask:
    """A mask with everything filled that it encloses (faster than `ndimage.binary_fill_holes`)."""
    around, _ = ndimage.label(np.pad(~mask, 1, constant_values=True))
    return np.asarray(around[1:-1, 1:-1] != around[0, 0])


def _ellipse(x: float, y: float, rx: float, ry: float) -> npt.NDArray[np.float64]:
    turns = np.arange(36) * (np.pi / 18)
    return np.stack((x + rx * np.cos(turns), y + ry * np.sin(turns)), axis=1)


@lru_cache(maxsize=256)
def _curve(*corners: Point) -> npt.NDArray[np.float64]:
    """A closed smooth line through the corners (Catmull-Rom)."""
    ring = np.array(corners)
    near = ring[np.add.outer((-1, 0, 1, 2), np.arange(len(ring))) % len(ring)]  # (4, corners, 2)
    t = np.arange(8)[:, None] / 8
    weights = np.hstack((2 * t**2 - t - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)) / 2
    return np.tensordot(weights, near, axes=1).transpose(1, 0, 2).reshape(-1, 2)


class Sheet:
    """One object on its own sheet, in coordinates from -1 to 1 (x right, y down)."""

    def __init__(self, size_px: float, *, tilt: float, mirror: bool) -> None:
        self._unit = size_px / 2 * _ZOOM
        side = int(np.ceil(size_px * _REACH)) * _ZOOM
        cos, sin = np.cos(np.radians(tilt)) * self._unit, np.sin(np.radians(tilt)) * self._unit
        self._matrix = np.array([[cos * (-1 if mirror else 1), -sin], [sin * (-1 if mirror else 1), cos]])
        self._centre = side / 2
        self._image = Image.new("RGBA", (side, side))
        self._silhouette = Image.new("L", (side, side))
        self._pen, self._silhouette_pen = ImageDraw.Draw(self._image), ImageDraw.Draw(self._silhouette)

    def _spots(self, points: Outline) -> npt.NDArray[np.float64]:
        return np.asarray(np.asarray(points) @ self._matrix.T + self._centre)

    def fill(self, points: Outline, colour: Colour, *, labelled: bool = True) -> None:
        """Fill a closed outline; `labelled` adds it to the silhouette."""
        spots = self._spots(points).ravel().tolist()
        self._pen.polygon(spots, fill=(*colour, 255))
        if labelled:
            self._silhouette_pen.polygon(spots, fill=255)

    def paint(self, points: Outline, colour: Colour, *, strength: float = 1.0) -> None:
        """Fill a closed outline, but only on top of what is drawn already."""
        spots = self._spots(points)
        left, top = np.maximum(0, spots.min(axis=0).astype(int)).tolist()
        right, bottom = np.minimum(self._image.width, spots.max(axis=0).astype(int) + 2).tolist()
        cover = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(cover).polygon((spots - (left, top)).ravel().tolist(), fill=round(255 * strength))
        box = (left, top, right, bottom)
        self._image.paste((*colour, 255), box, ImageChops.multiply(cover, self._image.crop(box).getchannel("A")))

    def stroke(self, points: Outline, width: float, colour: Colour, *, labelled: bool = True) -> None:
        """Draw a round-ended line of the given width."""
        spots, radius = self._spots(points), width / 2 * self._unit
        for pen in [self._pen, self._silhouette_pen] if labelled else [self._pen]:
            ink = (*colour, 255) if pen is self._pen else 255
            pen.line(spots.ravel().tolist(), fill=ink, width=max(1, round(2 * radius)))
            for x, y in spots.tolist():
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)

    def cut_out(self) -> tuple[Floats, Mask]:
        """The object as RGBA, float32 (h, w, 4), lit from the upper left, and its silhouette without holes (h, w)."""
        edges = self._image.getbbox() or (0, 0, 1, 1)
        left, top = (edge // _ZOOM * _ZOOM for edge in edges[:2])
        right, bottom = (-(-edge // _ZOOM) * _ZOOM for edge in edges[2:])
        box = (left, top, right, bottom)
        rgba = np.asarray(self._image.crop(box).reduce(_ZOOM), dtype=np.float32).copy()
        mask = without_holes(np.asarray(self._silhouette.crop(box).reduce(_ZOOM)) > 127)
        down, across = (np.linspace(0, 1, side, dtype=np.float32) for side in mask.shape)
        rgba[..., :3] *= (1.1 - 0.2 * down[:, None] - 0.12 * across)[..., None]
        return rgba, mask


def _eye(sheet: Sheet, x: float, y: float, radius: float) -> None:
    sheet.paint(_ellipse(x, y, radius, radius), _WHITE)
    sheet.paint(_ellipse(x + radius * 0.2, y, radius * 0.6, radius * 0.6), _INK)


def _bird(sheet: Sheet, rng: np.random.Generator) -> None:
    hue, tip = rng.normal(208, 14), rng.uniform(-1.0, -0.7)
    sheet.fill([(-0.5, 0.02), (-1, -0.14), (-0.88, 0.06), (-1, 0.26), (-0.5, 0.24)], tone(hue, 0.5, 0.36))
    sheet.fill(
        _curve((-0.75, 0.08), (-0.3, -0.1), (0.15, -0.18), (0.42, -0.36), (0.68, -0.3), (0.75, -0.06), (0.5, 0.22),
               (0.1, 0.38), (-0.35, 0.3)), tone(hue, 0.62, 0.52),
    )  # fmt: skip
    sheet.paint(_ellipse(0.28, 0.3, 0.42, 0.24), tone(hue - 10, 0.5, 0.86))
    sheet.fill([(0.7, -0.24), (1, -0.1), (0.7, -0.02)], tone(36, 0.9, 0.55))
    wing = _curve((-0.3, 0.08), (-0.42, -0.4), (-0.7, tip), (-0.1, tip + 0.16), (0.2, -0.3), (0.22, 0.06))
    sheet.fill(wing, tone(hue, 0.58, 0.42))
    sheet.paint(_curve((-0.18, 0.0), (-0.28, -0.35), (-0.4, tip + 0.25), (0.0, -0.4), (0.1, 0)), tone(hue, 0.6, 0.62))
    _eye(sheet, 0.53, -0.17, 0.085)


def _cat(sheet: Sheet, rng: np.random.Generator) -> None:
    hue, saturation, light = (rng.normal(28, 5), 0.75, 0.56) if rng.random() < 0.65 else (rng.normal(30, 8), 0.1, 0.5)
    fur, stripe, soft = (tone(hue, saturation, light + step) for step in (0, -0.14, 0.28))
    sheet.stroke([(0.3, 0.84), (0.66, 0.82), (0.84, 0.62), (0.82, 0.34), (0.7, 0.18)], 0.19, stripe)
    sheet.fill(_curve((-0.5, 0.96), (-0.5, 0.5), (-0.28, 0), (0.28, 0), (0.5, 0.5), (0.5, 0.96), (0, 1.0)), fur)
    sheet.paint(_ellipse(0, 0.62, 0.24, 0.36), soft)
    for side in (-1, 1):
        sheet.fill([(0.5 * side, -0.36), (0.47 * side, -0.98), (0.08 * side, -0.68)], fur)
        sheet.paint([(0.42 * side, -0.5), (0.42 * side, -0.84), (0.2 * side, -0.66)], tone(350, 0.6, 0.8))
        sheet.fill(_ellipse(0.22 * side, 0.94, 0.17, 0.085), soft)
    sheet.fill(_ellipse(0, -0.35, 0.54, 0.43), fur)
    for x in (-0.16, 0, 0.16):
        sheet.paint([(x - 0.05, -0.8), (x + 0.05, -0.8), (x * 0.8, -0.54)], stripe)
    sheet.paint(_ellipse(0, -0.16, 0.24, 0.15), soft)
    for side in (-1, 1):
        sheet.paint(_ellipse(0.23 * side, -0.37, 0.1, 0.12), tone(rng.normal(110, 25), 0.55, 0.62))
        sheet.paint(_ellipse(0.23 * side, -0.37, 0.045, 0.11), _INK)
        sheet.stroke([(0.2 * side, -0.15), (0.66 * side, -0.2)], 0.025, _CREAM, labelled=False)
        sheet.stroke([(0.2 * side, -0.11), (0.64 * side, -0.06)], 0.025, _CREAM, labelled=False)
    sheet.paint([(-0.07, -0.25), (0.07, -0.25), (0, -0.15)], tone(350, 0.55, 0.6))


def _fish(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(32, 9)
    fin = tone(hue - 18, 0.9, 0.5)
    sheet.fill(_curve((-0.45, 0), (-0.98, -0.5), (-0.84, 0), (-0.98, 0.5)), fin)
    sheet.fill(_curve((-0.3, -0.3), (0.0, -0.78), (0.42, -0.6), (0.4, -0.25)), fin)
    sheet.fill(_curve((-0.1, 0.3), (-0.1, 0.68), (0.28, 0.62), (0.25, 0.3)), fin)
    sheet.fill(_curve((-0.62, 0), (-0.2, -0.38), (0.35, -0.46), (0.8, -0.24), (0.95, 0.04), (0.75, 0.32),
                      (0.3, 0.46), (-0.2, 0.36)), tone(hue, 0.95, 0.56))  # fmt: skip
    for x in (-0.22, 0.2):
        sheet.paint(
            _curve((x, -0.5), (x + 0.17, -0.5), (x + 0.22, 0), (x + 0.15, 0.5), (x, 0.5), (x + 0.06, 0)), _WHITE
        )
    _eye(sheet, 0.62, -0.09, 0.11)
    sheet.paint(_ellipse(0.5, 0.14, 0.1, 0.06), tone(350, 0.8, 0.7), strength=0.7)


def _car(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.choice([356.0, 4.0, 172.0, 222.0, 268.0]) + rng.normal(0, 6)
    roof = rng.uniform(-0.56, -0.42)
    body, dark, glass = tone(hue, 0.68, 0.5), tone(hue, 0.62, 0.38), tone(200, 0.55, 0.82)
    sheet.fill(
        _curve((-0.72, 0.1), (-0.5, roof + 0.06), (-0.3, roof), (0.2, roof), (0.4, roof + 0.1), (0.64, 0.1)), body
    )
    sheet.fill(_curve((-0.97, 0.2), (-0.8, 0.04), (0, 0.0), (0.72, 0.06), (0.98, 0.26), (0.98, 0.56), (0.8, 0.62),
                      (-0.85, 0.62), (-1, 0.5)), body)  # fmt: skip
    sheet.paint([(-1.1, 0.42), (1.1, 0.42), (1.1, 0.7), (-1.1, 0.7)], dark)
    sheet.paint([(-0.54, 0.06), (-0.42, roof + 0.13), (-0.1, roof + 0.1), (-0.1, 0.06)], glass)
    sheet.paint([(-0.02, 0.06), (-0.02, roof + 0.1), (0.26, roof + 0.13), (0.46, 0.06)], glass)
    sheet.paint([(-0.44, 0.06), (-0.28, roof + 0.1), (-0.2, roof + 0.1), (-0.36, 0.06)], _WHITE, strength=0.7)
    sheet.paint([(-0.03, 0.18), (0.12, 0.18), (0.12, 0.22), (-0.03, 0.22)], dark)
    sheet.paint(_ellipse(0.92, 0.28, 0.1, 0.085), tone(50, 0.95, 0.75))
    sheet.paint(_ellipse(-0.96, 0.26, 0.06, 0.08), tone(6, 0.85, 0.6))
    for x in (-0.54, 0.54):
        sheet.fill(_ellipse(x, 0.6, 0.25, 0.25), _INK)
        sheet.paint(_ellipse(x, 0.6, 0.13, 0.13), (214, 216, 222))


def _boat(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(14, 8)
    sail = tone(rng.choice([46.0, 200.0, 340.0]), 0.5, 0.9)
    sheet.stroke([(0, -0.98), (0, 0.5)], 0.055, _BROWN, labelled=False)
    sheet.fill(_curve((0.08, -0.94), (0.5, -0.35), (0.82, 0.26), (0.4, 0.3), (0.08, 0.3)), sail)
    sheet.fill(_curve((-0.08, -0.76), (-0.36, -0.3), (-0.66, 0.26), (-0.3, 0.3), (-0.08, 0.3)), _WHITE)
    sheet.paint([(0.0, -0.25), (1, -0.25), (1, -0.05), (0.0, -0.05)], tone(hue, 0.75, 0.58))
    sheet.fill([(-0.98, 0.44), (0.98, 0.44), (0.84, 0.7), (0.62, 0.9), (-0.6, 0.9), (-0.8, 0.72)], tone(hue, 0.6, 0.44))
    sheet.paint([(-1, 0.44), (1, 0.44), (0.92, 0.55), (-0.92, 0.55)], _CREAM)
    for x in (-0.4, 0, 0.4):
        sheet.paint(_ellipse(x, 0.7, 0.075, 0.075), tone(200, 0.6, 0.85))


def _balloon(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(330, 16)
    other = tone(hue + rng.choice([70.0, 120.0]), 0.85, 0.62)
    for x in (-0.15, 0.15):
        sheet.stroke([(x * 1.6, 0.3), (x, 0.74)], 0.025, _BROWN, labelled=False)
    sheet.fill(_curve((0, -1), (0.46, -0.88), (0.7, -0.45), (0.52, 0.02), (0.18, 0.42), (-0.18, 0.42), (-0.52, 0.02),
                      (-0.7, -0.45), (-0.46, -0.88)), tone(hue, 0.75, 0.55))  # fmt: skip
    sheet.paint(_curve((0, -1.02), (0.44, -0.5), (0.15, 0.45), (-0.15, 0.45), (-0.44, -0.5)), other)
    sheet.paint(_curve((0, -1.02), (0.18, -0.5), (0.06, 0.45), (-0.06, 0.45), (-0.18, -0.5)), tone(hue, 0.75, 0.62))
    sheet.paint([(-0.4, 0.28), (0.4, 0.28), (0.3, 0.5), (-0.3, 0.5)], tone(hue, 0.6, 0.38))
    sheet.paint(_ellipse(-0.4, -0.55, 0.1, 0.2), _WHITE, strength=0.45)
    sheet.fill([(-0.19, 0.7), (0.19, 0.7), (0.15, 1.0), (-0.15, 1.0)], tone(30, 0.45, 0.48))
    sheet.paint([(-0.2, 0.7), (0.2, 0.7), (0.2, 0.77), (-0.2, 0.77)], tone(30, 0.45, 0.34))


def _apple(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(354, 6) if rng.random() < 0.65 else rng.normal(88, 8)
    half = ((0.36, -0.66), (0.78, -0.45), (0.86, 0.1), (0.56, 0.75), (0.2, 0.95))
    other = [(-x, y) for x, y in reversed(half)]
    sheet.fill(_curve((0, -0.5), *half, (0, 0.88), *other), tone(hue, 0.7, 0.5))
    sheet.paint(_curve((0.5, -0.7), (0.9, -0.3), (0.9, 0.3), (0.5, 0.9), (0.1, 1.0), (0.6, 0.3)), tone(hue, 0.7, 0.4))
    sheet.paint(_ellipse(0, -0.47, 0.22, 0.07), tone(hue, 0.65, 0.33))
    sheet.paint(_ellipse(-0.44, -0.16, 0.13, 0.26), _WHITE, strength=0.55)
    sheet.stroke([(0, -0.48), (0.03, -0.7), (0.1, -0.92)], 0.1, _BROWN)
    sheet.fill(_curve((0.08, -0.7), (0.3, -0.98), (0.68, -0.96), (0.45, -0.68)), tone(112, 0.5, 0.42))


def _cake(sheet: Sheet, rng: np.random.Generator) -> None:
    sponge, icing = tone(rng.normal(34, 5), 0.6, 0.68), tone(rng.normal(335, 14), 0.75, 0.8)
    sheet.fill(_ellipse(0, 0.78, 1, 0.2), (226, 230, 238))
    sheet.paint(_ellipse(0, 0.75, 0.9, 0.14), (196, 202, 214))
    sheet.fill([(-0.78, -0.1), (0.78, -0.1), *_ellipse(0, 0.66, 0.78, 0.18)[:19], (-0.78, 0.66)], sponge)
    sheet.paint(_curve((-0.8, 0.36), (0, 0.54), (0.8, 0.36), (0.8, 0.48), (0, 0.66), (-0.8, 0.48)), tone(350, 0.6, 0.5))
    for x, drop in zip(np.linspace(-0.68, 0.68, 7), rng.uniform(0.12, 0.36, 7), strict=True):
        sheet.fill([(x - 0.11, -0.1), (x + 0.11, -0.1), *_ellipse(x, drop, 0.11, 0.1)[:19]], icing)
    sheet.fill(_ellipse(0, -0.1, 0.79, 0.19), tone(340, 0.7, 0.88))
    for x in (-0.42, 0, 0.42):
        sheet.stroke([(x, -0.14), (x, -0.58)], 0.1, tone(rng.uniform(170, 300), 0.6, 0.66))
        sheet.fill(_curve((x, -0.96), (x + 0.085, -0.76), (x, -0.64), (x - 0.085, -0.76)), tone(44, 0.98, 0.6))


def _mushroom(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(8, 9)
    sheet.fill(_curve((-0.24, 0.0), (0.24, 0.0), (0.3, 0.7), (0.24, 0.98), (-0.24, 0.98), (-0.3, 0.7)), _CREAM)
    sheet.paint(_curve((0.1, 0.0), (0.4, 0.0), (0.4, 1), (0.06, 1), (0.16, 0.5)), (226, 206, 174))
    sheet.fill(_curve((-0.96, 0.1), (-0.76, -0.5), (0, -0.95), (0.76, -0.5), (0.96, 0.1), (0.5, 0.26), (0, 0.2),
                      (-0.5, 0.26)), tone(hue, 0.74, 0.46))  # fmt: skip
    sheet.paint(
        _curve((-0.9, 0.14), (0, 0.08), (0.9, 0.14), (0.5, 0.28), (0, 0.22), (-0.5, 0.28)), tone(hue, 0.5, 0.72)
    )
    for x, y, radius in ((-0.5, -0.28, 0.16), (0.02, -0.58, 0.18), (0.48, -0.3, 0.15), (-0.06, -0.08, 0.12)):
        sheet.paint(_ellipse(x + rng.normal(0, 0.04), y, radius, radius * 0.85), _CREAM)


def _cup(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(176, 12)
    for x in (-0.3, 0.12):
        wave = [(x + 0.07 * np.sin(y * 9), y) for y in np.linspace(-1.0, -0.72, 8)]
        sheet.stroke(wave, 0.05, (244, 246, 248), labelled=False)
    sheet.stroke([*_ellipse(0.52, 0.08, 0.36, 0.33), (0.88, 0.08)], 0.15, tone(hue, 0.5, 0.38))
    sheet.fill([(-0.72, -0.5), (0.56, -0.5), *_ellipse(-0.08, 0.72, 0.46, 0.18)[:19]], tone(hue, 0.52, 0.5))
    sheet.paint([(-0.65, -0.04), (0.49, -0.04), (0.435, 0.24), (-0.595, 0.24)], _CREAM)
    for x in (-0.42, -0.08, 0.26):
        sheet.paint(_ellipse(x, 0.1, 0.1, 0.1), tone(hue + 180, 0.7, 0.62))
    sheet.fill(_ellipse(-0.08, -0.5, 0.64, 0.17), tone(hue, 0.45, 0.72))
    sheet.paint(_ellipse(-0.08, -0.48, 0.55, 0.12), tone(24, 0.5, 0.28))


def _umbrella(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(270, 16)
    sheet.stroke([(0, -0.96), (0, 0.82), (0.04, 0.93), (0.14, 0.97), (0.23, 0.92), (0.25, 0.82)], 0.085, _BROWN)
    edge = np.linspace(1, -1, 5)
    scallops = [
        (float((a + b) / 2 + (a - b) / 2 * np.cos(turn)), float(0.08 - 0.12 * np.sin(turn)))
        for a, b in pairwise(edge)
        for turn in np.linspace(0, np.pi, 8)
    ]
    sheet.fill([*_ellipse(0, 0.08, 1, 0.94)[18:], *scallops], tone(hue, 0.55, 0.56))
    sheet.paint(_curve((0, -0.9), (0.34, -0.45), (0.5, 0.1), (-0.5, 0.1), (-0.34, -0.45)), tone(hue + 60, 0.75, 0.8))
    sheet.paint(_curve((0, -0.9), (0.03, -0.4), (0, 0.1), (-0.0, 0.1), (-0.03, -0.4)), tone(hue, 0.5, 0.45))
    for side in (-1, 1):
        sheet.paint([(side, 0.1), (side * 0.78, -0.5), (side * 0.5, -0.74), (side * 0.8, -0.2)], _WHITE, strength=0.22)


def _kite(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(128, 16)
    top, right, bottom, left, middle = (0, -1), (0.52, -0.42), (0, 0.34), (-0.52, -0.42), (0, -0.42)
    tail = [(0.12 * np.sin((y - 0.34) * 8), y) for y in np.linspace(0.34, 1.2, 24)]
    sheet.stroke(tail, 0.03, _INK, labelled=False)
    for outline, colour in (
        ((top, right, middle), tone(hue, 0.65, 0.46)),
        ((right, bottom, middle), tone(48, 0.95, 0.6)),
        ((bottom, left, middle), tone(hue, 0.65, 0.4)),
        ((left, top, middle), tone(48, 0.95, 0.68)),
    ):
        sheet.fill(outline, colour)
    for x, y in tail[6::8]:
        bow = [(x - 0.17, y - 0.1), (x, y - 0.04), (x + 0.17, y - 0.1), (x + 0.17, y + 0.1), (x, y + 0.04)]
        sheet.fill([*bow, (x - 0.17, y + 0.1)], tone(hue, 0.65, 0.5))


def _cactus(sheet: Sheet, rng: np.random.Generator) -> None:
    hue = rng.normal(140, 12)
    skin, dark = tone(hue, 0.42, 0.42), tone(hue, 0.45, 0.32)
    low, high = rng.uniform(0.2, 0.45), rng.uniform(-0.05, 0.2)
    sheet.stroke([(0, low), (-0.42, low), (-0.56, low - 0.1), (-0.6, low - 0.25), (-0.6, low - 0.6)], 0.26, skin)
    sheet.stroke([(0, high), (0.4, high), (0.53, high - 0.1), (0.56, high - 0.25), (0.56, high - 0.5)], 0.24, skin)
    sheet.stroke([(0, 0.8), (0, -0.7)], 0.44, skin)
    sheet.fill([(-0.22, 0.7), (0.22, 0.7), (0.25, 1), (-0.25, 1)], skin)
    for x in (-0.11, 0.0, 0.11):
        sheet.paint([(x - 0.012, -0.8), (x + 0.012, -0.8), (x + 0.012, 1), (x - 0.012, 1)], dark)
    for x, y in ((-0.6, low - 0.45), (0.56, high - 0.35)):
        sheet.paint([(x - 0.012, y - 0.2), (x + 0.012, y - 0.2), (x + 0.012, y + 0.25), (x - 0.012, y + 0.25)], dark)
    for x in (-0.12, 0, 0.12):
        sheet.fill(_ellipse(x, -0.9 - 0.07 * (x == 0), 0.085, 0.11), tone(rng.normal(330, 10), 0.75, 0.65))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """How objects of one category are drawn, where, how large (share of the short side), tilted, and how many."""

    draw: Callable[[Sheet, np.random.Generator], None]
    zone: str
    size: tuple[float, float]
    tilt: float = 4
    most: int = 1


MODELS = {
    "bird": _Model(draw=_bird, zone="sky", size=(0.17, 0.27), tilt=18, most=3),
    "kite": _Model(draw=_kite, zone="sky", size=(0.28, 0.4), tilt=30, most=2),
    "balloon": _Model(draw=_balloon, zone="sky", size=(0.3, 0.48), tilt=5, most=2),
    "boat": _Model(draw=_boat, zone="water", size=(0.3, 0.42), most=2),
    "fish": _Model(draw=_fish, zone="water", size=(0.15, 0.22), tilt=14, most=3),
    "car": _Model(draw=_car, zone="ground", size=(0.34, 0.48), tilt=2, most=2),
    "cat": _Model(draw=_cat, zone="ground", size=(0.28, 0.4), most=2),
    "mushroom": _Model(draw=_mushroom, zone="ground", size=(0.16, 0.26), tilt=8, most=3),
    "umbrella": _Model(draw=_umbrella, zone="ground", size=(0.34, 0.48), tilt=14, most=2),
    "cactus": _Model(draw=_cactus, zone="ground", size=(0.34, 0.58), tilt=3, most=4),
    "apple": _Model(draw=_apple, zone="front", size=(0.13, 0.2), tilt=14, most=3),
    "cake": _Model(draw=_cake, zone="front", size=(0.24, 0.34), tilt=0, most=1),
    "cup": _Model(draw=_cup, zone="front", size=(0.17, 0.24), tilt=0, most=2),
}

# Sky at the top and at the horizon, far land, and the light that falls on everything.
_WEATHER: tuple[tuple[Colour, Colour, Colour, tuple[float, float, float]], ...] = (
    ((104, 178, 236), (216, 240, 252), (126, 176, 168), (1.0, 1.0, 1.0)),
    ((120, 196, 226), (252, 240, 214), (150, 178, 150), (1.02, 1.0, 0.96)),
    ((238, 142, 132), (254, 224, 172), (176, 122, 134), (1.05, 0.96, 0.9)),
    ((92, 104, 178), (232, 190, 214), (112, 106, 160), (0.95, 0.92, 1.02)),
    ((164, 184, 204), (230, 236, 240), (142, 160, 172), (0.97, 0.98, 1.0)),
)
_GROUND: dict[str, tuple[Colour, Colour]] = {  # far and near
    "meadow": ((150, 196, 104), (104, 164, 78)),
    "autumn": ((204, 182, 102), (166, 138, 74)),
    "beach": ((244, 226, 182), (228, 200, 148)),
    "snow": ((240, 244, 250), (206, 220, 236)),
    "street": ((150, 152, 162), (112, 114, 126)),
    "desert": ((240, 206, 144), (216, 166, 104)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """Where the bands of a picture begin, in rows from the top; a band that ends where it begins is not there."""

    width: int
    height: int
    horizon: float
    shore: float
    blanket: float
    ground: str

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)


def _setting(rng: np.random.Generator, names: Sequence[str], width: int, height: int) -> _Setting:
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
    return _Setting(
        width=width,
        height=height,
        horizon=horizon * height,
        shore=shore * height,
        blanket=blanket * height,
        ground=kind,
    )


def _blend(canvas: Floats, cover: Floats, colour: Paint) -> None:
    """Mix `colour` into `canvas` (h, w, 3) in place, by `cover` (h, w) in [0, 1]."""
    change = np.asarray(colour, dtype=np.float32) - canvas
    change *= cover[..., None]
    canvas += change


def _noise(rng: np.random.Generator, width: int, height: int, cell: tuple[float, float]) -> Floats:
    """Soft noise, (height, width), about -1..1, with grains of `cell` = (wide, high) pixels."""
    coarse = rng.standard_normal((int(height / cell[1]) + 2, int(width / cell[0]) + 2), dtype=np.float32)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))


def _ridge(rng: np.random.Generator, width: int, base: float, height: float, waves: float) -> Floats:
    """The skyline of hills, one row number for each column, at most about `height` above `base`."""
    along = np.linspace(0, 2 * np.pi, width, dtype=np.float32)
    lines = [np.sin(along * waves * k + rng.uniform(0, 7)) / k for k in (0.5, 1, 2.3)]
    return np.asarray(base - height * (0.5 + sum(lines) / 5), dtype=np.float32)


def _below(canvas: Floats, line: Floats | float, colour: Paint, strength: float = 1) -> None:
    """Fill everything below a line with a soft edge of one pixel."""
    first, last = max(0, int(np.min(line)) - 1), max(0, int(np.max(line)) + 2)
    rows = np.arange(first, min(last, canvas.shape[0]), dtype=np.float32)[:, None]
    edge, rest = canvas[first:last], canvas[last:]
    _blend(edge, np.broadcast_to(np.clip(rows - line + 0.5, 0, 1) * np.float32(strength), edge.shape[:2]), colour)
    rest *= np.float32(1 - strength)
    rest += np.asarray(colour, dtype=np.float32) * np.float32(strength)


def _puff(canvas: Floats, shape: tuple[float, ...], colour: Paint, strength: float, soft: float) -> None:
    """Draw an ellipse (middle x, y, radii), its edge `soft` pixels wide."""
    x, y, rx, ry = shape
    top, left = max(0, int(y - ry - soft)), max(0, int(x - rx - soft))
    part = canvas[top : max(0, int(y + ry + soft) + 1), left : max(0, int(x + rx + soft) + 1)]
    if not part.size:
        return
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    distance = np.hypot((columns - x) / rx, (rows - y) / ry)
    _blend(part, np.clip((1 - distance) * min(rx, ry) / soft + 0.5, 0, 1).astype(np.float32) * strength, colour)


def _paint_sky(canvas: Floats, rng: np.random.Generator, setting: _Setting, top: Colour, low: Colour) -> None:
    depth = np.clip(np.arange(setting.height, dtype=np.float32) / setting.horizon, 0, 1)[:, None, None]
    canvas[:] = np.asarray(top, dtype=np.float32) * (1 - depth) + np.asarray(low, dtype=np.float32) * depth
    unit = setting.short_side
    sun = (rng.uniform(0.1, 0.9) * setting.width, rng.uniform(0.1, 0.5) * setting.horizon)
    _puff(canvas, (*sun, unit * 0.22, unit * 0.22), (255, 250, 226), 0.4, unit * 0.3)
    _puff(canvas, (*sun, unit * 0.055, unit * 0.055), (255, 248, 214), 0.95, 1.5)
    for _ in range(int(rng.integers(1, 4))):
        x, y, size = rng.uniform(0, setting.width), rng.uniform(0.08, 0.75) * setting.horizon, rng.uniform(0.05, 0.1)
        for shift, grow in ((-1.3, 0.55), (-0.55, 0.85), (0.35, 1.0), (1.2, 0.6)):
            radius = size * unit * grow
            _puff(canvas, (x + shift * size * unit, y - radius * 0.35, radius * 1.15, radius * 0.8), _WHITE, 0.7, 2)


def _paint_far_land(canvas: Floats, rng: np.random.Generator, setting: _Setting, land: Colour) -> None:
    unit, shade = setting.short_side, np.array(land)
    visible = canvas[: int(setting.horizon) + 20]  # water or ground covers the rest
    for height, lighter in ((0.16, 26), (0.09, 4)):
        _below(visible, _ridge(rng, setting.width, setting.horizon, height * unit, rng.uniform(1, 3)), shade + lighter)
    if setting.ground in ("meadow", "street", "autumn"):
        leaf = tone(rng.normal(28, 8), 0.5, 0.5) if setting.ground == "autumn" else tone(rng.normal(130, 12), 0.3, 0.42)
        for x in rng.uniform(0, setting.width, int(rng.integers(3, 9))):
            radius = rng.uniform(0.025, 0.055) * unit
            _puff(canvas, (x, setting.horizon - radius * 0.8, radius, radius * 1.25), leaf, 1, 1)
            shine = (x - radius * 0.25, setting.horizon - radius * 1.2, radius * 0.5, radius * 0.6)
            _puff(canvas, shine, _WHITE, 0.14, 3)


def _paint_water(canvas: Floats, rng: np.random.Generator, setting: _Setting) -> None:
    deep = np.array(tone(rng.normal(200, 7), 0.55, 0.5))
    canvas = canvas[: int(setting.shore) + 20]  # ground covers the rest
    _below(canvas, setting.horizon, np.minimum(deep + 50, 255))
    for step in (0.12, 0.3, 0.5, 0.75):
        line = setting.horizon + step * (setting.shore - setting.horizon)
        _below(canvas, _ridge(rng, setting.width, line, 6, 5), deep, 0.42)
    top, bottom = int(setting.horizon) + 1, int(setting.shore) + 8
    band = canvas[top:bottom]
    glints = _noise(rng, setting.width, band.shape[0], (26, 3))
    _blend(band, np.clip(glints - 0.75, 0, 0.5), (255, 255, 255))


def _paint_ground(canvas: Floats, rng: np.random.Generator, setting: _Setting) -> None:
    far, near = (np.array(colour) + rng.normal(0, 6, 3) for colour in _GROUND[setting.ground])
    wave = 3.0 if setting.ground == "street" else 12.0
    line = _ridge(rng, setting.width, setting.shore + wave / 2, wave, 2)
    if setting.shore > setting.horizon:
        _below(canvas, line - 5, _WHITE, 0.7)
    _below(canvas, line, far)
    deep = setting.height - setting.shore
    for step in (0.2, 0.42, 0.7):
        hill = _ridge(rng, setting.width, setting.shore + step * deep + wave, wave * 1.6, rng.uniform(1, 2.5))
        _below(canvas, hill, near, 0.4)
    top = min(int(setting.shore) + 8, setting.height - 2)
    ground = canvas[top:]
    ground += 5 * _noise(rng, setting.width, ground.shape[0], (9, 4))[..., None]
    if setting.ground == "street":
        _below(canvas, setting.shore + 0.16 * deep, (196, 192, 186), 0.8)
        _below(canvas, setting.shore + 0.22 * deep, far * 0.82)
        for x in np.arange(rng.uniform(-60, 0), setting.width, 70):
            _puff(canvas, (x, setting.shore + 0.62 * deep, 22, 3), (244, 236, 200), 0.9, 1)
    elif setting.ground != "snow":
        colour = (252, 246, 226) if setting.ground == "meadow" else near * 0.86
        for _ in range(24):
            spot = rng.uniform(0, setting.width), setting.shore + deep * rng.uniform(0.1, 1)
            _puff(canvas, (*spot, rng.uniform(1.2, 2.6), 1.4), colour, 0.8, 1)


def _paint_blanket(canvas: Floats, rng: np.random.Generator, setting: _Setting) -> None:
    """Lay a checked cloth, in perspective, over the front of the picture."""
    colour = np.array(tone(rng.choice([4.0, 210.0, 96.0, 40.0]) + rng.normal(0, 5), 0.5, 0.64))
    rows, columns = np.ogrid[int(setting.blanket) : setting.height, 0 : setting.width]
    near = 0.65 + 0.6 * (rows - setting.blanket) / (setting.height - setting.blanket + 1)
    check = setting.short_side * 0.09
    along = np.sin((columns - setting.width / 2) / near / check * np.pi) > 0
    across = np.sin(np.log(near) * 3.2 * setting.short_side * 0.5 / check) > 0
    cloth = canvas[int(setting.blanket) :]
    _below(canvas, setting.blanket - 3, colour * 0.72)
    _below(canvas, setting.blanket, (250, 244, 234))
    _blend(cloth, np.asarray(along * 0.42 + across * 0.42, dtype=np.float32), colour)
    cloth += 3 * _noise(rng, setting.width, cloth.shape[0], (4, 2))[..., None]


class _Stage:
    """A picture in the making: what is painted, and which object is on top at each pixel."""

    def __init__(self, canvas: Floats, setting: _Setting) -> None:
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
            _puff(self.canvas, (*spot, width * 0.5, width * 0.085), (40, 44, 66), shadow, width * 0.06 + 1)
        _blend(self.canvas[box], np.divide(rgba[inside][..., 3], 255, dtype=np.float32), rgba[inside][..., :3])
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


def _foot_row(rng: np.random.Generator, zone: str, setting: _Setting, size: float) -> float:
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


def _place(stage: _Stage, rng: np.random.Generator, role: _Role, *, shrink: float = 1, most: float = 0.32) -> bool:
    """Put one object where it hides little of the others; False when there is no such place."""
    model, setting = MODELS[role.name], stage.setting
    sheet = Sheet(role.size * shrink, tilt=rng.uniform(-model.tilt, model.tilt), mirror=rng.random() < 0.5)
    model.draw(sheet, rng)
    rgba, mask = sheet.cut_out()
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
        sheet = Sheet(
            unit * rng.uniform(0.075, 0.105), tilt=rng.uniform(-model.tilt, model.tilt), mirror=rng.random() < 0.5
        )
        model.draw(sheet, rng)
        rgba, mask = sheet.cut_out()
        low = np.clip(role.foot + down, mask.shape[0] + 3, setting.height - 3)
        left = np.clip(middle + across, 3, setting.width - mask.shape[1] - 3)
        shadow = 0 if model.zone == "sky" else 0.3
        stage.put(rgba, mask, (int(low - mask.shape[0]), int(left)), shadow=shadow, crowd=crowd)
        crowd = len(stage.full) - 1


def _cast(rng: np.random.Generator, names: Sequence[str], setting: _Setting) -> list[_Role]:
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
    top, low, land, light = _WEATHER[int(rng.integers(len(_WEATHER)))]
    canvas = np.empty((height, width, 3), dtype=np.float32)
    _paint_sky(canvas, rng, setting, top, low)
    _paint_far_land(canvas, rng, setting, land)
    if setting.shore > setting.horizon:
        _paint_water(canvas, rng, setting)
    _paint_ground(canvas, rng, setting)
    if setting.blanket < height:
        _paint_blanket(canvas, rng, setting)
    stage = _Stage(canvas, setting)
    placed, crowd_index = _play(stage, rng, _cast(rng, names, setting), crowd_of)
    canvas *= np.array(light, dtype=np.float32) * np.float32(rng.normal(1, 0.03))
    canvas += 2 * rng.standard_normal((height, width, 1), dtype=np.float32)
    np.clip(canvas, 0, 255, out=canvas)
    return Scene(picture=canvas.astype(np.uint8), objects=_annotated(stage, placed, crowd_index))
