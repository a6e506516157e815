import math
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from places import SHARED
from safetensors.torch import save_file

from cocomine.errors import WeightsError
from cocomine.training import weights
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.runs.config import preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.weights_files import (
    frozen_stage_count,
    inspected,
    torch_hub_folder,
    usable_files,
    weights_candidates,
)
from cocomine.training.weights import load_encoder

RESNET50 = ENCODERS["resnet50"]

Tensors = dict[str, torch.Tensor]


@pytest.fixture(scope="module")
def given() -> Tensors:
    network = LinkNet(RESNET50, 2)
    initialise(network, seed=1)
    return network.encoder.state_dict()


@pytest.fixture(scope="module")
def network() -> LinkNet:
    return LinkNet(RESNET50, 2)


def test_a_complete_file_leaves_nothing_random(network: LinkNet, given: Tensors, tmp_path: Path) -> None:
    save_file(given, tmp_path / "w.safetensors")
    loaded = load_encoder(network, str(tmp_path / "w.safetensors"))
    assert (loaded.random, loaded.complete_stages, loaded.notice) == ((), 5, None)
    assert loaded.loaded_count == 265
    assert torch.equal(network.encoder.layer4.state_dict()["2.conv3.weight"], given["layer4.2.conv3.weight"])


@pytest.mark.parametrize("prefix", ["", "encoder.", "module.encoder."])
def test_a_pth_file_may_have_prefixes_and_a_classifier(
    network: LinkNet, given: Tensors, tmp_path: Path, prefix: str
) -> None:
    value = {f"{prefix}{name}": tensor for name, tensor in given.items()}
    torch.save(value | {f"{prefix}fc.weight": torch.zeros(1000, 2048)}, tmp_path / "w.pth")
    assert load_encoder(network, str(tmp_path / "w.pth")).complete_stages == 5


def test_what_a_file_lacks_stays_as_it_was_and_is_named(given: Tensors, tmp_path: Path) -> None:
    network = LinkNet(RESNET50, 2)
    before = network.encoder.layer3.state_dict()["5.conv1.weight"].clone()
    part = {name: tensor.half() for name, tensor in given.items() if not name.startswith(("layer3.5", "layer4"))}
    save_file(part, tmp_path / "part.safetensors")
    loaded = load_encoder(network, str(tmp_path / "part.safetensors"))
    assert torch.equal(network.encoder.layer3.state_dict()["5.conv1.weight"], before)
    assert "layer3.5.conv1.weight" in loaded.random
    assert loaded.complete_stages == 3
    assert loaded.notice is not None
    assert "start at random (in layer3, layer4)" in loaded.notice


def test_a_random_start_leaves_a_notice(network: LinkNet) -> None:
    loaded = load_encoder(network, "auto", candidates=())
    assert (loaded.source, loaded.complete_stages, loaded.sha256) == ("random", 0, None)
    assert loaded.notice is not None
    assert "Random initialisation" in loaded.notice


def test_the_ladder_takes_the_first_file_that_fits(network: LinkNet, given: Tensors, tmp_path: Path) -> None:
    environment = {"TORCH_HOME": str(tmp_path / "torch"), "HF_HOME": str(tmp_path / "hugging-face")}
    own, hub = tmp_path / "own", torch_hub_folder(environment)
    own.mkdir()
    hub.mkdir(parents=True)
    (own / "a.pth").write_bytes(b"no weights")
    torch.save(given, hub / "resnet50-0676ba61.pth")
    torch.save(given, hub / "vgg16.pth")
    candidates = weights_candidates(own, environment)
    assert [path.name for path in candidates] == ["a.pth", "resnet50-0676ba61.pth"]
    assert load_encoder(network, "auto", candidates).source == str(hub / "resnet50-0676ba61.pth")


