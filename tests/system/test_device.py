"""What computes here is told without PyTorch: a GPU where there is one that it can use, else the cores."""

import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError

import pytest

from cocomine.system import device
from cocomine.system.device import device_words

Answer = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(device, "usable_cores", lambda: 2)
    monkeypatch.setattr(sys, "platform", "linux")
    device_words.cache_clear()
    yield
    device_words.cache_clear()


def named(*_: object, **__: object) -> "subprocess.CompletedProcess[str]":
    return subprocess.CompletedProcess((), 0, "NVIDIA H100 80GB HBM3\nNVIDIA H100 80GB HBM3\n", "")


def without_driver(*_: object, **__: object) -> "subprocess.CompletedProcess[str]":
    raise FileNotFoundError


def hanging(*_: object, **__: object) -> "subprocess.CompletedProcess[str]":
    raise subprocess.TimeoutExpired("nvidia-smi", 5)


@pytest.mark.parametrize(
    ("torch_version", "answer", "words"),
    [
        ("2.13.0", named, "GPU NVIDIA H100 80GB HBM3"),
        ("2.13.0+cpu", named, "CPU, 2 cores"),
        ("2.13.0", without_driver, "CPU, 2 cores"),
        ("2.13.0", hanging, "CPU, 2 cores"),
        (None, named, "CPU, 2 cores"),
    ],
)
def test_a_gpu_is_named_where_pytorch_can_use_it(
    torch_version: str | None, answer: Answer, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(_: str) -> str:
        if torch_version is None:
            raise PackageNotFoundError
        return torch_version

    monkeypatch.setattr(device, "version", version)
    monkeypatch.setattr(subprocess, "run", answer)
    assert device_words() == words


def test_apples_own_processors_have_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", without_driver)
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert device_words() == "GPU Apple"
