"""What does a claim check say in words?

No sentence claims what its interval does not allow: an effect is said where the interval, corrected for how many
differences are looked at, leaves out zero; with fewer than three seeds nothing is, with three or four it "looks like"
it. What cannot be told comes with what would tell it: so many more test images or seeds.
"""

from collections.abc import Iterator

from cocomine.claim.arms import ARMS, ArmName
from cocomine.claim.number_words import interval_words, plain_number, signed, with_interval
from cocomine.claim.records import ArmProtocol, Comparison, Difference, Protocol, Result, TestSet
from cocomine.claim.statistics import FEWEST_IMAGES, Spread, images_needed, seeds_needed
from cocomine.wording import counted, join_names, percent

FEWEST_SEEDS = 3
"""For a sentence that says of any effect."""
SEEDS_FOR_A_CLAIM = 5
"""From then on an effect is said without "it looks like"."""
FINEST_POINTS = 0.1
"""No smaller difference is worth images or seeds."""
TRAINING = f"training on {ARMS[ArmName.SELECTED].words}"
POLICIES = (ArmName.MERGED, ArmName.IGNORED)
RANDOM = (ArmName.RANDOM, ArmName.RANDOM_ALL)


def answer(protocol: Protocol, result: Result) -> tuple[str, ...]:
    """Return the sentences of a result, whose own are not looked at: images with a class, natural mix, the rest."""
    told = _Answer(protocol, result)
    main = protocol.primary.second
    return (told.effect(main, "T1"), told.effect(main, "T2") + told.reason(main), *told.others(main))


def is_claimed(difference: Difference) -> bool:
    """Whether a sentence may say that there is an effect."""
    return difference.is_told and difference.seed_count >= FEWEST_SEEDS


def more_words(difference: Difference) -> str:
    """Return what would tell a difference that cannot be told.

    It reads such as "About 240 more test images would show 1.5 points.". Aimed at is the difference itself, or half of
    what the interval reaches now where that is more.
    """
    if difference.low is None or difference.high is None:
        return ""
    spread = Spread(
        images=difference.image_error,
        seeds_first=difference.seed_error_first,
        seeds_second=difference.seed_error_second,
    )
    aim = max(abs(difference.value), (difference.high - difference.low) / 4)
    points = max(FINEST_POINTS, round(aim, 1))
    images = images_needed(spread, difference.seed_count, points)
    if images is not None:
        more = _rounded(max(images - difference.image_count, 1))
        return f"About {counted(more, 'more test image')} would show {plain_number(points)} points."
    seeds = seeds_needed(spread, difference.image_count, points)
    if seeds is None:
        return f"More test images alone cannot tell {plain_number(points)} points, nor can more seeds alone."
    seed_words = f"about {seeds:,} seeds instead of {difference.seed_count}"
    return f"More test images cannot tell this; {seed_words} would show {plain_number(points)} points."


