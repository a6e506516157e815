"""Files appear whole or not at all."""

import hashlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.system.files import atomic_file, file_sha256, write_bytes, write_json, write_text


def write_half(path: Path) -> None:
    with atomic_file(path) as file:
        file.write(b"half")
        raise RuntimeError("killed")


def test_a_block_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError, match="killed"):
        write_half(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_not_seen_under_its_name_before_the_block_ends(tmp_path: Path) -> None:
    with atomic_file(tmp_path / "a.txt") as file:
        file.write(b"half")
        assert not (tmp_path / "a.txt").exists()
    assert (tmp_path / "a.txt").read_bytes() == b"half"


def test_two_threads_that_write_one_file_both_succeed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with atomic_file(path) as file:
        other = threading.Thread(target=write_bytes, args=(path, b"inner"))
        other.start()
        other.join()
        file.write(b"outer")
    assert path.read_bytes() == b"outer"
    assert list(tmp_path.iterdir()) == [path]


def test_text_is_written_as_utf_8_on_every_system(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "Blåbær 猫\n")
    assert (tmp_path / "a.txt").read_bytes() == "Blåbær 猫\n".encode()


NAMES = st.text(max_size=5).filter(lambda text: text.encode(errors="replace").decode() == text)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
)


@given(value=VALUES)
def test_json_is_what_python_s_own_writer_indents(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.mktemp("json") / "a.json"
    write_json(path, value)
    assert path.read_text(encoding="utf-8") == json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def test_json_never_holds_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"value": float("nan")})
    assert not list(tmp_path.iterdir())


def test_a_check_sum_is_that_of_the_content(tmp_path: Path) -> None:
    write_bytes(tmp_path / "a", b"content")
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"content").hexdigest()
