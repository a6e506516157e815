"""The settings of a run, put into the form of a new one."""

import streamlit as st

from cocomine.training.runs.config import PRESETS, TrainingConfig
from cocomine.ui.session.exports_and_runs import all_exports
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


def form_values(config: TrainingConfig) -> dict[str, object]:
    """Return the values of the form's fields, by their keys."""
    start = {"auto": AUTO, "none": RANDOM}.get(config.weights, FILE)
    values: dict[str, object] = {
        f"encoder-for-{config.preset}": config.encoder,
        "weights-from": start,
        "train-steps": config.steps,
        "train-seed": config.seed,
    }
    if config.preset in PRESETS:
        values["preset"] = config.preset
    if start == FILE:
        values["weights-file"] = config.weights
    return values