def test_the_ladder_looks_into_hugging_faces_cache_too(network: LinkNet, given: Tensors, tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--smp-hub--resnet50.imagenet" / "snapshots" / "00cb74e"
    snapshot.mkdir(parents=True)
    save_file(given, snapshot / "model.safetensors")
    candidates = weights_candidates(tmp_path / "own", {"TORCH_HOME": str(tmp_path), "HF_HOME": str(tmp_path)})
    assert load_encoder(network, "auto", candidates).source == str(snapshot / "model.safetensors")


def test_the_weights_of_another_encoder_are_passed_over(given: Tensors, tmp_path: Path) -> None:
    save_file(given, tmp_path / "w.safetensors")
    for name in ("resnet18", "small"):
        assert usable_files((tmp_path / "w.safetensors",), ENCODERS[name]) == []
    with pytest.raises(WeightsError, match=r"a ResNet-18 has .*\. Give weights of a ResNet-18, or choose 'none'\."):
        inspected(tmp_path / "w.safetensors", ENCODERS["resnet18"])


def test_a_whole_file_is_taken_before_a_partial_one(network: LinkNet, given: Tensors, tmp_path: Path) -> None:
    """Whatever their names are and wherever they lie."""
    partial, whole = tmp_path / "a.safetensors", tmp_path / "z.pth"
    save_file({name: tensor for name, tensor in given.items() if not name.startswith("layer4")}, partial)
    torch.save(given, whole)
    assert [file.path for file in usable_files((partial, whole), RESNET50)] == [whole, partial]
    assert load_encoder(network, "auto", (partial, whole)).source == str(whole)


def test_what_a_file_fills_is_known_without_torch(given: Tensors, tmp_path: Path) -> None:
    part = {f"module.{name}": tensor for name, tensor in given.items() if not name.startswith("layer4")}
    save_file(part, tmp_path / "w.safetensors")
    torch.save({"state_dict": part}, tmp_path / "zip.pth")
    torch.save(part, tmp_path / "old.pth", _use_new_zipfile_serialization=False)
    for path in sorted(tmp_path.iterdir()):
        file = inspected(path, RESNET50)
        assert (len(file.found), len(file.missing), file.complete_stages) == (215, 50, 4)
    code = "import sys, cocomine.training.runs.weights_files; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0


def test_the_tensors_that_are_asked_for_are_those_of_the_published_network() -> None:
    """ResNet-50 has 25,557,032 parameters, 2,049,000 of them in its classifier (He et al., torchvision)."""
    shapes = RESNET50.shapes()
    learnt = {name: shape for name, shape in shapes.items() if not name.endswith(("running_mean", "running_var"))}
    assert sum(map(math.prod, learnt.values())) == 25_557_032 - 2_049_000
    assert shapes["layer2.0.downsample.0.weight"] == (512, 256, 1, 1)
    assert shapes["layer3.5.conv2.weight"] == (256, 256, 3, 3)


def test_a_file_that_cannot_be_used_after_all_gives_way_to_the_next(
    network: LinkNet, given: Tensors, tmp_path: Path
) -> None:
    damaged, sound = tmp_path / "a.pth", tmp_path / "b.pth"
    torch.save(given | {"bn1.weight": torch.full((64,), torch.nan)}, damaged)
    torch.save(given, sound)
    assert load_encoder(network, "auto", (damaged, sound)).source == str(sound)


def test_a_file_may_be_named_from_the_current_folder(
    network: LinkNet, given: Tensors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(given, tmp_path / "weights.tar")
    monkeypatch.chdir(tmp_path)
    loaded = load_encoder(network, "weights.tar")
    assert (loaded.source, loaded.complete_stages) == (str(tmp_path / "weights.tar"), 5)


@pytest.mark.parametrize("padding", [0, 8])
def test_a_file_that_lacks_its_last_byte_is_cut_short_however_long_its_header_is(
    given: Tensors, tmp_path: Path, padding: int
) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"conv1.weight": given["conv1.weight"]}, path, metadata={"a": "x" * padding})
    assert inspected(path, RESNET50).found == ("conv1.weight",)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError, match="it is cut short"):
        inspected(path, RESNET50)


def test_of_tensors_that_no_resnet_has_the_first_is_named(given: Tensors, tmp_path: Path) -> None:
    torch.save(given | {"neck.weight": torch.zeros(1), "tail.weight": torch.zeros(1)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"'neck\.weight' \(one of 2\) is not in a ResNet-50"):
        inspected(tmp_path / "w.pth", RESNET50)


def test_only_whole_downloads_of_an_encoder_are_looked_into(tmp_path: Path) -> None:
    own, hub = tmp_path / "own", tmp_path / "hub" / "checkpoints"
    for folder, names in (
        (own, ("b.pt", "a.safetensors", "c.pth", "d.txt")),
        (hub, ("resnet50-1.pth", "resnet50-2.pth.part", "resnet50-3.safetensors", "vgg16-4.pth", "resnet50-0.bin")),
    ):
        folder.mkdir(parents=True)
        for name in names:
            (folder / name).touch()
    found = weights_candidates(own, {"TORCH_HOME": str(tmp_path), "HF_HOME": str(tmp_path)})
    assert [path.name for path in found] == ["a.safetensors", "b.pt", "c.pth", "resnet50-1.pth"]


def test_looking_into_a_file_runs_none_of_its_code(tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "harm",))

    with (tmp_path / "w.pth").open("wb") as file:
        for value in (0, 0, 0, {"conv1.weight": Harm()}):
            pickle.dump(value, file)
    with pytest.raises(WeightsError, match=r"it names pathlib\.Path\.touch, which weights do not need"):
        inspected(tmp_path / "w.pth", RESNET50)
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("name", ["torch.Size", "test_weights.OwnStorage", "torchs.FloatStorage", "torc.FloatStorage"])
def test_a_file_that_names_what_is_no_storage_of_torch_is_refused(tmp_path: Path, name: str) -> None:
    module, _, own = name.partition(".")
    (tmp_path / "w.pth").write_bytes(3 * pickle.dumps(0) + f"c{module}\n{own}\n.".encode())
    with pytest.raises(WeightsError, match=rf"it names {re.escape(name)}, which weights do not need"):
        inspected(tmp_path / "w.pth", RESNET50)


