"""Where is the checkout, and where the real data beside it?"""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
_SHARED_MEMORY = Path("/", "dev", "shm")
MEMORY = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
"""A folder in memory for small files that are written and removed by the thousand; None is the usual place for them."""
