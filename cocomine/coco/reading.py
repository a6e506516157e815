"""How does an annotation file become columns?

One pass by msgspec cuts the document into raw records, a second decodes the few
typed fields we compute with. The address of each raw record inside the mapped
file gives its byte range. Unknown fields are never looked at and never lost.

Source: https://cocodataset.org/#format-data
"""

import mmap
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import Meta, Raw, Struct

from cocomine.coco.dataset import Annotations, Category, Images, Ints, Licence, SourceFile, Split
from cocomine.coco.findings import Finding, finding
from cocomine.errors import DatasetError, NotInstancesError

StructT = TypeVar("StructT", bound=Struct)
NO_LICENCE = -1
Id = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What a column can hold."""
SidePx = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class _Document(Struct):
    images: list[Raw] | None = None
    annotations: list[Raw] | None = None
    categories: list[Raw] | None = None
    info: Raw = Raw(b"{}")
    licenses: Raw = Raw(b"[]")


class _ImageFields(Struct):
    id: Id
    width: SidePx
    height: SidePx
    file_name: str | None = None
    coco_url: str | None = None
    license: Id | str | None = None


class _AnnotationFields(Struct):
    id: Id
    image_id: Id
    category_id: Id
    iscrowd: int | bool | None = 0
    area: float | None = None
    bbox: list[float] | None = None


class _CategoryFields(Struct):
    id: Id
    name: str
    supercategory: str | None = ""


class _LicenceFields(Struct):
    id: Id
    name: str | None = ""
    url: str | None = ""


def read_split(path: Path, *, name: str, image_folder: Path | None) -> tuple[Split, tuple[Category, ...]]:
    """Read one COCO instances file.

    Args:
        path: the JSON file.
        name: the split's name.
        image_folder: where its pictures are, None if unknown.

    Returns:
        The split, whose `category_index` counts in the returned categories.

    Raises:
        DatasetError: the file is missing, not JSON, or its records are broken beyond use.
        NotInstancesError: it is another kind of COCO file.
    """
    source, data = _mapped(path)
    document = _decoded_document(path, data)
    raw_images, raw_annotations, raw_categories = _instances_parts(path, document)
    base = _address(memoryview(data))
    categories, category_spans = _categories(path, raw_categories, base)
    image_fields = _decoded(path, "images", raw_images, _ImageFields)
    _refuse_duplicates(path, "images", [fields.id for fields in image_fields])
    annotation_fields = _decoded(path, "annotations", raw_annotations, _AnnotationFields)
    annotations, findings = _annotation_columns(
        name, annotation_fields, _spans(raw_annotations, base), image_fields, categories
    )
    split = Split(
        name=name,
        source=source,
        image_folder=image_folder,
        info=bytes(document.info),
        licences=_licences(bytes(document.licenses)),
        licences_json=bytes(document.licenses),
        images=_image_columns(image_fields, _spans(raw_images, base)),
        annotations=annotations,
        category_spans=category_spans,
        findings=tuple(findings),
    )
    return split, categories


def _categories(
    path: Path, records: Sequence[Raw], base: int
) -> tuple[tuple[Category, ...], dict[int, tuple[int, int]]]:
    """Return the categories, and the byte range of each record by category id."""
    fields = _decoded(path, "categories", records, _CategoryFields)
    _refuse_duplicates(path, "categories", [entry.id for entry in fields])
    _refuse_duplicates(path, "category names", [entry.name for entry in fields])
    categories = tuple(
        Category(category_id=entry.id, name=entry.name, supercategory=entry.supercategory or "none") for entry in fields
    )
    spans = _spans(records, base).tolist()
    return categories, {entry.id: (start, stop) for entry, (start, stop) in zip(fields, spans, strict=True)}


def _mapped(path: Path) -> tuple[SourceFile, mmap.mmap]:
    try:
        with path.open("rb") as file:
            found = path.stat()
            if not found.st_size:
                raise DatasetError(f"{path}: the file is empty. Fetch it again.")
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise DatasetError(
            f"{path}: the file cannot be read ({error.strerror}). Check the path and its permissions."
        ) from error
    return SourceFile(path=path, size=found.st_size, mtime_ns=found.st_mtime_ns), data


def _decoded_document(path: Path, data: mmap.mmap) -> _Document:
    if data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        raise NotInstancesError(
            f"{path}: this is a list, as detectors write their results, not a dataset. "
            "Open the instances file that the results belong to."
        )
    try:
        return msgspec.json.decode(data, type=_Document)
    except msgspec.ValidationError as error:
        raise DatasetError(
            f"{path}: not a COCO file ({error}). Open a file with 'images', 'annotations' and 'categories'."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        truncated = "truncated" in str(error)
        advice = f"It ends after {len(data):,} bytes; fetch it again." if truncated else "Fetch or repair it."
        raise DatasetError(f"{path}: not valid JSON ({error}). {advice}") from error


def _instances_parts(path: Path, document: _Document) -> tuple[list[Raw], list[Raw], list[Raw]]:
    """Return the three lists an instances file has, or say what the file is instead."""
    if document.images is None:
        raise NotInstancesError(
            f"{path}: not a COCO file: it has no 'images'. Open a file with 'images', 'annotations' and 'categories'."
        )
    if document.annotations is None:
        kind = "image information without annotations, as COCO gives for its test and unlabeled sets"
    elif not document.categories:
        kind = _kind_without_categories(document.annotations)
    elif b'"segments_info"' in _first(document.annotations):
        kind = "panoptic annotations, one record per image"
    else:
        return document.images, document.annotations, document.categories
    raise NotInstancesError(
        f"{path}: this file holds {kind}, no instances. Open the split's instances file (instances_*.json)."
    )


def _kind_without_categories(annotations: Sequence[Raw]) -> str:
    if b'"caption"' in _first(annotations):
        return "captions"
    return "annotations without categories" if annotations else "image information without categories"


def _first(records: Sequence[Raw]) -> bytes:
    return bytes(records[0]) if records else b""


def _decoded(path: Path, where: str, records: Sequence[Raw], kind: type[StructT]) -> list[StructT]:
    """Decode every record; name the one that cannot be."""
    decoder = msgspec.json.Decoder(kind)
    fields: list[StructT] = []
    try:
        for record in records:
            fields.append(decoder.decode(record))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = bytes(records[len(fields)])[:80].decode(errors="replace")
        raise DatasetError(f"{path}: {where}[{len(fields)}]: {error}. Found {text}... Correct the record.") from error
    return fields


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, dtype=np.uint8).__array_interface__["data"][0])


def _spans(records: Sequence[Raw], base: int) -> Ints:
    """Return the byte range of each record, shape (n, 2), by its address in the mapped file."""
    spans = np.empty((len(records), 2), dtype=np.int64)
    for index, record in enumerate(records):
        view = np.frombuffer(record, dtype=np.uint8)
        spans[index, 0] = view.__array_interface__["data"][0]
        spans[index, 1] = view.size
    spans[:, 0] -= base
    spans[:, 1] += spans[:, 0]
    return spans


def _refuse_duplicates(path: Path, where: str, values: Sequence[int] | Sequence[str]) -> None:
    if len(set(values)) == len(values):
        return
    seen: set[int | str] = set()
    twice = next(value for value in values if value in seen or seen.add(value))  # type: ignore[func-returns-value]
    raise DatasetError(f"{path}: {where} holds {twice!r} twice. Each must be there once; correct the file.")


def _image_columns(fields: Sequence[_ImageFields], spans: Ints) -> Images:
    return Images(
        ids=np.array([image.id for image in fields], dtype=np.int64),
        file_names=tuple(image.file_name or _last_part(image.coco_url or "") for image in fields),
        widths=np.array([image.width for image in fields], dtype=np.int64),
        heights=np.array([image.height for image in fields], dtype=np.int64),
        licence_ids=np.array(
            [image.license if isinstance(image.license, int) else NO_LICENCE for image in fields], dtype=np.int64
        ),
        spans=spans,
    )


def _last_part(url: str) -> str:
    return PurePosixPath(url.partition("?")[0]).name


def _annotation_columns(
    split: str,
    fields: Sequence[_AnnotationFields],
    spans: Ints,
    images: Sequence[_ImageFields],
    categories: Sequence[Category],
) -> tuple[Annotations, list[Finding]]:
    """Build the columns, and put aside what names an unknown image or category."""
    ids = np.array([annotation.id for annotation in fields], dtype=np.int64)
    image_index = _positions([annotation.image_id for annotation in fields], [image.id for image in images])
    category_index = _positions(
        [annotation.category_id for annotation in fields], [entry.category_id for entry in categories]
    )
    boxes = np.array([_box(annotation.bbox) for annotation in fields], dtype=np.float64).reshape(-1, 4)
    areas = np.array([np.nan if a.area is None else a.area for a in fields], dtype=np.float64)
    areas = np.where(np.isnan(areas), boxes[:, 2] * boxes[:, 3], areas)
    crowd = np.array([annotation.iscrowd == 1 for annotation in fields], dtype=bool)
    kept = (image_index >= 0) & (category_index >= 0)
    unique, counts = np.unique(ids, return_counts=True)
    findings = [
        *finding(
            "unknown_image", split, "Annotations of images that are not in 'images'; put aside.", ids[image_index < 0]
        ),
        *finding(
            "unknown_category",
            split,
            "Annotations of categories not in 'categories'; put aside.",
            ids[category_index < 0],
        ),
        *finding("duplicate_annotation_id", split, "Annotation ids used more than once; kept.", unique[counts > 1]),
    ]
    columns = Annotations(
        ids=ids[kept],
        image_index=image_index[kept],
        category_index=category_index[kept],
        is_crowd=crowd[kept],
        areas_px=areas[kept],
        boxes_xywh=boxes[kept],
        spans=spans[kept],
    )
    return columns, findings


def _positions(ids: Sequence[int], known: Sequence[int]) -> Ints:
    position = {known_id: index for index, known_id in enumerate(known)}
    return np.array([position.get(each, -1) for each in ids], dtype=np.int64)


def _box(bbox: list[float] | None) -> list[float]:
    return bbox if bbox is not None and len(bbox) == 4 else [np.nan] * 4


def _licences(data: bytes) -> tuple[Licence, ...]:
    """Return the licences that can be read; an odd list is no reason to refuse the dataset."""
    try:
        entries = msgspec.json.decode(data, type=list[_LicenceFields] | None) or []
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
    return tuple(Licence(licence_id=entry.id, name=entry.name or "", url=entry.url or "") for entry in entries)
