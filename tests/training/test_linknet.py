import pytest
import torch

from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS, Encoder
from cocomine.training.uncompiled import UncompiledSGD

RESNET50 = ENCODERS["resnet50"]


@pytest.fixture(scope="module")
def network() -> LinkNet:
    made = LinkNet(RESNET50, 9)
    initialise(made, seed=0)
    return made


def test_the_numbers_of_parameters_are_those_of_the_published_networks(network: LinkNet) -> None:
    def count(part: torch.nn.Module) -> int:
        return sum(parameter.numel() for parameter in part.parameters())

    assert count(network.encoder) == 25_557_032 - 2048 * 1000 - 1000  # torchvision's resnet50 without its classifier
    assert count(network.decoder) == 7_669_712
    assert count(network.segmentation_head) == 32 * 9 + 9


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("resnet18", 11_689_512 - 512 * 1000 - 1000),  # torchvision's, without its classifier
        ("small", 4_768 + 18_560 + 36_384 + 67_968 + 144_960),  # by hand: stem, layer1 to layer4
    ],
)
def test_the_smaller_encoders_have_their_numbers_of_parameters(name: str, count: int) -> None:
    network = LinkNet(ENCODERS[name], 2)
    assert sum(parameter.numel() for parameter in network.encoder.parameters()) == count


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=list(ENCODERS))
def test_what_a_weights_file_must_hold_is_what_the_network_has(encoder: Encoder) -> None:
    state = LinkNet(encoder, 2).encoder.state_dict()
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items() if not name.endswith("num_batches_tracked")}
    assert encoder.shapes() == shapes


@pytest.mark.parametrize("encoder", ENCODERS.values(), ids=list(ENCODERS))
def test_any_encoder_gives_logits_of_the_size_of_the_image(encoder: Encoder) -> None:
    with torch.no_grad():
        assert LinkNet(encoder, 5).eval()(torch.zeros(1, 3, 64, 32)).shape == (1, 5, 64, 32)


def test_the_names_are_those_of_smp(network: LinkNet) -> None:
    names = set(network.state_dict())
    assert len(names) == 415
    assert {
        "encoder.conv1.weight",
        "encoder.layer1.0.downsample.1.running_var",
        "encoder.layer4.2.bn3.num_batches_tracked",
        "decoder.blocks.0.block.0.0.weight",
        "decoder.blocks.4.block.1.0.bias",
        "decoder.blocks.4.block.2.1.running_mean",
        "segmentation_head.0.bias",
    } <= names


def test_a_network_starts_by_guessing_the_shares_of_the_labels() -> None:
    network = LinkNet(RESNET50, 3)
    initialise(network, seed=0, label_shares=[0.9, 0.1, 0.0])
    torch.nn.init.zeros_(network.head.weight)
    with torch.no_grad():
        guess = network.eval()(torch.zeros(1, 3, 32, 32)).softmax(1)[0, :, 0, 0]
    assert guess.tolist() == pytest.approx([0.9 / 1.01, 0.1 / 1.01, 0.01 / 1.01])


def test_the_same_seed_gives_the_same_weights_and_another_seed_others() -> None:
    networks = [LinkNet(RESNET50, 2) for _ in range(3)]
    for made, seed in zip(networks, (5, 5, 6), strict=True):
        initialise(made, seed)
    first, same, other = (made.encoder.conv1.weight for made in networks)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_frozen_stages_keep_weights_and_statistics_through_training() -> None:
    network = LinkNet(RESNET50, 2, frozen_stages=2).train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    optimiser = UncompiledSGD([p for p in network.parameters() if p.requires_grad], lr=0.1)
    network(torch.randn(2, 3, 32, 32)).square().mean().backward()
    optimiser.step()
    changed = {name for name, tensor in network.state_dict().items() if not torch.equal(tensor, before[name])}
    assert not any(name.startswith(("encoder.conv1", "encoder.bn1", "encoder.layer1")) for name in changed)
    assert {"encoder.layer2.0.bn1.running_mean", "encoder.layer2.0.conv1.weight"} <= changed


@pytest.mark.parametrize("count", range(len(ENCODER_STAGES) + 1))
def test_freezing_holds_just_the_parts_from_the_bottom(network: LinkNet, count: int) -> None:
    network.freeze(count)
    learning = [any(p.requires_grad for m in network.stage(name) for p in m.parameters()) for name in ENCODER_STAGES]
    assert learning == [False] * count + [True] * (len(ENCODER_STAGES) - count)


def test_a_new_network_learns_everywhere() -> None:
    network = LinkNet(RESNET50, 2)
    assert network.frozen_stages == 0
    assert all(module.training for module in network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())
