"""A person's own image under the trained network."""

import io
from pathlib import Path

import numpy as np
import pytest
from apps import OpenApp, read
from PIL import Image
from run_folders import write_run
from small_weights import write_small_weights

from cocomine.system.jobs import Job
from cocomine.training.prediction import Predictor
from cocomine.training.runs.reading import BEST
from cocomine.ui.session import jobs
from cocomine.ui.train.own_image import LabelledImage

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
    table = app.dataframe[0].value
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
