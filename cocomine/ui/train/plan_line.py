"""What a new run will do, how long that takes, and whether memory and disk suffice, all before it starts."""

from collections.abc import Sequence

import streamlit as st

from cocomine.coco.split_role import SplitRole
from cocomine.exporting.reading import ExportEntry
from cocomine.system.memory import available_bytes
from cocomine.system.space import free_bytes
from cocomine.training.runs.config import TrainingConfig, preset
from cocomine.training.runs.fingerprint import mask_names
from cocomine.training.runs.needs import MemoryNeed, disk_need, memory_need
from cocomine.training.runs.speed import Speed, kept_speed, run_time_s
from cocomine.training.runs.suitability import has_masks, image_file_count
from cocomine.training.runs.weights_files import frozen_stage_count
from cocomine.ui.session import state
from cocomine.ui.train.new_run import WeightsChoice, best_weights, encoder_of
from cocomine.wording import PRESET_NAMES, brief_duration, counted, size_words


def preset_choice(names: Sequence[str], entry: ExportEntry | None) -> str:
    """Offer the presets, each with the time that a run with its own settings was measured to take here."""
    return st.segmented_control(
        "Preset",
        names,
        format_func=lambda name: f"{PRESET_NAMES[name]} · {_time_words(name, entry)}",
        default=names[0],
        required=True,
        key="preset",
    )


def _time_words(name: str, entry: ExportEntry | None) -> str:
    if entry is None or not has_masks(entry):
        return "not measured yet"
    encoder = encoder_of(name)
    file = best_weights(encoder)
    config = preset(name, export=entry.folder, encoder=encoder.name, weights="none" if file is None else file.path)
    speed = kept_speed(config, state.workspace())
    return "not measured yet" if speed is None else f"~{brief_duration(run_s(config, entry, speed))}"


def run_s(config: TrainingConfig, entry: ExportEntry, speed: Speed) -> float:
    """Return how long a run on an export takes, in seconds."""
    return run_time_s(
        config,
        speed,
        train_image_count=image_file_count(entry, SplitRole.TRAIN),
        val_image_count=image_file_count(entry, SplitRole.VAL),
    )


def needs_line(config: TrainingConfig, entry: ExportEntry, weights: WeightsChoice) -> None:
    """Say how much memory and disk a run needs, and how much is free; warn where it does not suffice."""
    size_px, label_count = entry.recipe.size_px, len(mask_names(entry.folder))
    frozen = frozen_stage_count(config, weights.complete_stages)
    memory = memory_need(config, size_px=size_px, label_count=label_count, frozen_stages=frozen)
    prepared = _prepared_images(config, entry)
    disk = disk_need(config, size_px=size_px, label_count=label_count, image_count=prepared)
    runs = state.workspace().runs
    free_memory, free_disk = available_bytes(), free_bytes(runs)
    needed, free = _memory_words(memory.total), _memory_words(free_memory)
    st.caption(
        f":material/memory: About {needed} of memory, {free} are free. "
        f":material/hard_drive: Up to {size_words(disk)} on disk, {size_words(free_disk)} are free. "
        f"Images at {size_px} × {size_px} px, the size of the export's masks.",
        help=_memory_help(config, memory),
    )
    if memory.total > free_memory:
        st.warning(
            f"The run needs about {needed} of memory, and {free} are free. Choose "
            "a smaller batch under Advanced, a smaller encoder, or end other programs. On a GPU its own memory counts.",
            icon=":material/memory:",
        )
    if disk > free_disk:
        st.warning(
            f"The run needs up to {size_words(disk)} on disk, and {size_words(free_disk)} are free in {runs}. Free "
            "some space, or choose a smaller encoder.",
            icon=":material/hard_drive:",
        )


def _memory_words(size_bytes: int) -> str:
    """Return an amount of memory, of which no more than a tenth of a GB is known."""
    return f"{max(0.1, size_bytes / 1e9):.1f} GB"


def _prepared_images(config: TrainingConfig, entry: ExportEntry) -> int:
    train_count, val_count = (image_file_count(entry, role) for role in (SplitRole.TRAIN, SplitRole.VAL))
    return min(train_count, config.train_image_limit or train_count) + val_count


def _memory_help(config: TrainingConfig, memory: MemoryNeed) -> str:
    parts = {
        "Python and PyTorch": memory.program,
        "weights": memory.weights,
        "gradients": memory.gradients,
        "optimiser": memory.optimiser,
        f"a batch of {counted(config.batch_size, 'image')}": memory.images,
    }
    listed = "\n".join(f"- {name}: {size_words(size_bytes)}" for name, size_bytes in parts.items())
    return f"Counted from the network, not measured:\n{listed}"
