"""What does a single object of the demo look like?

Every object is drawn twice too large on a sheet of its own and scaled down; the
sheet also keeps the silhouette. Strings, ropes and steam are painted but belong
to no silhouette, as a COCO annotator would leave them out.
"""

import colorsys
from collections.abc import Callable, Sequence
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

WHITE: Colour = (250, 250, 246)
_INK, _BROWN, _CREAM = (52, 46, 60), (132, 88, 58), (250, 236, 208)
_ZOOM = 2  # a sheet is drawn this much larger than the object appears
_REACH = 1.45  # a sheet shows -_REACH.._REACH of the object's own coordinates, so that it can be tilted


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

    def fill(self, points: Outline, colour: Colour) -> None:
        """Fill a closed outline, which becomes part of the silhouette."""
        spots = self._spots(points).ravel().tolist()
        self._pen.polygon(spots, fill=(*colour, 255))
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
    sheet.paint(_ellipse(x, y, radius, radius), WHITE)
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
        sheet.paint(_curve((x, -0.5), (x + 0.17, -0.5), (x + 0.22, 0), (x + 0.15, 0.5), (x, 0.5), (x + 0.06, 0)), WHITE)
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
    sheet.paint([(-0.44, 0.06), (-0.28, roof + 0.1), (-0.2, roof + 0.1), (-0.36, 0.06)], WHITE, strength=0.7)
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
    sheet.fill(_curve((-0.08, -0.76), (-0.36, -0.3), (-0.66, 0.26), (-0.3, 0.3), (-0.08, 0.3)), WHITE)
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
    sheet.paint(_ellipse(-0.4, -0.55, 0.1, 0.2), WHITE, strength=0.45)
    sheet.fill([(-0.19, 0.7), (0.19, 0.7), (0.15, 1.0), (-0.15, 1.0)], tone(30, 0.45, 0.48))
    sheet.paint([(-0.2, 0.7), (0.2, 0.7), (0.2, 0.77), (-0.2, 0.77)], tone(30, 0.45, 0.34))


def _apple(sheet: Sheet, rng: np.random.Generator) -> None:
    draw_apple(sheet, rng.normal(354, 6) if rng.random() < 0.65 else rng.normal(88, 8))


def draw_apple(sheet: Sheet, hue: float) -> None:
    """Draw an apple with a stem and a leaf; its skin has a hue in degrees."""
    half = ((0.36, -0.66), (0.78, -0.45), (0.86, 0.1), (0.56, 0.75), (0.2, 0.95))
    other = [(-x, y) for x, y in reversed(half)]
    sheet.fill(_curve((0, -0.5), *half, (0, 0.88), *other), tone(hue, 0.7, 0.5))
    sheet.paint(_curve((0.5, -0.7), (0.9, -0.3), (0.9, 0.3), (0.5, 0.9), (0.1, 1.0), (0.6, 0.3)), tone(hue, 0.7, 0.4))
    sheet.paint(_ellipse(0, -0.47, 0.22, 0.07), tone(hue, 0.65, 0.33))
    sheet.paint(_ellipse(-0.44, -0.16, 0.13, 0.26), WHITE, strength=0.55)
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
        sheet.paint([(side, 0.1), (side * 0.78, -0.5), (side * 0.5, -0.74), (side * 0.8, -0.2)], WHITE, strength=0.22)


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


SHAPES: dict[str, Callable[[Sheet, np.random.Generator], None]] = {
    "bird": _bird,
    "cat": _cat,
    "fish": _fish,
    "car": _car,
    "boat": _boat,
    "balloon": _balloon,
    "apple": _apple,
    "cake": _cake,
    "mushroom": _mushroom,
    "cup": _cup,
    "umbrella": _umbrella,
    "kite": _kite,
    "cactus": _cactus,
}
"""How an object of each category is drawn on its sheet; chance varies its colours and proportions."""
