"""The advanced settings of a new run: each with its sentence, a mark where it was changed, and a way back.

Widgets, bounds and sentences come from the table in `cocomine.training.runs.settings`. A widget is named after its
default, so that settings that follow the number of steps take their new default when that changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args, get_type_hints

import streamlit as st

from cocomine.errors import TrainingError
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.settings import GROUPS, Setting, settings_of
from cocomine.wording import counted, plain

CELL_PX = 250
STEPS = "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """The settings of a new run.

    Attributes:
        modified: names of those that differ from the preset's.
        trouble: why the run cannot have them; the preset's stand in `config` then.
    """

    config: TrainingConfig
    modified: tuple[str, ...] = ()
    trouble: str | None = None


def chosen_steps(own: TrainingConfig) -> int | None:
    """Return the steps that the person set, which other settings follow; None where they are the preset's.

    Args:
        own: the preset as it is by itself.
    """
    value = st.session_state.get(_key(own.preset, STEPS, own.steps))
    return None if value in {None, own.steps} else int(value)


def advanced_settings(base: TrainingConfig, own: TrainingConfig) -> Advanced:
    """Offer to change each setting of a preset.

    Args:
        base: the preset, fitted to the steps that the person set.
        own: the preset as it is by itself.
    """
    defaults = _defaults(base, own)
    modified = [name for name, default in defaults.items() if _value(base.preset, name, default) != default]
    title = f"Advanced · {len(modified)} modified" if modified else "Advanced"
    with st.expander(title, icon=":material/tune:", key="advanced"):
        for group in GROUPS:
            st.markdown(f"**{group}**")
            with st.grid("auto", min_column_width=CELL_PX, gap="medium"):
                for setting in settings_of(group):
                    _cell(base.preset, setting, defaults[setting.name])
        if modified:
            _reset_all(base.preset, {name: defaults[name] for name in modified})
    values = {name: _value(base.preset, name, default) for name, default in defaults.items()}
    try:
        return Advanced(config=replace(base, **values), modified=tuple(modified))
    except TrainingError as error:
        return Advanced(config=base, modified=tuple(modified), trouble=str(error))


def values_of(config: TrainingConfig, base: TrainingConfig, own: TrainingConfig) -> dict[str, Any]:
    """Return the values, by widget, with which the form has the settings of a run.

    Args:
        config: of the run.
        base: its preset, fitted to its steps.
        own: the preset as it is by itself.
    """
    defaults = _defaults(base, own)
    return {_key(base.preset, name, default): getattr(config, name) for name, default in defaults.items()}


def _defaults(base: TrainingConfig, own: TrainingConfig) -> dict[str, Any]:
    defaults = {each.name: getattr(base, each.name) for group in GROUPS for each in settings_of(group)}
    return defaults | {STEPS: own.steps}


def _cell(preset: str, setting: Setting, default: Any) -> None:
    """Show one setting: its widget, its sentence, and where it was changed a mark and a way back."""
    with st.container(gap="xsmall"):
        _widget(setting, default, key=_key(preset, setting.name, default))
        st.caption(plain(setting.meaning))
        if _value(preset, setting.name, default) != default:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge("modified", color="orange", icon=":material/edit:")
                st.button(
                    f"Reset to {_words(default)}",
                    type="tertiary",
                    help=f"Set {setting.title} back to the preset's",
                    on_click=_reset,
                    args=({_key(preset, setting.name, default): default},),
                    key=f"reset-{setting.name}",
                )


def _widget(setting: Setting, default: Any, *, key: str) -> None:
    kinds = _kinds(setting.name)
    if bool in kinds:
        st.toggle(setting.title, value=default, key=key)
    elif setting.choices:
        st.selectbox(setting.title, setting.choices, index=setting.choices.index(default), key=key)
    elif float in kinds:
        _float_input(setting, default, key)
    else:
        st.number_input(
            setting.title,
            min_value=None if setting.least is None else int(setting.least),
            max_value=None if setting.most is None else int(setting.most),
            value=default,
            step=1,
            placeholder="all",
            key=key,
        )


def _float_input(setting: Setting, default: float, key: str) -> None:
    st.number_input(
        setting.title,
        min_value=None if setting.least is None else float(setting.least),
        max_value=None if setting.below is None else float(setting.below),
        value=float(default),
        step=float(default) / 10 or 0.01,
        format="%g",
        key=key,
    )


def _kinds(name: str) -> tuple[Any, ...]:
    """Return the types that a setting's value may have."""
    expected = get_type_hints(TrainingConfig)[name]
    return get_args(expected) or (expected,)


def _value(preset: str, name: str, default: Any) -> Any:
    """Return the value that a setting has now; its default where the field was emptied and that is no answer."""
    value = st.session_state.get(_key(preset, name, default), default)
    return default if value is None and type(None) not in _kinds(name) else value


def _key(preset: str, name: str, default: Any) -> str:
    return f"set-{preset}-{name}-{default}"


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "all" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _reset_all(preset: str, defaults: Mapping[str, Any]) -> None:
    st.button(
        f"Reset all ({counted(len(defaults), 'setting')})",
        icon=":material/restart_alt:",
        on_click=_reset,
        args=({_key(preset, name, default): default for name, default in defaults.items()},),
        key="reset-all",
    )


def _reset(values: Mapping[str, Any]) -> None:
    """Give widgets, by key, these values."""
    for key, value in values.items():
        st.session_state[key] = value
