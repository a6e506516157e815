"""`cocomine doctor`: what works on this computer, and how is the rest fixed?"""

import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass

import click

from cocomine.cli.results import Result, ResultCommand
from cocomine.errors import SelectionError, ViewerError
from cocomine.server.launching import USUAL_PORT, port_trouble
from cocomine.system.extras import ONNX, TRAINING, VIEWER, Extra
from cocomine.system.space import free_bytes
from cocomine.training.runs.weights_files import weights_candidates
from cocomine.viewer.mongod import missing_message, mongod_executable, reachable_uri
from cocomine.workspace import Workspace, workspace_from_environment

BROWSERS = ("chromium", "google-chrome", "chrome", "firefox", "microsoft-edge", "safari")
LEAST_FREE_GB = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at; the message says what to do where it does not work."""

    name: str
    works: bool
    message: str


@click.command(cls=ResultCommand, examples=("cocomine doctor", "cocomine doctor --only mongod"))
@click.option("--only", metavar="NAME", help="Check one thing; exit 1 if it does not work.")
def command(*, only: str | None) -> Result:
    """Say what works on this computer, and how to fix the rest."""
    signs = [sign for sign in examined(workspace_from_environment()) if only in {None, sign.name}]
    if not signs:
        raise SelectionError(f"There is nothing called {only!r} to check. Run it without --only for a list.")
    lines = [f"{'ok  ' if sign.works else 'no  '}{sign.name}: {sign.message}" for sign in signs]
    is_well = only is None or all(sign.works for sign in signs)
    return Result(value=[asdict(sign) for sign in signs], text="\n".join(lines), is_well=is_well)


def examined(workspace: Workspace) -> list[Check]:
    """Look at everything that CocoMine builds on."""
    extras = (_extra("training", TRAINING), _extra("onnx", ONNX), _extra("viewer", VIEWER))
    return [_python(), *extras, _mongod(), _port(), _browser(), _gpu(), _weights(workspace), _space(workspace)]


def _python() -> Check:
    version = ".".join(str(part) for part in sys.version_info[:3])
    works = sys.version_info >= (3, 11)
    return Check(name="python", works=works, message=version if works else f"{version}; install Python 3.11 or newer")


def _extra(name: str, extra: Extra) -> Check:
    return Check(
        name=name, works=not extra.missing, message=extra.trouble or f"{' and '.join(extra.modules)} installed"
    )


def _mongod() -> Check:
    uri = os.environ.get("FIFTYONE_DATABASE_URI")
    if uri and not VIEWER.missing:
        try:
            reachable_uri(uri)
        except ViewerError as error:
            return Check(name="mongod", works=False, message=str(error))
        return Check(name="mongod", works=True, message="FIFTYONE_DATABASE_URI answers")
    if VIEWER.missing:
        return Check(name="mongod", works=False, message="only the FiftyOne viewer needs it, which is not installed")
    found = mongod_executable()
    return Check(name="mongod", works=found is not None, message=str(found) if found else missing_message())


def _port() -> Check:
    """Look whether the app's port is free; the viewer takes any that is."""
    named = os.environ.get("STREAMLIT_SERVER_PORT", "")
    port = int(named) if named.isdecimal() else USUAL_PORT
    if trouble := port_trouble(port):
        advice = (
            f"{port} is taken ({trouble.strerror}). If CocoMine runs already, open http://127.0.0.1:{port}; "
            "`cocomine app` takes the next one that is free"
        )
        return Check(name="port", works=False, message=advice)
    return Check(name="port", works=True, message=f"{port} is free")


def _browser() -> Check:
    found = [name for name in BROWSERS if shutil.which(name)]
    advice = "none found on this computer; open the address that `cocomine app` prints in any browser"
    return Check(name="browser", works=bool(found), message=", ".join(found) or advice)


def _gpu() -> Check:
    if shutil.which("nvidia-smi") is None:
        return Check(
            name="gpu", works=False, message="no NVIDIA GPU; training runs on the CPU, “Quick test” in minutes"
        )
    # In a process of its own: torch takes seconds and memory that nothing else here needs.
    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    name = answer.stdout.strip()
    advice = "there is one, but this torch cannot use it; install a CUDA build of the same version"
    return Check(name="gpu", works=bool(name), message=name or advice)


def _weights(workspace: Workspace) -> Check:
    found = [file.name for file in weights_candidates(workspace.weights)]
    advice = (
        f"put a ResNet-50 file (.safetensors or .pth) into {workspace.weights}; without one training starts at random"
    )
    return Check(name="weights", works=bool(found), message=", ".join(found) or advice)


def _space(workspace: Workspace) -> Check:
    free_gb = free_bytes(workspace.root) / 1e9
    works = free_gb >= LEAST_FREE_GB
    advice = "" if works else f"; free at least {LEAST_FREE_GB} GB or set COCOMINE_HOME to another disk"
    return Check(name="space", works=works, message=f"{free_gb:.0f} GB free at {workspace.root}{advice}")
