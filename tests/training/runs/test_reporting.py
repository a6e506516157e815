"""What the log of a run says."""

import pytest
from msgspec.structs import replace
from run_folders import INFO

from cocomine.training.runs.reporting import setting_lines


@pytest.mark.parametrize(("stages", "words"), [([], "frozen: nothing"), (["stem", "layer1"], "frozen: stem, layer1")])
def test_the_log_says_which_stages_are_frozen(stages: list[str], words: str) -> None:
    assert setting_lines(replace(INFO, frozen_stages=stages))[1].endswith(words)
