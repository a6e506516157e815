"""Every command by its arguments: JSON for machines, exit codes, and one message where something is wrong."""

import json
import math
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from datasets import export_of
from msgspec.structs import replace
from PIL import Image
from records import CAT, CUP, DOG, annotation, category, document, image, write_split
from run_folders import FINAL, INFO, write_run

from cocomine.cli.commands import mine as mine_command
from cocomine.cli.commands import train as train_command
from cocomine.cli.parser import main
from cocomine.cli.results import as_json
from cocomine.coco.dataset import Dataset
from cocomine.exporting.manifest import read_manifest
from cocomine.system.jobs import Progress
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.records import FinalLine

Capture = pytest.CaptureFixture[str]
WITH_IMAGES = ("--classes", "cat,cup", "--mask-size", "32")
MINED = (*WITH_IMAGES, "--images", "none")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The four images, as a folder to name on the command line."""
    write_split(tmp_path / "data", document())
    return tmp_path / "data"


def result_of(capsys: Capture, *arguments: object) -> Any:
    """Run a command with --json, and return the value on stdout."""
    code = main([str(argument) for argument in (*arguments, "--json")])
    output = capsys.readouterr()
    assert code == 0, output.err
    return json.loads(output.out)


def complaint(capsys: Capture, *arguments: object) -> str:
    """Run a command that cannot be done, and return its one message."""
    code = main([str(argument) for argument in arguments])
    output = capsys.readouterr()
    assert (code, output.out) == (1, "")
    assert "Traceback" not in output.err
    assert len(re.findall(r"^cocomine: ", output.err, flags=re.MULTILINE)) == 1
    warnings, _, message = output.err.rpartition("cocomine: ")
    assert all(line.startswith("Warning: ") for line in warnings.splitlines())
    return message.rstrip("\n")


# What each command gives to a machine


def test_check_gives_the_counts_and_the_findings(data: Path, capsys: Capture) -> None:
    value = result_of(capsys, "check", data)
    assert list(value) == ["kind", "image_count", "annotation_count", "category_count", "findings"]
    assert [value[name] for name in list(value)[:4]] == ["instances", 4, 6, 3]
    assert all({"code", "count", "message", "examples"} <= each.keys() for each in value["findings"])
    codes = [each["code"] for each in value["findings"]]
    assert codes == ["crowd_only", "image_without_annotations", "unknown_licence", "crowd_region"]


def test_check_says_what_matters_first_and_what_it_does_about_it(data: Path, capsys: Capture) -> None:
    (data / "all2017" / "a.jpg").unlink()
    assert main(["check", str(data)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "4 images, 6 annotations, 3 categories in all2017",
        "all2017: objects with boxes or outlines",
    ]
    assert lines[2:4] == ["Errors:", "  all2017: Missing images: 1 [image_file_missing]"]
    assert lines[4].endswith("(a.jpg)")
    assert [line for line in lines if line.endswith(":")][1:] == ["Warnings:", "Info:"]


def test_check_tells_the_kinds_of_several_splits(tmp_path: Path, capsys: Capture) -> None:
    write_split(tmp_path, document(), split="b", pictures=False)
    write_split(tmp_path, document(), split="c", pictures=False)
    write_split(tmp_path, document([image(1, neg_category_ids=[])], []), split="a", pictures=False)
    assert result_of(capsys, "check", tmp_path)["kind"] == "instances+lvis"
    assert main(["check", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == [
        "a: objects, where only some classes were looked for in each image (LVIS)",
        "b, c: objects with boxes or outlines",
    ]


def test_check_looks_into_the_pictures_where_it_is_asked_to(data: Path, capsys: Capture) -> None:
    (data / "all2017" / "b.jpg").write_bytes(b"no picture")
    assert main(["check", str(data), "--images", "--json"]) == 0
    output = capsys.readouterr()
    assert json.loads(output.out)["findings"][0]["code"] == "image_unreadable"
    assert output.err == "Images: 4 of 4\n"


def test_stats_gives_one_entry_per_category(data: Path, capsys: Capture) -> None:
    value = result_of(capsys, "stats", data)
    keys = ("id", "name", "supercategory", "image_count", "instance_count", "crowd_count")
    assert [[entry[key] for key in keys] for entry in value] == [
        [CAT, "cat", "animal", 2, 2, 0],
        [DOG, "dog", "animal", 1, 0, 1],
        [CUP, "cup", "kitchen", 2, 3, 0],
    ]


@pytest.mark.parametrize(
    "absurd", [{"area": 1e308}, {"bbox": [0, 0, 1e308, 1e308], "area": None}, {"bbox": [1e308, 0, 1e308, 1]}]
)
def test_absurd_numbers_stop_no_command(tmp_path: Path, capsys: Capture, absurd: dict[str, Any]) -> None:
    records = [annotation(1, 1, CAT) | absurd, annotation(2, 2, CAT)]
    file = write_split(tmp_path, document([image(1), image(2)], records))
    for command in ("check", "stats", "pairs"):
        result_of(capsys, command, file)
    formats = "coco,masks,yolo,voc,mined"
    result_of(capsys, "mine", file, "--classes", "cat", "--formats", formats, "--out", tmp_path / "out")


def test_stats_has_one_line_per_category_whatever_its_name(tmp_path: Path, capsys: Capture) -> None:
    names = ["line\nbreak", "tab\there", "no\u200bwidth", "犬 🐕"]
    categories = [{"id": number, "name": name} for number, name in enumerate(names, start=1)]
    file = write_split(tmp_path, document([image(1)], [annotation(1, 1, 1)], categories))
    assert main(["stats", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12].strip() for line in lines[1:]] == [r"line\nbreak", r"tab\there", r"no\u200bwidt", "犬 🐕"]


def test_stats_tells_number_shape_and_what_vanishes(data: Path, capsys: Capture) -> None:
    keys = ("median_per_image", "most_per_image", "median_aspect", "vanishing_share_at_128")
    _, dog, cup = result_of(capsys, "stats", data)
    assert [dog[key] for key in keys] == [0, 0, 0, 0]
    assert [cup[key] for key in keys] == [1.5, 2, 1, 0]


def test_pairs_gives_the_matrices_with_the_categories_in_their_order(data: Path, capsys: Capture) -> None:
    value = result_of(capsys, "pairs", data)
    assert (value["image_count"], value["categories"]) == (4, ["cat", "dog", "cup"])
    assert value["counts"] == [[2, 1, 1], [1, 1, 0], [1, 0, 2]]
    assert value["lift"][0] == [2, 2, 1]
    assert {"expected", "lift_low", "lift_high"} < set(value)


def test_a_lift_that_is_not_defined_is_null(tmp_path: Path, capsys: Capture) -> None:
    write_split(tmp_path, document(annotations=[]), pictures=False)
    assert result_of(capsys, "pairs", tmp_path)["lift"] == [[None] * 3] * 3


def test_pairs_of_federated_data_are_null_where_no_image_was_looked_at_for_both(
    tmp_path: Path, capsys: Capture
) -> None:
    images = [image(1, neg_category_ids=[DOG]), image(2, neg_category_ids=[])]
    records = [annotation(1, 1, CAT), annotation(2, 2, CUP)]
    write_split(tmp_path, document(images, records), pictures=False)
    value = result_of(capsys, "pairs", tmp_path)
    assert value["image_counts"] == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert value["lift"] == [[1, None, None], [None, None, None], [None, None, 1]]


def test_mine_gives_the_folder_and_what_it_holds(data: Path, tmp_path: Path, capsys: Capture) -> None:
    value = result_of(capsys, "mine", data, *MINED, "--out", tmp_path / "out")
    manifest = read_manifest(tmp_path / "out")
    assert value == {
        "folder": str(tmp_path / "out"),
        "is_complete": True,
        "defects": [],
        "warnings": ["cat has no validation image (val)."],
        "splits": manifest["splits"],
        "image_count": 3,
        "instance_count": 5,
        "annotation_count": 5,
        "file_count": len(manifest["files"]),
    }


def test_doctor_gives_one_entry_per_thing(capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no nvidia-smi, so that torch is not loaded to ask it
    value = result_of(capsys, "doctor")
    assert all(list(entry) == ["name", "works", "message"] for entry in value)
    assert {"python", "mongod", "gpu", "weights", "space"} <= {entry["name"] for entry in value}


# What each command says to a person


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("check", "4 images, 6 annotations, 3 categories in all2017"),
        ("stats", "cup                         90         2         3       0"),
        ("pairs", "cat and dog: 1 image, 0.5 expected, lift 2.0"),
    ],
)
def test_a_command_says_its_numbers(data: Path, capsys: Capture, command: str, said: str) -> None:
    assert main([command, str(data)]) == 0
    assert said in capsys.readouterr().out.splitlines()


def test_check_says_when_there_are_no_problems(tmp_path: Path, capsys: Capture) -> None:
    sound = document()
    sound["images"], sound["annotations"] = sound["images"][:1], sound["annotations"][:2]
    sound["categories"] = [each for each in sound["categories"] if each["name"] != "dog"]
    write_split(tmp_path, sound)
    assert main(["check", str(tmp_path)]) == 0
    assert "No problems found." in capsys.readouterr().out


def test_progress_goes_to_stderr_and_the_result_alone_to_stdout(data: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["mine", str(data), *MINED, "--out", str(tmp_path / "out")]) == 0
    output = capsys.readouterr()
    assert "Writing labels: 3 of 3" in output.err
    assert output.out.startswith(f"{tmp_path / 'out'}: 3 images")
    assert output.out.rstrip().endswith("files verified")


def test_one_split_is_taken_when_it_is_named(data: Path, capsys: Capture) -> None:
    write_split(data, document(), split="more")
    assert result_of(capsys, "check", data)["image_count"] == 8
    assert result_of(capsys, "check", data, "--split", "more")["image_count"] == 4


# Mining by options and by recipe


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--exclude", "dog", "--mode", "only", "--seed", "3"),
        ("--others", "merge", "--val-share", "0.4"),
        ("--test-share", "0.3", "--keep-together", "files"),
        ("--folds", "3", "--fold", "2", "--keep-together", "near-duplicates"),
    ],
)
def test_replaying_a_recipe_gives_the_same_manifest(
    data: Path, tmp_path: Path, capsys: Capture, options: Sequence[str]
) -> None:
    result_of(capsys, "mine", data, *MINED, *options, "--out", tmp_path / "one")
    result_of(capsys, "mine", "--recipe", tmp_path / "one" / "recipe.yaml", "--out", tmp_path / "two")
    assert read_manifest(tmp_path / "two") == read_manifest(tmp_path / "one")


def test_training_gives_images_for_validation_where_it_is_named(tmp_path: Path, capsys: Capture) -> None:
    data = two_splits(tmp_path / "data", "train", "test")
    options = ("--classes", "cat", "--val-from", "train", "--val-share", "0.5")
    value = result_of(capsys, "mine", data, *options, "--out", tmp_path / "out")
    assert {entry["split"]: entry["image_count"] for entry in value["splits"]} == {"test": 2, "train": 1, "val": 1}


def test_each_fold_is_for_validation_once(data: Path, tmp_path: Path, capsys: Capture) -> None:
    names = []
    for fold in range(3):
        out = tmp_path / str(fold)
        result_of(capsys, "mine", data, *MINED, "--folds", "3", "--fold", str(fold), "--out", out)
        value = json.loads((out / "annotations" / "instances_val.json").read_bytes())
        names += [each["file_name"] for each in value["images"]]
    assert sorted(names) == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--folds", "5"), "Say both how many folds there are and which is for validation: --folds 5 --fold 0"),
        (("--fold", "0"), "Say both how many folds"),
        (("--folds", "5", "--fold", "5"), "There is no fold 5 of 5"),
        (("--folds", "5", "--fold", "0", "--val-share", "0.2"), "Leave out --val-share or --folds"),
    ],
)
def test_folds_that_cannot_be_made_are_an_error(
    data: Path, tmp_path: Path, capsys: Capture, options: Sequence[str], message: str
) -> None:
    assert main(["mine", str(data), *MINED, *options, "--out", str(tmp_path / "out")]) == 1
    assert message in capsys.readouterr().err


def test_equal_files_across_the_dataset_s_splits_are_told(tmp_path: Path, capsys: Capture) -> None:
    data = two_splits(tmp_path / "data", "train", "val")
    options = ("--classes", "cat", "--keep-together", "files", "--out", str(tmp_path / "out"))
    assert main(["mine", str(data), *options]) == 0
    assert "equal, byte for byte, in several splits, where" in capsys.readouterr().err


def test_a_test_share_where_the_splits_stay_as_they_are_is_an_error(tmp_path: Path, capsys: Capture) -> None:
    data = two_splits(tmp_path / "data", "train", "val")
    options = ("--classes", "cat", "--test-share", "0.1", "--out", str(tmp_path / "out"))
    assert main(["mine", str(data), *options]) == 1
    assert "Nothing is divided, since the splits stay as they are" in capsys.readouterr().err


def test_excluding_a_class_removes_its_images(data: Path, tmp_path: Path, capsys: Capture) -> None:
    value = result_of(capsys, "mine", data, *MINED, "--exclude", "dog", "--out", tmp_path / "out")
    assert value["image_count"] == 2


def test_mine_says_how_many_objects_have_no_mask(tmp_path: Path, capsys: Capture) -> None:
    boxes = [annotation(number, number, CAT, segmentation=[]) for number in (1, 2)]
    write_split(tmp_path / "data", document([image(1), image(2)], boxes))
    assert main(["mine", str(tmp_path / "data"), "--classes", "cat", "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Objects without a mask, such as a box alone: 2. They are background in the label maps."
    ]


def two_splits(root: Path, *names: str) -> Path:
    """Two images with a cat each in every split."""
    for number, name in enumerate(names):
        ids = (10 * number + 1, 10 * number + 2)
        records = [annotation(each, each, CAT) for each in ids]
        write_split(root, document([image(each) for each in ids], records), split=name)
    return root


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("checking", "learning"), "No split is for training and none for validation: checking (no role), learning"),
        (("test2017", "train2017"), "No split is for validation: test2017 (test), train2017 (train)."),
    ],
)
def test_mine_says_that_no_split_is_for_something_and_what_to_do(
    tmp_path: Path, capsys: Capture, names: Sequence[str], said: str
) -> None:
    data = two_splits(tmp_path / "data", *names)
    assert main(["mine", str(data), "--classes", "cat", "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().err
    assert said in told
    assert "--role SPLIT=train" in told


def test_mine_takes_the_person_s_word_for_what_splits_are_for(tmp_path: Path, capsys: Capture) -> None:
    data = two_splits(tmp_path / "data", "checking", "learning")
    roles = ("--role", "learning=train", "--role", "checking=val")
    assert main(["mine", str(data), "--classes", "cat", *roles, "--out", str(tmp_path / "out")]) == 0
    assert "No split" not in capsys.readouterr().err
    assert [entry["role"] for entry in read_manifest(tmp_path / "out")["splits"]] == ["val", "train"]


def test_missing_images_are_counted_in_the_result_and_told_as_a_warning(
    data: Path, tmp_path: Path, capsys: Capture
) -> None:
    (data / "all2017" / "a.jpg").unlink()
    assert main(["mine", str(data), *WITH_IMAGES, "--json", "--out", str(tmp_path / "out")]) == 0
    output = capsys.readouterr()
    value = json.loads(output.out)
    assert not value["is_complete"]
    assert sum(entry["missing_image_file_count"] for entry in value["splits"]) == 1
    assert "Warning: 2 of 3 images found, 1 missing" in output.err
    assert main(["mine", str(data), *WITH_IMAGES, "--out", str(tmp_path / "again")]) == 0
    assert "; 2 of 3 images found, 1 missing; " in capsys.readouterr().out


def test_missing_images_are_counted_before_anything_is_written(
    data: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    (data / "all2017" / "a.jpg").unlink()
    monkeypatch.setattr(mine_command, "show_progress", interrupted)
    assert main(["mine", str(data), *WITH_IMAGES, "--out", str(tmp_path / "out")]) == 130
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "Warning: 2 of 3 images found, 1 missing",
        "",
        "cocomine: stopped",
    ]
    assert not (tmp_path / "out").exists()


def test_images_asked_for_and_none_found_is_refused_before_anything_is_written(tmp_path: Path, capsys: Capture) -> None:
    write_split(tmp_path / "data", document(), pictures=False)
    message = complaint(capsys, "mine", tmp_path / "data", *WITH_IMAGES, "--out", tmp_path / "out")
    assert message.startswith("None of the 3 images was found")
    assert "--image-folder" in message
    assert "--images none" in message
    assert not (tmp_path / "out").exists()
    assert main(["mine", str(tmp_path / "data"), *WITH_IMAGES, "--images", "none", "--out", str(tmp_path / "out")]) == 0


def test_what_is_not_as_planned_ends_with_1_and_its_numbers(
    data: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program deletes two label maps as soon as all of them are written."""

    def deleting(what: str) -> Progress:
        def told(done: int, total: int) -> None:
            if (what, done) == ("Writing labels", total):
                for path in sorted(tmp_path.rglob("*.png"))[:2]:
                    path.unlink()

        return told

    monkeypatch.setattr(mine_command, "show_progress", deleting)
    assert main(["mine", str(data), *MINED, "--out", str(tmp_path / "out")]) == 1
    output = capsys.readouterr()
    assert "cocomine: Label maps: 2 of 3 missing (labels/" in output.err
    assert "files verified: 1 defect" in output.out
    assert read_manifest(tmp_path / "out")["is_complete"] is False


