"""How long does the server take when a person changes something on a page?

The app runs in Streamlit's own script runner, without a browser and without a
viewer. What is timed is the script run itself, callbacks included, and turning
its messages into bytes; not what AppTest does around it.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, product
from pathlib import Path
from typing import Any
from unittest.mock import patch

from streamlit.logger import set_log_level
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from benchmarks.job import Job
from cocomine.ui.check import fiftyone
from cocomine.ui.choose.controls import INCLUDED
from cocomine.ui.understand.interference import ASKED
from cocomine.viewer.client import ViewerStatus

APP = Path(__file__).resolve().parent.parent / "app.py"
LONGEST_OPENING_S = 600
PICKED_COUNT = 4
MAP = "pair-map"
"""In the id of the heat map."""


class _NoViewer:
    """Stands in for a viewer, which would start other processes."""

    def __init__(self, _: Any) -> None:
        self.status = ViewerStatus(state="failed", message="no viewer while pages are timed", elapsed_s=0.0)

    def close(self) -> None:
        """Nothing to end."""


class Pages:
    """The app, open on the large file."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.script_s = 0.0
        self.change: Callable[[], Any] = lambda: None
        self.fragment_of_map, self.fragment_to_run = "", ""
        set_log_level("ERROR")  # it warns that there is no browser
        patch.object(fiftyone, "start_viewer", _NoViewer).start()
        patch.object(PagesManager, "__init__", _begun_with_navigation(PagesManager.__init__)).start()
        patch.object(LocalScriptRunner, "_run_script", self._timed(LocalScriptRunner._run_script)).start()
        compiled = ScriptCache()  # as a server has it: each script is compiled once
        for module in (app_test, local_script_runner):
            patch.object(module, "ScriptCache", lambda: compiled).start()
        self.app = AppTest.from_file(str(APP), default_timeout=LONGEST_OPENING_S)

    def open_app(self) -> None:
        """Open the app on the large file with the classes selected, and wait until it is read."""
        self.app.query_params["data"] = self.job.annotation_file
        self.app.query_params["classes"] = ",".join(self.job.classes)
        end = time.monotonic() + LONGEST_OPENING_S
        while not self.app.run().metric and time.monotonic() < end:
            time.sleep(0.2)
        self._refuse_errors()

    def go_to_data(self) -> None:
        """Show the first page; its part of the file is what changes."""
        parts = cycle(("annotations", "categories", "images"))
        self._go_to("data", lambda: self._widget("data-part").set_value(next(parts)))

    def go_to_understand(self) -> None:
        """Show the statistics; the measure of the map and the sorting are what changes."""
        values = cycle(product(("by images", "by objects"), ("Strength", "Supercategory")))

        def change() -> None:
            counted, order = next(values)
            self._widget("counted").set_value(counted)
            self._widget("order").set_value(order)

        self._go_to("understand", change)

    def click_in_map(self) -> float:
        """Click a cell of the heat map, on Understand; return the seconds of the run that opens its dialog."""
        self.app.session_state[ASKED] = (0, 1)
        self.fragment_to_run = self.fragment_of_map
        try:
            seconds = self._run_s()
        finally:
            self.fragment_to_run = ""
        if ASKED in self.app.session_state:
            raise RuntimeError("the click opened no dialog")
        return seconds

    def go_to_choose(self) -> None:
        """Show the classes; four others are selected each time."""
        selected = self._selections()
        self._go_to("choose", lambda: self._included_classes().set_value(next(selected)))

    def rerun(self) -> float:
        """Change the page's widget and run the page again; return the seconds of the script run."""
        self.change()
        return self._run_s()

    def _run_s(self) -> float:
        self.script_s = 0.0
        self.app.run()
        self._refuse_errors()
        return self.script_s

    def _selections(self) -> Iterator[list[str]]:
        names = cycle(self.job.categories)
        while True:
            yield [next(names) for _ in range(min(PICKED_COUNT, len(self.job.categories)))]

    def _included_classes(self) -> Any:
        """Return the field; its key changes, see `cocomine.ui.session.shared_value`."""
        return next(each for each in self.app.multiselect if str(each.key).startswith(INCLUDED))

    def _widget(self, key: str) -> Any:
        return self.app.segmented_control(key=key)

    def _go_to(self, page: str, change: Callable[[], Any]) -> None:
        self.app.switch_page(f"pages/{page}.py").run()
        self._refuse_errors()
        self.change = change

    def _refuse_errors(self) -> None:
        told = [str(element.value) for kind in (self.app.exception, self.app.error) for element in kind]
        if told:
            raise RuntimeError("; ".join(told))

    def _timed(self, run: Callable[[LocalScriptRunner, RerunData], None]) -> Callable[..., None]:
        def timed_run(runner: LocalScriptRunner, data: RerunData) -> None:
            if self.fragment_to_run:
                data = replace(data, fragment_id_queue=[self.fragment_to_run])
            start = time.perf_counter()
            run(runner, data)
            for message in runner.forward_msgs():
                message.SerializeToString()
            self.script_s += time.perf_counter() - start
            shown = (message.delta for message in runner.forward_msgs())
            charts = (each.fragment_id for each in shown if MAP in each.new_element.plotly_chart.id)
            self.fragment_of_map = next(charts, self.fragment_of_map)

        return timed_run


def _begun_with_navigation(begin: Callable[..., None]) -> Callable[..., None]:
    """Let every run be as in a server after its first one; see `cocomine.ui.starting.run_pages_through_app`."""

    def begun(manager: PagesManager, *args: Any, **more: Any) -> None:
        begin(manager, *args, **more)
        PagesManager.uses_pages_directory = False

    return begun
