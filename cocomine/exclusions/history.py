"""What does one browser session know of the excluded images, and which of its steps can it undo?

The file is the truth; the session reads it again when it changed. What goes wrong with the file is told and never
ends a page: the list then stays as it was, or is empty where the file was damaged.
"""

from functools import partial
from pathlib import Path

from cocomine.coco.dataset import ImageKey
from cocomine.exclusions.edits import Edit, Exclusions, Step, step_between, with_reasons
from cocomine.exclusions.store import (
    change_exclusions,
    exclusion_file,
    exclusions_in,
    last_set_aside,
    set_aside_if_damaged,
)
from cocomine.system.files import Stamp, stamp_of

HISTORY_LENGTH = 100


class ExclusionList:
    """The list of one dataset.

    Attributes:
        reasons: the excluded images, sorted, each with its reason.
        images: the same without reasons.
        trouble: what is wrong with the file, for the person at the screen; None where nothing is.
    """

    def __init__(self, folder: Path, dataset_path: Path) -> None:
        """Name the file; nothing is read yet."""
        self._dataset_path, self._file = dataset_path, exclusion_file(folder, dataset_path)
        self._seen: tuple[Stamp | None, ...] = ()  # empty where the file must be read again
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self.trouble: str | None = None
        self._know({})

    @property
    def can_undo(self) -> bool:
        """Whether there is a step of this session to undo."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone step to do again."""
        return bool(self._undone)

    def look(self) -> bool:
        """Read the file if it changed; return whether other images are excluded now."""
        before = self.images
        try:
            stamp = self._stamp()
            if self._seen != (stamp,):
                self._read(stamp)
        except OSError as error:
            self.trouble = (
                f"The list of excluded images cannot be read: {self._file} ({error.strerror}). "
                "Until it can, what was read last counts. Allow reading it, then reload the page."
            )
        return self.images != before

    def change(self, edit: Edit) -> None:
        """Make an edit, which can be undone; where it cannot be made, `trouble` says why."""
        step = self._changed(edit)
        if step is not None and step.after:
            self._done, self._undone = [*self._done, step][-HISTORY_LENGTH:], []

    def undo(self) -> None:
        """Undo the last step."""
        if self._done and self._changed(partial(with_reasons, changed=self._done[-1].before)) is not None:
            self._undone.append(self._done.pop())

    def redo(self) -> None:
        """Do again the step undone last."""
        if self._undone and self._changed(partial(with_reasons, changed=self._undone[-1].after)) is not None:
            self._done.append(self._undone.pop())

    def _changed(self, edit: Edit) -> Step | None:
        earlier = self.trouble
        self.look()
        if self.trouble not in {None, earlier}:
            return None  # this comes first: what the person saw when they clicked is not what there is
        try:
            before, after = change_exclusions(self._file, self._dataset_path, edit)
            self._seen = ()
        except (OSError, ValueError) as error:
            said = (error.strerror if isinstance(error, OSError) else None) or str(error)
            self.trouble = (
                f"Nothing was changed: the list of excluded images cannot be written. {self._file}: {said}. "
                "See that there is room and that writing there is allowed, then try again."
            )
            return None
        self.trouble = None
        self._know(after)
        return step_between(before, after)

    def _stamp(self) -> Stamp | None:
        """Return what differs once the file was replaced; None where there is none."""
        try:
            return stamp_of(self._file.stat())
        except FileNotFoundError:
            return None

    def _read(self, stamp: Stamp | None) -> None:
        try:
            self._know(exclusions_in(self._file))
        except ValueError:
            set_aside_if_damaged(self._file)
            stamp = self._stamp()
            self._know({})
        self._seen = (stamp,)
        self.trouble = self._damage() if stamp is None else None

    def _damage(self) -> str | None:
        aside = last_set_aside(self._file)
        if aside is None:
            return None
        try:
            exclusions_in(aside)
        except ValueError as error:
            return (
                f"The list of excluded images was damaged, so no image counts as excluded now. {aside}: "
                f"{error}. The file was set aside under this name. Mend it and rename it to {self._file.name}, "
                "or take the images out again."
            )
        return None

    def _know(self, reasons: Exclusions) -> None:
        self.reasons: Exclusions = reasons
        self.images: frozenset[ImageKey] = frozenset(reasons)
