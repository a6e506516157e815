"""What a component says after it has left the page."""

from streamlit.testing.v1 import AppTest


def late_messages() -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    import streamlit as st

    from cocomine.ui.choose.class_grid import _note_held, _take_over
    from cocomine.ui.gallery.gallery import _note_opened
    from cocomine.ui.gallery.gallery import _take_over as take_over_choices
    from cocomine.ui.understand import interference

    view = SimpleNamespace(dataset=SimpleNamespace(category_names=("cat",)))
    _note_held("grid")
    _take_over(cast(Any, view), "grid")
    _note_opened("gallery")
    take_over_choices("gallery", ())
    interference._clicked("map", 1)
    interference._row_selected("pairs", cast(Any, SimpleNamespace(pairs=[(0, 1)])))
    st.json({"held": st.session_state.get("grid-held"), "asked": st.session_state.get(interference.ASKED)})


def test_a_message_of_a_component_that_is_gone_changes_nothing() -> None:
    """As when two copies of it ask for the same thing, and the first answer takes it off the page."""
    app = AppTest.from_function(late_messages).run(timeout=60)
    assert not app.exception
    assert app.json[0].value == '{"held": null, "asked": null}'