def test_images_that_cannot_be_exported_are_left_out_when_asked_and_the_replay_does_so_too(
    tmp_path: Path, capsys: Capture
) -> None:
    images = [image(1, "a.jpg"), image(2, "a.png"), image(3, "b.jpg")]
    records = [annotation(each, each, CAT) for each in (1, 2, 3)]
    write_split(tmp_path / "data", document(images, records))
    arguments = ("mine", tmp_path / "data", "--classes", "cat", "--out", tmp_path / "out")
    message = complaint(capsys, *arguments)
    assert message.startswith("1 of 3 images cannot be exported as they are: all2017: 'a.png' differs from 'a.jpg'")
    assert "--leave-out-unusable" in message
    assert result_of(capsys, *arguments, "--leave-out-unusable")["image_count"] == 2
    recipe = tmp_path / "out" / "recipe.yaml"
    assert "differs from" in recipe.read_text(encoding="utf-8")
    result_of(capsys, "mine", "--recipe", recipe, "--out", tmp_path / "again")
    assert read_manifest(tmp_path / "again") == read_manifest(tmp_path / "out")


def test_a_recipe_is_replayed_on_the_dataset_that_is_named(data: Path, tmp_path: Path, capsys: Capture) -> None:
    result_of(capsys, "mine", data, *MINED, "--out", tmp_path / "out")
    moved = data.rename(tmp_path / "moved")
    recipe = tmp_path / "out" / "recipe.yaml"
    result_of(capsys, "mine", moved, "--recipe", recipe, "--out", tmp_path / "again")
    assert read_manifest(tmp_path / "again") == read_manifest(tmp_path / "out")


