"""Where the image files are that a run was validated on."""

from pathlib import Path

from run_folders import write_run

from cocomine.training.runs.reading import read_run
from cocomine.training.runs.validation_images import image_names, validation_folder


def test_they_are_in_the_folder_of_the_validation_split(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    assert validation_folder(read_run(folder, now=0.0)) == Path("/e/images/val2017")
    (folder / "run_info.json").unlink()
    assert validation_folder(read_run(folder, now=0.0)) is None


def test_image_files_are_named_from_their_folder_on_also_those_below_it(tmp_path: Path) -> None:
    for name in ("b.jpg", "deep/a.PNG", "notes.txt", "folder.jpg/c.jpeg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert image_names(tmp_path) == ("b.jpg", "deep/a.PNG", "folder.jpg/c.jpeg")
    assert image_names(tmp_path / "gone") == ()
