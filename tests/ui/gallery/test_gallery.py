"""The gallery: what it is told to show, and what of a browser's message is taken over."""

from pathlib import Path
from typing import Any

import pytest
from apps import OpenApp
from galleries import galleries, images_shown
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CATEGORIES, FOUR_IMAGES, annotation, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.ui.gallery.browser_actions import Confirmed
from cocomine.ui.gallery.gallery import ASSETS, new_choices

ON_PAGE = [("train", 1), ("train", 2), ("val", 1)]


def page(path: str, index: str, can_exclude: bool) -> None:
    """A gallery of all images, with what the page knows of the choice."""
    from pathlib import Path

    import streamlit as st

    from cocomine.ui.gallery.gallery import gallery
    from cocomine.ui.session import state
    from cocomine.ui.session.opening import opened_at

    state.restore_from_url()
    opened = opened_at(path, Path(index))
    images = [(split.name, int(each)) for split in opened.dataset.splits for each in split.images.ids]
    state.set_excluded(dict.fromkeys(st.session_state.get("out", ()), True))
    gallery(opened, images, key="g", classes=st.session_state.get("drawn"), can_exclude=can_exclude)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_split(tmp_path / "data", document()).parent.parent


def shown(folder: Path, *, can_exclude: bool = False) -> AppTest:
    index = str(folder.parent / "index")
    app = AppTest.from_function(page, default_timeout=60, args=(str(folder), index, can_exclude))
    app.query_params["data"] = str(folder)
    return app.run()


def image_of(app: AppTest, image_id: int) -> Any:
    (data,) = galleries(app)
    return next(each for each in data["page"]["images"] if each["id"] == image_id)


def test_images_come_with_their_size_file_and_objects(folder: Path) -> None:
    app = shown(folder)
    assert not app.exception
    assert images_shown(app) == ["11 · all2017", "7 · all2017", "42 · all2017", "30 · all2017"]
    cats = image_of(app, 11)
    assert (cats["file"], cats["size"], cats["units"]) == ("a.jpg", [20, 10], [1024, 512])
    assert cats["jpeg"].startswith("/9j/")  # as every JPEG begins in base64
    assert [row[0] for row in cats["objects"]] == [101, 102]
    assert image_of(app, 30)["objects"] == []


def test_only_the_classes_that_are_asked_for_are_drawn_and_named(folder: Path) -> None:
    app = shown(folder)
    assert sorted(name for name, _ in galleries(app)[0]["page"]["classes"].values()) == ["cat", "cup", "dog"]
    app.session_state["drawn"] = ("cup",)
    app.run()
    assert [name for name, _ in galleries(app)[0]["page"]["classes"].values()] == ["cup"]
    assert [row[0] for row in image_of(app, 11)["objects"]] == [102]


def test_no_class_draws_nothing(folder: Path) -> None:
    app = shown(folder)
    app.session_state["drawn"] = ()
    app.run()
    assert galleries(app)[0]["page"]["classes"] == {}


@pytest.mark.parametrize("content", [None, b"no picture", b"\x89PNG\r\n\x1a\n broken"])
def test_an_image_file_that_is_missing_or_broken_leaves_its_objects(folder: Path, content: bytes | None) -> None:
    picture = folder / "all2017" / "a.jpg"
    picture.unlink() if content is None else picture.write_bytes(content)
    app = shown(folder)
    assert not app.exception
    assert image_of(app, 11)["jpeg"] is None
    assert len(image_of(app, 11)["objects"]) == 2
    assert image_of(app, 7)["jpeg"] is not None


def test_an_image_file_that_comes_back_is_shown(folder: Path) -> None:
    picture = folder / "all2017" / "a.jpg"
    content = picture.read_bytes()
    picture.unlink()
    app = shown(folder)
    picture.write_bytes(content)
    assert image_of(app.run(), 11)["jpeg"] is not None


def test_an_excluded_image_is_marked_where_it_can_be_restored(folder: Path) -> None:
    app = shown(folder, can_exclude=True)
    assert galleries(app)[0]["excluded"] == []
    app.session_state["out"] = [("all2017", 7), ("all2017", 30)]
    app.run()
    assert galleries(app)[0]["excluded"] == [1, 3]


