"""Images excluded on Check: no page counts them, and they wait in a list to get a reason and be restored."""

import json
from collections.abc import Collection
from pathlib import Path

import pytest
from apps import OpenApp, export_button, set_export_folder
from records import CAT, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import TextInput

from cocomine.coco.dataset import ImageKey
from cocomine.exclusions.edits import Exclusions
from cocomine.exclusions.store import change_exclusions, exclusion_file, exclusions_in
from cocomine.mining.selection.recipe import recipe_from_text
from cocomine.ui.check.exclusions import IMAGES_PER_PAGE
from cocomine.workspace import workspace_from_environment

SPLIT = "all2017"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The four images in a folder; 11, 7 and 42 have a cat or a cup."""
    return write_split(tmp_path / "data", document()).parent.parent


def file_of(folder: Path) -> Path:
    return exclusion_file(workspace_from_environment().exclusions, folder)


def kept(folder: Path) -> Exclusions:
    """What another session, or the app after a restart, knows."""
    return exclusions_in(file_of(folder))


def take_out(folder: Path, *images: ImageKey) -> None:
    """Take images out in another session."""
    change_exclusions(file_of(folder), folder, lambda reasons: {**reasons, **dict.fromkeys(images, "")})


def check(open_app: OpenApp, folder: Path, classes: str = "cat,cup", **query: str) -> AppTest:
    app = open_app("check", data=str(folder), classes=classes, **query)
    assert not app.exception
    return app


def click(app: AppTest, label: str) -> AppTest:
    """Click the first button of that name."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    return app


def is_offered(app: AppTest, label: str) -> bool:
    return any(button.label == label and not button.disabled for button in app.button)


def read(app: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (app.markdown, app.caption, app.error) for element in kind)


def shown(app: AppTest) -> Collection[str]:
    """The keys of the boxes, one for each image shown in the list."""
    return [str(box.key) for box in app.checkbox if str(box.key).startswith("excluded-select-")]


def reason_field(app: AppTest, image_id: int) -> TextInput:
    return next(field for field in app.text_input if field.label == f"Reason for image {image_id}")


def choose(app: AppTest, image_id: int) -> None:
    next(box for box in app.checkbox if box.label == f"{image_id} · {SPLIT}").set_value(True).run()


def test_an_empty_list_teaches_how_to_take_an_image_out(open_app: OpenApp, folder: Path) -> None:
    app = check(open_app, folder)
    assert "Excluded images: none" in read(app)
    assert "your files stay as they are." in read(app)
    assert not is_offered(app, "Undo")


def test_an_excluded_image_is_excluded_after_a_reload_too(open_app: OpenApp, folder: Path) -> None:
    app = check(open_app, folder)
    app.session_state["check-view"] = "Training masks"
    app.run().button(key="mask-exclude").click().run()
    assert "**2** images" in read(app)
    assert kept(folder) == {(SPLIT, 11): ""}
    again = check(open_app, folder)
    assert "**2** images" in read(again)
    assert "Excluded images: 1**" in read(again)
    assert len(shown(again)) == 1


def test_a_step_is_undone_and_done_again(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7), (SPLIT, 42))
    app = click(check(open_app, folder), "Restore all")
    assert "**3** images" in read(app)
    assert "**1** images" in read(click(app, "Undo"))
    assert len(kept(folder)) == 2
    assert "**3** images" in read(click(app, "Redo"))
    assert kept(folder) == {}


def test_even_a_subset_whose_every_image_is_excluded_can_be_looked_at_and_restored(
    open_app: OpenApp, folder: Path
) -> None:
    take_out(folder, (SPLIT, 7))
    app = check(open_app, folder, "dog")
    assert "**0** images" in read(app)
    assert "**1** images" in read(click(app, "Restore all"))


def test_one_image_is_restored(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7), (SPLIT, 42))
    app = check(open_app, folder)
    app.button(key=f"excluded-restore-{SPLIT}-42").click().run()
    assert "**2** images" in read(app)
    assert kept(folder) == {(SPLIT, 7): ""}


def test_a_reason_is_kept_and_survives_putting_back_and_undo(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7))
    app = check(open_app, folder)
    reason_field(app, 7).set_value("too dark").run()
    assert kept(folder) == {(SPLIT, 7): "too dark"}
    click(click(app, "Restore all"), "Undo")
    assert reason_field(app, 7).value == "too dark"


def test_a_reason_is_shown_as_it_is_kept(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7))
    app = check(open_app, folder)
    reason_field(app, 7).set_value("  too   dark ").run()
    assert reason_field(app, 7).value == "too dark"
    reason_field(app, 7).set_value("blurred").run()
    assert reason_field(app, 7).value == "blurred"
    click(app, "Undo")
    assert reason_field(app, 7).value == "too dark"
    assert kept(folder) == {(SPLIT, 7): "too dark"}


