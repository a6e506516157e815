"""What does FiftyOne load that its App never uses?

Its plots and embeddings, which are for notebooks, are computed with scikit-learn. With what that brings along
(scipy.stats, pandas) it takes nearly half of FiftyOne's import: 1.8 of 4.0 seconds of CPU, 850 of 3,200 modules.
In the viewer's process, stand-ins take its place.
"""

import sys
from types import ModuleType
from typing import NoReturn

PLOTTING = (
    "sklearn",
    "sklearn.decomposition",
    "sklearn.linear_model",
    "sklearn.manifold",
    "sklearn.metrics",
    "sklearn.metrics.pairwise",
)
"""What `fiftyone.core.plots` and `fiftyone.brain` import where they are imported; FiftyOne's version is pinned."""


class StandIn(ModuleType):
    """Has the name of a module, and nothing in it."""

    def __getattr__(self, name: str) -> NoReturn:
        """Refuse what only a plot would ask for."""
        raise AttributeError(f"{self.__name__}.{name}: the image viewer leaves scikit-learn out; see {__name__}")


def leave_out_plotting() -> None:
    """Put the stand-ins where FiftyOne looks for modules; called before it is imported."""
    for name in PLOTTING:
        sys.modules.setdefault(name, StandIn(name))