def test_a_recipe_is_not_replayed_on_another_dataset(data: Path, tmp_path: Path, capsys: Capture) -> None:
    result_of(capsys, "mine", data, *MINED, "--out", tmp_path / "out")
    other = write_split(tmp_path / "other", document([image(1)], [annotation(1, 1, CAT)]))
    recipe = tmp_path / "out" / "recipe.yaml"
    message = complaint(capsys, "mine", other, "--recipe", recipe, "--out", tmp_path / "again")
    assert message.startswith(f"{other} is not the file this recipe was made from")


@pytest.mark.parametrize("formats", ["coco", "coco,yolo,voc,mined"])
def test_more_classes_than_label_maps_have_room_for_are_exported_without_them(
    tmp_path: Path, capsys: Capture, formats: str
) -> None:
    categories = [category(number, f"species {number}") for number in range(1, 301)]
    records = [annotation(number, 1 + number % 2, number) for number in range(1, 301)]
    write_split(tmp_path / "data", document([image(1), image(2)], records, categories))
    arguments = ("mine", tmp_path / "data", "--classes", ",".join(str(each["name"]) for each in categories))
    value = result_of(capsys, *arguments, "--formats", formats, "--out", tmp_path / "out")
    assert (value["instance_count"], value["is_complete"]) == (300, True)
    message = complaint(capsys, *arguments, "--formats", "coco,masks", "--out", tmp_path / "masks")
    assert message.startswith("300 classes need a label of their own")


