"""A person's mask images become label maps on the page: counts, labels with names, a preview, and the files."""

import json
from pathlib import Path

import numpy as np
import pytest
from apps import OpenApp, read, widget
from label_files import read_label_png
from PIL import Image
from streamlit.testing.v1 import AppTest

from cocomine.ui.export import relabel_section


@pytest.fixture
def masks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(relabel_section, "QUICK_S", 60)
    folder = tmp_path / "masks"
    folder.mkdir()
    for name, values in (("a.png", [0, 0, 50, 255]), ("b.png", [0, 100, 100, 100])):
        Image.fromarray(np.array([values], dtype=np.uint8)).save(folder / name)
    return folder


def opened(open_app: OpenApp, folder: Path) -> AppTest:
    app = open_app("export")
    widget(app.text_input, relabel_section.FOLDER).set_value(str(folder))
    return app.run()


def text(app: AppTest) -> str:
    assert not app.exception
    return read(app).replace("\\", "")


def field(app: AppTest, label: str) -> object:
    fields = [*app.number_input, *app.text_input]
    return next(each for each in fields if each.label == label)


def click(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_each_grey_value_is_told_with_its_share_and_masks(open_app: OpenApp, masks: Path) -> None:
    told = text(opened(open_app, masks))
    assert "2 masks, 3 grey values" in told
    assert "Grey 0 · 38 % of all pixels, in 2 masks" in told
    assert "Grey 100 · 38 % of all pixels, in 1 mask" in told
    assert "255 stays 255 (ignored): 1 pixel." in told


def test_labels_and_names_as_chosen_are_written(open_app: OpenApp, masks: Path) -> None:
    app = opened(open_app, masks)
    for label, value in (("Label of grey 50", 2), ("Label of grey 100", 1), ("Name of grey 100", "cat")):
        field(app, label).set_value(value)  # type: ignore[attr-defined]
    app = click(app.run(), "Write label maps")
    out = masks.with_name("masks-labels")
    assert "2 label maps written, with labels.json." in text(app)
    assert read_label_png(out / "a.png")[0].tolist() == [0, 0, 2, 255]
    assert read_label_png(out / "b.png")[0].tolist() == [0, 1, 1, 1]
    assert [each["name"] for each in json.loads((out / "labels.json").read_text())["labels"]] == [
        "background",
        "cat",
        "class 2",
    ]


def test_two_values_of_one_label_are_refused_before_anything_is_written(open_app: OpenApp, masks: Path) -> None:
    app = opened(open_app, masks)
    field(app, "Label of grey 50").set_value(2)  # type: ignore[attr-defined]
    app.run()
    assert "Label 2 stands for several grey values. Give each its own." in text(app)
    assert "Write label maps" not in [button.label for button in app.button]


def test_softened_masks_are_told(open_app: OpenApp, masks: Path) -> None:
    Image.fromarray(np.arange(250, dtype=np.uint8)[None]).save(masks / "soft.png")
    assert "250 different grey values: too many for masks of classes." in text(opened(open_app, masks))


def test_a_folder_without_masks_is_told(open_app: OpenApp, masks: Path) -> None:
    (masks / "none").mkdir()
    assert "there are no mask images" in text(opened(open_app, masks / "none"))


def test_a_folder_that_holds_something_is_not_written_to(open_app: OpenApp, masks: Path) -> None:
    masks.with_name("masks-labels").mkdir()
    (masks.with_name("masks-labels") / "mine.txt").write_text("mine")
    app = click(opened(open_app, masks), "Write label maps")
    assert "the folder holds other files" in text(app)
    assert [path.name for path in masks.with_name("masks-labels").iterdir()] == ["mine.txt"]
