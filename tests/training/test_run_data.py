"""What a run is trained and judged on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from trainings import exported, prepared

from cocomine.exporting.reading import read_export
from cocomine.training.data import prior_mask, shuffled_images
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.reporting import RunReport


class HeardReport(RunReport):
    """Keeps what is told instead of writing it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, steps=1)
        self.heard: list[str] = []

    def progress(self, message: str, share: float | None = None, **_changes: Any) -> None:  # noqa: ARG002
        self.heard.append(message)


def test_images_are_counted_through_both_splits_also_where_one_cannot_be_read(
    tmp_path: Path, config: TrainingConfig
) -> None:
    export = read_export(exported(tmp_path))
    path = export.train_split.images[0].image_path
    path.unlink()
    path.write_bytes(b"no image")
    report = HeardReport(tmp_path)
    data = prepared(config, export, tmp_path, report)
    assert (len(data.train.image_ids), len(data.val.image_ids)) == (3, 4)
    assert report.heard == [f"preparing images {done} of 8" for done in (0, 1, 2, 3, 4, 4, 5, 6, 7, 8)]


def test_a_whole_export_leaves_no_notice(tmp_path: Path, config: TrainingConfig) -> None:
    assert prepared(config, read_export(Path(config.export)), tmp_path).notices == ()


def test_of_images_that_cannot_be_read_the_first_is_named(tmp_path: Path, config: TrainingConfig) -> None:
    export = read_export(exported(tmp_path))
    for image in export.train_split.images[:2]:
        image.image_path.unlink()
        image.image_path.write_bytes(b"no image")
    data = prepared(config, export, tmp_path)
    (notice,) = data.notices
    assert notice.startswith("2 of 4 images of train2017 could not be read; they are left out. The first: ")
    left = [image for image in shuffled_images(export.train_split) if image.image_id not in data.train.image_ids]
    assert left[0].file_name in notice
    assert left[1].file_name not in notice


def test_images_without_a_file_in_the_export_are_counted_of_all(tmp_path: Path, config: TrainingConfig) -> None:
    folder = exported(tmp_path)
    for image in read_export(folder).val_split.images[1:]:
        image.image_path.unlink()
    assert prepared(config, read_export(folder), tmp_path).notices == (
        "3 of 4 images of val2017 have no image file in the export; they are left out. Export again where the files "
        "are at hand to have them.",
    )


def test_an_overfit_test_prepares_its_few_images_once_for_both_uses(tmp_path: Path, config: TrainingConfig) -> None:
    report = HeardReport(tmp_path)
    prepared(replace(config, overfit_images=2), read_export(Path(config.export)), tmp_path, report)
    assert report.heard == [f"preparing images {done} of 4" for done in (0, 1, 2)]


def test_a_limit_of_images_is_one_for_training_alone(tmp_path: Path, config: TrainingConfig) -> None:
    export = read_export(Path(config.export))
    data = prepared(replace(config, train_image_limit=2), export, tmp_path)
    assert data.train.image_ids == tuple(each.image_id for each in shuffled_images(export.train_split, 2))
    assert data.val.image_ids == tuple(each.image_id for each in shuffled_images(export.val_split))
    assert [each.image_id for each in data.val_images] == list(data.val.image_ids)
    assert (len(data.train.labels), len(data.val.labels), data.val_split) == (2, 4, export.val_split)
    assert data.selected_labels == (1, 2)
    assert (data.prior_mask() == prior_mask(data.train.labels, 3)).all()
