"""Which images does FiftyOne hold, and which of them does it show?

One dataset per viewer, private to it. It holds every object of each image it was sent; a view selects images and, where
classes are asked for, filters the objects drawn. So another choice of classes changes the view and loads nothing,
and the tags stay. An image sent again with other objects is replaced and keeps its tags.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import fiftyone as fo

from cocomine.coco.size import Size
from cocomine.viewer.fiftyone_internals import recount
from cocomine.viewer.masks import clipped_box, mask_in_box
from cocomine.viewer.protocol import EXCLUDE_TAG, SampleKey, ShowRequest, ViewerObject, ViewerSample

FIELD = "ground_truth"
VIEW_NAME = "selection"  # is its own slug, and so the value of `view` in the frame's address
MASK_OPACITY = 0.5
METADATA = ("size_bytes", "mime_type", "width", "height", "num_channels")
OTHER_FIELDS = ["id", "filepath", "created_at", "last_modified_at"]


class SampleStore:
    """The viewer's dataset; its methods may be called from any thread."""

    def __init__(self, name: str) -> None:
        """Create the dataset, empty."""
        self._lock = threading.Lock()
        self._ids: dict[SampleKey, str] = {}
        self._folders: tuple[Path, ...] = ()
        self._colours: dict[str, str] = {}
        self.dataset = _empty_dataset(name)

    def show(self, request: ShowRequest) -> fo.DatasetView:
        """Load what is missing and return the saved view of what was asked for."""
        with self._lock:
            self._folders = request.image_folders
            self._paint(request.colours)
            self._load(request.samples, frozenset(request.excluded))
            view = self.dataset.select([self._ids[key] for key in request.order], ordered=True)
            if request.classes is not None:
                is_selected = fo.ViewField("label").is_in(list(request.classes))
                view = view.filter_labels(FIELD, is_selected, only_matches=False)
            self.dataset.save_view(VIEW_NAME, view, overwrite=True)
        return self.view()

    def view(self) -> fo.DatasetView:
        """Return the saved view of what was last asked for."""
        return self.dataset.load_saved_view(VIEW_NAME)

    def is_whole(self) -> bool:
        """Return whether a database that was started again has every image that was loaded into it."""
        with self._lock:
            if self.dataset.name not in fo.list_datasets():
                return False
            recount()
            return bool(self.dataset.select(list(self._ids.values())).count() == len(self._ids))

    def keys_of(self, sample_ids: Iterable[str]) -> list[SampleKey]:
        """Return which images these ids of FiftyOne mean; others than those held mean none."""
        with self._lock:
            keys = {sample_id: key for key, sample_id in self._ids.items()}
        return [keys[sample_id] for sample_id in sample_ids if sample_id in keys]

    def exclusion_tags(self) -> list[tuple[str, int, bool]]:
        """Return split, image id and whether it is tagged, of each image held in the image folders of the last request.

        An image that is not held is not listed: nobody could have tagged it.
        """
        with self._lock:
            held = self.dataset.select(list(self._ids.values()))
        rows = zip(*held.values(["filepath", "split", "image_id", "tags"]), strict=True)
        return [
            (split, image_id, EXCLUDE_TAG in tags)
            for file, split, image_id, tags in rows
            if any(Path(file).is_relative_to(folder) for folder in self._folders)
        ]

    def exclude(self, keys: Iterable[SampleKey]) -> None:
        """Give the tag `exclude` to these images of the store and take it from all others."""
        with self._lock:
            ids = {self._ids[key] for key in keys if key in self._ids}
            tagged = set(self.dataset.match_tags(EXCLUDE_TAG).values("id"))
            self.dataset.select(list(tagged - ids)).untag_samples(EXCLUDE_TAG)
            self.dataset.select(list(ids - tagged)).tag_samples(EXCLUDE_TAG)

    def _paint(self, colours: Mapping[str, str]) -> None:
        if colours == self._colours:
            return
        values = [{"value": name, "color": colour} for name, colour in colours.items()]
        field = {"path": FIELD, "colorByAttribute": "label", "valueColors": values}
        self.dataset.app_config.color_scheme = fo.ColorScheme(color_by="value", fields=[field], opacity=MASK_OPACITY)
        self.dataset.save()
        self._colours = dict(colours)

    def _load(self, samples: Sequence[ViewerSample], excluded: frozenset[SampleKey]) -> None:
        held = {sample.key: self._ids[sample.key] for sample in samples if sample.key in self._ids}
        tags = self._tags_by_file(held.values())
        self.dataset.delete_samples(list(held.values()))
        documents = []
        for sample in samples:
            document = _document(sample)
            default = [EXCLUDE_TAG] if sample.key in excluded else []
            document.tags = tags.get(document.filepath, default)
            documents.append(document)
        ids = self.dataset.add_samples(documents, progress=False) if documents else []
        self._ids.update(zip((sample.key for sample in samples), ids, strict=True))

    def _tags_by_file(self, ids: Iterable[str]) -> dict[str, list[str]]:
        files, tags = self.dataset.select(list(ids)).values(["filepath", "tags"])
        return dict(zip(files, tags, strict=True))


def _empty_dataset(name: str) -> fo.Dataset:
    """Create the dataset with all its fields, so that no image decides a type; the App lists tags and labels first."""
    dataset = fo.Dataset(name, persistent=True)
    for path, kind in (("image_id", fo.IntField), ("split", fo.StringField)):
        dataset.add_sample_field(path, kind)
    dataset.add_sample_field(FIELD, fo.EmbeddedDocumentField, embedded_doc_type=fo.Detections)
    for path, kind in (("annotation_id", fo.IntField), ("area", fo.FloatField), ("iscrowd", fo.BooleanField)):
        dataset.add_sample_field(f"{FIELD}.detections.{path}", kind)
    dataset.app_config.sidebar_groups = [
        fo.SidebarGroupDocument(name="tags", paths=["tags", "_label_tags"], expanded=True),
        fo.SidebarGroupDocument(name="labels", paths=[FIELD], expanded=True),
        fo.SidebarGroupDocument(name="image", paths=["image_id", "split"], expanded=True),
        fo.SidebarGroupDocument(name="metadata", paths=[f"metadata.{path}" for path in METADATA], expanded=False),
        fo.SidebarGroupDocument(name="other", paths=OTHER_FIELDS, expanded=False),
    ]
    dataset.save()
    return dataset


def _document(sample: ViewerSample) -> fo.Sample:
    drawn = [_detection(item, sample) for item in sample.objects]
    return fo.Sample(
        filepath=str(sample.image_path),
        metadata=fo.ImageMetadata(width=sample.width, height=sample.height),
        image_id=sample.image_id,
        split=sample.split,
        **{FIELD: fo.Detections(detections=[detection for detection in drawn if detection])},
    )


def _detection(item: ViewerObject, sample: ViewerSample) -> fo.Detection | None:
    """Return the object as FiftyOne draws it, or None where no part of its box lies in the image."""
    native = Size(height=sample.height, width=sample.width)
    box = clipped_box(item.box_xywh, native)
    if box is None:
        return None
    x, y, w, h = box
    return fo.Detection(
        label=item.class_name,
        bounding_box=[x / sample.width, y / sample.height, w / sample.width, h / sample.height],
        mask=mask_in_box(item.segmentation, box, native=native),
        annotation_id=int(item.annotation_id),
        area=float(item.area_px),
        iscrowd=bool(item.is_crowd),
    )
