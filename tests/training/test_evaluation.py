"""What an evaluation counts, against the same done in the plainest way."""

import numpy as np
import pytest
import torch

from cocomine.training.data import SplitArrays, prior_mask
from cocomine.training.evaluation import Evaluation, _possible_labels, enlarged_labels, evaluate, predicted_labels
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.runs.encoders import ENCODERS

LABELS, SIZE, NATIVE = 5, 32, (41, 53)


@pytest.fixture
def truths() -> dict[int, np.ndarray]:
    """Label maps at native size by image id; label 3 occurs in none."""
    random = np.random.default_rng(0)
    return {image_id: random.choice([0, 1, 2, 4, 255], size=NATIVE).astype(np.uint8) for image_id in (7, 3, 9)}


@pytest.fixture
def arrays() -> SplitArrays:
    random = np.random.default_rng(1)
    return SplitArrays(
        images=random.integers(0, 256, (3, SIZE, SIZE, 3), dtype=np.uint8),
        labels=random.choice([0, 1, 2, 4, 255], size=(3, SIZE, SIZE)).astype(np.uint8),
        image_ids=(7, 3, 9),
    )


@pytest.fixture
def prior() -> np.ndarray:
    return np.random.default_rng(2).integers(0, LABELS, (SIZE, SIZE)).astype(np.uint8)


@pytest.fixture
def seen(truths: dict[int, np.ndarray], arrays: SplitArrays, prior: np.ndarray) -> tuple[Evaluation, list[np.ndarray]]:
    """The evaluation of a random network, and the predictions that it told of."""
    network = LinkNet(ENCODERS["small"], LABELS)
    initialise(network, seed=0)
    predictions: list[np.ndarray] = []
    evaluation = evaluate(
        network,
        arrays,
        truths.__getitem__,
        prior=prior,
        on_image=lambda _index, _truth, prediction: predictions.append(prediction),
    )
    return evaluation, predictions


def test_every_number_of_a_line_is_that_of_its_pixels(
    seen: tuple[Evaluation, list[np.ndarray]], truths: dict[int, np.ndarray], prior: np.ndarray
) -> None:
    evaluation, predictions = seen
    line = evaluation.line(5, [1, 3, 4], limit=2)
    truth, predicted = np.stack([truths[7], truths[3]]), np.stack(predictions[:2])
    mask = np.stack([enlarged_labels(prior, *NATIVE)] * 2)
    assert (line.step, line.image_count) == (5, 2)
    assert line.image_counts == [2, 2, 2, 0, 2]
    assert line.pixel_counts == [int((truth == label).sum()) for label in range(LABELS)]
    for scores, labels in ((line, predicted), (line.prior_baseline, mask), (line.background_baseline, 0 * mask)):
        assert scores is not None
        expected = [slow_iou(truth, labels, label) for label in range(LABELS)]
        assert scores.iou == [None if value is None else pytest.approx(value, abs=1e-6) for value in expected]
        chosen = [value for label, value in enumerate(expected) if label in {1, 4} and value is not None]
        assert scores.mean_iou == pytest.approx(sum(chosen) / 2, abs=1e-6)
        assert scores.pixel_accuracy == pytest.approx((labels == truth)[truth != 255].mean(), abs=1e-6)


def slow_iou(truth: np.ndarray, labels: np.ndarray, label: int) -> float | None:
    pairs = [(int(t), int(p)) for t, p in zip(truth.flat, labels.flat, strict=True) if t != 255]
    true = sum(t == label for t, _ in pairs)
    both = sum(t == p == label for t, p in pairs)
    return both / (true + sum(p == label for _, p in pairs) - both) if true else None


def test_the_papers_metrics_are_taken_at_training_size(
    seen: tuple[Evaluation, list[np.ndarray]], arrays: SplitArrays, prior: np.ndarray
) -> None:
    line = seen[0].line(5, [1])
    counted = arrays.labels != 255
    assert line.background_baseline.mean_true_probability == pytest.approx(
        (arrays.labels == 0)[counted].mean(), abs=1e-6
    )
    assert line.prior_baseline is not None
    is_right = arrays.labels == prior
    assert line.prior_baseline.mean_true_probability == pytest.approx(is_right[counted].mean(), abs=1e-6)


