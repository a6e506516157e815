"""What does the report of a claim check say?

All that a stranger needs to believe the answer, or not to: the sentence, every number with its interval, what was
decided before the first run, what the check cannot see, and how to do it again. It is made of the protocol and the
result alone, so it names no place of the computer it was made on, and the same check gives the same bytes.
"""

import hashlib
import json
import shlex

from cocomine.claim.arms import ARMS
from cocomine.claim.document import Block, Code, Document, Forest, Items, Lead, Section, Table, Text
from cocomine.claim.number_words import interval_words, p_words, plain_number, signed
from cocomine.claim.records import EQUAL_WORDS, ClaimSettings, Difference, Protocol, Result, TestSet
from cocomine.claim.report_html import html_page
from cocomine.claim.report_markdown import markdown_page
from cocomine.claim.sentences import is_claimed
from cocomine.claim.tables import (
    TEST_SET_WORDS,
    false_alarms,
    forest_rows,
    learning_speeds,
    pair_of,
    pairs,
    what_words,
)
from cocomine.wording import counted, join_names, names_to_line, percent

LIMITS = (
    "Intervals are 95 % intervals over test images and seeds (Student's t with 2S − 2 degrees of freedom for S seeds). "
    "They hold for images of the same kind, this network, these steps and this training; another dataset may differ.",
    "The primary difference was named before the first run. All other p values are corrected by Holm's method, and a "
    "difference whose corrected p is 0.05 or more is not claimed, whatever its uncorrected interval.",
    "Test images with a selected class favour training on selected images: false alarms elsewhere are not seen there. "
    "The natural mix shows them.",
    "A difference that shrinks at three times the steps is one of learning speed, not of interference.",
)


def report_html(protocol: Protocol, result: Result) -> str:
    """Return the report as one HTML page that needs no other file, no network and no script."""
    return html_page(report(protocol, result))


def report_markdown(protocol: Protocol, result: Result) -> str:
    """Return the report as Markdown, with the same words and numbers."""
    return markdown_page(report(protocol, result))


def report(protocol: Protocol, result: Result) -> Document:
    """Return what the report of a claim check says."""
    sections = (
        Section(title="Answer", blocks=(Lead(sentences=result.sentences), Text(words=strength_words(protocol)))),
        Section(title="Differences by class", blocks=_forests(result)),
        Section(title="False alarms", blocks=_false_alarms(result)),
        Section(title="Learning speed", blocks=_learning_speed(result)),
        Section(title="All differences", blocks=_all_differences(result)),
        Section(title="Limits, and what was ignored", blocks=(Items(items=limit_sentences(result)),)),
        Section(title="Protocol, written before the first run", blocks=_protocol(protocol, result)),
        Section(title="How to reproduce it", blocks=_reproduction(protocol)),
    )
    title = f"Claim check: {join_names(protocol.settings.classes)}"
    return Document(title=title, sections=tuple(section for section in sections if section.blocks))


def strength_words(protocol: Protocol) -> str:
    """Return how strong the evidence is, such as "3 seeds · 700 test images · equal training images"."""
    test_images = counted(len(protocol.test.image_ids), "test image")
    seeds = counted(protocol.settings.seed_count, "seed")
    return f"{seeds} · {test_images} · equal number of {EQUAL_WORDS[protocol.settings.equal]}"


def command_lines(settings: ClaimSettings) -> tuple[str, ...]:
    """Return the command that carries out such a claim check, in lines that a shell reads as one."""
    options = {
        "--classes": names_to_line(settings.classes),
        "--arms": ",".join(settings.arms),
        "--seeds": str(settings.seed_count),
        "--steps": str(settings.steps),
        "--size": str(settings.size_px),
        "--batch": str(settings.batch_size),
        "--encoder": settings.encoder,
        "--train-images": str(settings.train_image_count),
        "--test-images": str(settings.test_image_count),
        "--equal": settings.equal,
        "--seed": str(settings.seed),
    }
    told = [f"    {name} {shlex.quote(value)} \\" for name, value in options.items()]
    longer = "--longer" if settings.is_trained_longer else "--no-longer"
    return "cocomine claim DATASET \\", *told, f"    {longer} \\", "    --run FOLDER"


def sha256_of_test_ids(protocol: Protocol) -> str:
    """Return the SHA-256 of the ids of the test images, in their order, as JSON without blanks."""
    return hashlib.sha256(json.dumps(protocol.test.image_ids, separators=(",", ":")).encode()).hexdigest()


def _forests(result: Result) -> tuple[Block, ...]:
    found = [(pair, forest_rows(result, pair)) for pair in pairs(result)]
    return tuple(Forest(caption=f"{pair.words}, in points of IoU", rows=rows) for pair, rows in found if rows)


def _false_alarms(result: Result) -> tuple[Block, ...]:
    rows = tuple((pair_of(each.comparison).words, *_levels(each)) for each in false_alarms(result))
    if not rows:
        return ()
    caption = "Pixels predicted as a selected class, an image, on test images without any of them"
    return (Table(caption=caption, header=("Arms", "First", "Second", "Difference", "95 % interval"), rows=rows),)


def _levels(difference: Difference) -> tuple[str, str, str, str]:
    """Return both values, their difference and its interval."""
    values = plain_number(difference.first), plain_number(difference.second)
    return *values, signed(difference.value), interval_words(difference)


def _learning_speed(result: Result) -> tuple[Block, ...]:
    groups = learning_speeds(result)
    if not groups:
        return ()
    header = ("Arms", "Test images", "Steps", "First", "Second", "Difference", "95 % interval")
    rows = tuple(
        (
            pair_of(each.comparison).arm_words,
            TEST_SET_WORDS[each.comparison.test_set],
            f"{each.comparison.steps:,}",
            *_levels(each),
        )
        for group in groups
        for each in group
    )
    return (Table(caption="mIoU in points, by number of steps", header=header, rows=rows),)