def test_only_the_formats_asked_for_are_written(data: Path, tmp_path: Path, capsys: Capture) -> None:
    result_of(capsys, "mine", data, *MINED, "--formats", "coco", "--out", tmp_path / "out")
    assert not (tmp_path / "out" / "labels").exists()
    assert not (tmp_path / "out" / "mined.json").exists()


def test_relabel_says_which_value_became_which_label_and_what_stays_ignored(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "masks").mkdir()
    Image.fromarray(np.array([[0, 100, 255]], dtype=np.uint8)).save(tmp_path / "masks" / "a.png")
    assert main(["relabel", str(tmp_path / "masks"), "--out", str(tmp_path / "out")]) == 0
    output = capsys.readouterr()
    assert output.out == f"{tmp_path / 'out'}: 1 mask; 0 → 0, 100 → 1\n"
    assert output.err.startswith("Warning: 255 stays 255 (ignored) in 1 pixel. ")
    value = result_of(capsys, "relabel", tmp_path / "masks", "--values", "0,255,100", "--out", tmp_path / "all")
    assert [entry["grey_value"] for entry in value["labels"]] == [0, 255, 100]


# What cannot be done: exit 1 and one message


@pytest.mark.parametrize("command", ["check", "stats", "pairs"])
def test_a_wrong_path_is_named_with_what_to_do(tmp_path: Path, capsys: Capture, command: str) -> None:
    message = complaint(capsys, command, tmp_path / "nowhere")
    assert message == f"{tmp_path / 'nowhere'}: there is no such file or folder. Check the spelling, or browse to it."


