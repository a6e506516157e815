"""The counts of a run on test images agree with a loop over pixels, also where objects lie over each other."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from datasets import recipe_of
from msgspec.structs import replace
from records import CAT, CATEGORIES, CUP, DOG, annotation, crowd, document, image, write_split
from small_weights import write_small_weights
from torch import Tensor

from cocomine.claim.counts_file import RunCounts, arm_counts, read_run_counts, write_run_counts
from cocomine.claim.networks import testing
from cocomine.claim.networks.testing import BATCH_SIZE, image_counts, run_counts
from cocomine.claim.planning import plan_claim
from cocomine.claim.protocol import protocol_of
from cocomine.claim.records import ClaimSettings, Protocol
from cocomine.claim.truth import image_truth, selected_labels
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.split_role import SplitRole
from cocomine.errors import ClaimError
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import ExportSplit, read_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.selection import Others, Selection
from cocomine.training.augmentation import normalised
from cocomine.training.data import SplitArrays
from cocomine.training.evaluation import predicted_labels

CLASSES = ("cat", "cup")
OVERLAPPING = (
    annotation(1, 11, CAT, (2, 2, 10, 6)),
    annotation(2, 11, DOG, (4, 3, 4, 4)),  # on the cat
    annotation(3, 11, CUP, (5, 4, 2, 2)),  # on the dog
    annotation(4, 11, DOG, (14, 0, 5, 9)),
    crowd(5, 7, DOG),
    annotation(6, 7, CAT, (10, 2, 6, 6)),  # partly over the crowd
)


@pytest.fixture(params=[Others.KEEP, Others.MERGE, Others.IGNORE, Others.BACKGROUND])
def side(request: pytest.FixtureRequest, tmp_path: Path) -> ExportSplit:
    """One split of an export by each rule for the classes that are not selected."""
    value = document([image(11), image(7), image(30)], OVERLAPPING, CATEGORIES)
    dataset = open_dataset(write_split(tmp_path, value, split="val2017"))
    recipe = recipe_of(dataset, Selection(classes=CLASSES, others=request.param))
    write_export(plan_export(dataset, recipe), tmp_path / "export")
    return next(part for part in read_export(tmp_path / "export").splits if 11 in part.split.images.ids)


def protocol_for(folder: Path) -> Protocol:
    ids = range(1, 61)
    value = document([image(each) for each in ids], [annotation(each, each, CAT) for each in ids if each % 2])
    dataset = open_dataset(write_split(folder, value, pictures=False))
    return protocol_of(plan_claim(dataset, ClaimSettings(classes=CLASSES, is_trained_longer=False)))


def pixels(*box: int) -> set[tuple[int, int]]:
    left, top, width, height = box
    return {(row, column) for row in range(top, top + height) for column in range(left, left + width)}


def test_pixels_that_two_label_rules_see_differently_judge_nobody(side: ExportSplit) -> None:
    truth = image_truth(side, 11, {CAT: 1, CUP: 2})
    cat, dog, cup = pixels(2, 2, 10, 6), pixels(4, 3, 4, 4), pixels(5, 4, 2, 2)
    sees_all = len(side.split.annotations) + (0 if side.ignored is None else len(side.ignored.annotations)) > 3
    for row, column in np.ndindex(truth.labels.shape):
        at = (row, column)
        hidden = sees_all and at in cat & dog - cup
        expected = 255 if hidden else 2 if at in cup else 1 if at in cat else 0
        assert truth.labels[at] == expected, at
    assert truth.ignored.tolist() == [len(cat & dog - cup) if sees_all else 0, 0]


def test_counts_agree_with_a_loop_over_pixels() -> None:
    rng = np.random.default_rng(4)
    truth = rng.choice([0, 1, 2, 255], (9, 14)).astype(np.uint8)
    prediction = rng.integers(0, 6, (9, 14)).astype(np.uint8)  # 3 to 5 are classes that are not selected
    expected = np.zeros((3, 2), dtype=np.int64)
    for row, column in np.ndindex(truth.shape):
        true, predicted = truth[row, column], prediction[row, column]
        for place, label in enumerate((1, 2)):
            if true != 255:
                expected[0, place] += true == predicted == label
                expected[1, place] += predicted == label
                expected[2, place] += true == label
    assert image_counts(truth, prediction, 2).tolist() == expected.tolist()


def test_an_export_of_other_classes_is_refused(side: ExportSplit, tmp_path: Path) -> None:
    protocol = protocol_for(tmp_path / "data")
    assert selected_labels(side, protocol) == {CAT: 1, CUP: 2}
    other = ClaimSettings(classes=("cup", "cat"))
    with pytest.raises(ClaimError, match="the export selects cat, cup, the protocol cup, cat"):
        selected_labels(
            side,
            Protocol(**{name: getattr(protocol, name) for name in protocol.__struct_fields__} | {"settings": other}),
        )


def counts_for(protocol: Protocol, **changes: np.ndarray) -> RunCounts:
    shape = len(protocol.test.image_ids), 2
    pixels_of = {name: np.full(shape, value) for name, value in (("right", 2), ("predicted", 5), ("true", 4))}
    return RunCounts(
        image_ids=protocol.test.image_ids, **{"ignored": np.ones(shape, dtype=int), **pixels_of, **changes}
    )


def test_counts_are_read_as_they_were_written_and_are_the_same_bytes(tmp_path: Path) -> None:
    protocol = protocol_for(tmp_path / "data")
    for name in ("one", "two"):
        write_run_counts(tmp_path / name / "A-150-0.npz", counts_for(protocol))
    read = read_run_counts(tmp_path / "one" / "A-150-0.npz", protocol)
    assert read.ignored_share == 0.2
    assert read.mean_iou(np.ones(len(read.image_ids), dtype=bool)) == pytest.approx(2 / 7)
    assert (tmp_path / "one" / "A-150-0.npz").read_bytes() == (tmp_path / "two" / "A-150-0.npz").read_bytes()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"right": np.full((18, 2), 5)}, "counts what cannot be"),
        ({"true": np.full((18, 3), 5)}, "is of other test images or classes than 18 and 2"),
    ],
)
def test_counts_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, np.ndarray], message: str) -> None:
    protocol = protocol_for(tmp_path / "data")
    write_run_counts(tmp_path / "A-150-0.npz", counts_for(protocol, **changes))
    with pytest.raises(ClaimError, match=message):
        read_run_counts(tmp_path / "A-150-0.npz", protocol)


def test_damaged_and_missing_counts_are_named(tmp_path: Path) -> None:
    protocol = protocol_for(tmp_path / "data")
    (tmp_path / "A-150-0.npz").write_bytes(b"PK half of it")
    with pytest.raises(ClaimError, match=r"A-150-0\.npz: cannot be read .* let the check go on"):
        read_run_counts(tmp_path / "A-150-0.npz", protocol)
    with pytest.raises(ClaimError, match=r"A-150-0\.npz: cannot be read \(No such file"):
        arm_counts(tmp_path / "claim", protocol)


def by_colour(sign: int) -> object:
    """A network whose logits of a pixel are its colours, so that no image matters to another one; -1 turns it over."""

    def logits(images: Tensor) -> Tensor:
        return torch.cat([torch.full_like(images[:, :1], -0.5), sign * images], dim=1)

    return logits


def test_each_run_is_counted_on_each_test_image_in_the_order_of_the_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = tuple(range(40, 40 + BATCH_SIZE + 3))
    boxes = [annotation(each, each, (CAT, CUP)[each % 2], (each % 9, 2, 8, 6)) for each in ids]
    value = document([image(each) for each in ids], [*boxes, annotation(7, 41, DOG, (9, 3, 6, 6))], CATEGORIES)
    dataset = open_dataset(write_split(tmp_path / "own", value, split="val2017"))
    whole = recipe_of(dataset, Selection(classes=CLASSES, others=Others.KEEP), roles=(("val2017", SplitRole.TEST),))
    write_export(plan_export(dataset, whole), tmp_path / "export")
    (truths,) = read_export(tmp_path / "export").splits
    protocol = protocol_for(tmp_path / "data")
    protocol = replace(protocol, test=replace(protocol.test, image_ids=ids[::-1]))
    pixels = np.random.default_rng(1).integers(0, 256, (len(ids), 32, 32, 3), dtype=np.uint8)
    arrays = SplitArrays(images=pixels, labels=pixels[..., 0], image_ids=ids)
    networks = {"one": by_colour(1), "other": by_colour(-1)}
    monkeypatch.setattr(testing, "_network", lambda path, _: networks[path.name])
    done: list[tuple[int, int]] = []
    found = run_counts(
        [tmp_path / "one", tmp_path / "other"], arrays, truths, protocol, lambda *each: done.append(each)
    )
    assert done == [(0, 19), (16, 19), (19, 19)]
    for counts, network in zip(found, networks.values(), strict=True):
        assert counts.image_ids == ids[::-1]
        for row, image_id in enumerate(ids[::-1]):
            truth = image_truth(truths, image_id, {CAT: 1, CUP: 2})
            alone = normalised(pixels[image_id - 40 : image_id - 39], torch.device("cpu"))
            predicted = predicted_labels(network(alone)[0], *truth.labels.shape)  # type: ignore[operator]
            rows = (counts.right[row], counts.predicted[row], counts.true[row])
            assert np.array(rows).tolist() == image_counts(truth.labels, predicted, 2).tolist(), image_id
            assert counts.ignored[row].tolist() == truth.ignored.tolist()
    assert (found[0].right != found[1].right).any()


def test_weights_of_other_classes_are_refused(tmp_path: Path) -> None:
    weights = write_small_weights(tmp_path / "last.safetensors")
    protocol = protocol_for(tmp_path / "data")
    assert testing._network(weights, protocol).encoder is not None
    one = replace(protocol, settings=ClaimSettings(classes=("cat",)))
    assert testing._network(weights, one).encoder is not None  # what follows the selected classes may be any
    for classes in (("cup", "cat"), ("bird", "cup"), ("cat", "cup", "bird")):
        other = replace(protocol, settings=ClaimSettings(classes=classes))
        with pytest.raises(ClaimError, match=r"last\.safetensors: its labels are cat, cup, not those of the check"):
            testing._network(weights, other)


@pytest.mark.parametrize(
    ("there", "unreadable", "message"),
    [
        (slice(0, -2), ("7.jpg: is damaged.",), "^2 of 18 test images cannot be read. 7.jpg: is damaged. Exclude such"),
        (slice(1, None), (), "^1 of 18 test images cannot be read. Its export lacks image {}. Exclude such images"),
    ],
)
def test_test_images_that_are_missing_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: slice, unreadable: tuple[str, ...], message: str
) -> None:
    protocol = protocol_for(tmp_path / "data")
    ids = sorted(protocol.test.image_ids)
    none = np.zeros((0, 32, 32, 3), dtype=np.uint8)
    arrays = SplitArrays(images=none, labels=none[..., 0], image_ids=tuple(ids[there]), unreadable=unreadable)
    monkeypatch.setattr(testing, "prepare_arrays", lambda *_, **__: arrays)
    side = SimpleNamespace(name="test", images=())
    export = SimpleNamespace(splits=[SimpleNamespace(name="train", images=()), side], folder=tmp_path)
    with pytest.raises(ClaimError, match=message.format(ids[0])):
        testing._test_arrays(export, protocol, lambda *_: None)  # type: ignore[arg-type]
    export.splits.remove(side)
    with pytest.raises(ClaimError, match=r"it has no side 'test'\. Delete it, and let the check go on"):
        testing._test_arrays(export, protocol, lambda *_: None)  # type: ignore[arg-type]
