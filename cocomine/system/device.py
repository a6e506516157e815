"""What computes a network here, told before PyTorch is loaded?

A GPU of NVIDIA where its driver names one and the installed PyTorch can use it, Apple's on its own processors, else the
cores that this process may use. It is PyTorch that decides when a run starts; the run then says what it took.
"""

import platform
import subprocess
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from cocomine.system.cores import usable_cores
from cocomine.wording import counted

QUERY = ("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
"""Source: `nvidia-smi --help-query-gpu`."""
ANSWER_LIMIT_S = 5.0
CPU_BUILD = "+cpu"
"""In the version of a PyTorch that knows no GPU."""


@lru_cache(maxsize=1)
def device_words() -> str:
    """Return what computes here: "CPU, 2 cores", "GPU NVIDIA H100 80GB HBM3"; asked once, since it does not change."""
    if gpu := _nvidia_gpu():
        return f"GPU {gpu}"
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "GPU Apple"
    return f"CPU, {counted(usable_cores(), 'core')}"


def _nvidia_gpu() -> str:
    """Return the name of the first GPU that PyTorch could use, "" without one."""
    if not _may_use_gpu():
        return ""
    try:
        answer = subprocess.run(QUERY, capture_output=True, text=True, timeout=ANSWER_LIMIT_S, check=True)
    except (OSError, subprocess.SubprocessError):  # no driver, or one that does not answer
        return ""
    return next(iter(answer.stdout.splitlines()), "").strip()


def _may_use_gpu() -> bool:
    """Return whether the installed PyTorch is one for GPUs."""
    try:
        return CPU_BUILD not in version("torch")
    except PackageNotFoundError:
        return False