def test_selected_images_get_a_reason_together_and_are_restored_together(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7), (SPLIT, 11), (SPLIT, 42))
    app = check(open_app, folder)
    assert not is_offered(app, "Set reason")
    for image_id in (7, 11):
        choose(app, image_id)
    app.text_input(key="excluded-shared-reason").set_value("blurred")
    click(app, "Set reason")
    assert kept(folder) == {(SPLIT, 7): "blurred", (SPLIT, 11): "blurred", (SPLIT, 42): ""}
    assert app.text_input(key="excluded-shared-reason").value == ""
    click(click(app, "Select all 3"), "Clear selection")
    assert is_offered(app, "Select all 3")
    choose(app, 42)
    click(app, "Restore 1 selected")
    assert kept(folder) == {(SPLIT, 7): "blurred", (SPLIT, 11): "blurred"}
    assert not is_offered(app, "Set reason")


def test_another_session_sees_the_change_at_its_next_run(open_app: OpenApp, folder: Path) -> None:
    app = check(open_app, folder)
    take_out(folder, (SPLIT, 7))
    assert "**2** images" in read(app.run())


def test_the_export_holds_no_excluded_image(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    take_out(folder, (SPLIT, 7))
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    written = [json.loads(path.read_bytes()) for path in (tmp_path / "out" / "annotations").glob("*.json")]
    assert sorted(record["id"] for each in written for record in each["images"]) == [11, 42]
    assert "image_id: 7" in (tmp_path / "out" / "recipe.yaml").read_text(encoding="utf-8")


def test_the_recipe_of_an_export_says_why(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    change_exclusions(file_of(folder), folder, lambda _: {(SPLIT, 7): "too dark"})
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    recipe = recipe_from_text((tmp_path / "out" / "recipe.yaml").read_text(encoding="utf-8"))
    assert (recipe.excluded, recipe.reasons) == (((SPLIT, 7),), (((SPLIT, 7), "too dark"),))


def test_a_damaged_list_is_told_on_every_page(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7))
    file_of(folder).write_text("{", encoding="utf-8")
    for page in ("data", "choose", "export"):
        assert "was damaged" in read(open_app(page, data=str(folder), classes="cat,cup"))


def test_choose_counts_no_excluded_image(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7))
    assert open_app("choose", data=str(folder), classes="cat,cup").metric[0].value == "2"


def test_another_choice_of_classes_keeps_the_list_and_says_what_fits(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7), (SPLIT, 42))
    assert "1 of them match the present selection" in read(check(open_app, folder, "cat"))
    assert "of them match the present selection" not in read(check(open_app, folder))


def test_images_that_the_dataset_does_not_have_are_listed_and_can_be_forgotten(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7), (SPLIT, 999), ("gone_[split]", 2**62))
    app = check(open_app, folder)
    assert "2 images are not in this dataset, so they change nothing: 999" in read(app)
    assert "**2** images" in read(app)
    assert len(shown(app)) == 1
    click(app, "Remove from the list")
    assert kept(folder) == {(SPLIT, 7): ""}


def test_images_of_a_split_that_is_not_in_view_are_told_apart(open_app: OpenApp, folder: Path) -> None:
    write_split(folder, document(), split="val")
    take_out(folder, (SPLIT, 7), ("val", 11))
    app = check(open_app, folder, splits="val")
    assert "1 image is in splits that are not in view: 7" in read(app)
    assert len(shown(app)) == 1


def test_a_long_list_is_shown_page_by_page_and_selected_as_a_whole(open_app: OpenApp, tmp_path: Path) -> None:
    count = IMAGES_PER_PAGE + 2
    records = document([image(number) for number in range(count)], [annotation(n + 1, n, CAT) for n in range(count)])
    folder = write_split(tmp_path / "many", records, pictures=False).parent.parent
    take_out(folder, *((SPLIT, number) for number in range(count)))
    app = check(open_app, folder, "cat")
    assert len(shown(app)) == IMAGES_PER_PAGE
    click(app, f"Select all {count}")
    assert is_offered(app, f"Restore {count} selected")
    app.session_state["excluded-page"] = 2
    app.run()
    assert len(shown(app)) == 2
    for number in (12, 13):
        app.button(key=f"excluded-restore-{SPLIT}-{number}").click().run()
    assert not app.exception
    assert len(shown(app)) == IMAGES_PER_PAGE


def test_a_damaged_list_is_told_and_the_page_goes_on(open_app: OpenApp, folder: Path) -> None:
    take_out(folder, (SPLIT, 7))
    file_of(folder).write_text('{"cocomine_')
    app = check(open_app, folder)
    assert "was damaged, so no image counts as excluded now" in app.error[0].value
    assert "**3** images" in read(app)
    assert "Excluded images: none" in read(app)


def test_a_list_that_cannot_be_written_is_told_at_the_click(
    open_app: OpenApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    take_out(folder, (SPLIT, 7))
    app = check(open_app, folder)
    monkeypatch.setattr("cocomine.exclusions.store.write_json", full)
    reason_field(app, 7).set_value("dark").run()
    assert "No space left on device" in app.error[0].value
    assert reason_field(app, 7).value == ""
