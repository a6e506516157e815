"""What stands in the table of all runs, and in which settings some of them differ?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cocomine.training.runs.config import TrainingConfig, config_as_json
from cocomine.training.runs.modified import preset_words
from cocomine.training.runs.reading import CONFIG, Run
from cocomine.training.runs.run_scores import encoder_words, interval_words, score
from cocomine.training.runs.settings import SETTINGS
from cocomine.training.runs.verdict import best_evaluation
from cocomine.wording import RUN_STATE_NAMES


def run_row(run: Run, dataset: str) -> dict[str, Any]:
    """Return the row of a run; what matters most stands in the first columns.

    Args:
        dataset: Name of the dataset that it was trained on, "" where it is not known.
    """
    line, best = score(run), best_evaluation(run)
    return {
        "run": run.folder.name,
        "mIoU": None if line is None else line.mean_iou,
        "95 % interval": None if line is None else interval_words(line),
        "best ★": None if best is None else best.mean_iou,
        "state": "Overfit test" if run.config.is_overfit_test else RUN_STATE_NAMES[run.state],
        "date": _date(run),
        "dataset": dataset,
        "classes": ", ".join(class_names(run)),
        "steps": f"{run.step:,} / {run.config.steps:,}",
        "encoder": run.config.encoder,
        "encoder weights": encoder_words(run),
        "preset": preset_words(run.config),
        "seed": run.config.seed,
        "paper metric": None if line is None else line.mean_true_probability,
        "pixel accuracy": None if line is None else line.pixel_accuracy,
    }


def class_names(run: Run) -> list[str]:
    """Return the names of the classes of a run, in the order of its labels; none before they are known."""
    return [] if run.info is None else [label.name for label in run.info.selected_labels]


def _date(run: Run) -> datetime | None:
    """Return when the settings of a run were written, in local time."""
    try:
        return datetime.fromtimestamp((run.folder / CONFIG).stat().st_mtime)
    except OSError:
        return None


def differing_settings(runs: Sequence[Run]) -> list[dict[str, str]]:
    """Return a row for each setting in which runs differ: its name under "", its values under the names of the runs."""
    configs = {run.folder.name: run.config for run in runs}
    rows = [
        {"": setting.title} | {name: _value(config, setting.name) for name, config in configs.items()}
        for setting in SETTINGS
    ]
    return [row for row in rows if len({value for name, value in row.items() if name}) > 1]


def _value(config: TrainingConfig, name: str) -> str:
    value = config_as_json(config)[name]
    if value is None:
        return "all" if name.endswith("_limit") else "–"
    return f"{value:g}" if isinstance(value, float) else str(value)
