"""The metrics of a run at work are parsed line by line, each once, whatever becomes of their file."""

from pathlib import Path
from typing import Any

import pytest
from run_folders import FINAL, METRICS, evaluation_line, train_line

from cocomine.system.files import write_text
from cocomine.training.runs import metrics_reader, records
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.records import TrainLine, encoded_line


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The lines that were parsed, in their order."""
    seen: list[bytes] = []
    decoded = records.decoded

    def noted(data: bytes, kind: Any) -> Any:
        seen.append(data)
        return decoded(data, kind)

    monkeypatch.setattr(metrics_reader, "decoded", noted)
    return seen


def test_each_line_of_a_growing_file_is_parsed_once(tmp_path: Path, parsed: list[bytes]) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    path.write_text(encoded_line(train_line(1)) + '{"step": 2, "ki')
    assert reader.read(path, 2).train == (train_line(1),)
    path.write_text(encoded_line(train_line(1)) + encoded_line(train_line(2)))
    assert reader.read(path, 2).train == (train_line(1), train_line(2))
    assert reader.read(path, 2).train == (train_line(1), train_line(2))
    assert len(parsed) == 2


def test_a_file_whose_beginning_changed_is_read_anew(tmp_path: Path) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    path.write_text(encoded_line(train_line(1)) + encoded_line(train_line(2)))
    reader.read(path, 2)
    path.write_text(encoded_line(train_line(1, loss=0.25)) + encoded_line(train_line(3)) + encoded_line(train_line(4)))
    assert [line.step for line in reader.read(path, 2).train] == [1, 3, 4]
    path.write_text(encoded_line(train_line(1, loss=0.25)))
    assert [line.step for line in reader.read(path, 2).train] == [1]
    path.unlink()
    assert not reader.read(path, 2)


def test_evaluations_are_judged_anew_once_the_number_of_labels_is_known(tmp_path: Path) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    path.write_text(encoded_line(evaluation_line(2, iou=[0.9, 0.5, 0.1], image_counts=[], pixel_counts=[])))
    assert len(reader.read(path, None).evaluations) == 1
    assert "IoU of 3 labels, not of 2" in str(reader.read(path, 2).problem)


def test_damaged_lines_are_counted_and_the_first_is_named_also_of_a_file_that_was_replaced(tmp_path: Path) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    good = encoded_line(train_line(1))
    for text, said in (
        (good + "no line\n", "1 of 2 lines are damaged and left out (line 2: "),
        ("{}\n" + good + "[]\n", "2 of 3 lines are damaged and left out (line 1: "),
    ):
        path.write_text(text)
        assert str(reader.read(path, 2).problem).startswith(f"metrics.jsonl: {said}")


def test_metrics_come_by_kind(tmp_path: Path) -> None:
    (tmp_path / "metrics.jsonl").write_text("".join(encoded_line(line) for line in METRICS))
    metrics = MetricsReader().read(tmp_path / "metrics.jsonl", 2)
    assert ([line.step for line in metrics.train], [line.step for line in metrics.evaluations]) == ([5, 9], [0, 9])
    assert metrics.finals == (FINAL,)


def written(path: Path, *lines: TrainLine) -> None:
    """Put a file with these lines in the place of another, as a run does that goes on from its checkpoint."""
    write_text(path, "".join(map(encoded_line, lines)))


def test_a_run_that_went_on_from_its_checkpoint_is_read_anew_where_it_goes_another_way(
    tmp_path: Path, parsed: list[bytes]
) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    before = [train_line(step) for step in range(1, 101)]
    written(path, *before)
    reader.read(path, 2)
    written(path, *before[:60])
    assert [line.step for line in reader.read(path, 2).train] == list(range(1, 61))
    others = [train_line(step, loss=0.25) for step in range(61, 121)]
    written(path, *before[:60], *others)
    assert reader.read(path, 2).train == (*before[:60], *others)
    assert len(parsed) == 100 + 60 + 60


def test_a_run_that_goes_on_as_it_was_is_not_parsed_again(tmp_path: Path, parsed: list[bytes]) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    written(path, train_line(1), train_line(2))
    reader.read(path, 2)
    written(path, train_line(1), train_line(2), train_line(3))
    assert [line.step for line in reader.read(path, 2).train] == [1, 2, 3]
    assert len(parsed) == 3


def test_what_a_run_put_back_between_two_looks_is_noticed_under_the_same_inode(tmp_path: Path) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    path.write_text("".join(encoded_line(train_line(step)) for step in range(1, 301)))
    reader.read(path, 2)
    path.write_text("".join(encoded_line(train_line(step, loss=0.5 if step < 250 else 0.25)) for step in range(1, 401)))
    assert [line.loss for line in reader.read(path, 2).train][248:250] == [0.5, 0.25]


def test_an_edit_that_leaves_the_size_as_it_was_is_noticed(tmp_path: Path) -> None:
    path, reader = tmp_path / "metrics.jsonl", MetricsReader()
    path.write_text("".join(encoded_line(train_line(step)) for step in range(1, 301)))
    reader.read(path, 2)
    path.write_text(path.read_text().replace('"step":2,', '"step":7,', 1))
    assert [line.step for line in reader.read(path, 2).train][:3] == [1, 7, 3]
