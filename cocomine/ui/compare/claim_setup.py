"""A new claim check: what is compared, what it is worth, and what it can tell, before the one click that starts it."""

from dataclasses import replace

import msgspec
import streamlit as st

from cocomine.claim.arms import ARMS, DEFAULT_ARMS, ArmName
from cocomine.claim.budgets import BUDGETS, Budget, course
from cocomine.claim.image_pools import ImageFacts
from cocomine.claim.planning import ClaimPlan, plan_claim
from cocomine.claim.prospect import prospect
from cocomine.claim.records import ClaimSettings, EqualBy
from cocomine.errors import CocomineError
from cocomine.system.device import device_words
from cocomine.system.extras import TRAINING
from cocomine.ui.compare.claim_session import begin_claim
from cocomine.ui.compare.claim_teaching import claim_teaching
from cocomine.ui.navigation import page_path
from cocomine.ui.session.cached import cached
from cocomine.ui.session.view import View, of_image_files
from cocomine.wording import join_names, plain

SEED_COUNTS = (1, 3, 5)
EQUAL_TITLES: dict[EqualBy, str] = {"images": "images", "positives": "images with the class"}


def claim_setup(view: View | None) -> None:
    """Teach what a claim check is, and offer to begin one with the classes that are selected."""
    claim_teaching()
    if view is None:
        st.info("Open a dataset first.", icon=":material/database:")
        st.page_link(page_path("data"), label="Open a dataset", icon=":material/arrow_forward:")
        return
    if not view.selection.classes:
        st.info("No classes selected. Select the classes that you want to isolate.", icon=":material/checklist:")
        st.page_link(page_path("choose"), label="Select classes", icon=":material/arrow_forward:")
        return
    with st.container(border=True, key="claim-setup"):
        settings = _settings(view.selection.classes)
        plan = _plan_or_problem(view, settings)
        if isinstance(plan, ClaimPlan):
            _what_it_takes(plan)
        else:
            st.warning(plain(plan), icon=":material/block:")
        _start_button(view, plan)


def _settings(classes: tuple[str, ...]) -> ClaimSettings:
    """Offer what a person may choose, and return it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Classes:** {plain(join_names(classes))} :green-badge[:material/check: from selection]")
        st.page_link(page_path("choose"), label="Change")
    with st.container(horizontal=True, gap="medium"):
        budget = _budget()
        seed_count = st.segmented_control(
            "Seeds",
            SEED_COUNTS,
            default=3,
            required=True,
            key="claim-seeds",
            help="Runs of each arm that differ in chance",
        )
        equal = st.segmented_control(
            "Equal number of",
            list(EQUAL_TITLES),
            default=ClaimSettings(classes=classes).equal,
            required=True,
            format_func=EQUAL_TITLES.__getitem__,
            key="claim-equal",
            help="What every arm has the same number of in training",
        )
    st.caption(plain(budget.words(equal)))
    arms, is_trained_longer = _advanced()
    return msgspec.structs.replace(
        budget.settings(classes), seed_count=seed_count, equal=equal, arms=arms, is_trained_longer=is_trained_longer
    )


def _budget() -> Budget:
    names = [budget.name for budget in BUDGETS]
    name = st.segmented_control(
        "Budget",
        names,
        default=names[0],
        required=True,
        key="claim-budget",
        help="Paper: the network, image size, batch and steps of the paper. The optimiser is the same at all budgets",
    )
    return next(budget for budget in BUDGETS if budget.name == name)


def _advanced() -> tuple[tuple[ArmName, ...], bool]:
    with st.expander("Advanced: arms and steps", key="claim-advanced"):
        arms = st.multiselect(
            "Arms",
            list(ARMS),
            default=[*DEFAULT_ARMS, ArmName.AGAIN],
            format_func=lambda name: f"{name}: {ARMS[name].words}",
            key="claim-arms",
            help="A is what your subset is. E shows false alarms, C whether other labels disturb, "
            "A2 how large a difference by chance alone is.",
        )
        is_trained_longer = st.toggle(
            "Also train A and C three times as long",
            value=True,
            key="claim-longer",
            help="Tells slow learning from interference",
        )
    return tuple(name for name in ARMS if name in arms), is_trained_longer


def _what_it_takes(plan: ClaimPlan) -> None:
    """Say how long it takes, what it can tell, and what is not as it was asked for."""
    settings = plan.settings
    takes = course(settings, len(plan.test.image_ids))
    tells = prospect(plan.test, settings.classes, settings.seed_count)
    st.markdown(f":material/timer: {plain(takes.words)}; {plain(tells.words)}.")
    st.caption(
        "The time is estimated from training on one core of another computer; yours may be several times faster or "
        f"slower ({plain(device_words())}). After the first run it is measured."
    )
    st.caption(_arm_line(plan))
    if tells.warnings:
        st.warning("\n".join(f"- {plain(sentence)}" for sentence in tells.warnings), icon=":material/warning:")
    if plan.notices:
        st.info("\n".join(f"- {plain(sentence)}" for sentence in plan.notices), icon=":material/info:")


def _arm_line(plan: ClaimPlan) -> str:
    """Return how many images each arm is trained on, and how many of them have a class."""
    parts = [
        f"**{arm.arm.name}** {plain(arm.arm.words)} {arm.train_image_count:,} ({arm.positive_image_count:,})"
        for arm in plan.arms
    ]
    return f"Training images (with a class): {' · '.join(parts)}"


def _start_button(view: View, plan: ClaimPlan | str) -> None:
    if TRAINING.trouble is not None:
        st.warning(plain(TRAINING.trouble), icon=":material/download:")
    is_ready = isinstance(plan, ClaimPlan) and TRAINING.trouble is None
    if st.button(
        "Start claim check", type="primary", icon=":material/play_arrow:", disabled=not is_ready, key="claim-start"
    ) and isinstance(plan, ClaimPlan):
        begin_claim(view, plan.settings)


def _plan_or_problem(view: View, settings: ClaimSettings) -> ClaimPlan | str:
    """Return what would be done, or why it cannot be."""
    try:
        return _plan(view, settings)
    except CocomineError as error:
        return str(error)


def _of_planning(view: View) -> View:
    """Return what a plan depends on: the annotations as in their files, and the images that were excluded."""
    return replace(of_image_files(view), excluded=view.excluded)


@cached(_of_planning, most=16, spinner="Planning …")
def _plan(view: View, settings: ClaimSettings) -> ClaimPlan:
    return plan_claim(view.dataset, settings, facts=ImageFacts(unusable=view.excluded))
