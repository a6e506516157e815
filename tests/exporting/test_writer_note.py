"""Who writes to a folder, and how far that is, is written down for others once a second at most."""

import os
import time
from pathlib import Path

import pytest

from cocomine.exporting.writer_note import told_to_others, writer_words


def test_a_second_after_what_was_written_down_last_it_is_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, shares = list[tuple[str, int, int]](), list[str]()
    phase = told_to_others(tmp_path, lambda name: lambda done, total: told.append((name, done, total)))("Verifying")
    for now_s, done in ((50.0, 1), (50.99, 2), (51.0, 3), (51.5, 4), (52.0, 5)):
        monkeypatch.setattr(time, "monotonic", lambda now_s=now_s: now_s)
        phase(done, 8)
        shares.append(writer_words(tmp_path).rpartition(": ")[2])
    monkeypatch.undo()
    assert shares == ["12 %)", "12 %)", "38 %)", "38 %)", "62 %)"]
    assert told == [("Verifying", done, 8) for done in range(1, 6)]
    assert writer_words(tmp_path).startswith(f" (process {os.getpid()} on ")


def test_of_nothing_nothing_is_done(tmp_path: Path) -> None:
    told_to_others(tmp_path, lambda _: lambda *_: None)("Verifying")(0, 0)
    assert writer_words(tmp_path).endswith(", verifying: 0 %)")


def test_where_nobody_wrote_it_down_nothing_is_said(tmp_path: Path) -> None:
    assert writer_words(tmp_path) == ""
