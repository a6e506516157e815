"""Where a network is written as ONNX."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cocomine.training.runs import onnx_files
from cocomine.training.runs.onnx_files import OnnxFile, write_onnx


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
    assert write_onnx(Path("best.safetensors"), target, lambda *_: None) == written
