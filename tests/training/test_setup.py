"""What a run is made of, and what is told of it before its first step."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from trainings import exported

from cocomine.errors import TrainingError
from cocomine.exporting.reading import Export, read_export
from cocomine.training.checkpoint import Checkpoint, TrainState
from cocomine.training.data import shuffled_images
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.records import EncoderWeights
from cocomine.training.runs.reporting import RunReport
from cocomine.training.setup import (
    Model,
    Resources,
    TrainingData,
    build_model,
    prepared_data,
    resources_of,
    run_info,
)
from cocomine.workspace import Workspace

pytestmark = pytest.mark.usefixtures("narrow_network")


class HeardReport(RunReport):
    """Keeps what is told instead of writing it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, steps=1)
        self.heard: list[str] = []

    def progress(self, message: str, share: float | None = None, **_changes: Any) -> None:  # noqa: ARG002
        self.heard.append(message)


def prepared(config: TrainingConfig, export: Export, root: Path, report: RunReport | None = None) -> TrainingData:
    return prepared_data(config, export, None, arrays_folder=root / "arrays", report=report or HeardReport(root))


def built(config: TrainingConfig, data: TrainingData, root: Path) -> Model:
    return build_model(config, data, None, resources=Resources(arrays_folder=root / "arrays", weights_files=()))


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


def test_runs_of_a_workspace_keep_their_arrays_in_it_and_look_for_weights_there(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    workspace.weights.mkdir()
    weights = workspace.weights / "resnet18.pth"
    weights.touch()
    elsewhere = {"TORCH_HOME": str(tmp_path / "torch"), "HF_HOME": str(tmp_path / "hf")}
    assert resources_of(workspace, elsewhere) == Resources(arrays_folder=tmp_path / "arrays", weights_files=(weights,))


def test_a_checkpoint_of_another_network_is_told_in_one_line(tmp_path: Path, config: TrainingConfig) -> None:
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    model = built(config, data, tmp_path)
    checkpoint = Checkpoint(
        config=config,
        provenance=data.provenance,
        images_sha256=data.images_sha256,
        state=TrainState(),
        metrics="",
        weights=model.weights,
        network={},
        optimiser=model.optimiser.state_dict(),
    )
    told = (
        "last.pt: does not fit the network (Error(s) in loading state_dict for LinkNet:). Delete it in the run's "
        "folder to start over."
    )
    with pytest.raises(TrainingError) as caught:
        build_model(config, data, checkpoint, resources=Resources(arrays_folder=tmp_path, weights_files=()))
    assert str(caught.value) == told


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


def test_an_evaluation_has_at_most_as_many_images_as_its_limit(tmp_path: Path, config: TrainingConfig) -> None:
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    model = built(config, data, tmp_path)
    counts = {
        limit: run_info(replace(config, eval_image_limit=limit), data, model).eval_image_count for limit in (None, 3, 9)
    }
    assert counts == {None: 4, 3: 3, 9: 4}


def test_fewer_frozen_stages_than_asked_for_are_named(tmp_path: Path, config: TrainingConfig) -> None:
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    weights = EncoderWeights(source="part.pth", complete_stages=4)
    model = replace(built(config, data, tmp_path), weights=weights)
    notice = (
        "Frozen: stem, layer1, layer2, layer3 instead of 5 encoder stages, since a stage that starts at random must "
        "learn."
    )
    model.network.freeze(4)
    assert notice in run_info(config, data, model).notices
    model.network.freeze(5)
    assert not any("Frozen" in notice for notice in run_info(config, data, model).notices)


def test_an_encoder_without_published_weights_is_not_asked_for_them(tmp_path: Path, config: TrainingConfig) -> None:
    small = replace(config, encoder="small")
    data = prepared(small, read_export(Path(config.export)), tmp_path)
    notices = run_info(small, data, built(small, data, tmp_path)).notices
    assert notices[0] == (
        "Random initialisation: there are no published weights of a small ResNet. Results are not comparable with "
        "those of a pretrained encoder."
    )


def test_an_overfit_test_trains_on_a_few_images_and_is_judged_on_the_same(
    tmp_path: Path, config: TrainingConfig
) -> None:
    export = read_export(exported(tmp_path))
    few = replace(config, overfit_images=2)
    data = prepared(few, export, tmp_path)
    assert data.train.image_ids == data.val.image_ids == tuple(image.image_id for image in data.val_images)
    assert len(data.val.image_ids) == 2
    assert data.val_split is export.train_split
    info = run_info(few, data, built(few, data, tmp_path))
    assert (info.train_image_count, info.val_image_count, info.val_split) == (2, 2, "train2017")
    assert [notice for notice in info.notices if notice.startswith("Overfit test: trained on 2 images")]
    assert not [notice for notice in info.notices if "validation images an mIoU is uncertain" in notice]
