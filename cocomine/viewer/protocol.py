"""Which messages do the server and its viewer exchange?

One request, `ShowRequest`, as MessagePack: unlike JSON it carries compressed RLE bytes and odd numbers unharmed.
A sample travels only when the viewer does not hold it yet or holds it differently.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

TOKEN_HEADER = "X-Cocomine-Token"  # noqa: S105 - the header's name, not its value
EXCLUDE_TAG = "exclude"

SampleKey = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerObject:
    """One annotation as the viewer draws it; `segmentation` is as in COCO: polygons, either RLE, or none."""

    annotation_id: int
    class_name: str
    is_crowd: bool
    area_px: float
    box_xywh: tuple[float, float, float, float]
    segmentation: list[list[float]] | dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerSample:
    """One image with its objects; `width` and `height` are those of the annotation file."""

    image_id: int
    split: str
    image_path: Path
    width: int
    height: int
    objects: tuple[ViewerObject, ...]

    @property
    def key(self) -> SampleKey:
        """Split and image id, unique within a dataset."""
        return self.split, self.image_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowRequest:
    """The view to show: `order` names all its images, `samples` brings those that the viewer lacks."""

    order: tuple[SampleKey, ...]
    samples: tuple[ViewerSample, ...]
    colours: dict[str, str]
    image_folders: tuple[Path, ...]
    classes: tuple[str, ...] | None
    excluded: tuple[SampleKey, ...]


def encoded(message: Any) -> bytes:
    """Return `message` as MessagePack."""
    return msgspec.msgpack.encode(message, enc_hook=str)


def decoded_request(data: bytes) -> ShowRequest:
    """Return the request in `data`, checked field by field."""
    return msgspec.msgpack.decode(data, type=ShowRequest, dec_hook=lambda _, value: Path(value))


def decoded_keys(data: bytes) -> list[SampleKey]:
    """Return the images in `data`, checked one by one."""
    return msgspec.msgpack.decode(data, type=list[SampleKey])


def fingerprint(sample: ViewerSample) -> bytes:
    """Return 16 bytes that differ when anything in `sample` does."""
    return hashlib.blake2b(encoded(sample), digest_size=16).digest()
