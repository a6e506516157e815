"""Of a file that grows only the new is read, and what is no continuation of it is told."""

import io
from pathlib import Path

import pytest

from cocomine.training.runs.growing_file import GrowingFile, NewLines

LONG = b"".join(b"line %d\n" % index for index in range(2000))


def looked_at(file: GrowingFile, path: Path) -> NewLines:
    with path.open("rb") as opened:
        return file.look(opened)


def test_the_last_line_is_taken_once_it_has_its_end(tmp_path: Path) -> None:
    path, file = tmp_path / "lines", GrowingFile()
    path.write_bytes(b"a\nb")
    assert looked_at(file, path) == NewLines(lines=(b"a",), is_anew=False)
    assert looked_at(file, path) == NewLines(lines=(), is_anew=False)
    path.write_bytes(b"a\nb\n\nc\n")
    assert looked_at(file, path) == NewLines(lines=(b"b", b"", b"c"), is_anew=False)


def test_a_look_at_a_file_that_grew_reads_its_end_alone(tmp_path: Path) -> None:
    path, file = tmp_path / "lines", GrowingFile()
    path.write_bytes(LONG)
    looked_at(file, path)
    with path.open("ab") as grown:
        grown.write(b"new\n")
    with NotedReads(path) as opened:
        assert file.look(opened).lines == (b"new",)
    assert opened.read_bytes == 4096 + len(b"new\n")


class NotedReads(io.FileIO):
    """A file that counts what is read of it."""

    read_bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.read_bytes += len(data)
        return data


@pytest.mark.parametrize("other", [b"", b"line 0\n", LONG.replace(b"line 3\n", b"line x\n"), b"x" + LONG + b"new\n"])
def test_a_file_that_is_no_continuation_is_taken_anew(tmp_path: Path, other: bytes) -> None:
    path, file = tmp_path / "lines", GrowingFile()
    path.write_bytes(LONG)
    looked_at(file, path)
    path.write_bytes(other)
    assert looked_at(file, path) == NewLines(lines=tuple(other.split(b"\n")[:-1]), is_anew=True)
