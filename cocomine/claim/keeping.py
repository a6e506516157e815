"""How is a claim check deleted so that one wrong click loses nothing?

It is renamed into another folder of the workspace, whole and at once, and comes back from there until it is removed for
good. One that is at work is not moved: whoever carries it out writes into its folder.
"""

from pathlib import Path

from cocomine.claim.reading import Claim
from cocomine.claim.records import PROTOCOL, RUNS
from cocomine.errors import ClaimError
from cocomine.system.trash import Kind, moved, name_before, place_in_trash
from cocomine.training.runs.reading import active_folders

_KIND = Kind(
    words="a claim check",
    mark=PROTOCOL,
    taken="another claim check has this name now. Delete that first, then restore this one.",
    error=ClaimError,
)


def delete_claim(claim: Claim, deleted: Path, now: float) -> Path:
    """Move a claim check among the deleted ones, and return where it is now.

    Args:
        claim: as its folder was read last.
        deleted: `Workspace.deleted_claims`.
        now: seconds since the epoch, to judge the heartbeats of runs by.

    Raises:
        ClaimError: it is at work, a link, or on another disk than the deleted ones.
    """
    if claim.is_at_work or active_folders(claim.folder / RUNS, now):
        raise ClaimError(f"{claim.folder.name}: it is at work. Cancel it first.")
    return moved(claim.folder, place_in_trash(deleted, claim.folder.name), _KIND, done="deleted")


def restore_claim(folder: Path, claims: Path) -> Path:
    """Move a deleted claim check back, and return where it is now.

    Raises:
        ClaimError: it is not there, or another one has its name now.
    """
    return moved(folder, claims / name_before(folder), _KIND, done="restored")


def deleted_claims(deleted: Path) -> list[Path]:
    """Return the deleted claim checks, by name."""
    return sorted(path.parent for path in deleted.glob(f"*/{PROTOCOL}"))
