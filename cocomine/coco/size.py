"""How large is an image or a mask?

Height comes first, as in numpy's shapes, in pycocotools and in COCO's run-length codes. Pillow, OpenCV and COCO's
boxes have the width first: for them there is `Size.xy`, and no other place turns the two around.
"""

from typing import NamedTuple

LARGEST_DRAWN_PX = 1 << 30
"""pycocotools crashes the process where there is no memory for a mask."""


class Size(NamedTuple):
    """Height and width in pixels; the shape of an array of that size."""

    height: int
    width: int

    @classmethod
    def square(cls, side_px: int) -> "Size":
        """Return the size with both sides alike."""
        return cls(side_px, side_px)

    @classmethod
    def of_xy(cls, xy: tuple[int, int]) -> "Size":
        """Return the size that Pillow and OpenCV write as (width, height)."""
        return cls(height=xy[1], width=xy[0])

    @property
    def xy(self) -> tuple[int, int]:
        """Width and height, as Pillow, OpenCV and the coordinates of points have them."""
        return self.width, self.height

    @property
    def pixel_count(self) -> int:
        """Height times width."""
        return self.height * self.width

    @property
    def is_drawable(self) -> bool:
        """Whether a mask of this size is drawn; where a file says that an image is larger than any, none is."""
        return self.pixel_count <= LARGEST_DRAWN_PX

    def reduced(self, longest_px: int | None) -> "Size":
        """Return the size in the same proportions with the longer side at most this; None and smaller ones stay."""
        share = 1.0 if longest_px is None else min(longest_px / max(self), 1.0)
        return Size(max(round(self.height * share), 1), max(round(self.width * share), 1))
