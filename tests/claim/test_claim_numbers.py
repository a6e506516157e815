"""Every number of a report is that of the runs' files: computed again here from the counts, by definitions alone.

Nothing of `claim.judging` or `claim.statistics` is used. An image's influence is the derivative of the score by its
weight, taken by a complex step, and the interval comes from SciPy's t distribution.
"""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from claim_folders import PLANTED, write_claim
from judged_claims import STEPS, made_protocol, made_test_images
from report_numbers import numbers, read
from scipy import stats

from cocomine.claim.arms import ARMS, ArmName
from cocomine.claim.running import judged

ARM_NAMES = (ArmName.SELECTED, ArmName.HALF, ArmName.ALL, ArmName.AGAIN)
SETS = {
    "test images with a selected class": "T1",
    "natural mix": "T2",
    "test images without a selected class": "T0",
}
STEP = 1e-30
Row = dict[str, str]


@dataclass(frozen=True)
class Scored:
    """What an arm's runs score, (s,), and how far each image moves their mean, (n,)."""

    by_seed: np.ndarray
    influence: np.ndarray


@dataclass(frozen=True)
class Told:
    """A difference with what is said of its chance."""

    first: Scored
    second: Scored

    @property
    def value(self) -> float:
        return float(self.first.by_seed.mean() - self.second.by_seed.mean())

    @property
    def spreads(self) -> tuple[float, float, float]:
        return tuple(
            float(np.std(each, ddof=1))
            for each in (self.first.influence - self.second.influence, self.first.by_seed, self.second.by_seed)
        )  # type: ignore[return-value]

    @property
    def error(self) -> float:
        images, first, second = self.spreads
        seeds = len(self.first.by_seed)
        return float(np.sqrt(images**2 / len(self.first.influence) + (first**2 + second**2) / seeds))

    @property
    def error_of_seeds(self) -> float:
        _, first, second = self.spreads
        return float(np.sqrt((first**2 + second**2) / len(self.first.by_seed)))

    @property
    def freedom(self) -> int:
        return len(self.first.by_seed) + len(self.second.by_seed) - 2

    @property
    def bounds(self) -> tuple[float, float]:
        low, high = stats.t.interval(0.95, self.freedom, loc=self.value, scale=self.error)
        return float(low), float(high)

    @property
    def p(self) -> float:
        return float(2 * stats.t.sf(abs(self.value) / self.error, self.freedom))

    @property
    def wins(self) -> float:
        pairs = [(a > b) + (a == b) / 2 for a in self.first.by_seed for b in self.second.by_seed]
        return float(np.mean(pairs))


