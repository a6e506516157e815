"""May these processes train one network together?

Asked before the first step; one process alone always may.
"""

from cocomine.errors import TrainingError
from cocomine.training.group import Group
from cocomine.training.run_data import TrainingData
from cocomine.training.runs.config import TrainingConfig


def refuse_empty_shares(config: TrainingConfig, group: Group) -> None:
    """Refuse where a process would get no image of a batch.

    Raises:
        TrainingError: There are more processes than images in a batch.
    """
    if config.batch_size < group.size:
        raise TrainingError(
            f"Training: a batch of {config.batch_size} images cannot be divided among {group.size} processes. "
            f"Start at most {config.batch_size}, or a new run with a larger batch."
        )


def refuse_other_data(data: TrainingData, group: Group) -> None:
    """Refuse where a process, on another computer, reads another export than the first one.

    Raises:
        TrainingError: It does; all processes raise.
    """
    own = data.provenance.manifest_sha256, data.images_sha256
    first = group.shared(own)
    with group.together():
        if own != first:
            raise TrainingError(
                f"{data.export.folder}: the export on this computer is another than that of process 0, or other images "
                "of it can be read. Copy it from there, or put it on a disk that all computers share."
            )
