"""Which viewer a session gets, and when another takes its place."""

from pathlib import Path

import pytest
from conftest import OpenApp
from records import document, write_split

from cocomine.preview.client import ViewerStatus
from cocomine.ui import viewing
from cocomine.ui.viewing import SpareViewer, warm_up


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace in which viewers start and find no database."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COCOMINE_MONGOD", str(tmp_path / "nothing"))
    monkeypatch.delenv("FIFTYONE_DATABASE_URI", raising=False)
    return tmp_path / "home"


@pytest.mark.usefixtures("home")
def test_the_spare_viewer_is_handed_over_once() -> None:
    spare = SpareViewer()
    viewer = spare.taken()
    assert viewer is not None
    assert spare.taken() is None
    viewer.close()


@pytest.mark.usefixtures("home")
def test_a_spare_viewer_that_failed_is_not_handed_over() -> None:
    spare = SpareViewer()
    assert spare._viewer is not None
    assert spare._viewer.wait_until_started(20).state == "failed"
    assert spare.taken() is None


def test_where_the_viewer_is_switched_off_no_spare_one_starts(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOMINE_VIEWERS", "0")
    warm_up()
    assert not home.exists()


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
    monkeypatch.setattr(viewing, "start_viewer", _KilledViewer)
    app = open_app("check", data=str(data), classes="cat")
    tried = _KilledViewer.started
    assert any("ended unexpectedly" in warning.value for warning in app.warning)
    app.run()
    assert _KilledViewer.started == tried
    (button,) = [button for button in app.button if button.label == "Try again"]
    button.click().run()
    assert _KilledViewer.started == tried + 2
    assert not app.exception