class Files:
    """The files of a judged check, read without the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.protocol: dict[str, Any] = json.loads((folder / "protocol.json").read_bytes())
        self.test = self.protocol["test"]
        self.classes: list[str] = self.protocol["settings"]["classes"]
        self.markdown = (folder / "report.md").read_text(encoding="utf-8").replace("\\", "")

    def counts(self, arm: str, steps: int) -> list[dict[str, np.ndarray]]:
        seeds = next(each["seeds"] for each in self.protocol["arms"] if each["arm"] == arm)
        return [dict(np.load(self.folder / "tests" / f"{arm}-{steps}-{seed}.npz")) for seed in seeds]

    def images(self, test_set: str) -> np.ndarray:
        has, natural = np.array(self.test["has"]).any(axis=1), np.array(self.test["is_natural"])
        return np.asarray({"T1": has, "T2": natural, "T0": natural & ~has}[test_set])

    def table(self, caption: str) -> list[Row]:
        """The rows of the table with this caption, by the names of its columns."""
        lines = self.markdown.partition(f"*{caption}*")[2].strip().split("\n\n")[0].splitlines()
        header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in lines)
        return [dict(zip(header, row, strict=True)) for row in rows]

    @cached_property
    def differences(self) -> list[Row]:
        return self.table("All differences, first arm minus second")


def iou(counts: dict[str, np.ndarray], weights: np.ndarray, classes: list[int]) -> Any:
    """The mean IoU in points where each image counts so often, (images,)."""
    right, predicted, true = (weights @ counts[name][:, classes] for name in ("right", "predicted", "true"))
    return 100 * (right / (true + predicted - right)).mean()


def iou_scored(runs: list[dict[str, np.ndarray]], images: np.ndarray, classes: list[int]) -> Scored:
    weights, places = images.astype(complex), np.flatnonzero(images)
    moved = []
    for place in places:
        weights[place] += STEP * 1j
        moved.append(np.mean([iou(counts, weights, classes).imag for counts in runs]) / STEP)
        weights[place] = 1
    by_seed = np.array([iou(counts, images.astype(float), classes) for counts in runs])
    return Scored(by_seed, len(places) * np.array(moved))


def alarms_scored(runs: list[dict[str, np.ndarray]], images: np.ndarray) -> Scored:
    pixels = np.array([counts["predicted"][images].sum(axis=1) for counts in runs])
    return Scored(pixels.mean(axis=1), pixels.mean(axis=0))


def computed(files: Files, row: Row) -> Told:
    """What a row of the report asks for, from the counts."""
    arms, steps = row["Arms"].split(" − "), int(row["Steps"])
    measure, _, half = row["Measure"].partition(", images ")
    images = files.images(SETS[row["Test images"]])
    if half:
        kind, rival = half.split(" ", 1)
        has_rival = np.array(files.test["has_rival"])[:, files.test["rivals"].index(rival)]
        images = images & (has_rival == (kind == "with"))
    if measure == "false alarms":
        return Told(*(alarms_scored(files.counts(arm, steps), images) for arm in arms))
    named = measure.removeprefix("IoU of ")
    classes = [files.classes.index(named)] if named in files.classes else list(range(len(files.classes)))
    if measure != "mIoU, change of the lead":
        return Told(*(iou_scored(files.counts(arm, steps), images, classes) for arm in arms))
    leads = [[iou_scored(files.counts(arm, each), images, classes) for arm in arms] for each in (steps, 3 * steps)]
    return Told(*(Scored(a.by_seed - c.by_seed, a.influence - c.influence) for a, c in leads))


def plain(value: float) -> str:
    return f"{value:,.1f}".replace("-", "−") if round(value, 1) else "0.0"


def signed(value: float) -> str:
    return f"{value:+,.1f}".replace("-", "−") if round(value, 1) else "0.0"


def interval(told: Told) -> str:
    return " to ".join(map(signed, told.bounds))


def p_cell(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"


def holm(p_values: list[float]) -> list[float]:
    """By its definition: no p below those that are smaller, each times how many are left."""
    return [
        min(1.0, max(each * sum(other >= each for other in p_values) for each in p_values if each <= p))
        for p in p_values
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    test = made_test_images(2, image_count=120, rivals=("plum",))
    protocol = made_protocol(classes=("apple", "pear"), arms=ARM_NAMES, test=test)
    skills = PLANTED | {ArmName.ALL: PLANTED[ArmName.SELECTED]}  # so that one difference cannot be told
    return Files(write_claim(tmp_path_factory.mktemp("numbers") / "apple-1", protocol, skills=skills))


@pytest.fixture(scope="module")
def told(files: Files) -> list[Told]:
    return [computed(files, row) for row in files.differences]


def test_every_difference_is_there_once(files: Files) -> None:
    asked = [tuple(row[name] for name in ("Arms", "Steps", "Test images", "Measure")) for row in files.differences]
    assert len(set(asked)) == len(asked)
    measures = {measure for *_, measure in asked}
    assert measures >= {"mIoU", "IoU of apple", "IoU of pear", "false alarms", "mIoU, change of the lead"}
    assert measures >= {"mIoU, images with plum", "mIoU, images without plum"}


def test_every_cell_of_every_difference_is_that_of_the_counts(files: Files, told: list[Told]) -> None:
    corrected = ["primary", *map(p_cell, holm([each.p for each in told[1:]]))]
    adjusted = [told[0].p, *holm([each.p for each in told[1:]])]
    for row, each, p_holm, p in zip(files.differences, told, corrected, adjusted, strict=True):
        images, first, second = each.spreads
        assert (
            row
            | {
                "First": plain(each.first.by_seed.mean()),
                "Second": plain(each.second.by_seed.mean()),
                "Difference": signed(each.value),
                "95 % interval": interval(each),
                "p": p_cell(each.p),
                "p (Holm)": p_holm,
                "Claimed": "yes" if p < 0.05 else "no",
                "Images": str(len(each.first.influence)),
                "Seeds": str(len(each.first.by_seed)),
                "SD over images": plain(images),
                "SD over seeds, first": plain(first),
                "SD over seeds, second": plain(second),
                "P(first > second)": f"{each.wins:.2f}",
            }
            == row
        ), row
    assert len({row["Claimed"] for row in files.differences}) == 2  # so that both are looked at


def by_question(files: Files, told: list[Told]) -> dict[tuple[str, int, str, str], tuple[Row, Told]]:
    return {
        (row["Arms"], int(row["Steps"]), SETS[row["Test images"]], row["Measure"]): (row, each)
        for row, each in zip(files.differences, told, strict=True)
    }


def test_the_differences_by_class_are_those_of_the_counts(files: Files, told: list[Told]) -> None:
    found, seen = by_question(files, told), 0
    measures = {"mIoU (your classes)": "mIoU", "apple": "IoU of apple", "pear": "IoU of pear"}
    for arms, steps in sorted({(arms, steps) for arms, steps, _, _ in found}):
        words = " − ".join(ARMS[ArmName(arm)].words for arm in arms.split(" − "))
        for row in files.table(f"{words} ({arms}), {steps} steps, in points of IoU"):
            for column, test_set in (("Test images with a selected class", "T1"), ("Natural mix", "T2")):
                shown, each = found[arms, steps, test_set, measures[row["Class"]]]
                open_words = "" if shown["Claimed"] == "yes" else ", cannot be told"
                assert row[column] == f"{signed(each.value)} ({interval(each)}){open_words}"
                seen += 1
    assert seen == sum(measure in measures.values() for *_, measure in found)


def test_false_alarms_and_learning_speed_are_those_of_the_counts(files: Files, told: list[Told]) -> None:
    found = by_question(files, told)
    alarms = files.table("Pixels predicted as a selected class, an image, on test images without any of them")
    speeds = files.table("mIoU in points, by number of steps")
    assert len(alarms) == 2
    assert len({row["Steps"] for row in speeds}) == 2
    for row in (*alarms, *speeds):
        arms = row["Arms"].rpartition("(")[2].partition(")")[0]
        steps, test_set = int(row.get("Steps", STEPS)), SETS[row.get("Test images", list(SETS)[2])]
        _, each = found[arms, steps, test_set, "mIoU" if row in speeds else "false alarms"]
        levels = plain(each.first.by_seed.mean()), plain(each.second.by_seed.mean())
        assert (row["First"], row["Second"]) == levels
        assert (row["Difference"], row["95 % interval"]) == (signed(each.value), interval(each))


def test_counts_and_hashes_are_those_of_the_files(files: Files) -> None:
    decided = {row["Setting"]: row["Value"] for row in files.table("What was decided")}
    assert (
        decided["SHA-256 of protocol.json"] == hashlib.sha256((files.folder / "protocol.json").read_bytes()).hexdigest()
    )
    values = {row[""]: row["Value"] for row in files.table("Test images, in no arm's training or validation images")}
    ids = json.dumps(files.test["image_ids"], separators=(",", ":"))
    assert values.pop("SHA-256 of their ids") == hashlib.sha256(ids.encode()).hexdigest()
    has = np.array(files.test["has"])
    expected = {f"{words} ({name})": int(files.images(name).sum()) for words, name in SETS.items()}
    expected |= {f"with {name}": int(has[:, index].sum()) for index, name in enumerate(files.classes)}
    assert values == {"From the split": "val2017", "Test images": "120"} | {k: str(v) for k, v in expected.items()}
    counts = files.counts("A", STEPS)[0]
    ignored = counts["ignored"].sum() / (counts["ignored"].sum() + counts["true"].sum())
    assert f"{100 * ignored:.1f} % of the selected classes' true pixels are not judged" in files.markdown


def lead(files: Files) -> str:
    return files.markdown.partition("## Answer")[2].partition("\n## ")[0]


MORE_SEEDS = (
    r"\(([^()]+ to [^()]+)\)[^()]*\. More test images cannot tell this; about (\d+) seeds .* would show ([\d.]+)"
)


def test_what_more_seeds_would_tell_is_computed_from_the_spreads(files: Files, told: list[Told]) -> None:
    ((bounds, count, points),) = re.findall(MORE_SEEDS, lead(files))
    each = next(each for each in told if interval(each) == bounds)
    assert half_width(each, int(count)) <= float(points) < half_width(each, int(count) - 1)
    assert each.error_of_seeds * stats.t.ppf(0.975, each.freedom) > float(points)  # so images alone cannot


def half_width(each: Told, seed_count: int) -> float:
    images, first, second = each.spreads
    error = np.sqrt(images**2 / len(each.first.influence) + (first**2 + second**2) / seed_count)
    return float(stats.t.ppf(0.975, 2 * seed_count - 2) * error)


def test_every_number_of_the_answer_is_computed_or_counted(files: Files, told: list[Told]) -> None:
    """Of the points and pixels by name; of counts of images by those of the protocol."""
    allowed = {number for each in told for number in (signed(each.value), *map(signed, each.bounds))}
    alarms = [each for row, each in zip(files.differences, told, strict=True) if row["Measure"] == "false alarms"]
    levels = [score.by_seed.mean() for each in alarms for score in (each.first, each.second)]
    allowed |= {f"{level:,.0f}" if level >= 10 else plain(level) for level in levels}
    allowed |= {str(arm["positive_image_count"]) for arm in files.protocol["arms"]}
    allowed |= {
        str(len(files.differences) - 1),
        str(len(files.test["image_ids"])),
        str(files.protocol["settings"]["seed_count"]),
    }
    words = re.sub(r"about \d+ seeds instead of 3 would show [\d.]+ points", "", lead(files))  # compared above
    ignored = re.search(r"([\d.]+) % of the classes' pixels are not judged", words)
    assert ignored is not None  # and compared above
    found = set(numbers(words)) - {ignored[1]}
    assert len(found) > 12
    assert found - allowed == set()


def test_the_page_has_the_numbers_of_the_text_and_draws_them_to_scale(files: Files, told: list[Told]) -> None:
    page = (files.folder / "report.html").read_text(encoding="utf-8")
    assert numbers("\n".join(read(page).texts)) == numbers(files.markdown)
    forest = page.partition("Differences by class")[2].partition("</table>")[0]
    drawn = re.findall(r'(?:x1="([\d.]+)%" x2="([\d.]+)%"[^>]*/>)<circle[^>]*cx="([\d.]+)%"', forest)
    found, arms = by_question(files, told), files.differences[0]["Arms"]
    measures = ("mIoU", "IoU of apple", "IoU of pear")
    each = [found[arms, STEPS, test_set, measure][1] for measure in measures for test_set in ("T1", "T2")]
    values = np.array([(*one.bounds, one.value) for one in each])
    places = np.array(drawn, dtype=float) - 50
    assert places == pytest.approx(values * places[0, 2] / values[0, 2], abs=0.02)


def test_other_counts_give_another_report(files: Files, tmp_path: Path) -> None:
    """So that no number above is one that is the same for any files."""
    other = Files(shutil.copytree(files.folder, tmp_path / "other"))
    path = other.folder / "tests" / f"A-{STEPS}-0.npz"
    counts = dict(np.load(path))
    counts["right"] //= 2
    np.savez(path, **counts)
    judged(other.folder)
    again = Files(other.folder)
    changed = [row != old for row, old in zip(again.differences, files.differences, strict=True)]
    assert changed[0]
    row = again.differences[0]
    assert row["Difference"] == signed(computed(again, row).value)
