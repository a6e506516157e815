"""Every page, empty and on the four images, through `app.py` as the server runs it."""

from pathlib import Path

import pytest
from apps import OpenApp, export_button, read, set_export_folder, widget
from datasets import export_of
from galleries import images_shown, mask_images
from records import (
    CAT,
    CATEGORIES,
    CUP,
    DOG,
    FOUR_IMAGES,
    FOUR_IMAGES_ANNOTATIONS,
    annotation,
    category,
    document,
    image,
    write_split,
)
from run_folders import write_run
from streamlit.testing.v1 import AppTest

from cocomine.coco.integrity import image_files
from cocomine.exporting.manifest import read_manifest
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.ui.data import integrity
from cocomine.ui.navigation import PAGES
from cocomine.ui.session.opening import opened_at

TITLES = {name: title for name, (title, _, _) in PAGES.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The four images in a folder."""
    return write_split(tmp_path / "data", document()).parent.parent


@pytest.mark.parametrize("page", list(PAGES))
def test_every_page_opens_without_a_dataset_and_says_what_to_do_next(open_app: OpenApp, page: str) -> None:
    app = open_app(page)
    assert not app.exception
    assert any(
        word in read(app) for word in ("How it works", "No dataset is open", "No export", "Open a dataset first")
    )


@pytest.mark.parametrize("page", list(PAGES))
def test_every_page_opens_on_a_subset(open_app: OpenApp, folder: Path, page: str) -> None:
    app = open_app(page, data=str(folder), classes="cat,cup")
    assert not app.exception
    assert not app.error
    assert TITLES[page] in read(app)
    assert "**3** images · **5** objects" in read(app)


def next_step(app: AppTest) -> tuple[str, str]:
    """Return what the button to the next page says, and its hint; where it cannot be pressed, it is not filled."""
    button = app.button(key="next-page")
    assert not (button.disabled and button.proto.type == "primary")
    return button.label, button.proto.help if button.disabled else ""


def test_the_next_step_says_what_is_missing_until_it_can_be_taken(
    open_app: OpenApp, folder: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert next_step(open_app("data")) == ("Next: Understand", "Open a dataset first")
    assert next_step(open_app("choose", data=str(folder))) == ("Next: Check", "Select a class first")
    assert next_step(open_app("export", data=str(folder))) == ("Next: Train", "Export a subset first")
    assert next_step(open_app("train")) == ("Next: Compare", "Train a network first")
    export_of(opened_at(str(folder), home / "index").dataset, home / "exports" / "cats")
    assert next_step(open_app("export")) == ("Next: Train", "")
    assert next_step(open_app("train")) == ("Next: Compare", "Train a network first")
    write_run(home / "runs" / "first")
    assert next_step(open_app("train")) == ("Next: Compare", "")


def kinds_of_flaws(app: AppTest) -> list[str]:
    """Return the titles in the section about what is odd, from the top."""
    return [expander.label.split("**")[1] for expander in app.expander if "**" in expander.label]


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page wait for the look into the pictures, however busy the machine is."""
    monkeypatch.setattr(integrity, "SHORT_WAIT_S", 60.0)


@pytest.mark.usefixtures("patient")
def test_what_is_odd_is_told_with_its_weight_and_what_is_done_about_it(open_app: OpenApp, folder: Path) -> None:
    app = open_app(data=str(folder))
    assert kinds_of_flaws(app) == [
        "Classes that are crowd regions only",
        "Images without annotations",
        "Images with an unknown licence",
        "Crowd regions",
    ]
    assert "Errors" in read(app)
    assert "Warnings" in read(app)
    assert "Info" in read(app)
    assert "How CocoMine handles it" in read(app)
    assert "All image files checked." in read(app)


@pytest.mark.usefixtures("patient")
def test_the_examples_of_a_flaw_can_be_looked_at(open_app: OpenApp, folder: Path) -> None:
    app = open_app(data=str(folder))
    assert images_shown(app) == []
    app.toggle(key="finding-crowd_region-all2017-show").set_value(True).run()
    assert not app.exception
    assert images_shown(app) == ["7 · all2017"]


def test_without_pictures_a_flaw_is_told_and_cannot_be_looked_at(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document(), pictures=False)
    app = open_app(data=str(tmp_path / "data"))
    assert "no example can be shown" in read(app)
    assert not app.toggle
    assert kinds_of_flaws(app)[0] == "Splits without an image folder"


@pytest.mark.usefixtures("patient")
def test_nothing_odd_is_said_so(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document([image(1)], [annotation(1, 1, CAT)], CATEGORIES[:1]))
    app = open_app(data=str(tmp_path / "data"))
    assert "No problems found." in read(app)
    assert kinds_of_flaws(app) == []


@pytest.mark.usefixtures("patient")
def test_files_of_one_name_in_two_folders_are_told_apart(open_app: OpenApp, tmp_path: Path) -> None:
    split = write_split(tmp_path, document([image(1)], [annotation(1, 1, CAT)], CATEGORIES[:1]), pictures=False)
    for folder in ("train", "valid", "test"):
        (tmp_path / "data" / folder).mkdir(parents=True)
        (tmp_path / "data" / folder / "_annotations.coco.json").write_text("[]")
    split.rename(tmp_path / "data" / "train" / "all.json")
    app = open_app(data=str(tmp_path / "data"))
    assert not app.exception
    assert kinds_of_flaws(app).count("Files without instances") == 3


@pytest.mark.usefixtures("patient")
def test_a_picture_that_goes_and_comes_back_is_noticed(open_app: OpenApp, folder: Path) -> None:
    picture = folder / "all2017" / "c.jpg"
    content = picture.read_bytes()
    app = open_app(data=str(folder))
    picture.unlink()
    assert kinds_of_flaws(app.run())[0] == "Missing images"
    picture.write_bytes(content)
    assert "Missing images" not in kinds_of_flaws(app.run())


def test_an_image_folder_that_comes_later_is_noticed(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document(), pictures=False)
    app = open_app(data=str(tmp_path / "data"))
    write_split(tmp_path / "other", document())
    (tmp_path / "other" / "all2017").rename(tmp_path / "data" / "all2017")
    assert "Splits without an image folder" not in kinds_of_flaws(app.run())
    assert not app.exception


@pytest.mark.usefixtures("patient")
def test_few_pictures_are_looked_into_without_being_asked_to(open_app: OpenApp, folder: Path) -> None:
    (folder / "all2017" / "b.jpg").write_bytes(b"no picture")
    assert kinds_of_flaws(open_app(data=str(folder)))[0] == "Unreadable images"


@pytest.mark.usefixtures("patient")
def test_many_pictures_are_looked_into_when_asked(
    open_app: OpenApp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "SMALL", 3)
    for module in (integrity, image_files):
        monkeypatch.setattr(module, "SAMPLED_FILES", 2)  # the first and the last
    path = folder / "all2017" / "b.jpg"
    path.write_bytes(path.read_bytes()[:-8])
    app = open_app(data=str(folder))
    assert "2 image files checked." in read(app)
    assert "Unreadable images" not in kinds_of_flaws(app)
    app.button(key="check-image-files").click().run()
    assert kinds_of_flaws(app)[0] == "Unreadable images"


def test_a_wrong_path_says_what_to_do(open_app: OpenApp) -> None:
    app = open_app()
    app.text_input[0].set_value("/nowhere/at/all")
    next(button for button in app.button if button.label == "Open").click().run()
    assert "there is no such file or folder. Check the spelling" in app.error[0].value
    assert not app.exception


def test_the_home_of_an_unknown_person_is_a_wrong_path_like_any_other(open_app: OpenApp, folder: Path) -> None:
    app = open_app()
    app.text_input[0].set_value("~nobody-by-this-name/coco")
    next(button for button in app.button if button.label == "Open").click().run()
    assert "there is no person of that name here" in app.error[0].value
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, "~nobody-by-this-name/out")
    assert "there is no person of that name here" in app.error[0].value
    assert not app.exception


