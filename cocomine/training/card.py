"""What must somebody know who gets this network?

A model card: what was trained on what, from which start, with which result, under which
definitions, and what the numbers do not show.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cocomine.training.runs.config import PRESETS, TrainingConfig

_DEFINITIONS = """\
* **class mIoU**: mean IoU of the picked classes without background, from one confusion matrix over
  all images, at each picture's own size (logits enlarged bilinearly); pixels labelled 255 left out.
* **pixel accuracy**: share of pixels whose label is right, background included.
* **Eq. 2**: the paper's equation as printed, which is the mean probability of the true label over
  pixels at training size, background included. It is no IoU: predicting nothing scores high on it.
* **Eq. 3**: mean cross entropy in nats at training size. For "predict nothing" it is that of the
  best constant guess.
* **predict nothing**: calling every pixel background, on the same images."""
_CAVEATS = """\
* The best step was chosen on images of the same validation split, so its numbers flatter a little; the
  last step's were not chosen. Compare runs by the last step.
* One seed. Another seed gives other numbers; see how much before you conclude anything.
* Validation images contain the picked classes only as often as the export does. False alarms on
  pictures without them are counted only if the export holds such pictures.
* The number of classes, the choice of images and the size decide the numbers. They cannot be put
  beside published ones that were measured otherwise."""


def model_card(config: TrainingConfig, facts: Mapping[str, Any], finals: Sequence[Mapping[str, Any]]) -> str:
    """Return the card as Markdown, from a run's settings, facts and "final" metric lines (last, then best)."""
    parts = [
        "# Model card",
        _what(config, facts),
        "## Results on the validation split",
        _table(finals),
        _class_table(facts, finals),
        "## Definitions",
        _DEFINITIONS,
        "## What the numbers do not show",
        "\n".join([*(f"* {notice}" for notice in facts["notices"]), _CAVEATS]),
    ]
    return "\n\n".join(parts) + "\n"


def _what(config: TrainingConfig, facts: Mapping[str, Any]) -> str:
    names = [label["name"] for label in facts["labels"] if label["picked"]]
    weights = facts["weights"]
    start = weights["source"]
    if weights["sha256"]:
        start += f" (SHA-256 {weights['sha256']}; {weights['loaded_count']} tensors, {len(weights['random'])} random)"
    rows = [
        ("Network", f"LinkNet, ResNet-50 encoder, {facts['parameter_count'] / 1e6:.2f} million parameters"),
        ("Classes", f"{', '.join(names)} ({len(facts['labels'])} labels with background)"),
        ("Trained on", f"{facts['train_image_count']} images of {facts['train_split']}, {facts['size_px']} px square"),
        ("Judged on", f"{facts['val_image_count']} images of {facts['val_split']}"),
        ("Export", f"`{config.export}`, manifest SHA-256 {facts['export_manifest_sha256']}"),
        ("Encoder start", start),
        ("Frozen", ", ".join(facts["frozen"]) or "nothing"),
        ("Preset", PRESETS.get(config.preset, config.preset)),
        ("Settings", f"{config.steps} steps of {config.batch_size} images, {config.optimiser}, rate {config.rate:g} "
                     f"({config.pretrained_rate:g} for pretrained parts), {config.schedule}, loss {config.loss}, "
                     f"augmentation {'on' if config.augment else 'off'}, seed {config.seed}"),
        ("Made with", f"PyTorch {facts['torch_version']} on {facts['device']}, {facts['thread_count']} threads"),
    ]  # fmt: skip
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)])


def _table(finals: Sequence[Mapping[str, Any]]) -> str:
    head = ["| weights | images | class mIoU | pixel accuracy | Eq. 2 | Eq. 3 |", "|---|---|---|---|---|---|"]
    rows = [(f"{line['weights']} (step {line['step']})", line["image_count"], line) for line in finals]
    rows.append(("predict nothing", finals[0]["image_count"], finals[0]["nothing"]))
    columns = ("mean_iou", "pixel_accuracy", "eq2", "eq3")
    body = [
        f"| {name} | {count} | " + " | ".join(_shown(line[c]) for c in columns) + " |" for name, count, line in rows
    ]
    return "\n".join(head + body)


def _class_table(facts: Mapping[str, Any], finals: Sequence[Mapping[str, Any]]) -> str:
    head = ["| IoU of | " + " | ".join(line["weights"] for line in finals) + " |", "|---|" + "---|" * len(finals)]
    body = [
        f"| {label['name']} | " + " | ".join(_shown(line["iou"][label["label"]]) for line in finals) + " |"
        for label in facts["labels"]
    ]
    return "\n".join(head + body)


def _shown(value: float | None) -> str:
    return "does not occur" if value is None else f"{value:.3f}"
