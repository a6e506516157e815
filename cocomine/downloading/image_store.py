"""Where is a downloaded image kept once, however many exports have it?

Under the SHA-256 of its web address, in the workspace. From there it is hard-linked to where it is needed; where the
disk allows no link it is copied. A link shares its bytes with the kept file, and who edits it in place edits both: so
what is kept is checked again each time before it is given out, and fetched anew where it is not sound any more.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from cocomine.coco.image_file import decode_whole, opened_image
from cocomine.coco.size import Size
from cocomine.downloading.permission import WebAddress
from cocomine.downloading.refusals import Interrupted, Refused
from cocomine.downloading.waiting import Ending
from cocomine.errors import UnreadableImage
from cocomine.system.files import atomic_file
from cocomine.system.locks import try_lock
from cocomine.system.space import writing_to

PAUSE_S = 0.1
"""Between two looks at whether another process has fetched the same image."""
BEGINNING_BYTES = 512
TEXT_BEGINNINGS = (b"<", b"\xef\xbb\xbf<", b"{")


class ImageStore:
    """The images that were downloaded, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, url: WebAddress) -> Path:
        """Return where the image of a web address is kept, whether it is there or not."""
        key = hashlib.sha256(str(url).encode()).hexdigest()
        return self.folder / key[:2] / key

    @contextmanager
    def alone_with(self, path: Path, ending: Ending) -> Iterator[None]:
        """Let nobody else, in this process or another, write a file of the store during the block.

        Raises:
            JobCancelled: the download is to end while it waits.
            StorageError: the store cannot be written.
        """
        with writing_to(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        lock_path = path.with_name(f"{path.name}.lock")
        file = _locked(lock_path, ending)
        try:
            yield
        finally:
            with suppress(PermissionError):  # Windows removes no open file; it then stays, empty
                lock_path.unlink()
            file.close()


def _locked(path: Path, ending: Ending) -> IO[bytes]:
    """Return the lock file, once it is ours and still the one of that name."""
    while True:
        with writing_to(path):
            file = path.open("ab")
            if try_lock(file) and _has_name(file, path):
                return file
        file.close()
        ending.wait(PAUSE_S)


def _has_name(file: IO[bytes], path: Path) -> bool:
    """Return whether an open file still has its name: who had the lock before removes it."""
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def check_image(path: Path, size: Size) -> None:
    """Decode an image, and compare its size with the one that its dataset says.

    Raises:
        Refused: it is no image, or has another size.
        Interrupted: it is damaged; the next try may bring it whole.
    """
    with path.open("rb") as file:
        beginning = file.read(BEGINNING_BYTES).lstrip()
    if beginning.startswith(TEXT_BEGINNINGS):
        raise Refused("a web page came instead of it")
    try:
        with opened_image(path) as image:
            found = Size.of_xy(image.size)
            decode_whole(image)
    except UnreadableImage as error:
        raise Interrupted(f"what came is no sound image ({error.__cause__})") from error
    if found != size:
        raise Refused(
            f"the image that came is {found.width:,} × {found.height:,} pixels, and the dataset says "
            f"{size.width:,} × {size.height:,}"
        )


def is_sound(path: Path, size: Size) -> bool:
    """Return whether an image of this size is at a path, whole."""
    try:
        check_image(path, size)
    except (OSError, Refused, Interrupted):
        return False
    return True


def give_out(kept: Path, target: Path) -> None:
    """Let a kept image appear at a place where nothing is yet: as a hard link, or where there is none, as a copy.

    Raises:
        FileExistsError: something is there by now.
        StorageError: it cannot be written.
    """
    try:
        os.link(kept, target)
    except FileExistsError:
        raise
    except OSError:  # another disk, or a file system without hard links or with no more of them
        with writing_to(target), atomic_file(target) as writing, kept.open("rb") as reading:
            shutil.copyfileobj(reading, writing)
