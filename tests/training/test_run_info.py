"""What is told of a run before its first step."""

from dataclasses import replace
from pathlib import Path

import pytest
from trainings import built, exported, prepared

from cocomine.exporting.reading import read_export
from cocomine.training.run_info import run_info
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.records import EncoderWeights

pytestmark = pytest.mark.usefixtures("narrow_network")


def test_an_evaluation_has_at_most_as_many_images_as_its_limit(tmp_path: Path, config: TrainingConfig) -> None:
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    model = built(config, data)
    counts = {
        limit: run_info(replace(config, eval_image_limit=limit), data, model).eval_image_count for limit in (None, 3, 9)
    }
    assert counts == {None: 4, 3: 3, 9: 4}


def test_fewer_frozen_stages_than_asked_for_are_named(tmp_path: Path, config: TrainingConfig) -> None:
    data = prepared(config, read_export(Path(config.export)), tmp_path)
    weights = EncoderWeights(source="part.pth", complete_stages=4)
    model = replace(built(config, data), weights=weights)
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
    notices = run_info(small, data, built(small, data)).notices
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
    info = run_info(few, data, built(few, data))
    assert (info.train_image_count, info.val_image_count, info.val_split) == (2, 2, "train2017")
    assert [notice for notice in info.notices if notice.startswith("Overfit test: trained on 2 images")]
    assert not [notice for notice in info.notices if "validation images an mIoU is uncertain" in notice]
