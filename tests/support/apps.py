"""The app under test: each run as in a server after its first one, and no viewer."""

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from places import REPOSITORY
from records import document, write_split
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from cocomine.ui.check import fiftyone
from cocomine.ui.export import write_panel
from cocomine.ui.session import demo
from cocomine.viewer.client import ViewerStatus

OpenApp = Callable[..., AppTest]


@pytest.fixture
def open_app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """Open the app on a page, as a link with these parameters would; no viewer is started."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(fiftyone, "start_viewer", _refused_viewer)
    monkeypatch.setattr(write_panel, "QUICK_S", 60)  # an export is there when the run ends
    monkeypatch.setattr(demo, "QUICK_S", 60)
    monkeypatch.setattr(PagesManager, "__init__", _began_with_navigation)

    def open_page(page: str = "data", **query: str) -> AppTest:
        app = AppTest.from_file(str(REPOSITORY / "app.py"), default_timeout=60)
        app.session_state[fiftyone.ATTEMPT] = next(_attempts)  # or all tests, one session to AppTest, share a viewer
        for name, value in query.items():
            app.query_params[name] = value
        return (app if page == "data" else app.switch_page(f"pages/{page}.py")).run()

    return open_page


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of the test's own."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def path(tmp_path: Path, home: Path) -> Path:
    """The four images, in a file like no other test's, since what is measured is shared by content."""
    del home
    return write_split(tmp_path / "data", document(info={"of": str(tmp_path)}), pictures=False)


_attempts = count(1)
_begun = PagesManager.__init__


def _began_with_navigation(self: PagesManager, *args: Any, **more: Any) -> None:
    """Let every run be as in a server after its first one; AppTest 1.67 would let each be the first.

    See `cocomine.ui.starting.run_pages_through_app`.
    """
    _begun(self, *args, **more)
    PagesManager.uses_pages_directory = False


class _refused_viewer:  # noqa: N801 - stands in for a function
    """A viewer that could not start, as where there is no mongod."""

    def __init__(self, _: Any) -> None:
        self.status = ViewerStatus(state="failed", message="no usable mongod was found. Run `pip`.", elapsed_s=0.0)

    def close(self) -> None:
        """Nothing to end."""


def on_compare(open_app: OpenApp, tab: str, **query: str) -> AppTest:
    """Open the Compare page on one of its tabs, the only one that is drawn."""
    app = open_app("compare", **query)
    app.session_state["compare-tab"] = tab
    return app.run()


def shown(script: Callable[..., None], *args: object) -> AppTest:
    """Run a script as a page of its own, which must not fail."""
    return again(AppTest.from_function(script, args=args, default_timeout=60))


def again(app: AppTest) -> AppTest:
    """Run it once more."""
    assert not app.run().exception
    return app


def said(app: AppTest) -> str:
    """Return its sentences."""
    return "\n".join(element.value for element in [*app.text, *app.caption, *app.warning])


def read(app: AppTest) -> str:
    """Return everything a person reads on the page."""
    headings = (app.title, app.header, app.subheader)
    kinds = (*headings, app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def widget(kind: Iterable[Any], name: str) -> Any:
    """Return the widget of this name whose value is changed elsewhere too, see `cocomine.ui.session.shared_value`."""
    return next(each for each in kind if str(each.key).rpartition("-")[0] == name)


def export_button(app: AppTest) -> Any:
    """Return the button of the Export page that begins the export."""
    return app.button(key="begin-export")


def set_export_folder(app: AppTest, folder: str) -> AppTest:
    """Let an export go to a folder outside the library."""
    app.radio(key="export-place").set_value("folder").run()
    widget(app.text_input, "export-to").set_value(folder).run()
    return app


def click_before_drawing(app: AppTest, label: str, change: Callable[[AppTest], AppTest]) -> AppTest:
    """Make a change, then click a button in a browser that has not drawn it yet: it sends what was set before."""
    fields = [each for each in app._tree.get_widget_states().widgets if each.WhichOneof("value") != "trigger_value"]
    app = change(app)
    button = next(each for each in app.button if each.label == label)
    click = WidgetState(id=button.id, trigger_value=True)  # a browser sends the button that was clicked and no other
    return app._run(WidgetStates(widgets=[*fields, click]))
