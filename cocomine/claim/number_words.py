"""How are the numbers of a claim check told to a person?

Points are those of 100 that an IoU has; false alarms are pixels an image. Both are told with one digit behind the
point, and a difference with its sign.
"""

from cocomine.claim.records import Difference

MINUS = "\N{MINUS SIGN}"
LEAST_P = 0.001
"""Below it, no digit of a p value says more."""


def plain_number(value: float) -> str:
    """Return a value as text, such as "56.2"."""
    return f"{value:,.1f}".replace("-", MINUS) if round(value, 1) else "0.0"


def signed(value: float) -> str:
    """Return a difference as text, such as "+5.3", "−39.9" or "0.0"."""
    return f"{value:+,.1f}".replace("-", MINUS) if round(value, 1) else "0.0"


def interval_words(difference: Difference) -> str:
    """Return the interval of a difference, such as "+3.3 to +7.3"; "–" where one seed tells nothing."""
    if difference.low is None or difference.high is None:
        return "–"
    return f"{signed(difference.low)} to {signed(difference.high)}"


def with_interval(difference: Difference) -> str:
    """Return a difference with its interval, such as "+5.3 (+3.3 to +7.3)"."""
    bounds = interval_words(difference)
    return signed(difference.value) if bounds == "–" else f"{signed(difference.value)} ({bounds})"


def p_words(p: float | None) -> str:
    """Return a p value as text, such as "0.013" or "< 0.001"; "–" where there is none."""
    if p is None:
        return "–"
    return f"{p:.3f}" if p >= LEAST_P else f"< {LEAST_P}"
