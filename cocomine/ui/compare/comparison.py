"""Which runs may stand side by side, and what is said about them?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cocomine.training.runs.folder import Run
from cocomine.training.runs.verdict import score
from cocomine.ui.train.run_panel import PRESETS, STATES
from cocomine.wording import plain


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published number, and why it stands in no chart beside ours."""

    result: str
    data: str
    measure: str
    why_not: str


NOT_COMPARABLE = (
    Published(
        result="89.6, this paper (Table I)",
        data="own choice of images that all hold a chosen class, 8 outputs, 128 × 128 px",
        measure="Eq. 2: mean probability of the true class, background included",
        why_not="Finding nothing already scores 78 to 85 by this measure, depending on the classes.",
    ),
    Published(
        result="37.1, MaskFormer with ResNet-50",
        data="COCO-Stuff-10K, 171 classes of things and stuff",
        measure="mIoU over all classes, single scale",
        why_not="Another dataset, 171 classes instead of a few, and another measure.",
    ),
    Published(
        result="50.0, Puri, as the paper quotes it",
        data="probably COCO's stuff task, where all 80 thing classes are one “other”",
        measure="not stated",
        why_not="The chosen classes are not scored there at all.",
    ),
)
"""The paper's Table I. Sources: MaskFormer's MODEL_ZOO.md (maskformer_R50_bs32_60k); COCO stuff task description."""


def comparable_groups(runs: Sequence[Run]) -> list[list[Run]]:
    """Return runs in groups judged on the same images, classes and labels.

    That is the same export, the same number of its images at the evaluations during the run (they are its first
    ones), and the same number at the score that is quoted, which is smaller for a run that is not done.
    """
    groups: dict[tuple[str, int, int], list[Run]] = {}
    for run in runs:
        line = score(run)
        if line is not None:
            key = (run.facts["export_manifest_sha256"], run.facts["eval_image_count"], line["image_count"])
            groups.setdefault(key, []).append(run)
    return list(groups.values())


def group_title(group: Sequence[Run]) -> str:
    """Return what the runs of a group have in common."""
    facts = group[0].facts
    classes = plain(", ".join(label["name"] for label in facts["labels"] if label["picked"]))
    line = score(group[0])
    count = facts["val_image_count"] if line is None else line["image_count"]
    dataset = f" · {plain(facts['dataset'])}" if facts.get("dataset") else ""
    return f"{classes} · {count:,} validation images of {plain(facts['val_split'])}{dataset}"


def rows(group: Sequence[Run]) -> list[dict[str, Any]]:
    """Return one row per run, the best class mIoU first."""
    table = [_row(run, line) for run in group if (line := score(run)) is not None]
    return sorted(table, key=lambda row: -(row["class mIoU"] or 0.0))


def _row(run: Run, line: dict[str, Any]) -> dict[str, Any]:
    weights = run.facts["weights"]
    start = "random" if weights["source"] == "random" else "partly ImageNet" if weights["random"] else "ImageNet"
    return {
        "run": run.folder.name,
        "state": STATES[run.state][0],
        "preset": PRESETS.get(run.config.preset, (run.config.preset,))[0],
        "encoder start": start,
        "seed": run.config.seed,
        "step": line["step"],
        "images judged": line["image_count"],
        "class mIoU": line["mean_iou"],
        "Eq. 2 (paper)": line["eq2"],
        "Eq. 2 for nothing": line["nothing"]["eq2"],
        "pixel accuracy": line["pixel_accuracy"],
    }
