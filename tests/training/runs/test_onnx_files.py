"""Where a network is written as ONNX."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cocomine.training.runs import onnx_files
from cocomine.training.runs.onnx_files import ONNX_FILE, OnnxFile, onnx_of_run, write_onnx, write_onnx_of_run
from cocomine.training.runs.reading import BEST


def test_the_folders_of_a_new_file_are_made_before_its_process_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "new" / "folder" / "network.onnx"
    written = OnnxFile(path=str(target), size_bytes=1, opset=18, side_px=32, labels=[], largest_difference=0.0)

    def process(_module: str, arguments: Sequence[str], *_: object, **_more: object) -> Any:
        assert arguments == ["best.safetensors", str(target)]
        assert target.parent.is_dir()
        return msgspec.to_builtins(written)

    monkeypatch.setattr(onnx_files, "onnx_trouble", lambda: None)
    monkeypatch.setattr(onnx_files, "run_in_subprocess", process)
    for _ in ("new", "there"):
        assert write_onnx(Path("best.safetensors"), target, lambda *_: None) == written


def test_what_is_said_of_a_run_is_of_its_present_best_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, written = tmp_path / "run", []
    run.mkdir()
    (run / BEST).write_bytes(b"weights")

    def write(weights: Path, target: Path, _progress: object) -> OnnxFile:
        assert not target.exists()
        target.write_bytes(b"onnx")
        written.append(weights)
        return OnnxFile(path=str(target), size_bytes=4, opset=18, side_px=32, labels=[], largest_difference=0.0)

    monkeypatch.setattr(onnx_files, "write_onnx", write)
    assert onnx_of_run(run) is None
    told = [write_onnx_of_run(run, lambda *_: None) for _ in range(2)]  # the second one replaces the first
    assert written == [run / BEST] * 2
    stamp_ns = (run / ONNX_FILE).stat().st_mtime_ns
    for age_ns, expected in ((1, told[0]), (0, told[0]), (-1, None)):
        os.utime(run / BEST, ns=(stamp_ns, stamp_ns - age_ns))
        assert onnx_of_run(run) == expected
    (run / BEST).unlink()
    assert onnx_of_run(run) is None
