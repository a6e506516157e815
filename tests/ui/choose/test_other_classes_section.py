"""What will happen to the rest, as a person sees it: numbers, the exact label maps, one click to use a policy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from records import CAT, FOUR_IMAGES_ANNOTATIONS, Record, annotation, category, document, image, write_split
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Image

from cocomine.mining.selection.selection import Mode, Others, Selection

Show = Callable[..., AppTest]


def page(path: str, index: str) -> None:
    """The panel, as `pages/choose.py` shows it."""
    from pathlib import Path

    from cocomine.ui.choose.other_classes import other_classes_section
    from cocomine.ui.session import state
    from cocomine.ui.session.opening import opened_at

    state.restore_from_url()
    other_classes_section(opened_at(path, Path(index)))


@pytest.fixture
def show(tmp_path: Path) -> Show:
    """Show the panel on a document, by default the four images, with a selection."""

    def shown(selection: Selection, value: dict[str, object] | None = None, *, pictures: bool = True) -> AppTest:
        path = str(write_split(tmp_path / "data", value or document(), pictures=pictures))
        app = AppTest.from_function(page, default_timeout=60, args=(path, str(tmp_path / "index")))
        app.run()
        app.session_state["selection"] = selection
        return app.run()

    return shown


def read(app: AppTest) -> str:
    kinds = (app.subheader, app.markdown, app.caption, app.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def pictures_shown(app: AppTest) -> list[str]:
    return [caption for image in app.get("image") if isinstance(image, Image) for caption in image.captions]


def test_an_empty_choice_shows_nothing(show: Show) -> None:
    app = show(Selection(excluded_classes=("dog",)))
    assert not app.exception
    assert read(app) == ""


def test_the_four_policies_are_told_in_numbers_by_hand(show: Show) -> None:
    app = show(Selection(classes=("cat",)))
    assert not app.exception
    assert "1 object in these images of unselected classes" in read(app)
    for said in (
        "1 object becomes background",
        "1 object is kept as its own class",
        "1 object is merged into “other”",
        "1 object is ignored",
        "7.5\N{NO-BREAK SPACE}% of the labelled pixels, 1\N{NO-BREAK SPACE}% of all pixels of the images.",
        "1 crowd region becomes background.",
    ):
        assert said in read(app)


def test_the_same_image_is_shown_as_it_is_with_masks_and_as_four_training_masks(show: Show) -> None:
    shown = pictures_shown(show(Selection(classes=("cat",))))
    assert shown[-4:] == ["training mask, 128 × 128 px"] * 4
    assert sorted(shown[:2]) == ["ground truth (all classes) · 11 · all2017", "image · 11 · all2017"]


def test_another_image_can_be_looked_at(show: Show) -> None:
    app = show(Selection(classes=("cat",)))
    app.session_state["rest-image"] = 2
    app.run()
    assert "image · 7 · all2017" in pictures_shown(app)


def test_the_training_masks_are_those_of_the_selected_size(show: Show) -> None:
    app = show(Selection(classes=("cat",)))
    app.session_state["export-size"] = 64
    assert pictures_shown(app.run()).count("training mask, 64 × 64 px") == 4


def test_without_image_files_the_training_masks_stand_alone(show: Show) -> None:
    app = show(Selection(classes=("cat",)), pictures=False)
    assert pictures_shown(app) == ["training mask, 128 × 128 px"] * 4
    assert "The image file is not on disk; training masks do not need it." in read(app)


def test_an_image_on_disk_comes_before_a_better_one_that_is_not(show: Show, tmp_path: Path) -> None:
    app = show(Selection(classes=("cat",)))
    (tmp_path / "data" / "all2017" / "a.jpg").unlink()
    assert "image · 7 · all2017" in pictures_shown(app.run())


def test_a_policy_is_selected_with_one_click_that_can_be_undone(show: Show) -> None:
    app = show(Selection(classes=("cat",)))
    assert app.button(key="select-background").disabled
    app.button(key="select-merge").click().run()
    assert app.session_state["selection"] == Selection(classes=("cat",), others=Others.MERGE)
    assert app.session_state["undo"] == [Selection(classes=("cat",))]
    assert app.button(key="select-merge").label == "Selected"
    assert not app.button(key="select-background").disabled


def test_where_no_other_class_is_labelled_no_option_is_offered(show: Show) -> None:
    app = show(Selection(classes=("cup",), mode=Mode.ONLY))
    assert "all options give the same masks" in read(app)
    assert not app.button


def test_a_choice_without_images_shows_nothing(show: Show) -> None:
    assert read(show(Selection(classes=("cat", "dog", "cup"), mode=Mode.ALL))) == ""


def test_more_classes_than_label_values_cannot_be_kept(show: Show) -> None:
    categories = [category(number, f"c{number}") for number in range(1, 300)]
    records = [annotation(1, 1, 1), annotation(2, 1, 2)]
    app = show(Selection(classes=("c1",)), document([image(1)], records, categories))
    assert "299 classes need a label of their own" in app.warning[0].value
    assert app.button(key="select-keep").disabled
    assert not app.button(key="select-merge").disabled
    assert pictures_shown(app).count("training mask, 128 × 128 px") == 3


def test_a_dataset_that_is_not_exhaustively_labelled_is_said_to_be_so(show: Show) -> None:
    images = [image(11, "a.jpg", neg_category_ids=[]), image(7, "b.jpg", neg_category_ids=[]), image(42, "c.jpg")]
    app = show(Selection(classes=("cat",)), document(images, FOUR_IMAGES_ANNOTATIONS))
    assert "Unlabelled objects are background under all four options." in read(app)


def test_objects_without_any_area_do_no_harm(show: Show) -> None:
    bare: Record = {"area": None, "bbox": None, "segmentation": []}
    records = [annotation(1, 1, CAT) | bare, annotation(2, 1, 3) | bare]
    app = show(Selection(classes=("cat",)), document([image(1)], records))
    assert not app.exception
    assert "2 objects of unknown size add no pixels." in read(app)
