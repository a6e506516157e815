"""What differs between a run's settings and the preset they started from?

Two runs of one preset are not alike where a person changed a setting of one of them, so that every list says it.
"""

from cocomine.training.runs.config import PRESETS, TrainingConfig, config_as_json, preset
from cocomine.wording import PRESET_NAMES


def modified_settings(config: TrainingConfig) -> list[str]:
    """Return the names of settings that differ from the preset's; steps, encoder, weights and seed may be any."""
    if config.preset not in PRESETS:
        return []
    own = preset(
        config.preset,
        export=config.export,
        steps=config.steps,
        encoder=config.encoder,
        weights=config.weights,
        seed=config.seed,
    )
    values, defaults = config_as_json(config), config_as_json(own)
    return [name for name, value in values.items() if value != defaults[name]]


def preset_words(config: TrainingConfig) -> str:
    """Return a preset's name for people, such as "Quick test" or "Quick test, modified"."""
    name = PRESET_NAMES.get(config.preset, config.preset)
    return f"{name}, modified" if modified_settings(config) else name