def _all_differences(result: Result) -> tuple[Block, ...]:
    header = (
        "Arms",
        "Steps",
        "Test images",
        "Measure",
        "First",
        "Second",
        "Difference",
        "95 % interval",
        "p",
        "p (Holm)",
        "Claimed",
        "Images",
        "Seeds",
        "SD over images",
        "SD over seeds, first",
        "SD over seeds, second",
        "P(first > second)",
    )
    rows = tuple(_difference_row(difference) for difference in result.differences)
    note = "IoU is in points of 100, false alarms in pixels an image. The first row is the primary difference."
    return Text(words=note), Table(caption="All differences, first arm minus second", header=header, rows=rows)


def _difference_row(difference: Difference) -> tuple[str, ...]:
    return (
        pair_of(difference.comparison).short,
        f"{difference.comparison.steps:,}",
        TEST_SET_WORDS[difference.comparison.test_set],
        what_words(difference),
        *_levels(difference),
        p_words(difference.p),
        "primary" if difference.is_primary else p_words(difference.p_corrected),
        "yes" if is_claimed(difference) else "no",
        f"{difference.image_count:,}",
        str(difference.seed_count),
        plain_number(difference.image_error),
        plain_number(difference.seed_error_first),
        plain_number(difference.seed_error_second),
        f"{difference.share_of_wins:.2f}",
    )


def limit_sentences(result: Result) -> tuple[str, ...]:
    """Return what a reader must know beside the numbers: what happened, what was ignored, what cannot be seen."""
    ignored = (
        f"{percent(result.ignored_share)} of the selected classes' true pixels are not judged: there the label rules "
        "of the arms differ."
    )
    if not result.absent_classes:
        return (*result.notices, ignored, *LIMITS)
    absent = f"Not scored, without a pixel in the test images: {join_names(result.absent_classes)}."
    return (*result.notices, ignored, absent, *LIMITS)


def _protocol(protocol: Protocol, result: Result) -> tuple[Block, ...]:
    return _settings_table(protocol, result), _arms_table(protocol), _test_table(protocol), _sources_table(protocol)


def _settings_table(protocol: Protocol, result: Result) -> Table:
    settings, primary = protocol.settings, protocol.primary
    rows = (
        ("Dataset", protocol.dataset),
        ("Classes", join_names(settings.classes)),
        ("Primary comparison", f"{pair_of(primary).words}, {TEST_SET_WORDS[primary.test_set]}"),
        ("Equal in all arms", EQUAL_WORDS[settings.equal]),
        ("Seeds of each arm", str(settings.seed_count)),
        ("Steps", join_names([f"{steps:,}" for steps in protocol.steps])),
        ("Network", f"LinkNet, encoder {settings.encoder}"),
        ("Image size", f"{settings.size_px} × {settings.size_px} px"),
        ("Batch", str(settings.batch_size)),
        ("Seed of the draws of images", str(settings.seed)),
        ("Validation images (live curve only)", f"{protocol.validation_image_count:,}"),
        ("CocoMine", protocol.cocomine_version),
        ("SHA-256 of protocol.json", result.protocol_sha256),
    )
    return Table(caption="What was decided", header=("Setting", "Value"), rows=rows)


def _arms_table(protocol: Protocol) -> Table:
    header = (
        "Arm",
        "Trained on",
        "Training images",
        "With a selected class",
        "Steps",
        "Seeds",
        "Labels",
        "Recipe SHA-256",
    )
    rows = tuple(
        (
            str(arm.arm),
            ARMS[arm.arm].words,
            f"{arm.train_image_count:,}",
            f"{arm.positive_image_count:,}",
            ", ".join(f"{steps:,}" for steps in protocol.steps_of(arm.arm)),
            ", ".join(map(str, arm.seeds)),
            ", ".join(arm.labels),
            arm.recipe_sha256,
        )
        for arm in protocol.arms
    )
    return Table(caption="Arms", header=header, rows=rows)


def _test_table(protocol: Protocol) -> Table:
    counts: dict[TestSet, int] = {"T1": 0, "T2": sum(protocol.test.is_natural), "T0": 0}
    counts["T1"] = sum(any(has) for has in protocol.test.has)
    counts["T0"] = sum(
        natural and not any(has) for natural, has in zip(protocol.test.is_natural, protocol.test.has, strict=True)
    )
    by_class = zip(protocol.settings.classes, zip(*protocol.test.has, strict=True), strict=True)
    rows = (
        ("From the split", protocol.test.split),
        ("Test images", f"{len(protocol.test.image_ids):,}"),
        *((f"{TEST_SET_WORDS[name]} ({name})", f"{count:,}") for name, count in counts.items()),
        *((f"with {name}", f"{sum(has):,}") for name, has in by_class),
        ("SHA-256 of their ids", sha256_of_test_ids(protocol)),
    )
    return Table(caption="Test images, in no arm's training or validation images", header=("", "Value"), rows=rows)


def _sources_table(protocol: Protocol) -> Table:
    rows = tuple(sorted(protocol.sources.items()))
    return Table(caption="Annotation files", header=("Split", "SHA-256"), rows=rows)


def _reproduction(protocol: Protocol) -> tuple[Block, ...]:
    words = (
        f"With CocoMine {protocol.cocomine_version} and the annotation files above, this command trains the same arms "
        "on the same images, judges them on the same test images, and writes this report again:"
    )
    after = "Each arm is an ordinary export with its recipe, and each run an ordinary run, in the folder of the check."
    return Text(words=words), Code(lines=command_lines(protocol.settings)), Text(words=after)
