"""Small datasets in memory, drawn at random or laid out: what tests of the choices share."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.columns import Annotations, Category, FileKind, Images, Licence
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.source_file import SourceFile
from cocomine.coco.split_role import role_of_name
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.system.files import Stamp

NAMES = ("cat", "dog", "cup", "bus", "kite")
CATEGORIES = tuple(Category(category_id=index + 1, name=name, supercategory="") for index, name in enumerate(NAMES))
LICENCES = (Licence(licence_id=1, name="free", url=""), Licence(licence_id=2, name="paid", url=""))
Mark = tuple[int, int, bool]
"""Image, category, whether it is a crowd region."""


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """Draw a dataset of two splits, with crowd regions and images without annotations."""
    sizes = draw(st.tuples(st.integers(1, 14), st.integers(0, 4)))
    return Dataset(
        path=Path("drawn"),
        categories=CATEGORIES,
        splits=tuple(
            split_of(name, size, draw(marks(size))) for name, size in zip(("train", "val"), sizes, strict=True)
        ),
    )


@st.composite
def selections(draw: st.DrawFn) -> Selection:
    """Draw a selection of at most three classes, perhaps one excluded, under some licences."""
    order = draw(st.permutations(NAMES))
    selected, excluded = draw(st.integers(0, 3)), draw(st.integers(0, 1))
    return Selection(
        classes=tuple(order[:selected]),
        excluded_classes=tuple(order[selected : selected + excluded]),
        mode=draw(st.sampled_from(Mode)),
        others=draw(st.sampled_from(Others)),
        licences=draw(st.sampled_from([None, None, (), ("free",), ("free", "paid")])),
    )


@st.composite
def groupings(draw: st.DrawFn) -> tuple[ClassGroup, ...]:
    """Draw groups of the classes, some of them of one class."""
    order = draw(st.permutations(NAMES))
    sizes = draw(st.lists(st.integers(1, 3), max_size=3))
    starts = np.cumsum([0, *sizes])
    members = [tuple(order[start : start + size]) for start, size in zip(starts, sizes, strict=False)]
    return tuple(ClassGroup(name=f"group {at}", members=each) for at, each in enumerate(members) if each)


@st.composite
def limited_selections(draw: st.DrawFn, *, draws: bool) -> Selection:
    """Draw a selection of grouped classes that leaves objects out, and perhaps draws images by lot."""
    groups = draw(groupings())
    members = {name for group in groups for name in group.members}
    names = [*(name for name in NAMES if name not in members), *(group.name for group in groups)]
    order = draw(st.permutations(names))
    selected, excluded = draw(st.integers(0, 3)), draw(st.integers(0, 1))
    plain = draw(selections())
    return replace(
        plain,
        classes=tuple(order[:selected]),
        excluded_classes=tuple(order[selected : selected + excluded]),
        groups=groups,
        limits=draw(limits(draws=draws)),
    )


def limits(*, draws: bool) -> st.SearchStrategy[Limits]:
    """Draw limits; without `draws` those that leave objects out alone."""
    left_out = {"min_area_px": st.sampled_from([0, 2, 3]), "crowd": st.sampled_from(Crowd)}
    drawing = {
        "cap": st.sampled_from([None, 1, 2, 5]),
        "balance": st.sampled_from([None, 1.0, 1.5, 3.0]),
        "counted": st.sampled_from(Counted),
        "negatives": st.sampled_from([0.0, 0.2, 0.5]),
        "seed": st.integers(0, 3),
    }
    return st.builds(Limits, **left_out, **(drawing if draws else {}))


def marks(size: int) -> st.SearchStrategy[list[Mark]]:
    """Draw what is marked in so many images."""
    if not size:
        return st.just([])
    mark = st.tuples(st.integers(0, size - 1), st.integers(0, len(NAMES) - 1), st.integers(0, 9).map(lambda n: n == 0))
    return st.lists(mark, max_size=4 * size)


def dataset_with(images: Mapping[str, int]) -> Dataset:
    """Lay out a dataset by how many images have these classes, an object of each: {"cat": 3, "cat dog": 1}."""
    held = [names.split() for names, count in images.items() for _ in range(count)]
    marked = [(at, NAMES.index(name), False) for at, names in enumerate(held) for name in names]
    return Dataset(path=Path("drawn"), categories=CATEGORIES, splits=(split_of("train", len(held), marked),))


def split_of(name: str, size: int, marked: Sequence[Mark]) -> Split:
    """Lay out a split of so many images in which this is marked."""
    images, categories, crowds = np.array(marked, dtype=np.int64).reshape(-1, 3).T
    none = np.zeros((0, 2), dtype=np.int64)
    return Split(
        name=name,
        source=SourceFile(path=Path(name), stamp=Stamp(size=0, mtime_ns=0, ctime_ns=0, inode=0), sha256=""),
        kind=FileKind.INSTANCES,
        role=role_of_name(name),
        image_folder=None,
        info=b"{}",
        licences=LICENCES,
        licences_json=b"[]",
        images=Images(
            ids=np.arange(size) * 3,
            file_names=[f"{index}.jpg" for index in range(size)],
            widths=np.full(size, 8),
            heights=np.full(size, 8),
            licence_ids=np.arange(size) % 3,
            spans=np.zeros((size, 2), dtype=np.int64),
            checked_absent=none,
            not_exhaustive=none,
            is_federated=False,
        ),
        annotations=Annotations(
            ids=np.arange(len(images)),
            image_index=images,
            category_index=categories,
            is_crowd=crowds.astype(bool),
            areas_px=(np.arange(len(images)) % 4 + 1).astype(np.float64),
            boxes_xywh=np.ones((len(images), 4)),
            mask_encodings=np.zeros(len(images), dtype=np.uint8),
            mask_flaws=np.zeros(len(images), dtype=np.uint8),
            spans=np.zeros((len(images), 2), dtype=np.int64),
        ),
        category_ids=tuple(category.category_id for category in CATEGORIES),
        category_spans={},
        dropped_ids={},
    )
