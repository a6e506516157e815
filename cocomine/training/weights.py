"""How do weights get from a file into the encoder?

Which file that is, `weights_files` decides. A file may hold only a part of the network: what it
lacks stays random, and `EncoderWeights` says so. Which start a run had goes into its record: runs
with differing starts cannot be compared without it.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from cocomine.errors import WeightsError
from cocomine.system.files import file_sha256
from cocomine.training.linknet import LinkNet
from cocomine.training.runs.encoders import Encoder
from cocomine.training.runs.records import EncoderWeights
from cocomine.training.runs.weights_files import inspected, plain_name, usable_files


def load_encoder(network: LinkNet, choice: str, candidates: tuple[Path, ...] = ()) -> EncoderWeights:
    """Fill the encoder of `network` as the setting `weights` asks.

    Args:
        network: Keeps what it has wherever the file has nothing.
        choice: "none", "auto" (the best of `candidates`, see `usable_files`), or a file.
        candidates: See `weights_candidates`.

    Raises:
        WeightsError: The file that was named is missing, unreadable or does not fit.
    """
    if choice == "none":
        return _random_start(network.encoder.kind)
    if choice != "auto":
        return load_file_into_encoder(network, Path(choice))
    for file in usable_files(candidates, network.encoder.kind):
        try:
            return load_file_into_encoder(network, file.path)
        except WeightsError:
            continue  # the ladder goes on: nobody asked for this very file
    return _random_start(network.encoder.kind)


def _random_start(encoder: Encoder) -> EncoderWeights:
    return EncoderWeights(source="random", random=tuple(encoder.shapes()))


def load_file_into_encoder(network: LinkNet, path: Path) -> EncoderWeights:
    """Copy every encoder tensor that the file has into `network`.

    Raises:
        WeightsError: The file is missing, unreadable, of another network, or has nothing for the encoder.
    """
    file = inspected(path, network.encoder.kind)
    given = {plain_name(name): tensor for name, tensor in _read_tensors(path).items()}
    for name in file.found:
        if not torch.isfinite(given[name]).all():
            raise WeightsError(f"{path}: '{name}' holds values that are no numbers. Download the file again.")
    expected = network.encoder.state_dict()
    with torch.no_grad():
        for name in file.found:
            expected[name].copy_(given[name])  # also from fp16
    return EncoderWeights(
        source=str(path.absolute()),
        sha256=file_sha256(path),
        loaded_count=len(file.found),
        random=file.missing,
        complete_stages=file.complete_stages,
    )


def _read_tensors(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        value = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # both raise pickle, zip and runtime errors alike for a file that is not their own
        first_line = str(error).partition("\n")[0]
        raise WeightsError(f"{path}: cannot be read ({first_line}). Download it again.") from error
    value = value.get("state_dict", value)
    return {name: tensor for name, tensor in value.items() if isinstance(tensor, Tensor)}