class _Answer:
    """The sentences about one result."""

    def __init__(self, protocol: Protocol, result: Result) -> None:
        self._protocol = protocol
        self._result = result
        self._steps = protocol.settings.steps

    def effect(self, second: ArmName, test_set: TestSet) -> str:
        """Return what arm A's mIoU is beside that of another arm, on one set of test images."""
        found = self._found(second, test_set)
        place = self._place(test_set)
        if found is None:
            return f"Nothing can be told on {place}: no pixel of the selected classes is there."
        return self._effect_sentence(found, place)

    def reason(self, second: ArmName) -> str:
        """Return what lies behind a loss on the natural mix, where the false alarms tell it."""
        mix, alarms = self._found(second, "T2"), self._false_alarms(second)
        if mix is None or alarms is None or not (is_claimed(mix) and is_claimed(alarms)):
            return ""
        if mix.value >= 0 or alarms.value <= 0:
            return ""
        return f" It takes other things for {self._class_words} ({_alarm_words(alarms)})."

    def others(self, main: ArmName) -> Iterator[str]:
        """Return what else must be known, the most important first."""
        if not self.reason(main):
            yield from self._alarm_sentences(main)
        if main is not ArmName.ALL and self._takes_part(ArmName.ALL):
            yield self.effect(ArmName.ALL, "T1")
        yield from self._speed_sentences()
        yield from (self.effect(arm, "T2") for arm in POLICIES if self._takes_part(arm))
        yield from self._again_sentences()
        yield from self._exposure_sentences(main)
        yield from self._limits()

    def _effect_sentence(self, found: Difference, place: str) -> str:
        against = f"{_points(found)} against “{ARMS[found.comparison.second].words}”"
        if found.low is None or found.seed_count < FEWEST_SEEDS:
            return f"Nothing can be told on {place}: {against}, {_why_unknown(found)}."
        if found.is_told:
            return self._claim(found, place, against)
        why = more_words(found) if _holds_zero(found) else self._family_words
        return f"No difference can be told on {place}: {against}. {why}"

    def _claim(self, found: Difference, place: str, against: str) -> str:
        effect = "helped" if found.value > 0 else "hurt"
        if found.seed_count < SEEDS_FOR_A_CLAIM:
            return f"On {place} it looks like {TRAINING} {effect}: {against}."
        return f"On {place}, {TRAINING} {effect}: it changed mIoU by {against}."

    def _alarm_sentences(self, second: ArmName) -> Iterator[str]:
        found = self._false_alarms(second)
        if found is not None and is_claimed(found):
            more = "more" if found.value > 0 else "fewer"
            looks = "" if found.seed_count >= SEEDS_FOR_A_CLAIM else "it looks like "
            yield (
                f"On {self._place('T0')}, {looks}{TRAINING} makes {more} false alarms than "
                f"“{ARMS[second].words}”: {_alarm_words(found)}."
            )

    def _speed_sentences(self) -> Iterator[str]:
        """Return whether a lead over the arm with all labels shrinks with more steps; it is asked only of a lead."""
        early = self._found(ArmName.ALL, "T1")
        late = self._found(ArmName.ALL, "T1", steps=max(self._protocol.steps))
        change = self._found(ArmName.ALL, "T1", what="learning speed")
        if early is None or late is None or change is None or not is_claimed(early) or early.value <= 0:
            return
        ways = f"from {signed(early.value)} to {with_interval(late)}"
        if not is_claimed(change) or change.value <= 0:
            yield f"With three times the steps it goes {ways}: whether it shrinks cannot be told."
        elif is_claimed(late) and late.value > 0:
            yield f"Three times the steps change it {ways}: part of it was that the all-class network is slower."
        else:
            yield (
                f"Three times the steps shrink it {ways}: the all-class network was slower; "
                "that it was disturbed cannot be told."
            )

    def _again_sentences(self) -> Iterator[str]:
        for test_set in ("T1", "T2"):
            found = self._found(ArmName.AGAIN, test_set)
            if found is not None and is_claimed(found):
                yield (
                    f"The check of the check fails on {self._place(test_set)}: the same training with other seeds "
                    f"differs by {_points(found)}. Trust none of these differences until more seeds are in."
                )

    def _exposure_sentences(self, main: ArmName) -> Iterator[str]:
        arms = {arm.arm: arm for arm in self._protocol.arms}
        first, second = arms.get(ArmName.SELECTED), arms.get(main)
        if first and second and first.positive_image_count != second.positive_image_count:
            yield f"Training images with {self._class_words}: {_exposure(first)}, {_exposure(second)}."
        if any(self._takes_part(arm) for arm in RANDOM):
            yield (
                f"Random images rarely have {self._class_words}: what is better than they are has seen more of it, "
                "and says nothing of interference."
            )

    def _limits(self) -> Iterator[str]:
        if self._result.absent_classes:
            yield f"Without a pixel in the test images, and so not scored: {join_names(self._result.absent_classes)}."
        if self._rare_classes:
            yield f"Not in the natural mix, and so not scored there: {join_names(self._rare_classes)}."
        if self._result.ignored_share:
            yield (
                f"{percent(self._result.ignored_share)} of the classes' pixels are not judged: there the label rules "
                "of the arms differ."
            )

    @property
    def _rare_classes(self) -> list[str]:
        test, classes = self._protocol.test, self._protocol.settings.classes
        natural = [has for has, is_natural in zip(test.has, test.is_natural, strict=True) if is_natural]
        rare = [name for index, name in enumerate(classes) if not any(has[index] for has in natural)]
        return [name for name in rare if name not in self._result.absent_classes]

    @property
    def _family_words(self) -> str:
        family = [each for each in self._result.differences if each.p_corrected is not None]
        return f"Of {counted(len(family), 'difference')} looked at, chance alone makes one like it."

    @property
    def _class_words(self) -> str:
        names = self._protocol.settings.classes
        return names[0] if len(names) == 1 else "a selected class"

    def _place(self, test_set: TestSet) -> str:
        if test_set == "T2":
            return "the natural mix"
        return f"images {'with' if test_set == 'T1' else 'without'} {self._class_words}"

    def _takes_part(self, arm: ArmName) -> bool:
        return any(each.arm is arm for each in self._protocol.arms)

    def _false_alarms(self, second: ArmName) -> Difference | None:
        return self._found(second, "T0", what="false alarms")

    def _found(
        self, second: ArmName, test_set: TestSet, *, steps: int | None = None, what: str = "mean"
    ) -> Difference | None:
        """Return a difference to arm A on all images of a set; None where there is none."""
        comparison = Comparison(first=ArmName.SELECTED, second=second, steps=steps or self._steps, test_set=test_set)
        alike = (each for each in self._result.differences if each.comparison == comparison and each.what == what)
        return next((each for each in alike if each.rival is None), None)


def _points(found: Difference) -> str:
    """Return "+5.3 points (+3.3 to +7.3)"."""
    bounds = "" if found.low is None else f" ({interval_words(found)})"
    return f"{signed(found.value)} points{bounds}"


def _alarm_words(found: Difference) -> str:
    """Return "87 against 8.2 pixels an image"."""
    first, second = (f"{each:,.0f}" if each >= 10 else plain_number(each) for each in (found.first, found.second))
    return f"{first} against {second} pixels an image"


def _holds_zero(found: Difference) -> bool:
    return found.low is not None and found.high is not None and found.low <= 0 <= found.high


def _why_unknown(found: Difference) -> str:
    if found.seed_count < FEWEST_SEEDS:
        return f"from {counted(found.seed_count, 'seed')}; at least {FEWEST_SEEDS} are needed"
    return f"on fewer than {FEWEST_IMAGES} images with the class"


def _exposure(arm: ArmProtocol) -> str:
    return f"{arm.positive_image_count:,} of “{ARMS[arm.arm].words}”"


def _rounded(count: int) -> int:
    """Return a count with two digits that say something."""
    return int(float(f"{count:.2g}"))
