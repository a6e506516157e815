"""Where does an annotation file of any size come from?

The images and annotations of smaller files are repeated under new ids. A
record's text stays as it is but for its ids and the image's name, so that
length, number formats, polygons and class mix are those of the originals.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from msgspec import Raw, Struct

from cocomine.errors import DatasetError
from cocomine.system.files import atomic_file

ID, IMAGE_ID = b"%(id)d", b"%(image_id)d"
IMAGE_PLACES = {"id": ID, "file_name": b'"%(id)012d.jpg"'}
ANNOTATION_PLACES = {"id": ID, "image_id": IMAGE_ID}


class _Document(Struct):
    images: list[Raw]
    annotations: list[Raw]
    categories: list[dict[str, Any]]
    info: Raw = Raw(b"{}")
    licenses: Raw = Raw(b"[]")


class _ImageFields(Struct):
    id: int


class _AnnotationFields(Struct):
    image_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One original, its records as templates.

    Attributes:
        annotations: position of the image among `images`, and the template.
    """

    images: list[bytes]
    annotations: list[tuple[int, bytes]]


def tile(sources: Sequence[Path], image_count: int, target: Path) -> None:
    """Write an annotation file of `image_count` images, made of the records of others.

    Args:
        sources: COCO instances files with the same categories.
        image_count: images to reach; the last round stops there.
        target: appears whole.

    Raises:
        DatasetError: the categories differ, or there is no image to repeat.
    """
    documents = [msgspec.json.decode(path.read_bytes(), type=_Document) for path in sources]
    if any(document.categories != documents[0].categories for document in documents):
        raise DatasetError(f"{', '.join(map(str, sources))}: the categories differ. Name files of one dataset.")
    originals = [_templates(document) for document in documents]
    if not any(original.images for original in originals):
        raise DatasetError(f"{', '.join(map(str, sources))}: there is no image to repeat. Name files with images.")
    with atomic_file(target) as file:
        file.write(b'{"info":' + bytes(documents[0].info) + b',"licenses":' + bytes(documents[0].licenses))
        file.write(b',"images":[')
        file.writelines(_separated(_images(originals, image_count)))
        file.write(b'],"annotations":[')
        file.writelines(_separated(_annotations(originals, image_count)))
        file.write(b'],"categories":' + msgspec.json.encode(documents[0].categories) + b"}")


def tiled_from(sources: Sequence[Path], image_count: int) -> Iterator[tuple[int, int]]:
    """Yield for each image that `tile` writes which source it is of, and which of its images, both from 0."""
    lengths = [len(msgspec.json.decode(path.read_bytes(), type=_Document).images) for path in sources]
    before = 0
    while before < image_count:
        for source, length in enumerate(lengths):
            taken = min(length, image_count - before)
            yield from ((source, index) for index in range(taken))
            before += taken


def _templates(document: _Document) -> _Source:
    ids = [msgspec.json.decode(record, type=_ImageFields).id for record in document.images]
    position = {image_id: index for index, image_id in enumerate(ids)}
    owners = [msgspec.json.decode(record, type=_AnnotationFields).image_id for record in document.annotations]
    return _Source(
        images=[_template(record, IMAGE_PLACES) for record in document.images],
        annotations=[
            (position[owner], _template(record, ANNOTATION_PLACES))
            for owner, record in zip(owners, document.annotations, strict=True)
            if owner in position
        ],
    )


def _template(record: Raw, places: Mapping[str, bytes]) -> bytes:
    """Return the text of a record with a place to fill in, as for `%`, instead of some values."""
    text = bytes(record)
    fields = msgspec.json.decode(text, type=dict[str, Raw])
    start_of = {name: _address(fields[name]) - _address(text) for name in places if name in fields}
    pieces, end = [], 0
    for name in sorted(start_of, key=start_of.__getitem__):
        pieces += [text[end : start_of[name]].replace(b"%", b"%%"), places[name]]
        end = start_of[name] + len(bytes(fields[name]))
    return b"".join([*pieces, text[end:].replace(b"%", b"%%")])


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])


def _rounds(originals: Sequence[_Source], image_count: int) -> Iterator[tuple[_Source, int, int]]:
    """Yield each repetition: the original, the images written before it, and how many of it are taken."""
    before = 0
    while before < image_count:
        for original in originals:
            taken = min(len(original.images), image_count - before)
            yield original, before, taken
            before += taken


def _images(originals: Sequence[_Source], image_count: int) -> Iterator[bytes]:
    for original, before, taken in _rounds(originals, image_count):
        for index, template in enumerate(original.images[:taken]):
            yield template % {b"id": before + index + 1}


def _annotations(originals: Sequence[_Source], image_count: int) -> Iterator[bytes]:
    numbers = count(1)
    for original, before, taken in _rounds(originals, image_count):
        for index, template in original.annotations:
            if index < taken:
                yield template % {b"id": next(numbers), b"image_id": before + index + 1}


def _separated(records: Iterable[bytes]) -> Iterator[bytes]:
    for index, record in enumerate(records):
        yield b",\n" + record if index else record
