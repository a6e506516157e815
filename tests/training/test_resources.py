"""What a run uses outside its own folder."""

from pathlib import Path

from cocomine.training.resources import Resources, resources_of
from cocomine.workspace import Workspace


def test_runs_of_a_workspace_keep_their_arrays_in_it_and_look_for_weights_there(tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    workspace.weights.mkdir()
    weights = workspace.weights / "resnet18.pth"
    weights.touch()
    elsewhere = {"TORCH_HOME": str(tmp_path / "torch"), "HF_HOME": str(tmp_path / "hf")}
    assert resources_of(workspace, elsewhere) == Resources(arrays_folder=tmp_path / "arrays", weights_files=(weights,))
