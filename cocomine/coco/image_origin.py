"""Where on the web does an image come from, as its record says?"""

from dataclasses import dataclass

import msgspec

from cocomine.coco.json_repair import masked


class _Fields(msgspec.Struct):
    flickr_url: str | None = ""
    coco_url: str | None = ""


_decoder = msgspec.json.Decoder(_Fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageOrigin:
    """Two addresses as they are written, unchecked; "" where there is none.

    Attributes:
        flickr_url: of the photograph, often in another size.
        coco_url: of the image file itself.
    """

    flickr_url: str = ""
    coco_url: str = ""


def image_origin(record: bytes) -> ImageOrigin:
    """Return what an image's record says of its origin; nothing where that cannot be read."""
    try:
        fields = _decoder.decode(masked(record))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ImageOrigin()
    return ImageOrigin(flickr_url=fields.flickr_url or "", coco_url=fields.coco_url or "")