@pytest.mark.parametrize("command", ["check", "stats", "pairs"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"name": "web app"}', "not a COCO file: it has no 'images'"),
        ("[1, 2]", "this is a list, as detectors write their results"),
        ('{"images": [', "not valid JSON"),
    ],
)
def test_json_that_is_not_coco_is_told(tmp_path: Path, capsys: Capture, command: str, content: str, said: str) -> None:
    (tmp_path / "some.json").write_text(content)
    message = complaint(capsys, command, tmp_path / "some.json")
    assert message.startswith(f"{tmp_path / 'some.json'}: {said}")


def test_an_unknown_class_is_told_with_the_nearest_names(data: Path, tmp_path: Path, capsys: Capture) -> None:
    message = complaint(capsys, "mine", data, "--classes", "cats", "--out", tmp_path / "out")
    assert message == "There is no category 'cats' in this dataset. Did you mean cat?"
    assert not (tmp_path / "out").exists()


def test_an_unknown_split_is_told_with_the_nearest_names(data: Path, capsys: Capture) -> None:
    assert "There is no split 'all2071'" in complaint(capsys, "check", data, "--split", "all2071")


def test_a_folder_that_cannot_be_written_is_told(data: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    message = complaint(capsys, "mine", data, *MINED, "--out", tmp_path / "file" / "out")
    assert message.startswith(f"{tmp_path / 'file' / 'out'}: cannot be written (")
    assert "Choose another folder that you may write to" in message


def test_a_folder_with_other_files_is_refused(data: Path, tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_bytes(b"mine")
    message = complaint(capsys, "mine", data, *MINED, "--out", tmp_path / "full")
    assert "the folder holds other files. Choose a new or empty folder" in message


@pytest.mark.parametrize("arguments", [("--classes", "cat"), ("DATA",), ("DATA", "--classes", " , ")])
def test_a_dataset_and_classes_or_a_recipe_must_be_named(
    data: Path, tmp_path: Path, capsys: Capture, arguments: Sequence[str]
) -> None:
    named = [str(data) if argument == "DATA" else argument for argument in arguments]
    message = complaint(capsys, "mine", *named, "--out", tmp_path / "out")
    assert message == "Name a dataset and --classes, or a --recipe."


def test_an_unknown_format_is_told_with_the_known_ones(data: Path, tmp_path: Path, capsys: Capture) -> None:
    message = complaint(capsys, "mine", data, *MINED, "--formats", "coco,tfrecord", "--out", tmp_path / "out")
    assert message.startswith("Unknown export format 'tfrecord'. Choose from coco, roboflow, masks")


@pytest.mark.parametrize("content", [None, b"caf\xe9", b"a: [", b"a: 1"])
def test_a_recipe_that_cannot_be_read_is_told(tmp_path: Path, capsys: Capture, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "recipe.yaml").write_bytes(content)
    message = complaint(capsys, "mine", "--recipe", tmp_path / "recipe.yaml", "--out", tmp_path / "out")
    assert re.search(r"cannot be read|not valid YAML|no CocoMine recipe", message)


def test_a_demo_is_not_drawn_into_a_folder_of_somebody_else(data: Path, capsys: Capture) -> None:
    assert "not empty and not a CocoMine demo" in complaint(capsys, "demo", data)


def test_a_thing_that_does_not_work_is_told_by_the_doctor_s_exit_code(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIFTYONE_DATABASE_URI", raising=False)
    monkeypatch.setenv("COCOMINE_MONGOD", str(tmp_path / "nothing"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["doctor", "--only", "mongod"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no  mongod: ")
    assert f"no usable mongod was found at {tmp_path / 'nothing'}" in line


def test_the_doctor_knows_nothing_by_another_name(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    message = complaint(capsys, "doctor", "--only", "coffee")
    assert message == "There is nothing called 'coffee' to check. Run it without --only for a list."


# Wrong usage: exit 2


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("check",),
        ("mine", "data", "--classes", "cat"),
        ("mine", "data", "--mode", "some", "--out", "out"),
        ("mine", "data", "--seed", "x", "--out", "out"),
        ("mine", "data", "--role", "learning", "--out", "out"),
        ("mine", "data", "--role", "a=exam", "--out", "out"),
        ("relabel", "masks", "--values", "0,white", "--out", "out"),
        ("train", "export"),
        ("train", "export", "--preset", "fast", "--run", "run"),
    ],
)
def test_wrong_usage_ends_with_2_and_shows_the_usage(capsys: Capture, arguments: Sequence[str]) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert "Usage: cocomine" in output.err
    assert output.out == ""


# Training, with a run that is there at once


def finished(*, state: str = "done", final: FinalLine | None = FINAL) -> Callable[[TrainingConfig, Path], None]:
    """Stands for `start_run`: the run's folder as a process leaves it."""

    def start(config: TrainingConfig, folder: Path) -> None:
        write_run(folder, config=config, state=state, metrics=() if final is None else (final,))

    return start


@pytest.fixture
def export(four_images: Dataset, tmp_path: Path) -> Path:
    export_of(four_images, tmp_path / "export")
    return tmp_path / "export"


def test_train_gives_the_run_and_its_final_numbers(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished())
    assert result_of(capsys, "train", export, "--steps", "3", "--run", tmp_path / "run") == {
        "run": str(tmp_path / "run"),
        "state": "done",
        "step": 3,
        "final": {"last": json.loads(msgspec.json.encode(FINAL))},
        "run_info": json.loads(msgspec.json.encode(INFO)),
    }


def test_train_says_how_good_it_is_and_what_an_empty_prediction_scores(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished())
    assert main(["train", str(export), "--run", str(tmp_path / "run")]) == 0
    assert capsys.readouterr().out == (
        f"{tmp_path / 'run'}: done; mIoU 50.0 % (95 %: 39.1 to 61.8 %) on 12 validation images, "
        "empty prediction 0.0 %; "
        "paper metric (Eq. 2) 75.0 %, empty prediction 70.0 %\n"
    )


def test_a_mean_iou_that_is_not_defined_is_said_so(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished(final=replace(FINAL, mean_iou=None)))
    assert main(["train", str(export), "--run", str(tmp_path / "run")]) == 0
    assert "; mIoU not defined on" in capsys.readouterr().out


def test_a_run_that_is_done_is_not_started_again(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished())
    arguments = ("train", export, "--run", tmp_path / "run")
    first = result_of(capsys, *arguments)
    monkeypatch.setattr(train_command, "start_run", _not_again)
    assert result_of(capsys, *arguments) == first


def _not_again(_config: TrainingConfig, _folder: Path) -> None:
    raise AssertionError


def test_a_run_that_was_stopped_says_how_to_go_on(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished(state="stopped", final=None))
    assert main(["train", str(export), "--steps", "4", "--run", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().out == f"{tmp_path / 'run'}: stopped at step 4; the same command resumes it\n"


def test_a_run_whose_process_was_killed_is_no_success(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished(state="running", final=None))
    assert main(["train", str(export), "--steps", "200", "--run", str(tmp_path / "run")]) == 1
    assert "cocomine: " in (said := capsys.readouterr().err)
    assert "the process ended before the run did, after step 200: it was killed, or memory ran out" in said


def test_a_run_that_failed_ends_with_its_message(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished(state="failed", final=None))
    assert main(["train", str(export), "--run", str(tmp_path / "run")]) == 1
    assert capsys.readouterr().err.endswith("cocomine: so it is\n")


def test_options_reach_the_settings_of_the_run(
    export: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train_command, "start_run", finished())
    options = ("--preset", "recommended", "--steps", "5", "--seed", "7", "--weights", "none")
    result_of(capsys, "train", export, *options, "--run", tmp_path / "run")
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    assert (config["preset"], config["steps"], config["seed"], config["weights"]) == ("recommended", 5, 7, "none")
    assert config["export"] == str(export)


def test_a_number_of_steps_that_makes_no_sense_is_told(export: Path, tmp_path: Path, capsys: Capture) -> None:
    assert "steps" in complaint(capsys, "train", export, "--steps", "0", "--run", tmp_path / "run")


def test_json_never_holds_a_nan() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_json({"value": math.nan})


def test_image_files_that_spoil_a_training_are_told_before_the_export(
    data: Path, tmp_path: Path, capsys: Capture
) -> None:
    picture = next(data.rglob("a.jpg"))
    Image.fromarray(np.full((10, 20), 40_000, dtype=np.uint16)).save(picture, format="PNG")
    for way, is_told in (("copy", True), ("none", False)):
        arguments = ["mine", data, "--classes", "cat,cup", "--images", way, "--out", tmp_path / way]
        assert main([str(argument) for argument in arguments]) == 0
        assert ("Warning: Images with more than 256 levels: 1 in " in capsys.readouterr().err) is is_told


def test_zip_names_the_file_after_the_recipe(capsys: Capture, four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    (tmp_path / "out").mkdir()
    value = result_of(capsys, "zip", tmp_path / "export", "--out", tmp_path / "out")
    (path,) = (tmp_path / "out").iterdir()
    assert value["file"] == str(path)
    assert re.fullmatch(r"cat-cup-any-[0-9a-f]{6}\.zip", path.name)
    assert (value["size_bytes"], value["file_count"]) == (path.stat().st_size, len(zipfile.ZipFile(path).namelist()))


def test_zip_refuses_what_is_no_export(capsys: Capture, tmp_path: Path) -> None:
    assert "no complete export" in complaint(capsys, "zip", tmp_path)


def test_diff_tells_two_exports_apart_and_two_alike(capsys: Capture, four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "one")
    export_of(four_images, tmp_path / "two", size_px=64)
    assert result_of(capsys, "diff", tmp_path / "one", tmp_path / "two" / "recipe.yaml") == [
        "Mask size: 32 px → 64 px."
    ]
    assert main(["diff", str(tmp_path / "one"), str(tmp_path / "one")]) == 0
    assert capsys.readouterr().out == "Both recipes are the same.\n"


def test_diff_names_what_cannot_be_read(capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "text.yaml").write_text("name: pancakes")
    assert "recipe.yaml: cannot be read" in complaint(capsys, "diff", tmp_path, tmp_path)
    assert "no CocoMine recipe" in complaint(capsys, "diff", tmp_path / "text.yaml", tmp_path / "text.yaml")


def test_runs_are_listed_renamed_deleted_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))
    write_run(tmp_path / "runs" / "cups-1")
    assert main(["runs"]) == 0
    assert capsys.readouterr().out.startswith("cups-1: done, step 9 of 9, ")
    assert main(["runs", "--rename", "cups-1", "first"]) == 0
    assert main(["runs", "--delete", "first"]) == 0
    capsys.readouterr()
    assert main(["runs"]) == 0
    assert "No run in" in capsys.readouterr().out
    assert main(["runs", "--restore", "first"]) == 0
    assert (tmp_path / "runs" / "first" / "config.json").is_file()
    assert main(["runs", "--delete", "first", "--restore", "first"]) == 2
