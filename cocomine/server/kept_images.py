"""Which images can a browser still have that no page shows any more?

Streamlit forgets an image the moment no page refers to it. A page that runs anew refers to none until it has drawn
them, and a run of anybody's page that ends in that moment takes them away. A browser that asks for one just then shows
it broken, for good. So images stay for a while after the last page that showed them.
"""

import time

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT_S = 60.0
_unused = MediaFileManager._get_inactive_file_ids
_since: dict[str, float] = {}
"""By file since when no page refers to it, on the monotonic clock; whoever reads it holds the lock of the manager."""


def keep_images() -> None:
    """Let this process keep each image for `KEPT_S` after the last page that showed it."""
    MediaFileManager._get_inactive_file_ids = _long_unused  # type: ignore[assignment, method-assign]


def _long_unused(manager: MediaFileManager) -> set[str]:
    now, unused = time.monotonic(), _unused(manager)
    for shown_again in _since.keys() - unused:
        del _since[shown_again]
    return {each for each in unused if now - _since.setdefault(each, now) >= KEPT_S}
