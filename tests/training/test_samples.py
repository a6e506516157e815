"""A few images are kept once, with their prediction at each evaluation."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cocomine.errors import UnreadableImage
from cocomine.exporting.formats.label_png import palette
from cocomine.labels.table import Label, LabelTable
from cocomine.training.runs.sample_files import found_samples, read_sample
from cocomine.training.samples import write_sample

TABLE = LabelTable(
    labels=(
        Label(label=0, name="background", category_ids=(), colour="#000000", selected=False),
        Label(label=1, name="cat", category_ids=(1,), colour="#ff0000", selected=True),
    )
)
CATS = np.ones((5, 10), dtype=np.uint8)


def written(samples: Path, image: Path, *, step: int = 0) -> None:
    write_sample(
        samples,
        step,
        image_id=-7,
        image_path=image,
        truth=CATS,
        prediction=0 * CATS,
        colours=palette(TABLE),
    )


def test_a_sample_gives_back_its_image_and_label_maps_in_one_size(tmp_path: Path) -> None:
    Image.new("RGB", (10, 5), "blue").save(tmp_path / "a.png")
    written(tmp_path / "samples", tmp_path / "a.png", step=25)
    (sample,) = found_samples(tmp_path / "samples")
    found = read_sample(sample.predictions[-7])
    assert (sample.step, sample.strips) == (25, ())
    assert found.image.size == (480, 240)
    assert (found.truth.shape, found.prediction.shape) == ((240, 480), (240, 480))
    assert ((found.truth == 1).all(), (found.prediction == 0).all()) == (True, True)
    assert abs(np.asarray(found.image).astype(int) - [0, 0, 255]).max() <= 3  # as JPEG


def test_image_and_truth_are_written_once_and_last_when_the_image_is_gone(tmp_path: Path) -> None:
    Image.new("RGB", (10, 5), "blue").save(tmp_path / "a.png")
    written(tmp_path / "samples", tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    written(tmp_path / "samples", tmp_path / "a.png", step=1)
    assert sorted(str(path.relative_to(tmp_path / "samples")) for path in (tmp_path / "samples").rglob("*.*g")) == [
        "image_-7.jpg",
        "step_000000/prediction_-7.png",
        "step_000001/prediction_-7.png",
        "truth_-7.png",
    ]


def test_of_an_image_that_is_gone_before_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match=r"a\.png"):
        written(tmp_path / "samples", tmp_path / "a.png")
    assert found_samples(tmp_path / "samples") == ()


def test_a_very_narrow_image_is_a_pixel_wide(tmp_path: Path) -> None:
    Image.new("RGB", (1, 1000), "blue").save(tmp_path / "a.png")
    narrow = np.zeros((1000, 1), dtype=np.uint8)
    write_sample(
        tmp_path,
        0,
        image_id=1,
        image_path=tmp_path / "a.png",
        truth=narrow,
        prediction=narrow,
        colours=palette(TABLE),
    )
    assert read_sample(found_samples(tmp_path)[0].predictions[1]).image.size == (1, 480)


@pytest.mark.parametrize("name", ["truth_-7.png", "step_000000/prediction_-7.png"])
@pytest.mark.parametrize(("mode", "size"), [("RGB", (480, 240)), ("P", (48, 24)), ("P", (490, 240))])
def test_a_label_map_of_another_kind_or_size_is_a_sentence(
    tmp_path: Path, name: str, mode: str, size: tuple[int, int]
) -> None:
    Image.new("RGB", (10, 5), "blue").save(tmp_path / "a.png")
    written(tmp_path, tmp_path / "a.png")
    Image.new(mode, size).save(tmp_path / name)
    with pytest.raises(UnreadableImage, match="no label map of 240 x 480 px"):
        read_sample(found_samples(tmp_path)[0].predictions[-7])
