"""All differences of a claim check as a table for a spreadsheet: numbers as they are, not as they are told."""

import msgspec

from cocomine.claim.records import Difference, Result
from cocomine.system.csv_text import csv_of_rows

Value = str | int | float | bool | None
_FIELDS = (
    "what",
    "class_name",
    "rival",
    "with_rival",
    "first",
    "second",
    "value",
    "low",
    "high",
    "p",
    "p_corrected",
    "is_primary",
    "image_count",
    "seed_count",
    "image_error",
    "seed_error_first",
    "seed_error_second",
    "share_of_wins",
)


def difference_row(difference: Difference) -> dict[str, Value]:
    """Return all values of a difference by their names in the record."""
    asked = msgspec.structs.asdict(difference.comparison)
    arms: dict[str, Value] = {
        "first_arm": str(asked["first"]),
        "second_arm": str(asked["second"]),
        "steps": asked["steps"],
        "test_set": asked["test_set"],
    }
    return arms | {name: getattr(difference, name) for name in _FIELDS} | {"is_told": difference.is_told}


def differences_csv(result: Result) -> str:
    """Return all differences as CSV, a line for each, in the order of the result."""
    return csv_of_rows([difference_row(difference) for difference in result.differences])
