"""Which names a request may bring: any other is found, wherever in the request it stands."""

from typing import Any

import pytest

from cocomine.viewer.allowed_names import STAGES, disallowed_name

PROGRAM = "subprocess.check_call"
SELECT = "fiftyone.core.stages.Select"


@pytest.mark.parametrize(
    "request_",
    [
        {"view": [{"_cls": PROGRAM}]},
        {"aggregations": [{"_cls": PROGRAM, "kwargs": [["args", ["touch", "x"]]]}]},
        {"view": [{"_cls": SELECT, "kwargs": [["sample_ids", [{"deep": {"_cls": PROGRAM}}]]]}]},
        {"extended": {PROGRAM: {}}},
        {"variables": {"form": {"extendedStages": {PROGRAM: {}}}}},
        {"initializer": {"_CLS": PROGRAM}},
        {"view": [{"_cls": [PROGRAM]}]},
        {"view": [{"_cls": None}]},
        {"view": [{"_cls": "fiftyone.core.stages.Mongo", "kwargs": [["pipeline", []]]}]},
        {"view": [{"_cls": "fiftyone.core.stages.Concat"}]},
        {"view": [{"_cls": "fiftyone.core.stages.os.mkdir"}]},
    ],
)
def test_a_class_that_is_not_in_the_lists_is_found(request_: Any) -> None:
    found = disallowed_name(request_)
    assert found is not None
    assert found not in STAGES


@pytest.mark.parametrize(
    "operator",
    [
        "$function",
        "$where",
        "$accumulator",
        "$out",
        "$merge",
        "$lookup",
        "$unionWith",
        "$code",
        "$eval",
        "$binary",
        "$",
    ],
)
def test_an_operator_that_runs_writes_or_joins_is_found_at_any_depth(operator: str) -> None:
    assert disallowed_name({"filters": {"a": {"values": [1, {operator: {}}]}}}) == operator
    stage = {"_cls": "fiftyone.core.stages.Match", "kwargs": [["filter", {"$and": [{"$expr": {operator: "x"}}]}]]}
    assert disallowed_name([stage]) == operator


def test_what_the_app_asks_for_is_known() -> None:
    match = {"$expr": {"$and": [{"$in": ["$$this.label", ["cat"]]}, {"$gte": [{"$size": "$tags"}, 1]}]}}
    view = [{"_cls": SELECT, "kwargs": [["sample_ids", [{"$oid": "0" * 24}]]]}]
    assert disallowed_name({"view": view, "extended": {"fiftyone.core.stages.SortBy": {"field_or_expr": "a"}}}) is None
    assert disallowed_name({"view": [{"_cls": "fiftyone.core.stages.Match", "kwargs": [["filter", match]]}]}) is None
    assert disallowed_name({"spaces": {"_cls": "Space", "children": [{"_cls": "Panel", "type": "Samples"}]}}) is None
    assert disallowed_name({"filters": {"ground_truth.detections.label": {"values": ["$price", "_cls"]}}}) is None


def test_a_request_nested_ten_thousand_deep_is_looked_through() -> None:
    deep: Any = {"_cls": PROGRAM}
    for _ in range(10_000):
        deep = [deep]
    assert disallowed_name(deep) == PROGRAM
