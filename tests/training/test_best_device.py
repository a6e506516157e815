"""A network is trained on what computes fastest here."""

import pytest
import torch

from cocomine.training.group import Group
from cocomine.training.model import best_device


@pytest.mark.parametrize(
    ("has_cuda", "has_mps", "size", "device"),
    [
        (False, False, 1, "cpu"),
        (False, True, 1, "mps"),
        (False, True, 2, "cpu"),
        (True, True, 1, "cuda"),
        (True, False, 2, "cuda:1"),
    ],
)
def test_a_gpu_is_taken_where_there_is_one_and_apples_by_one_process_alone(
    monkeypatch: pytest.MonkeyPatch, has_cuda: bool, has_mps: bool, size: int, device: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: has_cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: has_mps)
    assert str(best_device(Group(rank=size - 1, size=size, local_rank=size - 1))) == device
