"""What one process does among several, without the others: whom it waits for, and how it tells what became of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import distributed, nn

from cocomine.errors import DatasetError, TrainingError
from cocomine.training import group as groups
from cocomine.training.group import ALONE, Group, SharedBatchNorm, joined_group, share_statistics
from cocomine.training.runs.reporting import StopRequested


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing(Group):
    """A process that hears from the others what a test says, one answer for each time that all meet."""

    heard: list[list[Any]] = field(default_factory=list)
    said: list[Any] = field(default_factory=list)

    def joined(self, value: Any) -> list[Any]:
        """Return the next answer; without one, nobody has anything to say."""
        self.said.append(value)
        return self.heard.pop(0) if self.heard else [None] * self.size


class Store(dict[str, bytes]):
    """Where processes say why they end."""

    def check(self, keys: list[str]) -> bool:
        """Return whether all are there."""
        return all(key in self for key in keys)

    def get(self, key: str) -> bytes:  # type: ignore[override]
        """Return what is there."""
        return self[key]

    def set(self, key: str, value: str) -> None:
        """Keep it."""
        self[key] = value.encode()


def raising(error: Exception) -> Callable[..., Any]:
    def work(*_: object, **__: object) -> Any:
        raise error

    return work


@pytest.mark.parametrize(("rank", "local_rank", "turn"), [(0, 0, 0), (1, 1, 2), (2, 0, 1), (3, 1, 2)])
def test_the_first_goes_first_then_the_first_of_each_computer_then_the_rest(
    rank: int, local_rank: int, turn: int
) -> None:
    process = Hearing(rank=rank, size=4, local_rank=local_rank, local_size=2)
    assert process.in_turn(lambda: len(process.said)) == turn
    assert len(process.said) == 3


def test_alone_there_is_one_turn() -> None:
    assert ALONE.in_turn(lambda: "done") == "done"
    assert ALONE.joined(7) == [7]
    assert ALONE.shared(7) == 7
    assert (ALONE.any(True), ALONE.any(False)) == (True, False)


def test_where_one_fails_all_do_and_say_which_it_was() -> None:
    process = Hearing(size=3, heard=[[None, None, "no room"], [None, "StopRequested", None], [None] * 3])
    with pytest.raises(TrainingError, match=r"^Process 2 of 3: no room$"), process.together():
        pass
    with pytest.raises(StopRequested), process.together():
        pass
    with pytest.raises(DatasetError, match="damaged"), process.together():
        raise DatasetError("damaged")
    with process.together():
        pass
    assert process.said == [None, None, "damaged", None]


@pytest.mark.parametrize(("size", "said"), [(1, []), (2, ["damaged"])])
def test_an_error_of_ones_own_is_told_to_others_where_there_are_any(size: int, said: list[str]) -> None:
    process = Hearing(size=size)
    with pytest.raises(DatasetError, match="damaged"), process.together():
        raise DatasetError("damaged")
    with pytest.raises(RuntimeError, match="peer"), process.together():
        raise RuntimeError("lost its peer")  # nobody is there to hear it
    assert process.said == said


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (StopRequested(), "StopRequested"),
        (TrainingError("cups: is damaged."), "cups: is damaged."),
        (ValueError("first\nsecond\n\n"), "Unexpected: ValueError: second"),
        (ValueError(), "Unexpected: ValueError"),
    ],
)
def test_why_a_process_ends_is_told_in_one_line(error: Exception, reason: str) -> None:
    process = Hearing(rank=1, size=2, _store=Store())
    with pytest.raises(type(error)), process.watched():
        raise error
    expected = {} if isinstance(error, StopRequested) else {"end-1": reason.encode()}
    assert process._store == expected
    assert groups._reason(error) == reason


@pytest.mark.parametrize(
    ("error", "is_of_network"),
    [
        (distributed.DistNetworkError("lost"), True),
        (RuntimeError("[../gloo/transport/tcp/pair.cc] Connection closed by PEER"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (torch.OutOfMemoryError("nccl buffers"), False),
        (ValueError("the connection"), False),
    ],
)
def test_an_error_of_the_network_is_told_from_one_of_ones_own(error: Exception, is_of_network: bool) -> None:
    assert groups._is_of_network(error) is is_of_network


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ({"end-1": "no room", "end-2": ""}, "Process 1 of 3: no room"),
        ({"end-1": "", "end-2": ""}, "Training: the 3 processes lost each other's connection. The same command"),
        ({"end-2": "", "name-1": "id 7 on a"}, "Training: process 1 (id 7 on a) of 3 ended without a word: killed"),
        ({"name-1": "id 7 on a", "name-2": "id 9 on b"}, "Training: process 1 (id 7 on a), 2 (id 9 on b) of 3 ended"),
    ],
)
def test_what_became_of_the_others_is_told(kept: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_LAST_WORDS_S", 0.06)
    process = Group(size=3, _store=Store({key: value.encode() for key, value in kept.items()}))
    with pytest.raises(TrainingError) as refusal, process.watched():
        raise RuntimeError("Connection reset by peer")
    assert str(refusal.value).startswith(said)


def test_a_store_that_is_gone_tells_who_held_it() -> None:
    lost = SimpleNamespace(set=raising(RuntimeError("gone")), check=raising(RuntimeError("gone")))
    said = r"process 0 \(which held the connections\) of 2 ended without a word"
    with pytest.raises(TrainingError, match=said), Group(rank=1, size=2, _store=lost).watched():
        raise RuntimeError("connection")


def test_processes_that_do_not_meet_are_told_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "rendezvous", raising(RuntimeError("no route\n at line 7")))
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    environment = {"WORLD_SIZE": "4", "RANK": "1", "MASTER_ADDR": "10.0.0.1", "MASTER_PORT": "29500"}
    said = r"the 4 processes do not meet at 10\.0\.0\.1 port 29500 \(no route\)\."
    with pytest.raises(TrainingError, match=said), joined_group(environment):
        pass
    with joined_group({}) as alone:
        assert alone is ALONE


def test_each_process_has_a_gpu_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[int] = []
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.set_device", chosen.append)
    assert [groups._backend(rank, 2) for rank in range(2)] == ["nccl", "nccl"]
    assert chosen == [0, 1]
    with pytest.raises(TrainingError, match=r"3 processes were started on .*, which has 2 GPUs\. .*--nproc-per-node 2"):
        groups._backend(2, 3)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert groups._backend(0, 9) == "gloo"


def test_statistics_over_two_processes_are_those_of_the_whole_batch() -> None:
    values = torch.randn(5, 2, 3, 4, generator=torch.Generator().manual_seed(0)) * 3 + 7
    parts = values[:2], values[2:]
    expected, layers = nn.BatchNorm2d(2), [SharedBatchNorm(2), SharedBatchNorm(2)]
    for rank, layer in enumerate(layers):
        layer.group = Group(rank=rank, size=2)
    rows = [layer._own_row(part) for layer, part in zip(layers, parts, strict=True)]
    for rank, (row, part) in enumerate(zip(rows, parts, strict=True)):
        assert row.shape == (2, 5)
        assert not row[1 - rank].any()
        assert row[rank, 0] == len(part) * 3 * 4
    everything = rows[0] + rows[1]
    for layer in layers:
        object.__setattr__(layer, "group", SimpleNamespace(rank=layer.group.rank, size=2, sum=lambda _: everything))
    found = torch.cat([layer(part) for layer, part in zip(layers, parts, strict=True)])
    assert torch.allclose(found, expected(values), atol=1e-5)
    for layer in layers:
        for name, tensor in expected.state_dict().items():
            assert torch.allclose(layer.state_dict()[name], tensor), name


def test_every_batch_norm_shares_its_statistics_and_keeps_its_tensors() -> None:
    network = nn.Sequential(nn.Sequential(nn.BatchNorm2d(3, eps=0.5, momentum=0.25), nn.ReLU()), nn.BatchNorm2d(2))
    network[1].eval()
    before = network.state_dict()
    share_statistics(network, ALONE)
    assert type(network[1]) is nn.BatchNorm2d
    process = Group(rank=1, size=2)
    share_statistics(network, process)
    inner, last = network.get_submodule("0.0"), network.get_submodule("1")
    assert isinstance(inner, SharedBatchNorm)
    assert isinstance(last, SharedBatchNorm)
    assert (inner.eps, inner.momentum, inner.group, inner.training, last.training) == (0.5, 0.25, process, True, False)
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(after[name].data_ptr() == tensor.data_ptr() for name, tensor in before.items())