def test_where_no_image_can_be_excluded_none_is_marked(folder: Path) -> None:
    app = shown(folder)
    app.session_state["out"] = [("all2017", 7)]
    assert galleries(app.run())[0]["excluded"] == []
    assert not galleries(app)[0]["canExclude"]


def test_pages_are_turned(tmp_path: Path) -> None:
    images = [image(number) for number in range(1, 15)]
    folder = write_split(tmp_path / "data", document(images, [annotation(1, 1, CAT)], CATEGORIES)).parent.parent
    app = shown(folder)
    assert len(images_shown(app)) == 12
    app.session_state["g-page"] = 2
    app.run()
    assert images_shown(app) == ["13 · all2017", "14 · all2017"]
    assert app.caption[0].value == "13–14 of 14 images"


def test_nothing_to_show_is_said_so(tmp_path: Path) -> None:
    folder = write_split(tmp_path / "data", document(FOUR_IMAGES[:1], [])).parent.parent
    app = AppTest.from_function(nothing, default_timeout=60, args=(str(folder),)).run()
    assert "No images to show." in app.info[0].value


def nothing(path: str) -> None:
    from pathlib import Path

    from cocomine.ui.gallery.gallery import gallery
    from cocomine.ui.session.opening import opened_at

    gallery(opened_at(path, Path(path) / "index"), [], key="g", classes=None)


def test_without_a_viewer_the_page_check_shows_the_gallery(open_app: OpenApp, folder: Path) -> None:
    app = open_app("check", data=str(folder), classes="cup")
    assert images_shown(app) == ["11 · all2017", "42 · all2017"]
    assert [row[0] for row in image_of(app, 11)["objects"]] == [102]


def message(*choices: Any, client: str = "a") -> dict[str, Any]:
    return {"client": client, "choices": list(choices)}


def test_only_choices_beyond_the_last_confirmed_one_are_new() -> None:
    sent = message([1, "train", 1, True], [2, "train", 2, True], [3, "train", 1, False])
    assert new_choices(sent, Confirmed(client="a", number=1), ON_PAGE) == [
        (Confirmed(client="a", number=2), ("train", 2), True),
        (Confirmed(client="a", number=3), ("train", 1), False),
    ]


def test_another_gallery_counts_from_one_again() -> None:
    found = new_choices(message([1, "val", 1, True], client="b"), Confirmed(client="a", number=7), ON_PAGE)
    assert found == [(Confirmed(client="b", number=1), ("val", 1), True)]


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "exclude",
        {},
        {"client": 3, "choices": [[1, "train", 1, True]]},
        message("train", [1], [1, "train", 1], [1, "train", "1", True], [1, "train", 1, "yes"], [1, "train", 9, True]),
    ],
)
def test_a_message_of_another_form_or_of_other_images_does_nothing(sent: object) -> None:
    assert new_choices(sent, Confirmed(), ON_PAGE) == []


@given(st.lists(st.tuples(st.sampled_from(ON_PAGE), st.booleans()), max_size=10), st.data())
def test_messages_that_overlap_or_get_lost_come_to_the_same(
    deeds: list[tuple[tuple[str, int], bool]], data: st.DataObject
) -> None:
    numbered = [[at, *image, out] for at, (image, out) in enumerate(deeds, start=1)]
    excluded: dict[tuple[str, int], bool] = {}
    confirmed = Confirmed()
    for end in [*sorted(data.draw(st.lists(st.integers(0, len(deeds)), max_size=4))), len(deeds)]:
        first = data.draw(st.integers(0, confirmed.number))  # what the browser knows of may be older
        for number, each, out in new_choices(message(*numbered[first:end]), confirmed, ON_PAGE):
            excluded[each], confirmed = out, number
    assert excluded == dict(deeds)


def test_names_are_never_taken_for_markup() -> None:
    scripts = "".join(path.read_text(encoding="utf-8") for path in ASSETS.glob("*.js"))
    assert "textContent" in scripts
    assert "HTML" not in scripts
