"""Where no weights were found, the published ones are offered with their size; nothing comes without a click."""

import time
from pathlib import Path
from typing import Any

import pytest
from apps import again, read, shown

from cocomine.background.reading import TaskReader
from cocomine.background.records import REQUEST, STATUS, Request, Status, record_bytes
from cocomine.system.own_process import this_process
from cocomine.training.runs import weights_download
from cocomine.training.runs.weights_download import KIND, PUBLISHED
from cocomine.ui.train import weights_offer

LABEL = "Download ImageNet weights (46.8 MB)"


def page(name: str) -> None:
    from cocomine.training.runs.encoders import ENCODERS
    from cocomine.ui.train.weights_offer import offer_weights

    offer_weights(ENCODERS[name])


def write_task(home: Path, **status: Any) -> None:
    """A download of ResNet-18's weights; this process stands for its own."""
    folder = home / "tasks" / f"{KIND}-1"
    folder.mkdir(parents=True)
    target = str(home / "weights" / PUBLISHED["resnet18"].file_name)
    request = Request(kind=KIND, title="ImageNet weights of ResNet-18", work="none", arguments={}, target=target)
    (folder / REQUEST).write_bytes(record_bytes(request))
    (folder / STATUS).write_bytes(record_bytes(Status(heartbeat=time.time(), **this_process(), **status)))


def test_the_size_is_said_before_and_a_click_asks_for_the_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Request] = []
    monkeypatch.setattr(weights_offer, "start_task", lambda _, request: asked.append(request))
    app = shown(page, "resnet18")
    assert [button.label for button in app.button] == [LABEL]
    assert "`resnet18-f37072fd.pth` from `download.pytorch.org`" in app.button[0].help
    assert asked == []
    app.button[0].click().run()
    (request,) = asked
    assert request.work == weights_download.__name__
    assert request.arguments == {"encoder": "resnet18", "folder": str(home / "weights")}
    assert not TaskReader().tasks(home / "tasks")


def test_an_encoder_without_published_weights_is_offered_none(home: Path) -> None:
    del home
    assert not shown(page, "small").button


def test_a_download_shows_how_far_it_is_instead_of_the_button(home: Path) -> None:
    write_task(home, state="running", share=0.42, bytes_done=20_000_000, bytes_total=46_800_000, bytes_per_s=4e6)
    app = shown(page, "resnet18")
    assert LABEL not in [button.label for button in app.button]
    assert "Cancel" in [button.label for button in app.button]
    assert "4.0 MB/s" in read(app)
    assert [button.label for button in again(shown(page, "resnet50")).button] == [
        "Download ImageNet weights (102.5 MB)"
    ]


def test_a_download_that_failed_says_why_and_is_offered_again(home: Path) -> None:
    write_task(home, state="failed", message="what came is not the file that is known")
    app = shown(page, "resnet18")
    assert "what came is not the file that is known" in app.error[0].value
    assert [button.label for button in app.button] == [LABEL]
