"""The splits of an export are asked for, and what they give is shown before it is written."""

import html
import re
import threading
import time
from pathlib import Path

import pytest
from apps import OpenApp, export_button, read
from records import CAT, CUP, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.coco.image_hash import image_hashes
from cocomine.exporting.planning import alike_images
from cocomine.exporting.reading import read_entry
from cocomine.mining.selection.division import Division, Fold
from cocomine.mining.selection.recipe import Recipe
from cocomine.system.jobs import Progress
from cocomine.ui.export import alike_controls

CATS = 20


@pytest.fixture
def single(tmp_path: Path) -> Path:
    """Twenty images with a cat each, five of them with a cup; of the files 0 and 1 are equal."""
    records = [annotation(number, number, CAT) for number in range(CATS)]
    records += [annotation(100 + number, number, CUP) for number in range(0, CATS, 4)]
    write_split(tmp_path / "data", document([image(number) for number in range(CATS)], records))
    folder = tmp_path / "data" / "all2017"
    (folder / "1.jpg").write_bytes((folder / "0.jpg").read_bytes())
    return tmp_path / "data"


def write_splits(root: Path, *names: str) -> Path:
    """Ten images with a cat in each split, the same files in all."""
    for first, name in enumerate(names):
        numbers = range(100 * first, 100 * first + 10)
        value = document([image(number) for number in numbers], [annotation(n, n, CAT) for n in numbers])
        write_split(root, value, split=name)
    return root


def written(app: AppTest) -> Recipe:
    """The recipe of the export that a click on the button writes."""
    app = export_button(app).click().run()
    assert app.success
    return read_entry(Path(app.code[0].value)).recipe


def cells(app: AppTest) -> dict[str, list[str]]:
    """The rows of the table of classes, each by the name of its class, as text; its head under ""."""
    (table,) = [each.proto.body for each in app.get("html") if "Images and objects of each class" in each.proto.body]
    rows = [
        [html.unescape(re.sub("<.*?>", " ", cell)).split() for cell in re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row)]
        for row in re.findall(r"<tr>(.*?)</tr>", table)
    ]
    head, *rest = [[" ".join(cell) for cell in row] for row in rows]
    return {"": head[1:-1], **{row[0]: row[1:] for row in rest}}


def words(app: AppTest) -> str:
    """All that the page says, as it is shown."""
    return read(app).replace("\\", "")


def labels(app: AppTest) -> list[str]:
    return [each.label for kind in (app.radio, app.slider, app.toggle, app.expander) for each in kind]


def test_a_single_split_is_divided_and_each_class_has_its_share(open_app: OpenApp, single: Path) -> None:
    app = open_app("export", data=str(single), classes="cat,cup")
    assert cells(app) == {
        "": ["train 16 images · 80 % · asked 80 %", "val 4 images · 20 % · asked 20 %"],
        "cat": ["16 80 % · 16 objects", "4 20 % · 4 objects", "20"],
        "cup": ["4 80 % · 4 objects", "1 20 % · 1 object", "5"],
    }


def test_a_test_part_is_made_where_it_is_asked_for(open_app: OpenApp, single: Path) -> None:
    app = open_app("export", data=str(single), classes="cat")
    app.radio(key="export-sides").set_value("Training, validation and testing").run()
    app.slider(key="export-test-share").set_value(20).run()
    assert [each.split()[:2] for each in cells(app)[""]] == [["train", "12"], ["val", "4"], ["test", "4"]]
    app.number_input(key="export-seed").set_value(7).run()
    assert written(app).division == Division(val_share=0.2, test_share=0.2, seed=7)


def test_a_fold_takes_the_place_of_shares(open_app: OpenApp, single: Path) -> None:
    app = open_app("export", data=str(single), classes="cat")
    app.toggle(key="export-uses-folds").set_value(True).run()
    assert not app.slider
    app.number_input(key="export-folds").set_value(4).run()
    app.selectbox(key="export-fold-of-4").set_value(2).run()
    assert cells(app)["cat"][1].startswith("5 ")
    assert written(app).division == Division(fold=Fold(number=2, count=4))


def test_the_dataset_s_splits_stay_by_default(open_app: OpenApp, tmp_path: Path) -> None:
    app = open_app("export", data=str(write_splits(tmp_path / "data", "train2017", "val2017")), classes="cat")
    assert "The dataset's own splits." in words(app)
    assert {"Look for the same image in several splits", "Compare images across splits"} <= {*labels(app)}
    assert cells(app)[""] == ["train2017 10 images · 50 %", "val2017 10 images · 50 %"]
    assert written(app).division == Division()


def test_training_can_give_images_for_validation_where_there_are_none(open_app: OpenApp, tmp_path: Path) -> None:
    app = open_app("export", data=str(write_splits(tmp_path / "data", "train", "test")), classes="cat")
    giver = app.radio(key="export-val-from-train")
    assert giver.options == ["The dataset's own splits", "Validation out of train"]
    giver.set_value("train").run()
    head = ["test 10 images", "train 8 images · 80 % · asked 80 %", "val 2 images · 20 % · asked 20 %"]
    assert cells(app)[""] == head
    assert cells(app)["cat"][:2] == ["10 10 objects", "8 80 % · 8 objects"]
    assert written(app).division == Division(val_from="train")


def test_equal_files_stay_on_one_side_where_that_is_asked_for(open_app: OpenApp, single: Path) -> None:
    app = open_app("export", data=str(single), classes="cat")
    app.radio(key="export-likeness").set_value("files").run()
    assert "Found equal files: 2 images in 1 set." in read(app)
    assert written(app).division.together == ((("all2017", 0), ("all2017", 1)),)


def test_the_same_image_in_several_splits_is_told(open_app: OpenApp, tmp_path: Path) -> None:
    app = open_app("export", data=str(write_splits(tmp_path / "data", "train2017", "val2017")), classes="cat")
    app.radio(key="export-likeness").set_value("near-duplicates").run()
    assert "1 image is nearly the same in several splits" in read(app)


def test_an_export_waits_for_the_comparison_and_can_do_without_it(
    open_app: OpenApp, single: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def held(paths: list[Path | None], progress: Progress) -> tuple[int | None, ...]:
        progress(1, 4)
        assert go_on.wait(60)
        return image_hashes(paths, progress)

    monkeypatch.setattr(alike_images, "image_hashes", held)
    monkeypatch.setattr(alike_controls, "QUICK_S", 0.1)
    app = open_app("export", data=str(single), classes="cat")
    app.radio(key="export-likeness").set_value("near-duplicates").run()
    assert app.get("progress")[0].proto.text.startswith("Comparing image files · 25 %")
    assert export_button(app).disabled
    app.button(key="alike-images-cancel").click().run()
    go_on.set()
    wait_for(app, "Comparison cancelled")
    assert export_button(app).disabled
    next(button for button in app.button if button.label == "Compare again").click().run()
    wait_for(app, "Found near duplicates")
    assert not export_button(app).disabled


def wait_for(app: AppTest, words: str) -> None:
    for _ in range(300):
        if words in read(app):
            return
        time.sleep(0.1)
        app.run()
    pytest.fail(f"{words!r} is not on the page")
