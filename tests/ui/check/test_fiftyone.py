"""Which viewer a session gets, and when another takes its place."""

from collections.abc import Collection
from pathlib import Path
from typing import ClassVar

import pytest
from apps import OpenApp
from galleries import galleries
from records import document, write_split
from streamlit.testing.v1 import AppTest

from cocomine.errors import ViewerError
from cocomine.exclusions.edits import exclude
from cocomine.exclusions.history import ExclusionList
from cocomine.ui.check import fiftyone
from cocomine.viewer.client import ViewerStatus
from cocomine.workspace import workspace_from_environment


def test_no_viewer_starts_before_a_person_asks_for_fiftyone(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_split(tmp_path / "data", document())
    _KilledViewer.started = 0
    monkeypatch.setattr(fiftyone, "start_viewer", _KilledViewer)
    app = open_app("choose", data=str(data), classes="cat")
    app.switch_page("pages/check.py").run()
    assert galleries(app), "the gallery is what Check opens on"
    assert _KilledViewer.started == 0
    _ask_for_fiftyone(app)
    assert _KilledViewer.started > 0


def _ask_for_fiftyone(app: AppTest) -> AppTest:
    app.session_state["check-view"] = "FiftyOne"
    return app.run()


class _KilledViewer:
    """A viewer that was killed at once, as by a system without memory."""

    started = 0

    def __init__(self, _: object) -> None:
        type(self).started += 1
        message = "The image viewer ended unexpectedly (code -9)."
        self.status = ViewerStatus(state="failed", message=message, elapsed_s=0.0, can_be_replaced=True)

    def close(self) -> None:
        """Nothing to end."""


def test_a_killed_viewer_is_replaced_once_and_then_only_when_the_person_asks(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_split(tmp_path / "data", document())
    _KilledViewer.started = 0
    monkeypatch.setattr(fiftyone, "start_viewer", _KilledViewer)
    app = _ask_for_fiftyone(open_app("check", data=str(data), classes="cat"))
    tried = _KilledViewer.started
    assert any("ended unexpectedly" in warning.value for warning in app.warning)
    app.run()
    assert _KilledViewer.started == tried
    (button,) = [button for button in app.button if button.label == "Try again"]
    button.click().run()
    assert _KilledViewer.started == tried + 2
    assert not app.exception


class _ReadyViewer:
    """A viewer that holds what a test says, with these tags."""

    tags: ClassVar[dict[tuple[str, int], bool]] = {}
    is_broken = False
    status = ViewerStatus(state="ready", message="", elapsed_s=0.0)

    def __init__(self, _: object) -> None:
        pass

    def show(self, *_: object, **__: object) -> None:
        pass

    def frame_url(self, **_: str) -> str:
        return "http://127.0.0.1:9/"

    def exclusion_tags(self) -> dict[tuple[str, int], bool]:
        return dict(self.tags)

    def exclude(self, keys: Collection[tuple[str, int]]) -> None:
        if self.is_broken:
            raise ViewerError("The image viewer does not answer.")
        type(self).tags = {key: key in keys for key in self.tags}

    def close(self) -> None:
        pass


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> type[_ReadyViewer]:
    """A viewer that holds the first image and the third of the four; asked for after `open_app`, which refuses any."""
    monkeypatch.setattr(fiftyone, "start_viewer", _ReadyViewer)
    _ReadyViewer.tags = {("all2017", 11): False, ("all2017", 42): False}
    return _ReadyViewer


def test_an_image_that_the_viewer_does_not_hold_stays_out(
    open_app: OpenApp, tmp_path: Path, ready: type[_ReadyViewer]
) -> None:
    data = write_split(tmp_path / "data", document())
    out = ExclusionList(workspace_from_environment().exclusions, data)
    out.change(lambda reasons: exclude(reasons, [("all2017", 11), ("all2017", 7)]))
    app = _ask_for_fiftyone(open_app("check", data=str(data), classes="cat,cup"))
    assert not app.exception
    assert ready.tags[("all2017", 11)], "the viewer was told"
    ready.tags = {("all2017", 11): False, ("all2017", 42): True}  # as the person does it in the App
    app.run()
    out.look()
    assert out.images == {("all2017", 42), ("all2017", 7)}


def test_a_viewer_that_could_not_be_told_does_not_put_images_back(
    open_app: OpenApp, tmp_path: Path, ready: type[_ReadyViewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ready, "is_broken", True)
    data = write_split(tmp_path / "data", document())
    out = ExclusionList(workspace_from_environment().exclusions, data)
    out.change(lambda reasons: exclude(reasons, [("all2017", 11)]))
    app = _ask_for_fiftyone(open_app("check", data=str(data), classes="cat,cup"))
    app.run()
    out.look()
    assert out.images == {("all2017", 11)}


def test_words_keep_the_place_of_the_app_until_it_holds_its_first_images(
    open_app: OpenApp, tmp_path: Path, ready: type[_ReadyViewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    monkeypatch.setattr(fiftyone, "_waiting_box", events.append)
    monkeypatch.setattr(ready, "show", lambda *_, **__: events.append("shown"))
    data = write_split(tmp_path / "data", document())
    app = _ask_for_fiftyone(open_app("check", data=str(data), classes="cat,cup"))
    assert events[:2] == ["Loading images into FiftyOne …", "shown"]
    events.clear()
    app.run()
    assert events == ["shown"], "the App that is open keeps its place itself"
