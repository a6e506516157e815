"""Which colour does a class have, on every page, in every chart and label file?

Colours depend on a category's position alone: hues go round by the golden angle,
so neighbours differ, with three lightnesses in turn, legible on light and dark.
"""

import colorsys

GOLDEN_ANGLE = 0.381966011250105
"""As a share of the full circle."""
LIGHTNESSES = (0.55, 0.66, 0.45)
BACKGROUND = "#000000"
OTHER = "#9aa0a6"
"""The merged class "other"."""
IGNORED = "#ffffff"


def class_colour(category_index: int) -> str:
    """Return the colour of a category as "#rrggbb"."""
    hue = (0.58 + category_index * GOLDEN_ANGLE) % 1
    red, green, blue = colorsys.hls_to_rgb(hue, LIGHTNESSES[category_index % 3], 0.72)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def rgb(colour: str) -> tuple[int, int, int]:
    """Return "#rrggbb" as three numbers in [0, 255]."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
