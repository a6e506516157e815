"""How sure is it how often two categories come together, against chance?"""

import numpy as np

from cocomine.coco.arrays import Floats, Ints

Z_95 = 1.959963984540054
"""The standard normal's 97.5 % point."""
ZERO_UPPER = -np.log(0.025)
"""Upper 95 % bound (two-sided) of a Poisson mean when nothing was seen: P(0 | m) = 0.025."""


def lift_interval(counts: Ints, single: Ints, image_counts: Ints | int) -> tuple[Floats, Floats]:
    """Return both ends of the 95 % interval of lift, each (k, k); NaN where `single` is 0.

    With p = c_ij/N, p_i = c_i/N, p_j = c_j/N the delta method on the multinomial gives
    Var(ln lift) = (1/p - 1/p_i - 1/p_j + 2 p/(p_i p_j) - 1) / N, normal on the log scale.
    For c_ij = 0 the interval is [0, 3.69 / expected], the exact Poisson bound.

    Args:
        counts: c_ij, (k, k).
        single: c_i, (k, 1); or (k, k), where it is another one beside each j.
        image_counts: N; or (k, k), where it is another one for each pair.

    Source: A. Agresti, Categorical Data Analysis, section 16.1 (delta method for multinomial counts).
    """
    total = np.maximum(image_counts, 1)
    share = single / total
    product = share * share.T
    with np.errstate(divide="ignore", invalid="ignore"):
        joint = counts / total
        lift = joint / product
        alone = 1 / share + (1 / share).T  # summed first: exactly symmetric
        variance = (1 / joint - alone + 2 * lift - 1) / total
        spread = np.exp(Z_95 * np.sqrt(np.maximum(variance, 0)))
        low = np.where(counts == 0, 0.0, lift / spread)
        high = np.where(counts == 0, ZERO_UPPER / (product * total), lift * spread)
    never = product == 0
    return np.where(never, np.nan, low), np.where(never, np.nan, high)
