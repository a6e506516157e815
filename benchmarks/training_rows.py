"""Training, and the page of a run at work."""

from collections.abc import Iterator

from benchmarks.job import LABEL_SIZE_PX, TRAINING_BATCH, Job
from benchmarks.measuring import Worker
from benchmarks.report import Omitted, Row
from benchmarks.sides import LIVE_PAGE, TRAINING

LEAST_STEP_RATIO = 0.97
"""A run may take 3 % on top of the bare loop."""
LOOK_LIMIT_MS = 30
WARM_LOOKS = 3


def training_rows(job: Job, repeats: int) -> Iterator[Row | Omitted]:
    """Steps of a run beside those of the bare loop, and the other parts of a run."""
    with Worker(TRAINING, job) as training:
        if not training.measure("has_images").outcome:
            yield Omitted(work="training", reason="there are no image files beside the annotations")
            return
        ours_s, bare_s = training.measure("steps").outcome
        yield Row(
            work=f"a training step of {TRAINING_BATCH} images at {LABEL_SIZE_PX} px",
            unit="CPU-ms",
            ours=[1000 * each for each in ours_s],
            peer="forward, loss, backward, step",
            peers=[1000 * each for each in bare_s],
            target=LEAST_STEP_RATIO,
        )
        for work, name in (("preparing an image for training", "preparation"), ("evaluating an image", "evaluation")):
            training.measure(name)
            found = [1000 * training.measure(name).outcome for _ in range(repeats)]
            yield Row(work=work, unit="CPU-ms", ours=found, target=None)


def live_page_rows(job: Job, repeats: int) -> Iterator[Row]:
    """Looks at a run at work, and the same with other runs drawn over it."""
    with Worker(LIVE_PAGE, job) as page:
        yield _looks(page, "a look at a run of 30,000 lines at work", repeats)
        page.measure("overlay_over_time")
        yield _looks(page, "the same over time, with five other runs over it", repeats)


def _looks(page: Worker, work: str, repeats: int) -> Row:
    for _ in range(WARM_LOOKS):
        page.measure("look")
    looks = [1000 * page.measure("look").outcome for _ in range(repeats)]
    return Row(work=work, unit="CPU-ms", ours=looks, target=LOOK_LIMIT_MS)
