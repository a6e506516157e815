"""Mask values, lost objects and measured conflicts of a small dataset are as they were recorded.

They were read and found right; see `recorded` for how they are recorded anew.
"""

from pathlib import Path

from recorded import check
from recorded_labels import recorded_labels
from recordings import recorded_text
from stated_values import stated_values

import cocomine.labels

RECORDED = Path(__file__).parent / "recorded"


def test_labels_are_as_they_were_recorded(tmp_path: Path) -> None:
    check(RECORDED / "labels.txt", recorded_text(recorded_labels(tmp_path)))


def test_values_that_modules_state() -> None:
    check(RECORDED / "stated_values.txt", stated_values(cocomine.labels))
