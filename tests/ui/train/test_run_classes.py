"""What a run shows for each class and image: the table, the matrix and its cells, samples, and the worst images."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from apps import OpenApp, again, read
from evaluated_runs import draw_samples, write_evaluated_run, write_former_samples
from run_folders import FINAL, evaluation_line, write_run
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from cocomine.exporting.reading import read_export
from cocomine.system.jobs import Progress
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, read_counts
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import BEST
from cocomine.training.runs.records import encoded_line
from cocomine.training.runs.true_images import Labelled
from cocomine.ui.train import image_gallery
from cocomine.ui.train.run_images import LATEST


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export and a run on it; nothing may change them."""
    root = tmp_path_factory.mktemp("evaluated")
    write_evaluated_run(root, root / "run")
    return root


@pytest.fixture
def run(made: Path, home: Path) -> Path:
    """The run in a workspace of the test's own."""
    return Path(shutil.copytree(made / "run", home / "runs" / "mine"))


def opened(open_app: OpenApp, run: Path) -> AppTest:
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(run)).run()
    assert not app.exception
    return app


def write_status(run: Path, state: str) -> Path:
    """Let the run be in another state."""
    status = json.loads((run / "status.json").read_text()) | {"state": state, "heartbeat": time.time()}
    (run / "status.json").write_text(json.dumps(status))
    return run


def shown_images(app: AppTest) -> list[str]:
    """Addresses of the images, which are those of their content."""
    return [each.url for element in app.get("image") for each in element.proto.imgs]


def images(app: AppTest) -> list[str]:
    """What each image on the page is said to be."""
    return [each.alt for element in app.get("image") for each in element.proto.imgs]


def select(app: AppTest, element_id: str, selection: dict[str, Any]) -> AppTest:
    """Select something in a table or chart, as a browser sends it."""
    fields = [each for each in app._tree.get_widget_states().widgets if each.WhichOneof("value") != "trigger_value"]
    sent = WidgetState(id=element_id, string_value=json.dumps({"selection": selection}))
    return app._run(WidgetStates(widgets=[*fields, sent]))


def ask_for(app: AppTest, run: Path, cell: tuple[int, int]) -> AppTest:
    """Run the app as a click on a cell does."""
    app.session_state[f"confusions-{run}-asked"] = cell
    return again(app)


def test_each_class_has_its_row(open_app: OpenApp, run: Path) -> None:
    app = opened(open_app, run)
    table = app.dataframe[0].value
    counts, _ = read_counts(run / LAST_EVALUATION, 3)
    assert counts is not None
    areas = counts.confusions.areas()
    assert table["class"].tolist() == ["cat", "cup"]
    assert table["IoU"].tolist() == pytest.approx((100 * areas.right.sum(0) / areas.union.sum(0)).tolist()[1:])
    assert [len(curve) for curve in table["curve"]] == [2, 2]
    assert table["images"].tolist() == (areas.true > 0).sum(0).tolist()[1:]
    assert table["95 % interval"].tolist() == ["–", "–"]  # each is in fewer than five images
    assert "Step 9, 4 validation images. Select a row" in read(app)
    assert "4 validation images, step 9. Click a cell to see its images." in read(app)


