"""The ONNX file gives what PyTorch gives, from pixels as they are, and says what its labels are."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import ModelProto, TensorProto, helper
from small_weights import LABELS, write_small_weights

from cocomine.cli.parser import main
from cocomine.errors import TrainingError
from cocomine.training import onnx_export
from cocomine.training.augmentation import normalised
from cocomine.training.onnx_export import export_onnx
from cocomine.training.prediction import Predictor
from cocomine.training.runs.onnx_files import write_onnx


@pytest.mark.slow
def test_the_command_writes_a_file_that_gives_what_pytorch_gives(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights, target = write_small_weights(tmp_path / "best.safetensors"), tmp_path / "new/network.onnx"

    assert main(["onnx", str(weights), "--out", str(target), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    session = onnxruntime.InferenceSession(target.read_bytes(), providers=["CPUExecutionProvider"])
    images = np.random.default_rng(5).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    (logits,) = session.run(None, {"images": images})

    with torch.no_grad():
        expected = Predictor.read(weights).network(normalised(images, torch.device("cpu"))).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4)
    assert (told["side_px"], told["size_bytes"]) == (32, target.stat().st_size)
    assert told["largest_difference"] < 1e-4
    properties = session.get_modelmeta().custom_metadata_map
    assert json.loads(properties["labels"]) == LABELS
    assert properties["step"] == "7"
    assert str(Path(onnx_export.__file__).parent).encode() not in target.read_bytes()
    onnx.checker.check_model(onnx.load_model_from_string(target.read_bytes()))
    assert [path.name for path in target.parent.iterdir()] == ["network.onnx"]


def its_input_as_output() -> ModelProto:
    """A network that gives the pixels back, three logits for each."""
    pixels = helper.make_tensor_value_info("images", TensorProto.UINT8, ("n", 32, 32, 3))
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ("n", 3, 32, 32))
    nodes = [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["logits"], perm=(0, 3, 1, 2)),
    ]
    graph = helper.make_graph(nodes, "wrong", [pixels], [logits])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def test_a_network_that_gives_other_numbers_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = write_small_weights(tmp_path / "best.safetensors")
    monkeypatch.setattr(onnx_export, "_translated", lambda *_: its_input_as_output())
    told = list[tuple[int, int]]()

    with pytest.raises(TrainingError, match="gives other numbers than PyTorch"):
        export_onnx(weights, tmp_path / "network.onnx", lambda done, total: told.append((done, total)))
    assert not (tmp_path / "network.onnx").exists()
    assert told == [(0, 3), (1, 3), (2, 3)]  # the last step is the writing


def test_a_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    weights = write_small_weights(tmp_path / "best.safetensors")
    (tmp_path / "network.onnx").write_text("keep")

    with pytest.raises(TrainingError, match="is there already"):
        write_onnx(weights, tmp_path / "network.onnx", lambda *_: None)
    assert (tmp_path / "network.onnx").read_text() == "keep"
