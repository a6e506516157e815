"""How does an export become one file that any system unpacks?

A zip holds every file that the manifest names, and the manifest, in one folder with the name of the recipe. It is made
block by block from the disk, so that its size decides nothing about memory, and its length is known before its first
byte, so that whoever receives it sees how far it is. Images are compressed already and are stored as they are; texts
are deflated. No header has a time or an owner in it: the same export gives the same bytes, as far as zlib is the same.
Files that are not of the export stay outside, as does whatever a link leads to; but where images are symbolic links by
request, a zip holds the images. Such a link is followed to the very bytes that the manifest names by their SHA-256, and
to no other file, so that an export that somebody else made brings nothing out that he does not know.

Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (6.3.10), sections 4.3, 4.4 and 4.5.3
"""

import hashlib
import os
import struct
import zlib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cocomine.errors import ExportError
from cocomine.exporting.layout import MANIFEST
from cocomine.exporting.reading import export_name, read_entry
from cocomine.mining.selection.recipe import SYMLINK
from cocomine.system.files import atomic_file
from cocomine.system.jobs import Progress
from cocomine.system.space import require_space, writing_to

TEXT_ENDINGS = frozenset({".csv", ".json", ".jsonl", ".md", ".txt", ".xml", ".yaml"})
BLOCK_BYTES = 1 << 20
STORED, DEFLATED = 0, 8
DEFLATE_LEVEL = 6
FULL, FULL_COUNT = 0xFFFF_FFFF, 0xFFFF
"""In fields of 32 and 16 bits: the number is among those of 64 bits (zip64)."""
LARGEST, MOST_FILES = FULL, FULL_COUNT
"""Sizes, places and numbers of files from here on are."""
DAY = 1 << 5 | 1
"""1 January 1980, the first day that a zip can name."""
UTF_8_NAMES = 1 << 11
ZIP64_FIELD = 1
VERSION, ZIP64_VERSION = 20, 45
UNIX, FILE_MODE = 3 << 8, 0o100644 << 16
LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
ZIP64_END = struct.Struct("<4sQ2H2I4Q")
ZIP64_LOCATOR = struct.Struct("<4sIQI")
END = struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipMember:
    """One file of an export.

    Attributes:
        path: from the export's folder on.
        size: in bytes.
        packed_size: in bytes, as it is in the zip.
        sha256: of what a symbolic link must lead to; None for a file of the export's own.
    """

    path: str
    size: int
    packed_size: int
    sha256: str | None = None

    @property
    def is_deflated(self) -> bool:
        """Whether it is a text."""
        return is_text(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZipPlan:
    """All that a zip will hold, before its first byte is made.

    Attributes:
        folder: of the export, links resolved.
        name: of the folder in the zip; with `.zip`, of the zip itself.
        members: in the order of their paths.
    """

    folder: Path
    name: str
    members: tuple[ZipMember, ...]

    @property
    def file_name(self) -> str:
        """What the zip is called."""
        return f"{self.name}.zip"

    @property
    def size(self) -> int:
        """Bytes of the whole zip."""
        place = directory_size = 0
        for member in self.members:
            directory_size += len(_central_header(self, member, 0, place))
            place += len(_local_header(self, member, 0)) + member.packed_size
        return place + directory_size + len(_end(len(self.members), directory_size, place))


def is_text(path: str) -> bool:
    """Return whether a file is deflated; what is not is stored as it is."""
    return os.path.splitext(path)[1].lower() in TEXT_ENDINGS  # noqa: PTH122 - a name, for each of many files


def plan_zip(folder: Path, *, progress: Progress = lambda *_: None) -> ZipPlan:
    """Return what the zip of an export will hold; texts are read for it, images are not.

    Raises:
        ExportError: the folder is no export, or a file is not as its manifest says.
        RecipeError: its recipe is damaged.
    """
    folder = Path(os.path.realpath(folder))
    entry = read_entry(folder)
    sizes = {str(each["path"]): each["size"] for each in entry.manifest["files"] if each["size"] is not None}
    sizes[MANIFEST] = (folder / MANIFEST).stat().st_size
    sha256 = {str(each["path"]): str(each["sha256"]) for each in entry.manifest["files"]}
    members = []
    for done, path in enumerate(sorted(sizes), start=1):
        is_symlink = entry.recipe.images == SYMLINK and not is_text(path) and (folder / path).is_symlink()
        members.append(
            _linked(folder, path, sizes[path], sha256[path]) if is_symlink else _member(folder, path, sizes[path])
        )
        progress(done, len(sizes))
    return ZipPlan(folder=folder, name=export_name(entry.recipe), members=tuple(members))


def write_zip(plan: ZipPlan, out: Path, *, progress: Progress = lambda *_: None) -> Path:
    """Write a zip, whole or not at all, and return its path.

    Args:
        out: a new file, or a folder, in which the zip has its own name.

    Raises:
        ExportError: a file is there already, or one of the export was changed meanwhile.
        StorageError: there is no room, or the folder cannot be written.
    """
    target = out / plan.file_name if out.is_dir() else out
    if os.path.lexists(target):
        raise ExportError(f"{target}: there is such a file already. Choose another name, or delete it first.")
    size = plan.size
    require_space(target.parent, size, "The zip")
    with writing_to(target, need_bytes=size), atomic_file(target) as file:
        for block in zip_blocks(plan):
            file.write(block)
            progress(file.tell(), size)
    return target


def zip_blocks(plan: ZipPlan) -> Generator[bytes]:
    """Yield the zip in blocks of about a megabyte.

    Raises:
        ExportError: a file was changed since the plan was made.
    """
    waiting = bytearray()
    for piece in _pieces(plan):
        waiting += piece
        if len(waiting) >= BLOCK_BYTES:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _pieces(plan: ZipPlan) -> Iterator[bytes]:
    directory, place = bytearray(), 0
    for member in plan.members:
        check_sum = _check_sum(plan.folder, member)
        header = _local_header(plan, member, check_sum)
        yield header
        yield from _packed(plan.folder, member, check_sum)
        directory += _central_header(plan, member, check_sum, place)
        place += len(header) + member.packed_size
    yield bytes(directory)
    yield _end(len(plan.members), len(directory), place)


def _member(folder: Path, path: str, size: int) -> ZipMember:
    file = folder / path
    if not file.is_file() or os.path.realpath(file) != str(file):
        raise ExportError(f"{file}: this file of the export is missing, or is a link. Export again, then zip it.")
    if file.stat().st_size != size:
        raise ExportError(_changed(file))
    packed_size = sum(map(len, _deflated(_blocks(folder, path, size)))) if is_text(path) else size
    return ZipMember(path=path, size=size, packed_size=packed_size)


def _linked(folder: Path, path: str, size: int, sha256: str) -> ZipMember:
    """Return the image that a symbolic link leads to; its content is looked at where it is packed."""
    file = folder / path
    if not file.is_file() or os.path.realpath(file.parent) != str(file.parent):
        raise ExportError(f"{file}: this link leads to no file any more. Export again, then zip it.")
    if file.stat().st_size != size:
        raise ExportError(_changed(file))
    return ZipMember(path=path, size=size, packed_size=size, sha256=sha256)


def _check_sum(folder: Path, member: ZipMember) -> int:
    """Return the CRC-32 of a file, which stands before its content: so even a reader that cannot go back unpacks it."""
    value, digest = 0, hashlib.sha256()
    for block in _blocks(folder, member.path, member.size):
        value = zlib.crc32(block, value)
        if member.sha256 is not None:
            digest.update(block)
    if member.sha256 not in (None, digest.hexdigest()):
        raise ExportError(_changed(folder / member.path))
    return value


def _packed(folder: Path, member: ZipMember, check_sum: int) -> Iterator[bytes]:
    """Yield a file as it is in the zip, and make sure that it is what its header says."""
    blocks = _checked(folder, member, check_sum)
    packed_size = 0
    for piece in _deflated(blocks) if member.is_deflated else blocks:
        packed_size += len(piece)
        yield piece
    if packed_size != member.packed_size:
        raise ExportError(_changed(folder / member.path))


def _checked(folder: Path, member: ZipMember, check_sum: int) -> Iterator[bytes]:
    found = 0
    for block in _blocks(folder, member.path, member.size):
        found = zlib.crc32(block, found)
        yield block
    if found != check_sum:
        raise ExportError(_changed(folder / member.path))


def _deflated(blocks: Iterable[bytes]) -> Iterator[bytes]:
    pack = zlib.compressobj(DEFLATE_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    for block in blocks:
        yield pack.compress(block)
    yield pack.flush()


def _blocks(folder: Path, path: str, size: int) -> Iterator[bytes]:
    left = size
    try:
        with (folder / path).open("rb") as file:
            while block := file.read(BLOCK_BYTES):
                left -= len(block)
                yield block
    except OSError as error:
        raise ExportError(f"{folder / path}: cannot be read ({error.strerror}). Export again, then zip it.") from error
    if left:
        raise ExportError(_changed(folder / path))


def _changed(file: Path) -> str:
    return f"{file}: this file is not as it was exported. Export again, then zip it."


def _local_header(plan: ZipPlan, member: ZipMember, check_sum: int) -> bytes:
    name = f"{plan.name}/{member.path}".encode()
    sizes = (member.packed_size, member.size)
    extra = _zip64_extra(member.size, member.packed_size) if max(sizes) >= LARGEST else b""
    fields = (UTF_8_NAMES, _method(member), 0, DAY, check_sum, *(FULL if extra else size for size in sizes))
    return LOCAL.pack(b"PK\3\4", _version(extra), *fields, len(name), len(extra)) + name + extra


def _central_header(plan: ZipPlan, member: ZipMember, check_sum: int, place: int) -> bytes:
    name = f"{plan.name}/{member.path}".encode()
    numbers = (member.size, member.packed_size, place)
    extra = _zip64_extra(*numbers) if max(numbers) >= LARGEST else b""
    size, packed_size, place = (FULL if extra else number for number in numbers)
    version = _version(extra)
    fields = (UTF_8_NAMES, _method(member), 0, DAY, check_sum, packed_size, size, len(name), len(extra))
    header = CENTRAL.pack(b"PK\1\2", UNIX | version, version, *fields, 0, 0, 0, FILE_MODE, place)
    return header + name + extra


def _end(file_count: int, directory_size: int, place: int) -> bytes:
    """Return what closes a zip: where its directory is, and how much is in it."""
    is_large = file_count >= MOST_FILES or max(directory_size, place) >= LARGEST
    fields = (file_count, file_count, directory_size, place)
    end = END.pack(b"PK\5\6", 0, 0, *((FULL_COUNT, FULL_COUNT, FULL, FULL) if is_large else fields), 0)
    if not is_large:
        return end
    length = ZIP64_END.size - 12  # its first 12 bytes do not count
    zip64_end = ZIP64_END.pack(b"PK\6\6", length, UNIX | ZIP64_VERSION, ZIP64_VERSION, 0, 0, *fields)
    return zip64_end + ZIP64_LOCATOR.pack(b"PK\6\7", 0, place + directory_size, 1) + end


def _zip64_extra(*numbers: int) -> bytes:
    return struct.pack(f"<2H{len(numbers)}Q", ZIP64_FIELD, 8 * len(numbers), *numbers)


def _method(member: ZipMember) -> int:
    return DEFLATED if member.is_deflated else STORED


def _version(extra: bytes) -> int:
    return ZIP64_VERSION if extra else VERSION
