"""The work of a download that may reach the server of the tests, which the one of the house never may.

A test names this module instead of `cocomine.downloading.task`; its process imports it.
"""

from functools import partial
from typing import Any

from bad_server import network_of_tests

from cocomine.background.reporting import Report
from cocomine.downloading import task
from cocomine.downloading.report import Conditions
from cocomine.downloading.waiting import Patience

PATIENCE = Patience(tries=3, first_wait_s=0.001, silence_s=240)


def carry_out(arguments: dict[str, Any], report: Report) -> dict[str, Any]:
    """Download as the house does, over the network of the tests."""
    vars(task)["Conditions"] = partial(Conditions, network=network_of_tests(), patience=PATIENCE)
    return task.carry_out(arguments, report)