def test_even_a_file_that_was_exchanged_after_the_look_into_it_runs_none_of_its_code(
    network: LinkNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "harm",))

    monkeypatch.setattr(weights, "inspected", lambda *_: None)
    torch.save({"conv1.weight": Harm()}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"w\.pth: cannot be read"):
        weights.load_file_into_encoder(network, tmp_path / "w.pth")
    assert not (tmp_path / "harm").exists()


def test_a_header_that_says_it_is_longer_than_any_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes((2**50).to_bytes(8, "little") + b"{}")
    with pytest.raises(WeightsError, match="its header has no length that can be"):
        inspected(tmp_path / "w.safetensors", RESNET50)


def test_a_file_that_was_cut_short_is_refused_before_the_start(given: Tensors, tmp_path: Path) -> None:
    save_file(given, tmp_path / "w.safetensors")
    data = (tmp_path / "w.safetensors").read_bytes()
    (tmp_path / "w.safetensors").write_bytes(data[: len(data) // 2])
    with pytest.raises(WeightsError, match="it is cut short"):
        inspected(tmp_path / "w.safetensors", RESNET50)


def test_a_file_with_more_bytes_than_its_header_says_is_not_called_cut_short(
    network: LinkNet, given: Tensors, tmp_path: Path
) -> None:
    save_file(given, tmp_path / "w.safetensors")
    with (tmp_path / "w.safetensors").open("ab") as file:
        file.write(bytes(8))
    with pytest.raises(WeightsError, match=r"w\.safetensors: cannot be read \(") as refusal:
        load_encoder(network, str(tmp_path / "w.safetensors"))
    assert "cut short" not in str(refusal.value)


def test_a_file_whose_last_tensor_is_cut_short_is_refused_with_the_reason(
    network: LinkNet, given: Tensors, tmp_path: Path
) -> None:
    """The former format names its tensors before their values, so that the look finds nothing wrong."""
    torch.save(given, tmp_path / "w.pth", _use_new_zipfile_serialization=False)
    (tmp_path / "w.pth").write_bytes((tmp_path / "w.pth").read_bytes()[:-100])
    with pytest.raises(WeightsError, match=r"w\.pth: cannot be read \(unexpected EOF.*\)\. Download it again"):
        load_encoder(network, str(tmp_path / "w.pth"))


def test_only_parts_with_loaded_weights_are_frozen() -> None:
    config = preset("quick", export="e")
    assert [frozen_stage_count(config, complete) for complete in (0, 4, 5)] == [0, 4, 5]
    assert frozen_stage_count(preset("recommended", export="e"), 5) == 2


def test_a_missing_file_is_named(network: LinkNet, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no\.pth: there is no such weights file"):
        load_encoder(network, str(tmp_path / "no.pth"))


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_file_that_holds_no_weights_is_refused(network: LinkNet, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html>not found</html>")
    with pytest.raises(WeightsError, match=rf"{name}: (cannot be read|is no plain PyTorch)"):
        load_encoder(network, str(tmp_path / name))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv1.weight": torch.zeros(64, 3, 3, 3)}, r"'conv1\.weight' has the shape \(64, 3, 3, 3\)"),
        ({"bn1.weight": torch.full((64,), torch.nan)}, r"'bn1\.weight' holds values that are no numbers"),
        ({"layer3.6.conv1.weight": torch.zeros(1)}, r"'layer3\.6\.conv1\.weight' \(one of 1\) is not in a ResNet-50"),
    ],
)
def test_a_file_of_another_network_is_refused(given: Tensors, tmp_path: Path, change: Tensors, message: str) -> None:
    torch.save(given | change, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=message):
        load_encoder(LinkNet(RESNET50, 2), str(tmp_path / "w.pth"))


def test_a_file_without_an_encoder_is_refused(network: LinkNet, tmp_path: Path) -> None:
    torch.save({"features.0.weight": torch.zeros(3)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"has no 'conv1\.weight' \(its first entry is 'features\.0\.weight'\)"):
        load_encoder(network, str(tmp_path / "w.pth"))


@pytest.mark.real
def test_the_partial_imagenet_file_reports_the_rest_of_layer4_as_random() -> None:
    path = SHARED / "weights" / "resnet50_imagenet_conv1-layer3.safetensors"
    if not path.is_file():
        pytest.skip(f"the real weights are not at hand: {path} is missing")
    loaded = load_encoder(LinkNet(RESNET50, 2), str(path))
    assert loaded.complete_stages == 4
    assert (loaded.loaded_count, len(loaded.random)) == (220, 45)
    assert all(name.startswith("layer4.") for name in loaded.random)
