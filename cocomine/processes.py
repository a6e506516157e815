"""How does a process of our own find this package?"""

import os
from collections.abc import Mapping
from pathlib import Path


def with_this_package(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which this package can be imported, from whatever folder the server was started in."""
    places = [str(Path(__file__).parents[1]), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, places))}
