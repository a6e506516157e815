"""Advice for selections of sixty images is as it was checked and recorded.

The recorded results were compared with what `select` gives for each class in turn, and read; see `recorded` for how
they are recorded anew.
"""

from pathlib import Path
from typing import Any

import pytest
from candidates import candidates_of
from recorded import check, written
from sixty_selections import ATTRIBUTION, EXCLUDED, SELECTIONS, sizes_of

from cocomine.coco.dataset import Dataset
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import Step, add_advice, every_exclusion, exclude_advice
from cocomine.mining.advice.fixes import violation_of
from cocomine.mining.advice.quiet_sets import QuietSetRequest, quiet_advice, quiet_sets, shrunken_lift
from cocomine.mining.advice.sentences import (
    fix_label,
    no_quiet_sentence,
    no_suggestion_sentence,
    quiet_sentence,
    suggestion_sentence,
    violation_sentence,
)
from cocomine.mining.advice.too_few_images import alternative_selections, limiting_conditions
from cocomine.mining.interference.co_occurrence import PairTable
from cocomine.mining.selection.selection import Mode, Selection

RECORDED = Path(__file__).parent / "recorded"
ADVISED = {
    "street": SELECTIONS["street, any"],
    "street, all": SELECTIONS["street, all"],
    "cars, only": Selection(classes=("car",), mode=Mode.ONLY),
    "kitchen without people": SELECTIONS["kitchen without people"],
    "forks and buses": Selection(classes=("fork", "bus"), mode=Mode.ALL, excluded_classes=("person",)),
    "three rare ones": Selection(classes=("fork", "bus", "laptop"), mode=Mode.ALL, licences=ATTRIBUTION),
    "dogs, only": Selection(classes=("dog", "cat"), mode=Mode.ONLY, licences=ATTRIBUTION),
}
CONSTRAINTS = (
    Constraints(),
    Constraints(images_per_class=7),
    Constraints(images_per_class=12, size_bytes=30_000),
    Constraints(images_per_class=200),
)


@pytest.mark.parametrize("name", ADVISED)
def test_advice(name: str, dataset: Dataset) -> None:
    selection = ADVISED[name]
    candidates = candidates_of(dataset, EXCLUDED, sizes_of(dataset))
    told: dict[str, Any] = {
        "limiting": limiting_conditions(candidates, selection),
        "alternatives": alternative_selections(candidates, selection),
        "every exclusion": [
            suggestion_sentence(each, selection.mode) for each in every_exclusion(candidates, selection)
        ],
    }
    for constraints in CONSTRAINTS:
        violation = violation_of(candidates, selection, constraints)
        told[f"{constraints.images_per_class} images, {constraints.size_bytes} bytes"] = {
            **{
                step: _advice(step, advise(candidates, selection, constraints), constraints, selection.mode)
                for step, advise in ((Step.EXCLUDE, exclude_advice), (Step.ADD, add_advice))
            },
            "violation": violation and violation_sentence(violation, constraints),
            "fixes": violation
            and {fix_label(fix, constraints): [fix.constraints, fix.after] for fix in violation.fixes},
        }
    check(RECORDED / "advice" / f"{name}.json", written(told))


def _advice(step: Step, advice: Any, constraints: Constraints, mode: Mode) -> list[Any]:
    suggested: list[Any] = [[suggestion_sentence(each, mode), each.after] for each in advice.suggestions]
    return [advice.worth_count, *(suggested or [no_suggestion_sentence(step, advice, constraints, mode)])]


def test_quiet_sets(dataset: Dataset, pairs: PairTable) -> None:
    candidates = candidates_of(dataset, EXCLUDED, sizes_of(dataset))
    told: dict[str, Any] = {
        "loudness": shrunken_lift(pairs),
        "sets": {
            size: list(quiet_sets(pairs, size, among=pairs.counts.diagonal() >= 6, containing=containing))[:8]
            for size, containing in ((2, ()), (3, ()), (4, (7,)), (5, ()))
        },
    }
    for constraints in CONSTRAINTS:
        for request in (QuietSetRequest(), QuietSetRequest(size=3, containing=("car",)), QuietSetRequest(size=2)):
            selection = Selection(classes=("cup",), excluded_classes=("dog",))
            advice = quiet_advice(candidates, pairs, selection, constraints=constraints, request=request)
            said = [[each.quiet.names, quiet_sentence(each)] for each in advice.choices]
            key = f"{request.size} with {request.containing}: {constraints.images_per_class}, {constraints.size_bytes}"
            told[key] = said or no_quiet_sentence(advice, constraints)
    check(RECORDED / "quiet_sets.json", written(told))
