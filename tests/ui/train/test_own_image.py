"""A person's own image under the trained network."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from apps import OpenApp, read
from PIL import Image
from run_folders import LABELS, write_run
from small_weights import write_small_weights
from streamlit.testing.v1 import AppTest

from cocomine.system.jobs import Job, Progress
from cocomine.training.prediction import Predictor
from cocomine.training.runs.config import preset
from cocomine.training.runs.predicting import PredictedClass, PredictedImage, Predictions
from cocomine.training.runs.reading import BEST, LAST
from cocomine.training.runs.records import RunLabel
from cocomine.ui.session import jobs
from cocomine.ui.train import own_image
from cocomine.ui.train.own_image import LabelledImage
from cocomine.ui.train.swatch import swatch

LIMIT_S = 60.0


def image_bytes() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def ended_job(name: str) -> Job[LabelledImage]:
    """Wait for the newest work of this name."""
    job = next(job for key, job in reversed(jobs._jobs.items()) if isinstance(key, tuple) and key[0] == name)
    assert job.wait(LIMIT_S)
    return job


def legend_of(app: AppTest) -> pd.DataFrame:
    """The table of what is in the image."""
    tables: list[pd.DataFrame] = [each.value for each in app.dataframe]
    return next(table for table in tables if "Confidence" in table)


@pytest.mark.slow
def test_the_masks_of_an_image_are_shown_with_how_sure_the_network_is(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine")
    weights = write_small_weights(run / BEST)
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()

    app.file_uploader(key=f"own-image-{run}").set_value(("street.png", image_bytes(), "image/png")).run()
    labelled = ended_job("own-image").result()
    app.run()

    seen = Predictor.read(weights).predict(Image.open(io.BytesIO(image_bytes()))).labels
    with Image.open(io.BytesIO(labelled.mask)) as mask:
        np.testing.assert_array_equal(np.asarray(mask), seen)
    table = legend_of(app)
    assert sorted(table["Class"]) == sorted({0: "background", 1: "cat", 2: "cup"}[label] for label in np.unique(seen))
    assert "Weights of step 7, at 32 px." in read(app)

    app.file_uploader(key=f"own-image-{run}").set_value(("torn.png", b"no image", "image/png")).run()
    ended_job("own-image")
    app.run()
    assert "torn.png" in app.error[0].value
    assert str(home) not in app.error[0].value


def test_before_the_first_evaluation_the_page_says_when_it_is_possible(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs/mine", state="running")
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()

    assert "Possible as soon as the run has been evaluated once" in read(app)
    assert not app.file_uploader


def fake_predictions(weights: Path, images: Sequence[Path], out: Path, _progress: Progress) -> Predictions:
    """Half of the one image is cup, as these weights see it."""
    out.mkdir()
    with Image.open(images[0]) as image:
        width, height = image.size
    mask = np.zeros((height, width), dtype=np.uint8)
    mask[:, : width // 2] = 1
    Image.fromarray(mask).save(out / "image.png")
    classes = [PredictedClass(label=1, name="cup", pixel_count=int(mask.sum()), confidence=0.9)]
    found = PredictedImage(image=str(images[0]), mask="image.png", width=width, height=height, classes=classes)
    labels = [*LABELS[:1], RunLabel(label=1, name="cup", colour="#00ff00", selected=True)]
    return Predictions(weights=str(weights), weights_sha256="a" * 64, step=7, size_px=32, labels=labels, images=[found])


def test_a_validation_image_is_labelled_by_the_last_weights(
    open_app: OpenApp, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_image, "predict_images", fake_predictions)
    images = home / "export/images/val2017"
    (images / "inner").mkdir(parents=True)
    for name in ("b.png", "inner/a.png", "note.txt"):
        (images / name).write_bytes(image_bytes())
    run = write_run(home / "runs/mine", config=preset("quick", export=home / "export"))
    for name in (BEST, LAST):
        (run / name).write_bytes(b"weights")
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()

    app.segmented_control(key=f"own-image-from-{run}").set_value("Validation images").run()
    app.segmented_control(key=f"own-image-weights-{run}").set_value("Last").run()
    picked = app.selectbox(key=f"own-image-pick-{run}")
    assert picked.options == ["b.png", "inner/a.png"]
    picked.set_value("inner/a.png").run()
    labelled = ended_job("own-image").result()
    app.run()

    assert labelled.predictions.weights == str(run / LAST)
    legend = legend_of(app)
    assert legend.iloc[0].tolist() == [swatch("#00ff00"), "cup", "50 %", "90 %"]
    assert app.get("download_button")[-1].proto.label == "Download mask"
