"""A process may take what is free, and no more than its container grants."""

from pathlib import Path

import psutil
import pytest

from cocomine.system.memory import available_bytes


@pytest.mark.parametrize(
    ("limit", "used", "left"), [("5000", "2000", 3000), ("5000", "6000", 0), ("max", "2000", None), ("5000", "", None)]
)
def test_a_containers_limit_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, used: str, left: int | None
) -> None:
    free = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text(used)
    assert available_bytes(tmp_path) == (free.available if left is None else left)


def test_without_a_container_all_that_is_free_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    assert available_bytes(tmp_path) == free.available
