"""Which differences of the arms are looked at, and which of them are told?

What is looked at follows from the protocol alone and so is decided before the first run: the primary comparison, which
one question was asked with, and the others, which Holm's correction covers as one family. A chance of 5 % for each of
thirty differences would find something in most checks.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import product
from typing import Literal

import msgspec
import numpy as np

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts
from cocomine.claim.records import Comparison, Difference, Protocol, Result, TestImages, TestSet, encoded
from cocomine.claim.sentences import answer
from cocomine.claim.statistics import (
    BoolArray,
    Scores,
    difference,
    false_alarm_scores,
    holm,
    iou_scores,
    minus,
)
from cocomine.errors import ClaimError
from cocomine.wording import join_names

Counts = Mapping[tuple[ArmName, int], ArmCounts]
"""Of all runs, by arm and number of steps."""
IN_DETAIL = (ArmName.HALF, ArmName.ALL)
"""What arm A is compared with class by class, rival by rival, and after more steps."""
BY_THE_MEAN = (ArmName.AGAIN, ArmName.MERGED, ArmName.IGNORED, ArmName.RANDOM, ArmName.RANDOM_ALL)
WITH_IOU: tuple[TestSet, ...] = ("T1", "T2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One difference that is looked at; its fields are those of `Difference` of the same names."""

    comparison: Comparison
    what: Literal["mean", "class", "false alarms", "learning speed"] = "mean"
    class_name: str | None = None
    rival: str | None = None
    with_rival: bool | None = None


def judge(protocol: Protocol, counts: Counts, *, ignored_share: float = 0.0, notices: Sequence[str] = ()) -> Result:
    """Return what came out of a claim check whose runs are all in.

    Args:
        protocol: What was decided before the first run.
        counts: Of every arm at every number of steps, with the protocol's seeds and test images, in its order.
        ignored_share: Of the selected classes' true pixels, on which no arm is judged, in [0, 1].
        notices: What happened during the check that a reader must know.

    Raises:
        ClaimError: Runs are missing: nothing is said before all are in.
    """
    _refuse_missing_runs(protocol, counts)
    found = [_difference(protocol, counts, question) for question in questions(protocol)]
    result = Result(
        protocol_sha256=sha256(encoded(protocol)).hexdigest(),
        differences=tuple(_corrected([each for each in found if each is not None])),
        absent_classes=_absent_classes(protocol, counts),
        ignored_share=ignored_share,
        sentences=(),
        notices=tuple(notices),
    )
    return msgspec.structs.replace(result, sentences=answer(protocol, result))


def questions(protocol: Protocol) -> list[Question]:
    """Return what is looked at, the primary comparison first; no question is asked twice."""
    arms = [arm.arm for arm in protocol.arms]
    asked = [Question(comparison=protocol.primary)]
    for second in (each for each in IN_DETAIL if each in arms):
        asked += _questions_in_detail(protocol, second)
    for second in (each for each in BY_THE_MEAN if each in arms):
        asked += _means(second, protocol.settings.steps)
    return list(dict.fromkeys(asked))


def images_of(test: TestImages, test_set: TestSet) -> BoolArray:
    """Return which test images are in a set, (n,)."""
    has_class, is_natural = np.array(test.has).any(axis=1), np.array(test.is_natural)
    return np.asarray({"T1": has_class, "T2": is_natural, "T0": is_natural & ~has_class}[test_set])


def _questions_in_detail(protocol: Protocol, second: ArmName) -> Iterator[Question]:
    settings = protocol.settings
    longer = [steps for steps in protocol.steps_of(second) if steps != settings.steps]
    yield from _means(second, settings.steps)
    for test_set, name in product(WITH_IOU, settings.classes if len(settings.classes) > 1 else ()):
        yield Question(comparison=_comparison(second, settings.steps, test_set), what="class", class_name=name)
    yield Question(comparison=_comparison(second, settings.steps, "T0"), what="false alarms")
    on_classes = _comparison(second, settings.steps, "T1")
    for rival, with_rival in product(_rivals_that_split(protocol.test), (True, False)):
        yield Question(comparison=on_classes, rival=rival, with_rival=with_rival)
    for steps in longer:
        yield from _means(second, steps)
    if longer and second is ArmName.ALL:
        yield Question(comparison=on_classes, what="learning speed")