def test_the_interval_of_a_line_holds_its_number(seen: tuple[Evaluation, list[np.ndarray]]) -> None:
    line = seen[0].line(5, [1, 2, 4])
    assert line.mean_iou_interval is not None
    assert line.mean_iou is not None
    assert line.mean_iou_interval[0] < line.mean_iou < line.mean_iou_interval[1]
    assert seen[0].line(5, [1, 2, 4], limit=1).mean_iou_interval is None


@pytest.mark.parametrize("size", [(21, 13), (8, 8), (5, 3), (64, 100)])
@pytest.mark.parametrize("spread", [0.01, 1.0, 20.0])
def test_labels_that_can_win_nowhere_are_left_out_without_a_trace(size: tuple[int, int], spread: float) -> None:
    generator = torch.Generator().manual_seed(0)
    smooth = torch.nn.functional.interpolate(torch.randn(1, 30, 3, 3, generator=generator), size=(8, 8))[0]
    logits = spread * (smooth + 0.2 * torch.randn(30, 8, 8, generator=generator))
    at_once = torch.nn.functional.interpolate(logits[None], size=size, mode="bilinear")[0].argmax(0)
    assert np.array_equal(predicted_labels(logits, *size), at_once.numpy())


def test_of_81_labels_only_those_that_may_win_somewhere_are_enlarged() -> None:
    logits = torch.zeros(81, 16, 16)
    logits[0], logits[7, 4:9, 4:9] = 9, 20
    assert _possible_labels(logits) == [0, 7]


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (3, 4)])
def test_a_label_may_win_where_its_largest_of_four_neighbours_is_not_below_the_smallest_of_another(
    shape: tuple[int, int],
) -> None:
    for seed in range(20):
        logits = torch.randn(6, *shape, generator=torch.Generator().manual_seed(seed))
        expected = set()
        for row, column in np.ndindex(max(shape[0] - 1, 1), max(shape[1] - 1, 1)):
            four = logits[:, row : row + 2, column : column + 2].flatten(1)
            expected |= {label for label in range(6) if four[label].max() >= max(each.min() for each in four)}
        assert _possible_labels(logits) == sorted(expected)


def test_a_label_that_rounding_could_let_win_is_enlarged_too() -> None:
    level = torch.tensor([1.0, 1.0 - 5e-4, 1.0 - 2e-3])
    assert _possible_labels(level[:, None, None].expand(3, 4, 4)) == [0, 1]


def test_of_equal_logits_the_lowest_label_wins() -> None:
    logits = torch.zeros(4, 8, 8)
    logits[0] = -1
    assert np.array_equal(predicted_labels(logits, 9, 9), np.ones((9, 9)))


def test_an_enlarged_label_is_that_at_the_middle_of_each_pixel() -> None:
    labels = np.array([[1, 2], [3, 4]], dtype=np.uint8)
    assert enlarged_labels(labels, 2, 5).tolist() == [[1, 1, 2, 2, 2], [3, 3, 4, 4, 4]]
    assert enlarged_labels(labels, 1, 1).tolist() == [[4]]


def test_the_prior_mask_is_the_most_frequent_label_of_each_place() -> None:
    maps = np.array([[[1, 255], [2, 0]], [[1, 255], [1, 3]], [[0, 255], [2, 3]], [[0, 255], [1, 255]]], dtype=np.uint8)
    assert prior_mask(maps, 4).tolist() == [[0, 0], [1, 3]]


def test_a_large_prior_mask_is_made_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    maps = np.random.default_rng(0).integers(0, 3, (9, 7, 4)).astype(np.uint8)
    whole = prior_mask(maps, 3)
    monkeypatch.setattr("cocomine.training.data._PRIOR_CELLS", 2 * 256 * 4)
    assert np.array_equal(prior_mask(maps, 3), whole)
    assert whole.shape == (7, 4)
