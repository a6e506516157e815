"""What must somebody know who gets this network?

A model card: what was trained on what, from which start, with which result, under which
definitions, and what the numbers do not show.
"""

from collections.abc import Sequence

from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.modified import preset_words
from cocomine.training.runs.records import FinalLine, RunInfo, Scores
from cocomine.training.runs.run_scores import interval_words
from cocomine.wording import counted

_DEFINITIONS = """\
* **mIoU**: mean IoU of the selected classes without background, from one confusion matrix over
  all images, at each image's own size (logits enlarged bilinearly); pixels labelled 255 left out. A class
  without a pixel in these images is named, not scored.
* **95 % interval**: of mIoU, over images (jackknife on the logit scale): how far other images of the same
  kind would move it. Another seed moves it further.
* **with background**: the same mean with the background as one more class.
* **pixel accuracy**: share of pixels whose label is right, background included.
* **mean true probability** (the paper's Eq. 2 as printed): mean probability of the true label over
  pixels at training size, background included. It is no IoU: an empty prediction scores high on it.
* **cross entropy** (the paper's Eq. 3): mean in nats at training size. For a baseline it is that of the best
  guess that knows the baseline's label alone.
* **empty prediction**: calling every pixel background, on the same images; **prior mask**: giving each place
  the label that is most frequent there in the training maps. They are the baselines of each number."""
_CAVEATS = """\
* The best step was chosen on images of the same validation split, so its numbers are slightly too high;
  the last step's were not chosen. Compare runs by the last step.
* One seed. Another seed gives other numbers; see how much before you conclude anything.
* Validation images contain the selected classes only as often as the export does. False alarms on
  images without them are counted only if the export holds such images.
* The number of classes, the choice of images and the size decide the numbers. They are not comparable
  with published ones that were measured otherwise."""
_COLUMNS = ("mean_iou_with_background", "pixel_accuracy", "mean_true_probability", "cross_entropy")


def model_card(config: TrainingConfig, info: RunInfo, finals: Sequence[FinalLine]) -> str:
    """Return the card as Markdown; `finals` are the numbers of the last and of the best weights, in this order."""
    parts = [
        "# Model card",
        _what(config, info),
        "## Results on the validation split",
        _table(finals),
        _class_table(info, finals),
        "## Definitions",
        _DEFINITIONS,
        "## What the numbers do not show",
        "\n".join([*(f"* {notice}" for notice in info.notices), _CAVEATS]),
    ]
    return "\n\n".join(parts) + "\n"


def _what(config: TrainingConfig, info: RunInfo) -> str:
    names = [label.name for label in info.selected_labels]
    weights = info.weights
    start = weights.source
    if weights.sha256:
        start += f" (SHA-256 {weights.sha256}; {weights.loaded_count} tensors, {len(weights.random)} random)"
    rows = [
        ("Network", f"LinkNet, {ENCODERS[config.encoder].title} encoder, "
                    f"{info.parameter_count / 1e6:.2f} million parameters"),
        ("Classes", f"{', '.join(names)} ({len(info.labels)} labels with background)"),
        ("Trained on", f"{info.train_image_count} images of {info.train_split}, {info.size_px} px square"),
        ("Validated on", f"{info.val_image_count} images of {info.val_split}"),
        ("Export", f"`{config.export}`, manifest SHA-256 {info.export_manifest_sha256}"),
        ("Encoder weights", start),
        ("Frozen", ", ".join(info.frozen_stages) or "nothing"),
        ("Preset", preset_words(config)),
        ("Settings", f"{config.steps} steps of {config.batch_size} images, {config.optimiser}, learning rate "
                     f"{config.learning_rate:g} ({config.pretrained_learning_rate:g} for pretrained stages), "
                     f"{config.schedule}, loss {config.loss}, augmentation {'on' if config.augment else 'off'}, "
                     f"{_average_words(config)}"
                     f"seed {config.seed}"),
        ("Made with", f"PyTorch {info.torch_version} on {info.device}, {counted(info.thread_count, 'thread')}"),
    ]  # fmt: skip
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in rows)])


def _average_words(config: TrainingConfig) -> str:
    return f"running mean of the weights ({config.average_decay:g}), " if config.average_decay else ""


def _table(finals: Sequence[FinalLine]) -> str:
    head = (
        "| weights | images | mIoU | 95 % interval | with background | pixel accuracy | mean true probability (Eq. 2) "
        "| cross entropy (Eq. 3) |"
    )
    rows = [_row(f"{line.weights} (step {line.step})", line, line, interval_words(line)) for line in finals]
    rows.append(_row("empty prediction", finals[0], finals[0].background_baseline))
    if finals[0].prior_baseline is not None:
        rows.append(_row("prior mask", finals[0], finals[0].prior_baseline))
    return "\n".join([head, "|---" * 8 + "|", *rows])


def _row(name: str, line: FinalLine, scores: Scores, interval: str | None = None) -> str:
    cells = [name, str(line.image_count), _number(scores.mean_iou), interval or "–"]
    return f"| {' | '.join([*cells, *(_number(getattr(scores, column)) for column in _COLUMNS)])} |"


def _class_table(info: RunInfo, finals: Sequence[FinalLine]) -> str:
    head = ["| IoU of | " + " | ".join(line.weights for line in finals) + " | images | pixels |", "|---" * 5 + "|"]
    body = [
        f"| {label.name} | {' | '.join(_number(line.iou[label.label]) for line in finals)} "
        f"| {_count(finals[0].image_counts, label.label)} | {_count(finals[0].pixel_counts, label.label)} |"
        for label in info.labels
    ]
    return "\n".join(head + body)


def _count(counts: Sequence[int], label: int) -> str:
    return f"{counts[label]:,}" if counts else "–"


def _number(value: float | None) -> str:
    return "does not occur" if value is None else f"{value:.3f}"
