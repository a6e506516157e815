"""The training masks as a person sees them: the exact map, filters with their counts, and what is lost in numbers."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from galleries import images_shown, mask_images
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from records import CAT, CUP, Record, annotation, category, document, image, write_split
from streamlit.testing.v1 import AppTest

from cocomine.labels.lost_objects import LostObjectCounts, lost_objects
from cocomine.mining.selection.selection import Others, Selection
from cocomine.system.jobs import Progress
from cocomine.ui.check import lost_object_counts
from cocomine.ui.check.mask_image import runs
from cocomine.ui.session.jobs import existing_job

Show = Callable[..., AppTest]
BOTH = Selection(classes=("cat", "cup"))


def page(path: str, index: str) -> None:
    """The view, as `pages/check.py` shows it."""
    from pathlib import Path

    import streamlit as st

    from cocomine.ui.check.training_masks import mask_view
    from cocomine.ui.gallery.gallery import images_of
    from cocomine.ui.session import state
    from cocomine.ui.session.opening import in_session, opened_at

    state.restore_from_url()
    view = in_session(opened_at(path, Path(index)))
    st.text(f"excluded: {len(state.excluded())}")
    mask_view(view, images_of(view.with_excluded_images.subset))


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a page wait for the count, however busy the machine is."""
    monkeypatch.setattr(lost_object_counts, "SHORT_WAIT_S", 60.0)


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """Show the view on a document, by default the four images, with a selection."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))

    def shown(selection: Selection = BOTH, value: Record | None = None, **state: Any) -> AppTest:
        folder = write_split(tmp_path / "data", value or document()).parent.parent
        app = AppTest.from_function(page, default_timeout=60, args=(str(folder), str(tmp_path / "index")))
        app.query_params["data"] = str(folder)
        app.run()
        app.session_state["selection"] = selection
        for key, kept in state.items():
            app.session_state[key.replace("_", "-")] = kept
        return app.run()

    return shown


def read(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def filters(app: AppTest) -> list[str]:
    filters = app.radio(key="mask-filter")
    return [f"{name} · {count}" for name, count in zip(filters.options, filters.proto.captions, strict=True)]


def test_an_image_comes_with_the_exact_map_its_legend_and_its_numbers(show: Show) -> None:
    app = show(export_size=20)
    assert not app.exception
    assert images_shown(app) == ["11 · all2017"]
    (data,) = mask_images(app)
    values = np.repeat(data["map"]["runs"][::2], data["map"]["runs"][1::2]).reshape(20, 20)
    assert (values == 1).sum() == 2 * 20  # the map is twice as high as the image: 24 pixels of cat, 4 below the cup
    assert (values == 2).sum() == 2 * 4
    assert [(value, name, pixels) for value, name, _, pixels in data["legend"]] == [
        (0, "background", 400 - 48),
        (1, "cat", 40),
        (2, "cup", 8),
        (255, "ignored", 0),
    ]
    assert "Mask overlap between your classes: 17 %." in data["report"]


def test_each_filter_tells_its_count_before_it_is_chosen(show: Show) -> None:
    assert filters(show()) == [
        "All images · 3",
        "Overlapping classes · 1",
        "Lost objects · 0",
        "Crowd regions · 0",
    ]
    crowded = Selection(classes=("cat", "dog"))
    assert filters(show(crowded))[-1] == "Crowd regions · 1"


def test_what_is_lost_in_the_subset_is_told_in_numbers(show: Show) -> None:
    value = document([image(1)], [annotation(1, 1, CAT, (1, 1, 1, 1)), annotation(2, 1, CUP, segmentation=[])])
    told = read(show(value=value, export_size=2))
    assert "2 of 2 objects lost: 1 too small for 2 px, 1 without a mask." in told
    assert "Lost by class: cat 1 and cup 1." in told


def test_what_vanished_is_listed_under_its_image_with_the_reason(show: Show) -> None:
    value = document([image(1)], [annotation(7, 1, CAT, (1, 1, 1, 1)), annotation(8, 1, CUP, (8, 0, 8, 8))])
    (data,) = mask_images(show(value=value, export_size=2))
    assert data["lost"] == [[7, "cat", "too small for 2 px"]]


def test_a_filter_keeps_its_images_alone(show: Show) -> None:
    crowded = Selection(classes=("cat", "dog"))
    assert images_shown(show(crowded, mask_filter="crowd")) == ["7 · all2017"]
    assert images_shown(show(mask_filter="conflict")) == ["11 · all2017"]


def test_a_filter_without_images_says_what_that_means(show: Show) -> None:
    app = show(mask_filter="lost")
    assert "No object is lost in these images" in read(app)
    assert images_shown(app) == []


def test_images_are_stepped_through_one_by_one(show: Show) -> None:
    app = show()
    assert app.button(key="mask-previous").disabled
    app.button(key="mask-next").click().run()
    assert images_shown(app) == ["7 · all2017"]
    app.button(key="mask-next").click().run()
    assert images_shown(app) == ["42 · all2017"]
    assert app.button(key="mask-next").disabled
    app.button(key="mask-previous").click().run()
    assert "**2** of 3 images" in read(app)


def test_another_filter_begins_with_its_first_image(show: Show) -> None:
    app = show()
    app.button(key="mask-next").click().run()
    app.radio(key="mask-filter").set_value("conflict").run()
    assert "**1** of 1 image" in read(app)
    app.radio(key="mask-filter").set_value("all").run()
    assert images_shown(app) == ["11 · all2017"]


def test_images_are_shown_in_rows(show: Show) -> None:
    app = show(mask_layout="Rows")
    assert images_shown(app) == ["11 · all2017", "7 · all2017", "42 · all2017"]
    assert len(app.checkbox) == 3


def test_an_image_can_be_excluded_here(show: Show) -> None:
    app = show()
    app.button(key="mask-exclude").click().run()
    assert app.text[0].value == "excluded: 1"
    assert images_shown(app) == ["11 · all2017"]  # it stays in sight, to be restored
    assert app.button(key="mask-exclude").label == "Restore"
    app.button(key="mask-exclude").click().run()
    assert app.text[0].value == "excluded: 0"


def test_a_missing_picture_leaves_masks_and_map(show: Show, tmp_path: Path) -> None:
    app = show()
    (tmp_path / "data" / "all2017" / "a.jpg").unlink()
    (data,) = mask_images(app.run())
    assert data["image"]["images"][0]["jpeg"] is None
    assert len(data["image"]["images"][0]["objects"]) == 2


def test_more_classes_than_values_are_said_so(show: Show) -> None:
    categories = [category(number, f"c{number}") for number in range(1, 300)]
    value = document([image(1)], [annotation(1, 1, 1)], categories)
    app = show(Selection(classes=("c1",), others=Others.KEEP), value)
    assert not app.exception
    assert "299 classes need a label of their own" in app.warning[0].value


def test_of_a_large_subset_the_first_images_are_counted_until_all_are_asked_for(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost_object_counts, "COUNTED_AT_ONCE", 2)
    app = show()
    assert filters(app)[1:3] == ["Overlapping classes · 1 of the first 2", "Lost objects · 0 of the first 2"]
    assert "2 images checked." in read(app)
    app.button(key="mask-count-all").click().run()
    assert filters(app)[1:3] == ["Overlapping classes · 1", "Lost objects · 0"]
    assert "3 images checked." in read(app)
    assert all(button.key != "mask-count-all" for button in app.button)


def test_while_images_are_counted_the_others_can_be_looked_at_and_counting_can_be_stopped(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on = threading.Event()

    def slow(subset: Any, progress: Progress, **more: Any) -> LostObjectCounts:
        progress(1, 3)
        may_go_on.wait(60)
        return lost_objects(subset, progress, **more)

    monkeypatch.setattr(lost_object_counts, "lost_objects", slow)
    monkeypatch.setattr(lost_object_counts, "SHORT_WAIT_S", 0.05)
    app = show(Selection(classes=("cat", "dog")))
    assert filters(app) == ["All images · 2", "Overlapping classes · …", "Lost objects · …", "Crowd regions · 1"]
    assert images_shown(app) == ["11 · all2017"]
    app.radio(key="mask-filter").set_value("conflict").run()
    assert "These images are listed when the label maps have been checked." in read(app)
    app.button(key="mask-counting-cancel").click().run()
    may_go_on.set()
    job = existing_job(app.session_state["job-lost-objects"])
    assert job is not None
    assert job.wait(60)
    assert app.run().button(key="mask-count-again").label == "Check label maps"
    monkeypatch.setattr(lost_object_counts, "SHORT_WAIT_S", 60.0)
    app.button(key="mask-count-again").click().run()
    assert filters(app)[1] == "Overlapping classes · 0"


@given(arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.sampled_from([0, 1, 2, 255])))
def test_a_map_is_what_its_runs_unfold_to(labels: Any) -> None:
    pairs = runs(labels)
    assert np.repeat(pairs[::2], pairs[1::2]).tolist() == labels.ravel().tolist()
    assert all(one != other for one, other in zip(pairs[::2], pairs[2::2], strict=False))


def test_in_rows_a_box_takes_an_image_out_and_puts_it_back(show: Show) -> None:
    app = show()
    app.segmented_control(key="mask-layout").set_value("Rows").run()
    for expected in (True, False, True):
        app.checkbox[0].set_value(expected).run()
        assert not app.exception
        assert app.checkbox[0].value is expected
        assert [each.value for each in app.checkbox].count(True) == expected
