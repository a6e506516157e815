"""A failure is a sentence, and says with which settings a run may go on."""

from dataclasses import replace
from pathlib import Path

import pytest
from run_folders import write_run

from cocomine.errors import ExportError, StorageError, TrainingError
from cocomine.training.runs.config import amended, preset
from cocomine.training.runs.faults import DivergedError, fault_of, recorded_failure, remedy_words, sentence_of
from cocomine.training.runs.reading import STATUS
from cocomine.training.runs.records import Fault, Status, read_record

CONFIG = replace(preset("paper", export="/e"), batch_size=32, learning_rate=1e-3, pretrained_learning_rate=1e-4)


@pytest.mark.parametrize(
    ("error", "fault", "words"),
    [
        (MemoryError(), Fault(kind="memory", changes={"batch_size": 16}), "Resume with batch 16"),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
            Fault(kind="memory", changes={"batch_size": 16}),
            "Resume with batch 16",
        ),
        (
            DivergedError("so it is"),
            Fault(kind="diverged", changes={"learning_rate": 1e-4, "pretrained_learning_rate": 1e-5}),
            "Resume with learning rate 0.0001",
        ),
        (StorageError("full"), Fault(kind="storage"), None),
        (ExportError("gone"), Fault(kind="export"), None),
        (RuntimeError("shape"), Fault(kind="other"), None),
    ],
)
def test_a_failure_names_its_kind_and_the_change_that_helps(error: Exception, fault: Fault, words: str | None) -> None:
    assert fault_of(error, CONFIG) == fault
    assert remedy_words(fault) == words


def test_memory_that_ran_out_is_told_with_the_batch_that_needs_less() -> None:
    said = sentence_of(RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), CONFIG)
    assert said == (
        "Training: memory ran out with 32 images in each step. Resume with batch 16, or end other programs and resume."
    )
    smallest = sentence_of(MemoryError(), replace(CONFIG, batch_size=2))
    assert "or start a new run with a smaller encoder or smaller masks" in smallest


def test_a_failure_is_in_the_status_with_the_step_that_was_reached(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", state="running")
    with pytest.raises(TrainingError, match="memory ran out"), recorded_failure(folder, CONFIG):
        raise MemoryError
    status, _ = read_record(folder / STATUS, Status)
    assert status is not None
    assert (status.state, status.step) == ("failed", 9)
    assert status.fault == Fault(kind="memory", changes={"batch_size": 16})


def test_only_settings_that_a_run_may_change_are_changed() -> None:
    assert amended(CONFIG, {"batch_size": 16.0}) == replace(CONFIG, batch_size=16)
    assert isinstance(amended(CONFIG, {"batch_size": 16.0}).batch_size, int)
    with pytest.raises(TrainingError, match=r"'seed' of a run that has begun cannot change"):
        amended(CONFIG, {"steps": 1, "seed": 1, "batch_size": 2})
