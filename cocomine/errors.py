"""Every error that a person may see, in one tree.

CocomineError              one message for the person at the screen
├── DatasetError           an annotation file or folder cannot be opened
│   └── NotInstancesError  it is COCO-like, but of a kind that holds no instances
├── AddressError           images that are not on this computer cannot be read
├── UnreadableImage        an image file is damaged, no image, or too large to decode
├── SelectionError         the request names what the dataset does not have
├── RecipeError            a recipe cannot be read or does not fit its sources
├── ExportError            a subset cannot be written or an export cannot be read
├── DownloadError          a download cannot begin
├── StorageError           a disk is full, or a folder may not be written to
├── TaskError              long work cannot be started or changed
├── ServerError            the browser app cannot be served
├── ViewerError            the FiftyOne viewer cannot start or answer
├── ClaimError             a claim check cannot be planned or judged, or a card cannot be read
└── TrainingError          a run cannot start or go on
    └── WeightsError       a weights file is missing or does not fit the network

A message says what is wrong, where, the value found, and what to do.
Flaws that do not stop the work are values (`cocomine.coco.integrity.report.Finding`), not errors.
"""

from cocomine.wording import printable


class CocomineError(Exception):
    """Something the person can act on; pages and the command line show its message as it is."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class DatasetError(CocomineError):
    """An annotation file or a folder cannot be opened."""


class NotInstancesError(DatasetError):
    """The file is COCO-like, but of a kind that holds no instances."""


class AddressError(CocomineError):
    """Images at an address cannot be read: no connection, no permission, or a package is missing."""


class UnreadableImage(CocomineError):  # noqa: N818 - the word that people know it by
    """An image file is missing, damaged, no image, or would take more memory than one image may."""


class SelectionError(CocomineError):
    """A selection names what the dataset does not have, or contradicts itself."""


class RecipeError(CocomineError):
    """A recipe cannot be read, or its sources are not the ones it was made from."""


class ExportError(CocomineError):
    """A subset cannot be written, or a folder is not a complete export."""


class DownloadError(CocomineError):
    """A download cannot begin; images that cannot be fetched are values, not errors."""


class StorageError(CocomineError):
    """A disk is full, or a folder may not be written to; the message names the target."""


class TaskError(CocomineError):
    """Long work in a process of its own cannot be started or changed."""


class ServerError(CocomineError):
    """The browser app cannot be served."""


class ViewerError(CocomineError):
    """The FiftyOne viewer cannot start or does not answer."""


class ClaimError(CocomineError):
    """A claim check cannot be planned or judged, or a card of a published number cannot be read."""


class TrainingError(CocomineError):
    """A run cannot start or go on."""


class WeightsError(TrainingError):
    """A weights file is missing, unreadable, or does not fit the network."""
