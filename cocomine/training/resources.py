"""What does a run use outside its own folder?"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cocomine.training.runs.weights_files import weights_candidates
from cocomine.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """What a run uses outside its own folder."""

    arrays_folder: Path  # cache of prepared images and label maps
    weights_files: tuple[Path, ...]  # where to look for pretrained weights, best first


def resources_of(workspace: Workspace, environment: Mapping[str, str] = os.environ) -> Resources:
    """Return what runs of a workspace use."""
    return Resources(
        arrays_folder=workspace.root / "arrays", weights_files=weights_candidates(workspace.weights, environment)
    )
