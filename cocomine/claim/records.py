"""What stands in the files of a claim check's folder?

    protocol.json               all that was decided before the first run; never changed
    exports/<arm>/              ordinary exports: the sides "train", "val" and "test"
    runs/<arm>-<steps>-<seed>/  ordinary runs
    tests/<arm>-<steps>-<seed>.npz  what each network predicted on each test image, see `counts`
    predictions/<arm>-<steps>-<seed>/<image>.png  what it looks like where arms differ most, see `predicted_maps`
    result.json                 what came out, when all runs are in; `report.html` and `report.md` say the same

A folder outlives the program that wrote it, so each file is read as if a stranger had written it, see
`training.runs.records`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from cocomine.claim.arms import DEFAULT_ARMS, LONGER, OF_LEARNING_SPEED, ArmName
from cocomine.training.runs.records import Count, Number, Share

PROTOCOL, RESULT, REPORT_HTML, REPORT_MARKDOWN = "protocol.json", "result.json", "report.html", "report.md"
EXPORTS, RUNS, TESTS, PREDICTIONS = "exports", "runs", "tests", "predictions"
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Names = Annotated[tuple[str, ...], Meta(min_length=1)]
EqualBy = Literal["images", "positives"]
EQUAL_WORDS: dict[EqualBy, str] = {"images": "training images", "positives": "training images with a selected class"}
"""What all arms have the same number of."""
TestSet = Literal["T1", "T2", "T0"]
"""Test images with a selected class; natural mix; without any of them."""


def encoded(record: msgspec.Struct) -> bytes:
    """Return the text of a record as it stands in its file; the same record, the same bytes."""
    return msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n"


class ClaimSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a person asks for."""

    classes: Names
    arms: tuple[ArmName, ...] = DEFAULT_ARMS
    seed_count: Annotated[int, Meta(ge=1, le=20)] = 3
    steps: Annotated[int, Meta(ge=10, le=1_000_000)] = 150
    is_trained_longer: bool = True
    """Arms A and C also at three times the steps, so that slow learning is not taken for interference."""
    size_px: Annotated[int, Meta(ge=32, le=2048, multiple_of=32)] = 64
    encoder: str = "small"
    batch_size: Annotated[int, Meta(ge=2, le=1024)] = 8
    train_image_count: Annotated[int, Meta(ge=2)] = 100
    """Of each arm, or those of them with a selected class, see `equal`; fewer where the dataset has no more."""
    test_image_count: Annotated[int, Meta(ge=2)] = 700
    """Of the natural mix; images with a selected class are added up to the same number."""
    equal: EqualBy = "positives"
    """What all arms have the same number of: training images with a selected class, so that no arm is ahead by having
    more of them, or training images of any kind."""
    seed: Count = 0
    """Of all draws of images; the runs have the seeds `seed`, `seed` + 1, ... of their arms."""

    def steps_of(self, arm: ArmName) -> tuple[int, ...]:
        """Return for how many steps an arm is trained, the fewest first; longer as well where both of A and C are."""
        asks_speed = self.is_trained_longer and set(OF_LEARNING_SPEED) <= set(self.arms)
        return (self.steps, LONGER * self.steps) if asks_speed and arm in OF_LEARNING_SPEED else (self.steps,)


class TestImages(msgspec.Struct, frozen=True, kw_only=True):
    """The images that judge all arms, in the order of the counts; in no arm's training or validation images."""

    split: str
    """Of the dataset, that they are from."""
    image_ids: tuple[int, ...]
    is_natural: tuple[bool, ...]
    """Which were drawn without regard to what is in them."""
    has: tuple[tuple[bool, ...], ...]
    """Which selected class is in which image, (images, classes)."""
    rivals: tuple[str, ...] = ()
    """Classes that were not selected, the most interfering first."""
    has_rival: tuple[tuple[bool, ...], ...] = ()
    """Which rival is in which image, (images, rivals)."""


class ArmProtocol(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an arm trains on."""

    arm: ArmName
    recipe_sha256: Sha256
    """Of the text of its export's recipe."""
    seeds: tuple[Count, ...]
    train_image_count: Count
    positive_image_count: Count
    """Training images with a selected class."""
    labels: Names
    """Of its label maps, background first."""
    steps: Annotated[tuple[Count, ...], Meta(min_length=1)] | None = None
    """Of its runs; None in checks of former versions, which trained every arm for all of the protocol's."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Two arms at one number of steps on one set of test images."""

    first: ArmName
    second: ArmName
    steps: Count
    test_set: TestSet


class Protocol(msgspec.Struct, frozen=True, kw_only=True):
    """All that was decided before the first run."""

    version: Literal[1] = 1
    dataset: str
    """Its name; where it is stands in no file that is handed on."""
    sources: dict[str, Sha256]
    """Of each annotation file in view, by split."""
    settings: ClaimSettings
    arms: tuple[ArmProtocol, ...]
    steps: tuple[Count, ...]
    """Of any run: `settings.steps` and, where it is asked for, three times as many."""
    primary: Comparison
    test: TestImages
    validation_image_count: Count
    cocomine_version: str

    def steps_of(self, arm: ArmName) -> tuple[int, ...]:
        """Return for how many steps an arm is trained, the fewest first.

        Raises:
            KeyError: it takes no part.
        """
        steps = {each.arm: each.steps for each in self.arms}[arm]
        return self.steps if steps is None else steps


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """First minus second, of IoU in points of 100 or of false-alarm pixels an image; see `statistics`."""

    comparison: Comparison
    what: Literal["mean", "class", "false alarms", "learning speed"]
    """Of learning speed, `first` and `second` are the differences of the two arms at the protocol's fewer steps and at
    its more steps: a difference that shrinks was slow learning."""
    class_name: str | None = None
    """Of one class alone."""
    rival: str | None = None
    """Where only the test images with, or without, a rival count."""
    with_rival: bool | None = None
    first: Number
    second: Number
    value: Number
    low: Number | None
    """Of the 95 % interval over images and seeds; None where one seed tells nothing."""
    high: Number | None
    p: Share | None
    p_corrected: Share | None = None
    """By Holm over all differences but the primary one."""
    image_count: Count
    seed_count: Count
    image_error: Number
    """Standard deviation over images, s_i."""
    seed_error_first: Number
    """Standard deviation over seeds, s_s."""
    seed_error_second: Number
    share_of_wins: Share
    """P(first > second) over all pairs of seeds; a tie counts half."""
    is_primary: bool = False

    @property
    def is_told(self) -> bool:
        """Whether the interval, corrected for how many differences are looked at, leaves out zero."""
        p = self.p if self.is_primary or self.p_corrected is None else self.p_corrected
        return p is not None and p < 0.05


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came out of a claim check, when all runs are in."""

    protocol_sha256: Sha256
    differences: tuple[Difference, ...]
    """The primary one first."""
    absent_classes: tuple[str, ...] = ()
    """Selected classes without a pixel in the test images; not scored."""
    ignored_share: Share = 0.0
    """Of the selected classes' true pixels: there the label rules of the arms differ, and no arm is judged."""
    sentences: tuple[str, ...]
    """The answer on the images with a class, then that on the natural mix, then what else must be known."""
    notices: tuple[str, ...] = ()
    """What happened during the check that a reader must know."""
