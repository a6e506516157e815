"""Images stay a while after the last page that showed them."""

import time

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from cocomine.server import kept_images


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MediaFileManager:
    monkeypatch.setattr(MediaFileManager, "_get_inactive_file_ids", MediaFileManager._get_inactive_file_ids)
    monkeypatch.setattr(kept_images, "_since", {})
    return MediaFileManager(storage=MemoryMediaFileStorage("/media"))


def shown(manager: MediaFileManager) -> str:
    """Let a page show an image, and return its name."""
    return manager.add(b"image", "image/png", "1.0").rpartition("/")[2].partition(".")[0]


def test_an_image_is_there_while_its_page_runs_anew_and_another_page_ends(
    manager: MediaFileManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_images.keep_images()
    name = shown(manager)
    manager.clear_session_refs()  # the page runs anew
    manager.remove_orphaned_files()  # another page ends
    assert manager.read_file(name) is not None
    later = time.monotonic() + kept_images.KEPT_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    shown(manager)
    manager.remove_orphaned_files()
    manager.clear_session_refs()
    manager.remove_orphaned_files()
    assert manager.read_file(name) is not None, "the time begins anew with the page that showed it last"
    monkeypatch.setattr(time, "monotonic", lambda: later + kept_images.KEPT_S)
    manager.remove_orphaned_files()
    assert manager.read_file(name) is None


def test_streamlit_itself_takes_it_away_at_once(manager: MediaFileManager) -> None:
    """Where this fails, `kept_images` can go."""
    name = shown(manager)
    manager.clear_session_refs()
    manager.remove_orphaned_files()
    assert manager.read_file(name) is None
