"""CocoMine as another person has it: a wheel in an environment of its own, with no repository in sight."""

import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[2]
LIMIT_S = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An environment with CocoMine.

    Attributes:
        folder: of the environment.
        home: the workspace.
        elsewhere: an empty folder, the current one of what is run.
    """

    folder: Path
    home: Path
    elsewhere: Path

    @property
    def program(self) -> Path:
        """The `cocomine` that a person types."""
        return self.folder / ("Scripts/cocomine.exe" if os.name == "nt" else "bin/cocomine")

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program that is run."""
        return {**os.environ, "COCOMINE_HOME": str(self.home), "HOME": str(self.home), "PYTHONUNBUFFERED": "1"}

    def run(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run `cocomine` with these arguments, from elsewhere."""
        return self._run(self.program, *arguments)

    def python(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        """Run the environment's Python with these arguments, from elsewhere."""
        return self._run(self.program.with_name("python"), *arguments)

    def _run(self, *command: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(each) for each in command],
            cwd=self.elsewhere,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )


def built_wheel(folder: Path) -> Path:
    """Build the wheel from the repository, without network, and return it."""
    command = [sys.executable, "-m", "pip", "wheel", str(REPOSITORY), "--wheel-dir", str(folder), "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    subprocess.run([*command, *offline], check=True, timeout=LIMIT_S)
    (wheel,) = folder.glob("*.whl")
    return wheel


def installed(wheel: Path, folder: Path) -> Installed:
    """Install a wheel into a new environment with what it requires and nothing else, without network.

    The required packages are links to those of this environment; the extras stay away.
    """
    place = Installed(folder=folder / "environment", home=folder / "home", elsewhere=folder / "elsewhere")
    for each in (place.home, place.elsewhere):
        each.mkdir()
    venv.create(place.folder, symlinks=os.name != "nt")
    python = str(place.program.with_name("python"))
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    command = [sys.executable, "-m", "pip", "--python", python, "install", str(wheel)]
    subprocess.run([*command, "--no-index", "--no-deps", "--quiet"], check=True, timeout=LIMIT_S)
    for source in _files_of(_required_by(site)):
        (site / source.name).symlink_to(source)
    return place


def _required_by(site: Path) -> list[Distribution]:
    """Return the packages that CocoMine requires in an environment, and those that these require."""
    (ours,) = Distribution.discover(path=[str(site)], name="cocomine")
    found: dict[str, Distribution] = {}
    waiting = list(ours.requires or ())
    while waiting:
        requirement = Requirement(waiting.pop())
        if requirement.name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[requirement.name] = distribution(requirement.name)
        waiting += found[requirement.name].requires or ()
    return list(found.values())


def _files_of(packages: list[Distribution]) -> set[Path]:
    """Return the top-level files and folders of packages."""
    paths = {(package, file.parts[0]) for package in packages for file in package.files or ()}
    return {Path(str(package.locate_file(top))) for package, top in paths if top not in {"..", "__pycache__"}}
