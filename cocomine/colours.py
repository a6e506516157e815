"""Which colour does a class have, on every page, in every chart and label file, and the edge around a swatch?

A category's position alone decides. The colours are chosen one after another, each the furthest from all before it in
OKLab, where distance is difference as people see it; very dark, very pale, greyish and glaring ones are left out, so
that all are legible on light and dark.

Source: Björn Ottosson, "A perceptual color space for image processing", 2020.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

BACKGROUND = "#000000"
OTHER = "#9aa0a6"
"""The merged class "other"."""
IGNORED = "#ffffff"
EDGE = "#8a8f94"
"""Edges of swatches and lines of reference, on light and dark."""
COLOUR_COUNT = 256
"""After that they repeat."""
LIGHTNESS_RANGE = (0.50, 0.80)
CHROMA_RANGE = (0.08, 0.20)
FIRST = (31, 119, 180)


def class_colour(category_index: int) -> str:
    """Return the colour of a category as "#rrggbb"."""
    return _distinct_colours()[category_index % COLOUR_COUNT]


def rgb(colour: str) -> tuple[int, int, int]:
    """Return "#rrggbb" as three numbers in [0, 255]."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


@cache
def _distinct_colours() -> tuple[str, ...]:
    levels = np.arange(0, 256, 15)
    candidates = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    candidates = np.concatenate([[FIRST], candidates])
    points = _oklab(candidates)
    legible = _within(points[:, 0], LIGHTNESS_RANGE) & _within(np.hypot(points[:, 1], points[:, 2]), CHROMA_RANGE)
    candidates, points = candidates[legible], points[legible]
    nearest = np.full(len(points), np.inf)
    chosen = [0]
    while len(chosen) < COLOUR_COUNT:
        nearest = np.minimum(nearest, np.linalg.norm(points - points[chosen[-1]], axis=1))
        chosen.append(int(nearest.argmax()))
    return tuple("#{:02x}{:02x}{:02x}".format(*candidates[index]) for index in chosen)


def _within(values: NDArray[np.float64], ends: tuple[float, float]) -> NDArray[np.bool_]:
    return (values >= ends[0]) & (values <= ends[1])


def _oklab(colours: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return sRGB colours (n, 3) in [0, 255] as OKLab lightness, a and b (n, 3)."""
    share = colours / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    from_cones = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(np.cbrt(linear @ to_cones.T) @ from_cones.T)
