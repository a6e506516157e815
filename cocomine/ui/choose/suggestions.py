"""Which classes to exclude, to add or to start from, under what the person asks of the subset."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import Advice, Step, Suggestion, add_advice, exclude_advice
from cocomine.mining.advice.fixes import Fix, violation_of
from cocomine.mining.advice.quiet_sets import (
    FEWEST_CLASSES,
    MOST_CLASSES,
    QuietAdvice,
    QuietChoice,
    QuietSetRequest,
    quiet_advice,
)
from cocomine.mining.advice.sentences import (
    fix_label,
    no_quiet_sentence,
    no_suggestion_sentence,
    quiet_sentence,
    relaxation_label,
    suggestion_sentence,
    violation_sentence,
)
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.ui.session import state
from cocomine.ui.session.cached import cached
from cocomine.ui.session.decisions import decide
from cocomine.ui.session.shared_value import shared_value
from cocomine.ui.session.view import View, of_images
from cocomine.wording import join_names, plain

NARROWEST_PX = 300
TITLE_AND_BUTTON = [7, 3]
LEAST, MOST_MB = "min_images", "most_megabytes"
SIZE, WITH_MINE = "quiet-size", "quiet-with-mine"
MB = 1_000_000
HEADINGS = {
    Step.EXCLUDE: ("Exclude", "Removes its images, and with them objects of unselected classes. Best first."),
    Step.ADD: ("Include", "Its objects become labels instead of background. Best first."),
}


def suggestion_panel(view: View) -> None:
    """Show what is asked of the subset, what of it is not met, and what would make the selection less mixed."""
    st.header(
        "Suggestions", help="Each shows the effect of one change of the selection; nothing changes without a click."
    )
    _asked(view)
    chosen = view.selection
    if not chosen.classes:
        _quiet_sets(view, across=True)
        return
    _breach(view)
    columns = st.grid(3, min_column_width=NARROWEST_PX, gap="large")
    for step in Step:
        with columns.cell():
            _steps(view, step)
    with columns.cell():
        _quiet_sets(view, across=False)


def _asked(view: View) -> None:
    """Offer the constraints; each shows the state, and changes it through a callback."""
    wish = state.constraints()
    is_size_known = view.candidates.class_index.size_bytes is not None
    megabytes = None if wish.size_bytes is None else -(-wish.size_bytes // MB)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(
            "Minimum images per class",
            1,
            **shared_value(LEAST, wish.images_per_class, _ask_least),
            help="A check, not a filter: a class with fewer is named here and on Export, and suggestions keep to it. "
            "It removes no image.",
            width=220,
        )
        st.number_input(
            "Maximum download size (MB)",
            0,
            **shared_value(MOST_MB, megabytes, _ask_most),
            placeholder="no limit" if is_size_known else "unknown",
            disabled=not is_size_known and wish.size_bytes is None,
            help="A check of the total size of the image files, not a filter."
            if is_size_known
            else "Unknown: not every image is on disk.",
            width=220,
        )


def _ask_least(images_per_class: int) -> None:
    state.ask_for(replace(state.constraints(), images_per_class=images_per_class))


def _ask_most(megabytes: int | None) -> None:
    state.ask_for(replace(state.constraints(), size_bytes=None if megabytes is None else megabytes * MB))


def _relax(constraints: Constraints) -> None:
    """Ask for this much less; whole megabytes, as the field shows them."""
    size = constraints.size_bytes
    state.ask_for(replace(constraints, size_bytes=None if size is None else -(-size // MB) * MB))


def _breach(view: View) -> None:
    """Say which constraint the selection breaks, and offer what mends it."""
    constraints = state.constraints()
    found = violation_of(view.candidates, view.selection, constraints)
    if found is None or not found.counts.image_count:  # without an image there is other help
        return
    with st.container(border=True, key="breach"):
        st.markdown(f":material/rule: **{plain(violation_sentence(found, constraints))}**")
        if not found.fixes:
            st.caption("No single change fixes it. Select other classes, or lower the requirement.")
        for fix in found.fixes:
            _fix(fix, constraints)


def _fix(fix: Fix, constraints: Constraints) -> None:
    after, label = fix.after, fix_label(fix, constraints)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(plain(label), key=f"fix-{fix.change}", on_click=_apply_fix, args=(fix, f"{label}: done."))
        st.caption(f"**{after.image_count:,}** images and **{after.object_count:,}** objects")


def _steps(view: View, step: Step) -> None:
    """Offer the classes that are worth excluding, or including."""
    heading, why = HEADINGS[step]
    st.subheader(heading, help=why)
    constraints = state.constraints()
    advice = _advice_of(view, constraints, step)
    for suggestion in advice.suggestions:
        _suggestion(suggestion, view.selection.mode)
    if not advice.suggestions:
        st.caption(plain(no_suggestion_sentence(step, advice, constraints, view.selection.mode)))
        _relaxing(advice, key=f"relax-{step}")


def _suggestion(suggestion: Suggestion, mode: Mode) -> None:
    """Show one class, a button that applies the suggestion, and its sentence."""
    name, is_excluding = suggestion.name, suggestion.step is Step.EXCLUDE
    with st.container(gap="xxsmall"):
        done = f"{name} {'excluded' if is_excluding else 'included'}."
        label, key = "Exclude" if is_excluding else "Include", f"{suggestion.step}-{name}"
        _headed(plain(name), label, key=key, change=suggestion.applied_to, done=done)
        st.caption(plain(suggestion_sentence(suggestion, mode)))


def _quiet_sets(view: View, *, across: bool) -> None:
    """Offer sets of classes that seldom co-occur, as a selection of their own."""
    st.subheader(
        "Start from a low-overlap set" if across else "Class sets with low co-occurrence",
        help="No pair of classes in a set co-occurs as often as expected by chance, so they mix least.",
    )
    chosen, constraints = view.selection, state.constraints()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        most = max(FEWEST_CLASSES, min(MOST_CLASSES, len(view.dataset.categories)))
        usual = min(QuietSetRequest().size, most)
        size = int(st.number_input("Classes per set", FEWEST_CLASSES, most, value=usual, key=SIZE, width=150))
        room = 0 < len(chosen.classes) < size
        mine = room and st.toggle("Include my classes", key=WITH_MINE, help="Every set contains the selected classes.")
    kept = chosen.classes if mine else ()
    asked = replace(chosen, classes=kept, mode=Mode.ANY, others=Others.BACKGROUND)
    advice = _quiet_of(view.selecting(asked), constraints, size)
    if not advice.choices:
        st.caption(plain(no_quiet_sentence(advice, constraints)))
        _relaxing(advice, key="relax-quiet")
        return
    _shown(advice.choices, across=across)


def _shown(choices: Sequence[QuietChoice], *, across: bool) -> None:
    grid = st.grid(len(choices), min_column_width=NARROWEST_PX, gap="large") if across else None
    for choice in choices:
        with grid.cell() if grid else st.container(), st.container(gap="xxsmall"):
            names = join_names(choice.quiet.names)
            done = f"Selected: {names}."
            _headed(plain(names), "Select", key=f"quiet-{names}", change=choice.applied_to, done=done)
            st.caption(plain(quiet_sentence(choice)))


def _headed(title: str, label: str, *, key: str, change: Callable[[Selection], Selection], done: str) -> None:
    """Show a title, and behind it a button that changes the selection; `done` says what it did."""
    head, action = st.columns(TITLE_AND_BUTTON, gap="xxsmall", vertical_alignment="center")
    head.markdown(f"**{title}**")
    action.button(label, key=key, width="stretch", on_click=_apply, args=(change, done))


def _apply(change: Callable[[Selection], Selection], done: str) -> None:
    decide(change(state.selection()), done)


def _apply_fix(fix: Fix, done: str) -> None:
    _relax(fix.constraints)
    decide(fix.selection, done)


def _relaxing(advice: Advice | QuietAdvice, *, key: str) -> None:
    """Offer the cheapest relaxation."""
    if advice.relaxation is not None:
        relaxed = advice.relaxation.constraints
        st.button(relaxation_label(relaxed, state.constraints()), key=key, on_click=_relax, args=(relaxed,))


@cached(of_images)
def _advice_of(view: View, constraints: Constraints, step: Step) -> Advice:
    advise = exclude_advice if step is Step.EXCLUDE else add_advice
    return advise(view.candidates, view.selection, constraints)


@cached(of_images)
def _quiet_of(view: View, constraints: Constraints, size: int) -> QuietAdvice:
    request = QuietSetRequest(size=size, containing=view.selection.classes)
    return quiet_advice(view.candidates, view.pairs, view.selection, constraints=constraints, request=request)
