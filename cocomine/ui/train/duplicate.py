"""The settings of a run, put into the form of a new one."""

from typing import Any

import streamlit as st

from cocomine.training.runs.config import OFFERED_PRESETS, TrainingConfig, preset
from cocomine.ui.session.exports_and_runs import all_exports
from cocomine.ui.train.advanced import values_of
from cocomine.ui.train.new_run import AUTO, FILE, RANDOM
from cocomine.wording import plain


def fill_form(config: TrainingConfig) -> None:
    """Let the form of a new run have these settings; for buttons, since it must be before the form is drawn."""
    st.session_state.update(form_values(config))
    if any(str(entry.folder) == config.export for entry in all_exports()):
        st.session_state["train-export"] = config.export
        st.toast("The settings are filled in above.", icon=":material/content_copy:")
    else:
        st.toast(
            f"The settings are filled in above, but the export is not there: {plain(config.export)}. Choose another.",
            icon=":material/warning:",
        )


def form_values(config: TrainingConfig) -> dict[str, Any]:
    """Return the values of the form's fields, by their keys; a preset that it does not offer is changed into one."""
    name = config.preset if config.preset in OFFERED_PRESETS else OFFERED_PRESETS[0]
    start = {"auto": AUTO, "none": RANDOM}.get(config.weights, FILE)
    own = preset(name, export=config.export, encoder=config.encoder, weights=config.weights)
    steps = None if config.steps == own.steps else config.steps
    base = preset(name, export=config.export, encoder=config.encoder, weights=config.weights, steps=steps)
    values = values_of(config, base, own) | {"preset": name, f"encoder-for-{name}": config.encoder}
    values["weights-from"] = start
    if start == FILE:
        values["weights-file"] = config.weights
    return values
