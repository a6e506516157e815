"""What is a dataset, once it is open?

One or more splits, each with its records as columns, and one list of categories. Nothing here is decoded JSON;
segmentations are read when they are drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.below_folder import image_in, names_below
from cocomine.coco.class_groups import ClassGroup, members_by_name
from cocomine.coco.columns import Annotations, Category, FileKind, Images, Licence
from cocomine.coco.findings import Finding
from cocomine.coco.image_address import ImageAddress, kept_name
from cocomine.coco.masks import Shape, segmentation_of
from cocomine.coco.size import Size
from cocomine.coco.source_file import SourceFile
from cocomine.coco.split_role import SplitRole, role_of_name
from cocomine.errors import SelectionError
from cocomine.system.file_spelling import found_names
from cocomine.wording import names_to_line

ImageKey = tuple[str, int]
"""Split name and image id, by which an image is named in a dataset."""


@dataclass(frozen=True)
class Split:
    """One annotation file and its image folder.

    Attributes:
        name: train2017, val2017, ...
        source: where the records' bytes are.
        kind: what the file holds.
        role: what it is for, as its name says or the person; None where neither does.
        image_folder: where the image files are; None where none was found.
        info: the `info` object as bytes; b"{}" where missing.
        licences_json: the `licenses` list as bytes; b"[]" where missing.
        category_ids: of the dataset's categories, in the order of `category_index`.
        category_spans: byte range of each category record, by category id.
        dropped_ids: ids of annotations that are in no column, by the code of the finding that says why.
        remarks: ids of records that were read in spite of something odd, by the code of the finding that says what.
        findings: what opening found odd about the file as a whole.
        linked_folders: where links among the images may lead, beside the image folder; the person named them.
        left_out: which annotations a subset leaves out, (m,); None where none.
        ignores_left_out: whether their pixels are ignored; else they are in no image.
        address: from where the images come into the image folder one by one; None where it is their own.
    """

    name: str
    source: SourceFile
    kind: FileKind
    role: SplitRole | None
    image_folder: Path | None
    info: bytes
    licences: tuple[Licence, ...]
    licences_json: bytes
    images: Images
    annotations: Annotations
    category_ids: tuple[int, ...]
    category_spans: Mapping[int, tuple[int, int]]
    dropped_ids: Mapping[str, Ints]
    remarks: Mapping[str, Ints] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    linked_folders: tuple[Path, ...] = ()
    left_out: Bools | None = None
    ignores_left_out: bool = False
    address: ImageAddress | None = None

    @property
    def has_files_here(self) -> bool:
        """Whether its images are in a folder of this computer, where all of them can be looked at."""
        return self.image_folder is not None and self.address is None

    def renamed(self, name: str) -> "Split":
        """Return the split under another name, and for what that says it is for."""
        return replace(self, name=name, role=role_of_name(name))

    @cached_property
    def _annotations_by_image(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.annotations.image_index, kind="stable")
        starts = np.searchsorted(self.annotations.image_index[order], np.arange(len(self.images) + 1))
        return order, starts

    def annotations_of_image(self, image_index: int) -> Ints:
        """Return the positions of an image's annotations, in file order; what is left out only where it is ignored."""
        order, starts = self._annotations_by_image
        found = order[starts[image_index] : starts[image_index + 1]]
        return found if self.left_out is None or self.ignores_left_out else found[~self.left_out[found]]

    def shapes_at(self, annotation_index: Ints) -> list[Shape]:
        """Return the annotations at these positions, their segmentations decoded."""
        columns, left_out = self.annotations, self.left_out
        rows = zip(
            columns.ids[annotation_index].tolist(),
            columns.category_index[annotation_index].tolist(),
            columns.is_crowd[annotation_index].tolist(),
            columns.areas_px[annotation_index].tolist(),
            columns.boxes_xywh[annotation_index].tolist(),
            self.source.records(columns.spans[annotation_index]),
            columns.has_mask(annotation_index).tolist(),
            [False] * len(annotation_index) if left_out is None else left_out[annotation_index].tolist(),
            strict=True,
        )
        return [
            Shape(
                annotation_id=annotation_id,
                category_id=self.category_ids[category_index],
                category_index=category_index,
                is_crowd=is_crowd,
                area_px=area_px,
                box_xywh=tuple(box),
                segmentation=segmentation_of(record),
                has_mask=can_draw,
                is_ignored=is_ignored,
            )
            for annotation_id, category_index, is_crowd, area_px, box, record, can_draw, is_ignored in rows
        ]

    def shapes_of_each(self, annotation_indices: Sequence[Ints]) -> list[list[Shape]]:
        """Return the same for several lists of positions, as of many images: they are read at once."""
        shapes = iter(self.shapes_at(np.concatenate([np.zeros(0, dtype=np.int64), *annotation_indices])))
        return [list(islice(shapes, len(each))) for each in annotation_indices]

    def only_images(self, image_index: Ints) -> "Split":
        """Return the split with these images alone, in this order, and their annotations, image by image."""
        images, columns = self.images, self.annotations
        of_each = [self.annotations_of_image(index) for index in image_index.tolist()]
        index = np.concatenate(of_each) if of_each else np.array([], dtype=np.int64)
        pairs = np.zeros((0, 2), dtype=np.int64)
        kept = {each.name: getattr(columns, each.name)[index] for each in fields(columns)}
        kept["image_index"] = np.repeat(np.arange(len(of_each)), [len(each) for each in of_each])
        return replace(
            self,
            images=Images(
                ids=images.ids[image_index],
                file_names=[images.file_names[each] for each in image_index.tolist()],
                widths=images.widths[image_index],
                heights=images.heights[image_index],
                licence_ids=images.licence_ids[image_index],
                spans=images.spans[image_index],
                checked_absent=pairs,
                not_exhaustive=pairs,
                is_federated=images.is_federated,
            ),
            annotations=Annotations(**kept),
            left_out=None if self.left_out is None else self.left_out[index],
            dropped_ids={},
            remarks={},
            findings=(),
        )

    def image(self, image_id: int) -> "DatasetImage":
        """Return the image with this id.

        Raises:
            SelectionError: no image of the split has it.
        """
        place = int(np.searchsorted(self._sorted_ids, image_id))
        if place == len(self._sorted_ids) or self._sorted_ids[place] != image_id:
            raise SelectionError(f"{self.name}: there is no image with id {image_id}. Choose one that the split lists.")
        return self.image_at(int(self._id_order[place]))

    @cached_property
    def _id_order(self) -> Ints:
        """The positions of the images, by their ids."""
        return np.argsort(self.images.ids, kind="stable")

    @cached_property
    def _sorted_ids(self) -> Ints:
        return self.images.ids[self._id_order]

    def image_at(self, image_index: int) -> "DatasetImage":
        """Return the image at a position."""
        return DatasetImage(split=self, index=int(image_index))

    @cached_property
    def found_names(self) -> Mapping[int, str]:
        """The names in the image folder of images that are there under another than the written one, by position.

        As they were when they were first asked for, which lists the folder.
        """
        folder = None if self.address is not None else self.image_folder
        return {} if folder is None else found_names(self.images.file_names, lambda below: names_below(folder, below))

    @cached_property
    def _kept_names(self) -> Sequence[str]:
        """The names in the image folder of images that are fetched from an address."""
        return list(map(kept_name, self.images.file_names))

    def names_on_disk(self) -> Sequence[str]:
        """Return the name of each image in the image folder, whether it is there or not."""
        if self.address is not None:
            return self._kept_names
        if not self.found_names:
            return self.images.file_names
        return [self.found_names.get(index, name) for index, name in enumerate(self.images.file_names)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DatasetImage:
    """One image of a split.

    Attributes:
        index: position in the split's `Images`.
    """

    split: Split
    index: int

    @property
    def image_id(self) -> int:
        """As in the file."""
        return int(self.split.images.ids[self.index])

    @property
    def key(self) -> ImageKey:
        """By which the dataset gives this image."""
        return self.split.name, self.image_id

    @property
    def file_name(self) -> str:
        """As in the file."""
        return self.split.images.file_names[self.index]

    @property
    def size(self) -> Size:
        """As in the file; the image file's own may differ."""
        return self.split.images.size_at(self.index)

    @property
    def path(self) -> Path | None:
        """Where the image file is; None if it is missing or leads out of the image folder.

        Nothing is fetched for it: of a split with an address these are the images that were fetched before.
        """
        split = self.split
        if split.image_folder is None:
            return None
        if split.address is not None:
            return split.address.kept(self.file_name)
        name = split.found_names.get(self.index) or self.file_name
        return image_in(split.image_folder, name, linked_folders=split.linked_folders)

    def file(self) -> Path | None:
        """Return where the image can be read, fetched from its address if it has one; else as `path`.

        Raises:
            AddressError: the address cannot be read.
        """
        address = self.split.address
        return self.path if address is None else address.file(self.file_name)

    @property
    def annotation_index(self) -> Ints:
        """Positions of its annotations in the split's `Annotations`, in file order."""
        return self.split.annotations_of_image(self.index)

    def shapes(self) -> list[Shape]:
        """Return its annotations in file order, their segmentations decoded."""
        return self.split.shapes_at(self.annotation_index)


@dataclass(frozen=True)
class Dataset:
    """One or more splits with one list of categories.

    Attributes:
        path: what the person opened.
        categories: in the order of the file, (k,).
        groups: classes that are taken as one, see `coco.grouping`.
        ungrouped: the same dataset without groups; None where it has none.
    """

    path: Path
    categories: tuple[Category, ...]
    splits: tuple[Split, ...]
    groups: tuple[ClassGroup, ...] = ()
    ungrouped: "Dataset | None" = None

    @property
    def image_count(self) -> int:
        """Images of all splits."""
        return sum(len(split.images) for split in self.splits)

    @property
    def annotation_count(self) -> int:
        """Annotations of all splits, crowd regions included."""
        return sum(len(split.annotations) for split in self.splits)

    @property
    def is_federated(self) -> bool:
        """Whether in some split only some categories were looked for in each image, see `Images`."""
        return any(split.images.is_federated for split in self.splits)

    @cached_property
    def category_names(self) -> tuple[str, ...]:
        """Names in the order of `categories`."""
        return tuple(category.name for category in self.categories)

    @cached_property
    def _index_by_name(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.category_names)}

    def category_index_of(self, name: str) -> int:
        """Return the position of a category.

        Raises:
            SelectionError: the name is unknown; the message offers the nearest names.
        """
        if name not in self._index_by_name:
            raise SelectionError(self.unknown_category_message(name))
        return self._index_by_name[name]

    def unknown_category_message(self, name: str) -> str:
        """Return a sentence that says that there is no such category, and offers the group it is in, or the nearest."""
        group = members_by_name(self.groups).get(name)
        if group is not None:
            return f"{name} is part of the group {group}. Name the group, or take it apart."
        return unknown_name_message("category", name, self.category_names)

    def split(self, name: str) -> Split:
        """Return the split of that name.

        Raises:
            SelectionError: the name is unknown.
        """
        for split in self.splits:
            if split.name == name:
                return split
        raise SelectionError(unknown_name_message("split", name, [split.name for split in self.splits]))

    def image(self, key: ImageKey) -> DatasetImage:
        """Return the image of a split name and an image id.

        Raises:
            SelectionError: there is no such split, or no such image in it.
        """
        split_name, image_id = key
        return self.split(split_name).image(image_id)

    def with_roles(self, roles: Mapping[str, SplitRole]) -> "Dataset":
        """Return the same dataset with what the person says that splits are for, by their names.

        Raises:
            SelectionError: there is no split of that name.
        """
        if not roles:
            return self
        changed = {name: replace(self.split(name), role=role) for name, role in roles.items()}
        return replace(
            self,
            splits=tuple(changed.get(split.name, split) for split in self.splits),
            ungrouped=self.ungrouped and self.ungrouped.with_roles(roles),
        )

    def with_splits(self, names: Sequence[str]) -> "Dataset":
        """Return the same dataset with only these splits in view."""
        return replace(
            self,
            splits=tuple(self.split(name) for name in names),
            ungrouped=self.ungrouped and self.ungrouped.with_splits(names),
        )


def unknown_name_message(what: str, name: str, names: Sequence[str]) -> str:
    """Return a sentence that says the name is unknown and offers the nearest ones."""
    near = get_close_matches(name, names, n=3, cutoff=0.5)
    typed = [names_to_line([each]) for each in near or list(names)[:10]]
    offer = f"Did you mean {' or '.join(typed)}?" if near else f"Known: {', '.join(typed)}."
    return f"There is no {what} {name!r} in this dataset. {offer}"
