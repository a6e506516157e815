"""Recorded results are compared line by line, and written only when asked."""

from pathlib import Path

import pytest
from recorded import check

RESULT = "cat 3\ndog 1\n"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A result on record."""
    path = tmp_path / "counts.txt"
    with monkeypatch.context() as patched:
        patched.setenv("COCOMINE_RECORD", "1")
        check(path, RESULT)
    monkeypatch.delenv("COCOMINE_RECORD", raising=False)
    return path


def test_the_same_result_passes(recorded: Path) -> None:
    check(recorded, RESULT)


@pytest.mark.parametrize("now", ["cat 3\ndog 2\n", "cat 3\ndog 1", "cat 3\r\ndog 1\r\n", ""])
def test_another_result_fails_and_leaves_the_record_as_it_is(recorded: Path, now: str) -> None:
    with pytest.raises(AssertionError, match=r"counts\.txt differs\. .*COCOMINE_RECORD=1"):
        check(recorded, now)
    assert recorded.read_bytes() == RESULT.encode()


def test_the_lines_that_differ_are_shown(recorded: Path) -> None:
    with pytest.raises(AssertionError, match=r"-dog 1\n\+dog 2\n"):
        check(recorded, "cat 3\ndog 2\n")


def test_a_result_that_is_not_on_record_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COCOMINE_RECORD", raising=False)
    with pytest.raises(AssertionError, match="differs"):
        check(tmp_path / "counts.txt", RESULT)


def test_it_is_said_below_which_head_lines_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COCOMINE_RECORD", raising=False)
    (tmp_path / "a.txt").write_text("=== one\n1\n=== two\n1\n2\n3\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"@@ -4,3 \+4,3 @@ === two\n 1\n-2\n\+4\n 3"):
        check(tmp_path / "a.txt", "=== one\n1\n=== two\n1\n4\n3\n")


@pytest.mark.parametrize(("now", "is_alike"), [("cat 3.002\ndog 1\n", True), ("cat 3.1\ndog 1\n", False)])
def test_numbers_may_differ_by_so_much_and_words_not_at_all(recorded: Path, now: str, *, is_alike: bool) -> None:
    if is_alike:
        check(recorded, now, within=0.01)
    else:
        with pytest.raises(AssertionError, match="differs"):
            check(recorded, now, within=0.01)
    with pytest.raises(AssertionError, match="differs"):
        check(recorded, now.replace("dog", "cow"), within=0.01)
