"""What is behind the objects of a demo image?

Sky, far land, water, ground and a blanket, each a band that begins at a row of
its own; paint is mixed into one canvas of float32, from back to front.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from cocomine.demo.shapes import WHITE, Colour, Floats, tone

Paint = Sequence[float] | npt.NDArray[np.floating]
Light = tuple[float, float, float]

# Sky at the top and at the horizon, far land, and the light that falls on everything.
_WEATHER: tuple[tuple[Colour, Colour, Colour, Light], ...] = (
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
class Setting:
    """Where the bands of an image begin, in rows from the top; a band that ends where it begins is not there."""

    width: int
    height: int
    horizon: float
    shore: float
    blanket: float
    ground: str

    @property
    def short_side(self) -> int:
        """The shorter side of the image, by which everything in it is scaled."""
        return min(self.width, self.height)


def painted_background(rng: np.random.Generator, setting: Setting) -> tuple[Floats, Light]:
    """Return an image without objects, (h, w, 3), and the light that falls on everything in it, red to blue."""
    top, low, land, light = _WEATHER[int(rng.integers(len(_WEATHER)))]
    canvas = np.empty((setting.height, setting.width, 3), dtype=np.float32)
    _paint_sky(canvas, rng, setting, top, low)
    _paint_far_land(canvas, rng, setting, land)
    if setting.shore > setting.horizon:
        _paint_water(canvas, rng, setting)
    _paint_ground(canvas, rng, setting)
    if setting.blanket < setting.height:
        _paint_blanket(canvas, rng, setting)
    return canvas, light


def blend(canvas: Floats, cover: Floats, colour: Paint) -> None:
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
    blend(edge, np.broadcast_to(np.clip(rows - line + 0.5, 0, 1) * np.float32(strength), edge.shape[:2]), colour)
    rest *= np.float32(1 - strength)
    rest += np.asarray(colour, dtype=np.float32) * np.float32(strength)


def puff(canvas: Floats, shape: tuple[float, ...], colour: Paint, strength: float, soft: float) -> None:
    """Draw an ellipse (middle x, y, radii), its edge `soft` pixels wide."""
    x, y, rx, ry = shape
    top, left = max(0, int(y - ry - soft)), max(0, int(x - rx - soft))
    part = canvas[top : max(0, int(y + ry + soft) + 1), left : max(0, int(x + rx + soft) + 1)]
    if not part.size:
        return
    rows, columns = np.ogrid[top : top + part.shape[0], left : left + part.shape[1]]
    distance = np.hypot((columns - x) / rx, (rows - y) / ry)
    blend(part, np.clip((1 - distance) * min(rx, ry) / soft + 0.5, 0, 1).astype(np.float32) * strength, colour)


def _paint_sky(canvas: Floats, rng: np.random.Generator, setting: Setting, top: Colour, low: Colour) -> None:
    depth = np.clip(np.arange(setting.height, dtype=np.float32) / setting.horizon, 0, 1)[:, None, None]
    canvas[:] = np.asarray(top, dtype=np.float32) * (1 - depth) + np.asarray(low, dtype=np.float32) * depth
    unit = setting.short_side
    sun = (rng.uniform(0.1, 0.9) * setting.width, rng.uniform(0.1, 0.5) * setting.horizon)
    puff(canvas, (*sun, unit * 0.22, unit * 0.22), (255, 250, 226), 0.4, unit * 0.3)
    puff(canvas, (*sun, unit * 0.055, unit * 0.055), (255, 248, 214), 0.95, 1.5)
    for _ in range(int(rng.integers(1, 4))):
        x, y, size = rng.uniform(0, setting.width), rng.uniform(0.08, 0.75) * setting.horizon, rng.uniform(0.05, 0.1)
        for shift, grow in ((-1.3, 0.55), (-0.55, 0.85), (0.35, 1.0), (1.2, 0.6)):
            radius = size * unit * grow
            puff(canvas, (x + shift * size * unit, y - radius * 0.35, radius * 1.15, radius * 0.8), WHITE, 0.7, 2)


def _paint_far_land(canvas: Floats, rng: np.random.Generator, setting: Setting, land: Colour) -> None:
    unit, shade = setting.short_side, np.array(land)
    visible = canvas[: int(setting.horizon) + 20]  # water or ground covers the rest
    for height, lighter in ((0.16, 26), (0.09, 4)):
        _below(visible, _ridge(rng, setting.width, setting.horizon, height * unit, rng.uniform(1, 3)), shade + lighter)
    if setting.ground in ("meadow", "street", "autumn"):
        leaf = tone(rng.normal(28, 8), 0.5, 0.5) if setting.ground == "autumn" else tone(rng.normal(130, 12), 0.3, 0.42)
        for x in rng.uniform(0, setting.width, int(rng.integers(3, 9))):
            radius = rng.uniform(0.025, 0.055) * unit
            puff(canvas, (x, setting.horizon - radius * 0.8, radius, radius * 1.25), leaf, 1, 1)
            shine = (x - radius * 0.25, setting.horizon - radius * 1.2, radius * 0.5, radius * 0.6)
            puff(canvas, shine, WHITE, 0.14, 3)


def _paint_water(canvas: Floats, rng: np.random.Generator, setting: Setting) -> None:
    deep = np.array(tone(rng.normal(200, 7), 0.55, 0.5))
    canvas = canvas[: int(setting.shore) + 20]  # ground covers the rest
    _below(canvas, setting.horizon, np.minimum(deep + 50, 255))
    for step in (0.12, 0.3, 0.5, 0.75):
        line = setting.horizon + step * (setting.shore - setting.horizon)
        _below(canvas, _ridge(rng, setting.width, line, 6, 5), deep, 0.42)
    top, bottom = int(setting.horizon) + 1, int(setting.shore) + 8
    band = canvas[top:bottom]
    glints = _noise(rng, setting.width, band.shape[0], (26, 3))
    blend(band, np.clip(glints - 0.75, 0, 0.5), (255, 255, 255))


def _paint_ground(canvas: Floats, rng: np.random.Generator, setting: Setting) -> None:
    far, near = (np.array(colour) + rng.normal(0, 6, 3) for colour in _GROUND[setting.ground])
    wave = 3.0 if setting.ground == "street" else 12.0
    line = _ridge(rng, setting.width, setting.shore + wave / 2, wave, 2)
    if setting.shore > setting.horizon:
        _below(canvas, line - 5, WHITE, 0.7)
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
            puff(canvas, (x, setting.shore + 0.62 * deep, 22, 3), (244, 236, 200), 0.9, 1)
    elif setting.ground != "snow":
        colour = (252, 246, 226) if setting.ground == "meadow" else near * 0.86
        for _ in range(24):
            spot = rng.uniform(0, setting.width), setting.shore + deep * rng.uniform(0.1, 1)
            puff(canvas, (*spot, rng.uniform(1.2, 2.6), 1.4), colour, 0.8, 1)


def _paint_blanket(canvas: Floats, rng: np.random.Generator, setting: Setting) -> None:
    """Lay a checked cloth, in perspective, over the front of the image."""
    colour = np.array(tone(rng.choice([4.0, 210.0, 96.0, 40.0]) + rng.normal(0, 5), 0.5, 0.64))
    rows, columns = np.ogrid[int(setting.blanket) : setting.height, 0 : setting.width]
    near = 0.65 + 0.6 * (rows - setting.blanket) / (setting.height - setting.blanket + 1)
    check = setting.short_side * 0.09
    along = np.sin((columns - setting.width / 2) / near / check * np.pi) > 0
    across = np.sin(np.log(near) * 3.2 * setting.short_side * 0.5 / check) > 0
    cloth = canvas[int(setting.blanket) :]
    _below(canvas, setting.blanket - 3, colour * 0.72)
    _below(canvas, setting.blanket, (250, 244, 234))
    blend(cloth, np.asarray(along * 0.42 + across * 0.42, dtype=np.float32), colour)
    cloth += 3 * _noise(rng, setting.width, cloth.shape[0], (4, 2))[..., None]
