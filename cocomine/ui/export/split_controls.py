"""How does an export get its splits: the dataset's own, or made here, by which shares?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import streamlit as st

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.planning.alike_images import AlikeImages
from cocomine.mining.selection.division import Division, Fold
from cocomine.ui.export.alike_controls import chosen_likeness, found_alike
from cocomine.ui.export.offered import keep_if_offered
from cocomine.ui.session.export_settings import LARGEST_SEED, MOST_FOLDS, THREE_SIDES, TWO_SIDES
from cocomine.ui.session.view import View
from cocomine.wording import plain

ROLE_NAMES: dict[SplitRole | None, str] = {
    None: "not set",
    SplitRole.TRAIN: "training",
    SplitRole.VAL: "validation",
    SplitRole.TEST: "testing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitChoice:
    """What the person asks for.

    Attributes:
        roles: of splits whose names do not show them.
        division: without the images that stay together.
        alike: which images are alike; None while that is not known.
    """

    roles: tuple[tuple[str, SplitRole], ...]
    division: Division
    alike: AlikeImages | None


def split_controls(view: View) -> SplitChoice:
    """Ask for the splits of an export, and return the answers."""
    st.header("Split")
    roles = _chosen_roles(view.dataset)
    splits = view.dataset.with_roles(dict(roles)).splits
    val_from = _chosen_giver(splits)
    is_single = len(splits) == 1
    is_divided = is_single or val_from is not None
    shares = st.container()
    with st.expander("Advanced split" if is_divided else "Compare images across splits"):
        fold = _chosen_fold() if is_divided else None
        likeness = chosen_likeness(is_divided=is_divided)
    with shares:
        division = _chosen_division(fold, can_test=is_single) if is_divided else Division()
    return SplitChoice(roles=roles, division=replace(division, val_from=val_from), alike=found_alike(view, likeness))


def _chosen_roles(dataset: Dataset) -> tuple[tuple[str, SplitRole], ...]:
    """Ask for the roles of splits whose names do not show them."""
    unclear = [split.name for split in dataset.splits if split.role is None]
    roles: list[tuple[str, SplitRole]] = []
    for name in unclear if len(dataset.splits) > 1 else ():
        role = st.selectbox(
            f"Role of {plain(name)}",
            [None, *SplitRole],
            format_func=lambda role: ROLE_NAMES[role],
            key=f"export-role-{name}",
            persist_state="session",
        )
        roles += [(name, role)] if role else []
    return tuple(roles)


def _chosen_giver(splits: Sequence[Split]) -> str | None:
    """Ask whether a training split gives images for validation, where there are several splits and none for that."""
    if len(splits) == 1:
        return None
    givers = [split.name for split in splits if split.role is SplitRole.TRAIN]
    if not givers or any(split.role is SplitRole.VAL for split in splits):
        st.caption("The dataset's own splits.")
        return None
    names = {None: "The dataset's own splits"} | {name: f"Validation out of {name}" for name in givers}
    key = f"export-val-from-{'-'.join(givers)}"
    keep_if_offered(key, names)
    return st.radio(
        "Splits",
        list(names),
        format_func=lambda name: plain(names[name]),
        key=key,
        persist_state="session",
    )


def _chosen_fold() -> Fold | None:
    """Ask for one of several folds."""
    wants = st.toggle(
        "Folds instead of shares (cross-validation)",
        help="Export each fold in turn with the same seed: each image is for validation once.",
        key="export-uses-folds",
        persist_state="session",
    )
    if not wants:
        return None
    left, right = st.columns(2)
    count = int(left.number_input("Folds", 2, MOST_FOLDS, 5, key="export-folds", persist_state="session"))
    key = f"export-fold-of-{count}"
    keep_if_offered(key, range(count))
    number = right.selectbox("Fold for validation", range(count), key=key, persist_state="session")
    return Fold(number=number, count=count)


def _chosen_division(fold: Fold | None, *, can_test: bool) -> Division:
    """Ask for shares, where no fold decides them, and for the seed."""
    division = Division(fold=fold) if fold else _chosen_shares(can_test=can_test)
    seed = st.number_input(
        "Seed of the split",
        0,
        LARGEST_SEED,
        value=0,
        help="The same seed gives the same split",
        key="export-seed",
        persist_state="session",
    )
    return replace(division, seed=int(seed))


def _chosen_shares(*, can_test: bool) -> Division:
    kind = TWO_SIDES
    if can_test:
        kind = st.radio(
            "Split into", [TWO_SIDES, THREE_SIDES], horizontal=True, key="export-sides", persist_state="session"
        )
    val_share = _chosen_share("Share of images for validation", 20, most=50, key="export-val-share")
    if kind == TWO_SIDES:
        return Division(val_share=val_share)
    test_share = _chosen_share("Share of images for testing", 10, most=45, key="export-test-share")
    return Division(val_share=val_share, test_share=test_share)


def _chosen_share(label: str, usual: int, *, most: int, key: str) -> float:
    """Ask for a share in percent, from 5 on; return it in [0, 1]."""
    return st.slider(label, 5, most, usual, 5, format="%d %%", key=key, persist_state="session") / 100