def test_check_shows_the_label_maps_at_the_size_that_will_be_exported(open_app: OpenApp, folder: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat,cup")
    app.segmented_control(key="export-size").set_value(64).run()
    app.switch_page("pages/check.py").run()
    app.session_state["check-view"] = "Training masks"
    app.run()
    assert not app.exception
    assert [data["map"]["size"] for data in mask_images(app)] == [[64, 64]]


def test_the_most_frequent_class_is_shown_closely_at_first(open_app: OpenApp, tmp_path: Path) -> None:
    more_cups = document(annotations=[*FOUR_IMAGES_ANNOTATIONS, annotation(107, 30, CUP)])
    write_split(tmp_path / "cups", more_cups)
    app = open_app("understand", data=str(tmp_path / "cups"))
    assert app.selectbox(key="details-class").value == "cup"
    assert "cup: 4 objects in 3 images, usually 1 and up to 2 in one image" in app.text[0].value


def test_a_class_is_shown_closely_until_another_one_is_chosen(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    app.selectbox(key="details-class").set_value("cup").run()
    app.segmented_control(key="input-size").set_value(512).run()
    app.switch_page("pages/choose.py").run()
    app.switch_page("pages/understand.py").run()
    assert "cup: 3 objects" in app.text[0].value
    assert "at 512 px" in app.text[0].value


def test_a_class_of_crowds_alone_is_told_in_words(open_app: OpenApp, folder: Path) -> None:
    app = open_app("understand", data=str(folder))
    chart_count = len(app.get("plotly_chart"))
    app.selectbox(key="details-class").set_value("dog").run()
    assert app.text[0].value == "dog: no single object in these images, only 1 crowd region."
    assert len(app.get("plotly_chart")) == chart_count - 5
    assert not app.exception


def test_objects_without_boxes_are_shown_closely_by_number_alone(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document(annotations=[annotation(1, 11, CUP, bbox=None, area=None)]))
    app = open_app("understand", data=str(tmp_path / "data"))
    assert not app.exception
    assert app.text[0].value == "cup: 1 object in 1 image."
    assert read(app).count("Unknown: ") == 4


def test_a_dataset_without_annotations_can_be_understood(open_app: OpenApp, tmp_path: Path) -> None:
    write_split(tmp_path / "data", document(annotations=[]))
    app = open_app("understand", data=str(tmp_path / "data"))
    assert not app.exception
    assert app.text[0].value == "cat: no single object in these images."


def test_a_class_that_the_next_dataset_lacks_gives_way_to_its_most_frequent(
    open_app: OpenApp, folder: Path, tmp_path: Path
) -> None:
    write_split(tmp_path / "other", document(annotations=[annotation(1, 11, CUP)], categories=CATEGORIES[2:]))
    app = open_app("understand", data=str(folder))
    app.selectbox(key="details-class").set_value("dog").run()
    app.session_state["dataset_path"] = str(tmp_path / "other")
    app.run()
    assert not app.exception
    assert app.text[0].value.startswith("cup: 1 object")


def test_pairs_that_luck_may_explain_are_told_to_be_so(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    said = "No pair differs significantly from chance (95 %)."
    assert said in read(open_app("understand", data=str(folder)))
    records = [annotation(10 * of + one, of, one) for of in range(1, 31) for one in ((CAT, CUP) if of % 2 else (DOG,))]
    write_split(tmp_path / "clear", document([image(of) for of in range(1, 31)], records), pictures=False)
    assert said not in read(open_app("understand", data=str(tmp_path / "clear")))


def test_a_json_that_is_not_coco_says_what_it_is(open_app: OpenApp, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text('[{"image_id": 1, "score": 0.5}]')
    app = open_app()
    app.text_input[0].set_value(str(path))
    next(button for button in app.button if button.label == "Open").click().run()
    assert "a list, as detectors write their results" in app.error[0].value


def test_a_dataset_that_is_gone_is_told_and_closed(open_app: OpenApp, tmp_path: Path) -> None:
    app = open_app(data=str(tmp_path / "gone"))
    assert "there is no such file or folder" in app.error[0].value
    assert "How it works" in read(app)


def test_an_unknown_class_in_a_link_is_told_with_the_nearest_name(open_app: OpenApp, folder: Path) -> None:
    app = open_app(data=str(folder), classes="cats,cup")
    assert "Did you mean cat" in app.warning[0].value
    assert app.session_state["selection"] == Selection(classes=("cup",))


def test_a_link_brings_the_whole_selection(open_app: OpenApp, folder: Path) -> None:
    query = {"data": str(folder), "classes": "cup", "exclude": "dog", "mode": "only", "others": "ignore"}
    app = open_app("choose", **query, licences="Attribution License")
    wanted = Selection(
        classes=("cup",),
        excluded_classes=("dog",),
        mode=Mode.ONLY,
        others=Others.IGNORE,
        licences=("Attribution License",),
    )
    assert app.session_state["selection"] == wanted
    assert {name: app.query_params[name] for name in query} == query


def test_a_class_whose_name_holds_a_comma_survives_the_link(open_app: OpenApp, tmp_path: Path) -> None:
    value = document(categories=[category(CAT, "cat, big"), category(3, 'the "dog"'), category(90, "cup")])
    write_split(tmp_path, value)
    app = open_app("choose", data=str(tmp_path))
    widget(app.multiselect, "included_classes").set_value(["cat, big", 'the "dog"']).run()
    again = open_app("choose", data=str(tmp_path), classes=app.query_params["classes"])
    assert again.session_state["selection"].classes == ("cat, big", 'the "dog"')


def test_an_older_link_that_says_not_for_exclude_is_read(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup", **{"not": "dog"})
    assert app.session_state["selection"] == Selection(classes=("cup",), excluded_classes=("dog",))
    assert app.query_params["exclude"] == "dog"


def test_a_link_that_includes_and_excludes_a_class_includes_it(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup", exclude="cup", mode="only")
    assert app.session_state["selection"] == Selection(classes=("cup",), mode=Mode.ONLY)


def test_a_link_with_no_licence_selects_nothing(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup", licences="-")
    assert app.session_state["selection"].licences == ()
    assert app.query_params["licences"] == "-"
    assert "No image fits" in read(open_app("check", data=str(folder), classes="cup", licences="-"))


def test_a_mode_that_does_not_exist_falls_back_to_any(open_app: OpenApp, folder: Path) -> None:
    app = open_app(data=str(folder), classes="cup", mode="some")
    assert app.session_state["selection"].mode is Mode.ANY


def test_picking_undoing_and_redoing_change_the_selection(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder))
    widget(app.multiselect, "included_classes").set_value(["cup"]).run()
    assert app.session_state["selection"].classes == ("cup",)
    next(button for button in app.button if button.label == "Undo").click().run()
    assert app.session_state["selection"].classes == ()
    next(button for button in app.button if button.label == "Redo").click().run()
    assert app.session_state["selection"].classes == ("cup",)


def test_the_modes_show_their_images_before_one_is_chosen(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat,cup")
    captions = widget(app.radio, "selected_mode").proto.captions
    assert [caption.split("**")[1] for caption in captions] == ["3", "1", "2"]


def test_a_choice_without_images_offers_the_nearest_that_has_some(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat,dog,cup", mode="all")
    assert "No image" in read(app)
    asked = app.session_state["selection"]
    next(button for button in app.button if str(button.key).startswith("nearest-")).click().run()
    assert app.session_state["selection"] != asked
    assert int(app.metric[0].value) > 0


def test_an_empty_choice_selects_nothing_on_every_page(open_app: OpenApp, folder: Path) -> None:
    for page in ("check", "export"):
        assert "No classes selected" in read(open_app(page, data=str(folder)))


def test_without_a_viewer_the_gallery_is_shown_instead_with_how_to_fix_it(open_app: OpenApp, folder: Path) -> None:
    app = open_app("check", data=str(folder), classes="cat,cup")
    app.session_state["check-view"] = "FiftyOne"
    app.run()
    assert "no usable mongod was found" in app.warning[0].value
    assert "1–3 of 3 images" in read(app)


def test_an_excluded_image_leaves_the_subset_and_can_be_restored(open_app: OpenApp, folder: Path) -> None:
    app = open_app("check", data=str(folder), classes="cat,cup")
    app.session_state["check-view"] = "Training masks"
    app.run()
    app.button(key="mask-exclude").click().run()
    assert "**2** images" in read(app)
    assert "1 image excluded" in read(app)
    next(button for button in app.button if button.label == "Restore all").click().run()
    assert "**3** images" in read(app)


def test_even_a_subset_whose_every_image_is_excluded_can_be_restored(open_app: OpenApp, folder: Path) -> None:
    app = open_app("check", data=str(folder), classes="dog")
    app.session_state["check-view"] = "Training masks"
    app.run()
    app.button(key="mask-exclude").click().run()
    assert "**0** images" in read(app)
    next(button for button in app.button if button.label == "Restore all").click().run()
    assert "**1** images" in read(app)


def test_an_export_to_a_folder_of_other_files_is_refused_with_advice(
    open_app: OpenApp, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("keep me")
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, str(tmp_path / "full"))
    assert "the folder holds other files. Choose a new or empty folder." in app.error[0].value
    assert export_button(app).disabled


def test_a_click_takes_a_new_name_beside_a_folder_of_other_files(
    open_app: OpenApp, folder: Path, tmp_path: Path
) -> None:
    for name in ("full", "full-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.txt").write_text("keep me")
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, str(tmp_path / "full"))
    next(button for button in app.button if button.label == "Use a new name: full-3").click().run()
    export_button(app).click().run()
    assert (tmp_path / "full-3" / "manifest.json").is_file()
    assert [(tmp_path / name / "mine.txt").read_text() for name in ("full", "full-2")] == ["keep me"] * 2


def test_an_export_is_written_and_found_exact(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    app = open_app("export", data=str(folder), classes="cat,cup")
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    assert "files verified" in app.success[0].value
    assert (tmp_path / "out" / "manifest.json").is_file()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert "out · 3 images" in app.selectbox(key="train-export").options


def test_images_that_cannot_be_exported_are_excluded_by_a_click(open_app: OpenApp, tmp_path: Path) -> None:
    images = [image(1, "a.jpg"), image(2, "a.png"), image(3, "b.jpg")]
    write_split(tmp_path / "data", document(images, [annotation(each, each, CAT) for each in (1, 2, 3)]))
    app = open_app("export", data=str(tmp_path / "data"), classes="cat")
    assert "1 of 3 images cannot be exported as they are" in app.warning[0].value
    next(button for button in app.button if button.label == "Exclude this image").click().run()
    assert not app.exception
    assert not [each for each in app.warning if "cannot be exported" in each.value]
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    assert "files verified" in app.success[0].value
    assert "in its ending alone" in (tmp_path / "out" / "recipe.yaml").read_text(encoding="utf-8")


def test_missing_images_are_a_warning_and_nothing_is_called_complete(open_app: OpenApp, tmp_path: Path) -> None:
    records = [annotation(each, each, CAT) for each in (1, 2, 3)]
    write_split(tmp_path / "data", document([image(1), image(2), image(3)], records))
    (tmp_path / "data" / "all2017" / "2.jpg").unlink()
    app = open_app("export", data=str(tmp_path / "data"), classes="cat")
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    assert "2 of 3 images found, 1 missing" in [each.value for each in app.warning]
    assert not app.success


def test_a_person_says_on_the_page_what_a_split_is_for(open_app: OpenApp, tmp_path: Path) -> None:
    for number, split in enumerate(("checking", "learning")):
        records = [annotation(number + 1, number + 1, CAT)]
        write_split(tmp_path / "data", document([image(number + 1)], records), split=split)
    app = open_app("export", data=str(tmp_path / "data"), classes="cat")
    app.selectbox(key="export-role-checking").set_value("val").run()
    app.selectbox(key="export-role-learning").set_value("train").run()
    set_export_folder(app, str(tmp_path / "out"))
    export_button(app).click().run()
    assert [entry["role"] for entry in read_manifest(tmp_path / "out")["splits"]] == ["val", "train"]


def test_cached_results_are_told_apart_by_the_files(open_app: OpenApp, folder: Path, tmp_path: Path) -> None:
    app = open_app(data=str(folder))
    assert not app.exception
    first = opened_at(str(folder), tmp_path / "index")
    annotation_file = next((folder / "annotations").glob("*.json"))
    annotation_file.write_text(annotation_file.read_text().replace('"cat"', '"feline"'))
    second = opened_at(str(folder), tmp_path / "index")
    assert "feline" in second.dataset.category_names
    assert first.key != second.key


@pytest.fixture
def federated(tmp_path: Path) -> Path:
    """The four images, in which only some classes were looked for."""
    absent: tuple[list[int], ...] = ([DOG], [], [CAT], [])
    images = [record | {"neg_category_ids": ids} for record, ids in zip(FOUR_IMAGES, absent, strict=True)]
    return write_split(tmp_path / "data", document(images)).parent.parent


def test_understand_says_where_a_class_that_is_not_marked_may_be_there(open_app: OpenApp, federated: Path) -> None:
    app = open_app("understand", data=str(federated))
    assert not app.exception
    assert "each pair is compared in the images where both classes were annotated" in read(app)
    (pairs,) = [table.value for table in app.dataframe if "of images" in table.value]
    assert pairs.set_index("pair")["of images"].to_dict() == {"cat + cup": 2, "cat + dog": 2}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"classes": "cat"}, "Excluding a class removes the images where it is labelled"),
        ({"classes": "cup", "exclude": "dog"}, "In **1** of 2 images an excluded class was not annotated"),
        ({"classes": "cup", "exclude": "cat"}, "In all of these images the excluded classes were checked"),
        ({"classes": "cup"}, "“Only selected classes” means that no other class is labelled"),
        ({"classes": "cup", "mode": "only"}, "In **1** of 1 image some other class was not annotated"),
    ],
)
def test_choose_says_what_absence_is_worth(
    open_app: OpenApp, federated: Path, query: dict[str, str], said: str
) -> None:
    app = open_app("choose", data=str(federated), **query)
    assert not app.exception
    assert said in read(app)


@pytest.mark.parametrize("page", ["understand", "choose"])
def test_nothing_is_said_about_absence_where_everything_was_looked_for(
    open_app: OpenApp, folder: Path, page: str
) -> None:
    assert "looked for" not in read(open_app(page, data=str(folder), classes="cat"))