def _rivals_that_split(test: TestImages) -> list[str]:
    """Return the rivals that some images with a class have and others have not; else a half would be the whole."""
    has = np.array(test.has_rival)[images_of(test, "T1")] if test.rivals else np.empty((0, 0), dtype=bool)
    return [name for index, name in enumerate(test.rivals) if has[:, index].any() and not has[:, index].all()]


def _means(second: ArmName, steps: int) -> list[Question]:
    return [Question(comparison=_comparison(second, steps, test_set)) for test_set in WITH_IOU]


def _comparison(second: ArmName, steps: int, test_set: TestSet) -> Comparison:
    return Comparison(first=ArmName.SELECTED, second=second, steps=steps, test_set=test_set)


def _difference(protocol: Protocol, counts: Counts, question: Question) -> Difference | None:
    """Return the answer to a question; None where its images have nothing to score."""
    asked = question.comparison
    if question.what == "learning speed":
        first, second = (_lead(protocol, counts, question, steps) for steps in sorted(protocol.steps))
    else:
        first, second = (_scores(protocol, counts[arm, asked.steps], question) for arm in (asked.first, asked.second))
    if first is None or second is None:
        return None
    return Difference(
        comparison=asked,
        what=question.what,
        class_name=question.class_name,
        rival=question.rival,
        with_rival=question.with_rival,
        is_primary=question == Question(comparison=protocol.primary),
        **asdict(difference(first, second)),
    )


def _lead(protocol: Protocol, counts: Counts, question: Question, steps: int) -> Scores | None:
    """Return how far the first arm is ahead of the second at a number of steps."""
    arms = question.comparison.first, question.comparison.second
    first, second = (_scores(protocol, counts[arm, steps], question) for arm in arms)
    return None if first is None or second is None else minus(first, second)


def _scores(protocol: Protocol, counts: ArmCounts, question: Question) -> Scores | None:
    images = images_of(protocol.test, question.comparison.test_set)
    if question.rival is not None:
        rival_index = protocol.test.rivals.index(question.rival)
        images = images & (np.array(protocol.test.has_rival)[:, rival_index] == question.with_rival)
    if question.what == "false alarms":
        return false_alarm_scores(counts, images)
    names = protocol.settings.classes
    return iou_scores(counts, images, None if question.class_name is None else [names.index(question.class_name)])


def _corrected(differences: Sequence[Difference]) -> list[Difference]:
    """Return differences with their p values corrected by Holm, over all but the primary one."""
    family = [index for index, each in enumerate(differences) if not each.is_primary and each.p is not None]
    corrected = dict(zip(family, holm([differences[index].p or 0.0 for index in family]), strict=True))
    return [msgspec.structs.replace(each, p_corrected=corrected.get(index)) for index, each in enumerate(differences)]


def _absent_classes(protocol: Protocol, counts: Counts) -> tuple[str, ...]:
    true = next(iter(counts.values())).true
    return tuple(name for index, name in enumerate(protocol.settings.classes) if not true[:, index].any())


def _refuse_missing_runs(protocol: Protocol, counts: Counts) -> None:
    missing = [
        run.name
        for run in runs_of(protocol)
        if (run.arm, run.steps) not in counts or run.seed not in counts[run.arm, run.steps].seeds
    ]
    if missing:
        raise ClaimError(
            f"The claim check cannot be judged: of {join_names(missing)} there is no test result. "
            "Start the check again; it goes on with what is missing."
        )
