"""Looking at other processes, which may end between two questions."""

import subprocess
from typing import Any

import psutil
import pytest


def has_ended(process: psutil.Process) -> bool:
    """Return whether a process is gone, or waits only to be counted out by its parent."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def kept_processes(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """Return a list that fills with the processes that are started from now on."""
    started: list[subprocess.Popen[bytes]] = []

    class Kept(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    return started


def workers_of(pid: int) -> list[psutil.Process]:
    """Return the living processes of the worker pool of a process."""
    return [each for each in psutil.Process(pid).children() if "cocomine.system.worker_pool" in _command_of(each)]


def _command_of(process: psutil.Process) -> list[str]:
    """Return what a process was started with; nothing of one that has ended."""
    try:
        return list(process.cmdline())
    except psutil.NoSuchProcess:  # a zombie, too
        return []
