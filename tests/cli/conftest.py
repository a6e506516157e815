"""What the commands say does not depend on what is installed where they are tested."""

import pytest

from cocomine.system import extras


@pytest.fixture(autouse=True)
def _everything_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training and the viewer find their packages."""
    monkeypatch.setattr(extras, "find_spec", lambda _name: object())