def test_curves_of_fewer_images_are_said_to_be_so(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs" / "mine", metrics=(evaluation_line(9, image_count=6), FINAL))
    assert "Curve and best: the 6 images of each evaluation during the run." in read(opened(open_app, run))


def test_a_selected_class_filters_the_images(open_app: OpenApp, run: Path) -> None:
    app = opened(open_app, run)
    assert images(app) == ["image, ground truth and prediction"] * 2
    app = select(app, app.dataframe[0].proto.id, {"rows": [1], "columns": [], "cells": []})
    assert "Images with cup: 1 of 2." in read(app)
    assert len(images(app)) == 1


def test_errors_take_the_place_of_predictions_and_are_named(open_app: OpenApp, run: Path) -> None:
    app = opened(open_app, run)
    app.toggle(key=f"samples-errors-{run}").set_value(True).run()
    assert images(app) == ["image, ground truth and errors"] * 2
    for words in ("false positive", "missed", "wrong class"):
        assert words in read(app)


def test_the_latest_samples_follow_the_run_and_a_chosen_step_stays(open_app: OpenApp, made: Path, run: Path) -> None:
    with take_lock(write_status(run, "running")):
        app = opened(open_app, run)
        slider = app.select_slider(key=f"evaluation-{run}")
        assert (slider.options, slider.value) == (["step 0", "step 9", LATEST], LATEST)
        first = shown_images(app)
        slider.set_value("step 0").run()

        export = read_export(made / "export")
        draw_samples(export, run, 18, mistake=False)
        with (run / "metrics.jsonl").open("a") as metrics:
            metrics.write(encoded_line(evaluation_line(18, iou=[0.9, 0.5, 0.5], image_counts=[], pixel_counts=[])))
        slider = again(app).select_slider(key=f"evaluation-{run}")
        assert (slider.options, slider.value) == (["step 0", "step 9", "step 18", LATEST], "step 0")
        assert shown_images(app) == first
        slider.set_value(LATEST).run()
        assert shown_images(app) != first


def test_a_cell_opens_its_images_with_how_many_pixels_they_have_of_it(open_app: OpenApp, run: Path) -> None:
    app = ask_for(opened(open_app, run), run, (2, 1))
    (dialog,) = app.get("dialog")
    assert dialog.proto.dialog.title == "Images with most pixels of cup predicted as cat"
    assert "c.jpg · 40 pixels, 80 % of its cup" in read(app)
    assert "a.jpg · 4 pixels, 100 % of its cup" in read(app)
    assert images(app)[-2:] == ["image and ground truth", "image, ground truth and prediction"]  # a.jpg is a sample
    assert not any(button.label == "Label these images" for button in app.button)  # there are no weights

    app = ask_for(app, run, (1, 2))
    assert "No pixel of cat is predicted as cup in these images." in read(app)


def test_a_click_on_a_cell_opens_its_images_and_so_does_a_second_one(open_app: OpenApp, run: Path) -> None:
    """The second takes the marker of the first back, so that nothing is selected then."""
    app = opened(open_app, run)
    matrix = app.get("plotly_chart")[2].proto.id
    for points in ([{"point_index": 2 * 3 + 1}], []):
        app = select(app, matrix, {"points": points, "point_indices": [], "box": [], "lasso": []})
        (dialog,) = app.get("dialog")
        assert dialog.proto.dialog.title == "Images with most pixels of cup predicted as cat"


def test_images_that_were_labelled_are_shown_with_their_prediction(
    open_app: OpenApp, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dialog opens again when they are labelled, since what runs the page then closes it."""

    def labelled(_weights: Path, paths: dict[int, Path], _progress: Progress) -> Labelled:
        return Labelled(
            step=7, weights_sha256="a", labels={image_id: np.ones((240, 480), dtype=np.uint8) for image_id in paths}
        )

    monkeypatch.setattr(image_gallery, "label_images", labelled)
    (run / BEST).touch()
    app = ask_for(opened(open_app, run), run, (2, 1))
    next(button for button in app.button if button.label == "Label these images").click()
    app = ask_for(app, run, (2, 1))
    assert "Predictions of the weights of step 7." in read(app)
    assert images(app)[-2:] == ["image, ground truth and prediction"] * 2


def test_the_worst_images_are_drawn_when_they_are_asked_for(open_app: OpenApp, run: Path) -> None:
    app = opened(open_app, run)
    assert "lowest: over your classes" not in read(app)
    app.session_state[f"worst-{run}"] = True
    app = again(app)
    assert "lowest: over your classes that are in the image" in read(app)
    words = [each.value for each in app.caption if "· IoU" in each.value]
    assert words[0].startswith("c.jpg · IoU 0.0 %, 1 class")
    ious = [float(word.split("IoU ")[1].split(" %")[0]) for word in words]
    assert ious == sorted(ious)
    assert len(ious) == 4


def test_without_its_export_a_run_shows_numbers_and_says_why_there_are_no_images(
    open_app: OpenApp, home: Path, tmp_path: Path
) -> None:
    run = write_evaluated_run(tmp_path, home / "runs" / "mine")
    manifest = tmp_path / "export" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text())))
    app = ask_for(opened(open_app, run), run, (2, 1))
    assert "the export is not the one that the run was trained on any more" in read(app)
    assert "image 42: 40 pixels, 80 % of its cup" in [each.value for each in app.text][-1]

    shutil.rmtree(tmp_path / "export")
    app = ask_for(opened(open_app, run), run, (2, 1))
    assert not app.exception
    assert "image 42: 40 pixels, 80 % of its cup" in [each.value for each in app.text][-1]


def test_a_run_of_a_former_version_shows_its_strips(open_app: OpenApp, home: Path) -> None:
    run = write_run(home / "runs" / "mine")
    write_former_samples(run, 0)
    write_former_samples(run, 9)
    app = opened(open_app, run)
    assert images(app) == ["image, ground truth and prediction"]
    assert not any(toggle.label == "Errors only" for toggle in app.toggle)
    assert not app.get("plotly_chart")[2:]  # two curves and no matrix


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (LAST_EVALUATION, "evaluation_last.npz is damaged and left out"),
        ("samples/truth_11.png", "truth_11.png: the image cannot be read"),
        ("samples/step_000009/prediction_11.png", "prediction_11.png: the image cannot be read"),
    ],
)
def test_a_damaged_file_costs_its_own_part_and_is_named(open_app: OpenApp, run: Path, name: str, words: str) -> None:
    (run / name).write_bytes(b"torn")
    app = opened(open_app, run)
    assert words in read(app).replace("\\", "")
    assert app.dataframe[0].value["class"].tolist() == ["cat", "cup"]
    assert len(images(app)) == (2 if name == LAST_EVALUATION else 1)
