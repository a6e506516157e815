"""A trained network sees in an image what its evaluation saw, from the weights' file alone."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from small_weights import DESCRIPTION, LABELS, write_described, write_small_weights

from cocomine.cli.parser import main
from cocomine.coco.size import Size
from cocomine.errors import ExportError, TrainingError, WeightsError
from cocomine.exporting.reading import native_label_map, read_export
from cocomine.training.linknet import LinkNet
from cocomine.training.prediction import Prediction, Predictor, _enlarged, _predicted, predicted_classes
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.predicting import image_files, mask_names, predict_images, weights_of_run
from cocomine.training.runs.reading import BEST, Run
from cocomine.training.runs.records import RunLabel


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """The best weights of a small network."""
    return write_small_weights(tmp_path / BEST)


def noise(path: Path, *, width: int = 50, height: int = 40, seed: int = 0) -> Path:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.mark.usefixtures("narrow_network")
def test_predictions_have_the_confusions_of_the_runs_own_evaluation(uninterrupted: Run) -> None:
    predictor = Predictor.read(uninterrupted.folder / BEST)
    split = read_export(Path(uninterrupted.config.export)).val_split
    paths = {image.image_id: image.image_path for image in split.images}
    kept = np.load(uninterrupted.folder / "evaluation_best.npz")
    label_count = int(kept["label_count"])

    found = Confusions.joined(
        [
            Confusions.of_image(native_label_map(split, each), predictor.predict_file(paths[each]).labels, label_count)
            for each in kept["image_ids"].tolist()
        ]
    )

    for name in ("image_index", "cell", "pixels"):
        np.testing.assert_array_equal(getattr(found, name), kept[name])


def test_three_lines_give_the_labels_of_an_image(weights: Path, tmp_path: Path) -> None:
    path = noise(tmp_path / "street.png")

    predictor = Predictor.read(str(weights))
    labels = predictor.predict(Image.open(path)).labels

    assert labels.shape == (40, 50)
    np.testing.assert_array_equal(labels, predictor.predict_file(path).labels)


def test_labels_and_confidence_are_those_of_the_enlarged_logits() -> None:
    logits = torch.tensor(np.random.default_rng(2).normal(0, 3, (4, 3, 5)), dtype=torch.float32)

    found = _enlarged(logits, Size(7, 9))

    enlarged = torch.nn.functional.interpolate(logits[None], size=(7, 9), mode="bilinear")[0]
    np.testing.assert_array_equal(found.labels, enlarged.argmax(0))
    np.testing.assert_allclose(found.confidence, enlarged.softmax(0).max(0).values, rtol=1e-5)


def test_the_lowest_label_wins_a_tie_and_is_as_sure_as_the_others() -> None:
    found = _enlarged(torch.zeros(4, 2, 2), Size(2, 2))

    assert not found.labels.any()
    np.testing.assert_allclose(found.confidence, 0.25)


def test_classes_are_counted_with_the_mean_of_their_own_confidence(weights: Path) -> None:
    predictor = Predictor.read(weights)
    prediction = _enlarged(torch.tensor([[[0.0, 9.0]], [[9.0, 0.0]], [[0.0, 0.0]]]), Size(1, 2))
    sure = float(np.exp(9) / (np.exp(9) + 2))

    found = predicted_classes(prediction, predictor.description.labels)

    assert [(each.name, each.pixel_count) for each in found] == [("background", 1), ("cat", 1)]
    assert [each.confidence for each in found] == pytest.approx([sure, sure], abs=1e-4)


def test_a_file_of_a_former_version_has_the_papers_encoder(tmp_path: Path, narrow_network: None) -> None:  # noqa: ARG001
    network = LinkNet(ENCODERS["resnet50"], len(LABELS))
    write_described(tmp_path / BEST, network, {key: value for key, value in DESCRIPTION.items() if key != "encoder"})

    assert Predictor.read(tmp_path / BEST).network.encoder.kind.name == "resnet50"


@pytest.mark.parametrize(
    ("description", "words"),
    [
        ({**DESCRIPTION, "encoder": "vit"}, "no encoder 'vit'"),
        ({**DESCRIPTION, "size_px": 33}, "multiple of 32"),
        ({**DESCRIPTION, "labels": LABELS[1:]}, "not numbered from 0"),
        ({**DESCRIPTION, "labels": LABELS[:2]}, "does not fit its own description"),
        ({**DESCRIPTION, "encoder": "resnet18"}, "does not fit its own description"),
    ],
)
def test_a_wrong_description_is_told(weights: Path, description: dict[str, object], words: str) -> None:
    write_described(weights, Predictor.read(weights).network, description)

    with pytest.raises(WeightsError, match=words):
        Predictor.read(weights)


def test_other_weights_and_damaged_ones_are_told(tmp_path: Path) -> None:
    save_file({"conv1.weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    (tmp_path / "damaged.safetensors").write_bytes(b"no weights")

    with pytest.raises(WeightsError, match=r"other.safetensors: this is not the best.safetensors of a run"):
        Predictor.read(tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match=r"damaged.safetensors: cannot be read"):
        Predictor.read(tmp_path / "damaged.safetensors")


def test_a_run_without_weights_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"best.safetensors: there are no weights"):
        weights_of_run(tmp_path)


def test_a_folder_stands_for_its_images_by_name(tmp_path: Path) -> None:
    second, first = noise(tmp_path / "in/b.png"), noise(tmp_path / "in/a.JPG")
    (tmp_path / "in/notes.txt").write_text("no image")

    assert list(image_files([tmp_path / "in", first])) == [first, second, first]


@pytest.mark.parametrize(("name", "words"), [("absent.jpg", "no such image"), ("empty", "no image directly")])
def test_a_path_without_images_is_told(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()

    with pytest.raises(TrainingError, match=words):
        list(image_files([tmp_path / name]))


def test_masks_of_equal_names_lie_beside_each_other() -> None:
    files = [Path("a/street.jpg"), Path("b/Street.png"), Path("street-2.jpg"), Path("street.tif")]

    assert mask_names(files) == ["street.png", "Street-2.png", "street-2-2.png", "street-3.png"]


@pytest.mark.slow
def test_the_command_writes_masks_and_names_what_it_could_not_read(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = noise(tmp_path / "in/street.png"), noise(tmp_path / "more/street.png", width=31, height=64, seed=1)
    (tmp_path / "in/torn.jpg").write_bytes(b"\xff\xd8\xff torn")

    folders = [str(weights), str(tmp_path / "in"), str(second), "--out", str(tmp_path / "out")]
    code = main(["predict", *folders, "--json"])

    output = capsys.readouterr()
    value = json.loads(output.out)
    assert code == 1
    assert "Warning: " in output.err
    assert value == json.loads((tmp_path / "out/predictions.json").read_text())
    assert [image["mask"] for image in value["images"]] == ["street.png", "", "street-2.png"]
    assert "torn.jpg" in value["images"][1]["problem"]
    predictor = Predictor.read(weights)
    for path, name in ((first, "street.png"), (second, "street-2.png")):
        with Image.open(tmp_path / "out" / name) as mask:
            np.testing.assert_array_equal(np.asarray(mask), predictor.predict_file(path).labels)
            assert mask.palette is not None
            assert mask.palette.palette[3:9] == bytes((255, 0, 0, 0, 255, 0))


def test_a_folder_that_holds_something_is_left_alone(weights: Path, tmp_path: Path) -> None:
    image = noise(tmp_path / "street.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("keep")

    with pytest.raises(ExportError, match="holds other files"):
        predict_images(weights, [image], tmp_path / "out", lambda *_: None)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_confidences_are_told_to_a_hundredth_of_a_percent() -> None:
    labels = np.array([[0, 1, 1]], dtype=np.uint8)
    seen = Prediction(labels=labels, confidence=np.array([[0.5, 0.123456, 0.123456]], dtype=np.float32))
    found = predicted_classes(seen, msgspec.convert(LABELS, list[RunLabel]))
    assert [(each.name, each.pixel_count, each.confidence) for each in found] == [
        ("cat", 2, 0.1235),
        ("background", 1, 0.5),
    ]


def test_of_an_image_that_cannot_be_read_nothing_is_told_but_why(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    found = _predicted(Predictor.read(weights), tmp_path / "empty.png", tmp_path / "mask.png")
    assert (found.mask, found.width, found.height, found.classes) == ("", 0, 0, [])
    assert "empty.png" in found.problem
    assert not (tmp_path / "mask.png").exists()
