"""The claim checks that there are: which one is shown, a new one, and those that were deleted."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from cocomine.claim.keeping import delete_claim, deleted_claims, restore_claim
from cocomine.claim.reading import Claim
from cocomine.errors import CocomineError
from cocomine.system.trash import remove_for_good
from cocomine.ui.compare.claim_session import SHOWN, claim_or_problem, show_claim
from cocomine.ui.session import state
from cocomine.wording import counted, join_names, plain

SAID = "claims-said"
RESTORE_ICON = ":material/restore_from_trash:"
NEW = ""
CHOICE = "claim-choice-box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the last click did, or why it could not."""

    sentence: str
    is_done: bool = True
    deleted: Path | None = None  # the claim check that it deleted, which may come back


def claim_choice(folders: list[Path], shown: Path | None) -> None:
    """Offer the claim checks, a new one, and to delete the one that is shown."""
    _said_once()
    if not folders:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="claim-choice"):
        titles = {NEW: "New claim check", **{str(folder): _title(folder) for folder in folders}}
        st.session_state[CHOICE] = NEW if shown is None else str(shown)
        st.selectbox("Claim check", list(titles), format_func=titles.__getitem__, key=CHOICE, on_change=_choose)
        if shown is None:
            return
        icon = ":material/add:"
        st.button("New claim check", icon=icon, key="claim-new", on_click=show_claim, args=(None,))
        claim = claim_or_problem(shown)
        if isinstance(claim, Claim):
            is_at_work = claim.is_at_work
            st.button(
                "Delete",
                icon=":material/delete:",
                key="claim-delete",
                disabled=is_at_work,
                help="Cancel it first" if is_at_work else "It can be restored",
                on_click=_delete,
                args=(claim,),
            )


def deleted_section() -> None:
    """List the deleted claim checks, and how to get their space back."""
    folders = deleted_claims(state.workspace().deleted_claims)
    if not folders:
        return
    label = f"Deleted claim checks ({len(folders):,})"
    with st.expander(label, icon=":material/delete:", key="deleted-claims"):
        for folder in folders:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(folder.name), width="stretch")
                key = f"restore-claim-{folder.name}"
                st.button("Restore", icon=RESTORE_ICON, key=key, on_click=_restore, args=(folder,))
        if st.button("Delete for good …", icon=":material/delete_forever:", key="remove-claims"):
            _remove_dialog(folders)


@st.dialog("Delete these claim checks for good?")
def _remove_dialog(folders: list[Path]) -> None:
    if SAID in st.session_state:
        st.rerun()
    st.markdown(
        f"{counted(len(folders), 'deleted claim check')}, with exports, runs and reports, will be gone for good."
    )
    with st.container(horizontal=True):
        icon = ":material/delete_forever:"
        st.button("Delete for good", type="primary", icon=icon, on_click=_remove, args=(folders,))
        if st.button("Keep"):
            st.rerun()


def _choose() -> None:
    st.session_state[SHOWN] = st.session_state[CHOICE]


def _title(folder: Path) -> str:
    claim = claim_or_problem(folder)
    if isinstance(claim, str):
        return f"{folder.name} · damaged"
    done = sum(cell.state == "done" for cell in claim.cells)
    progress = "judged" if claim.result is not None else f"{done} of {len(claim.cells)} runs"
    classes = join_names(claim.protocol.settings.classes)
    return f"{folder.name} · {classes} · {Path(claim.protocol.dataset).name} · {progress}"


def _said_once() -> None:
    """Tell, once, what the last click did, and offer to undo it."""
    said: Said | None = st.session_state.pop(SAID, None)
    if said is None:
        return
    if not said.is_done:
        st.error(plain(said.sentence), icon=":material/error:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.success(plain(said.sentence), icon=":material/check:")
        if said.deleted is not None:
            st.button("Undo", icon=RESTORE_ICON, key="claim-undo", on_click=_restore, args=(said.deleted,))


def _delete(claim: Claim) -> None:
    def act() -> Said:
        deleted = delete_claim(claim, state.workspace().deleted_claims, time.time())
        st.session_state.pop(SHOWN, None)
        return Said(sentence=f"{claim.folder.name} is deleted.", deleted=deleted)

    _tell(act)


def _restore(folder: Path) -> None:
    def act() -> Said:
        restored = restore_claim(folder, state.workspace().claims)
        show_claim(restored)
        return Said(sentence=f"{restored.name} is back.")

    _tell(act)


def _remove(folders: list[Path]) -> None:
    stay = remove_for_good(folders)
    sentence = " ".join(stay) or "The deleted claim checks are gone for good."
    st.session_state[SAID] = Said(sentence=sentence, is_done=not stay)


def _tell(act: Callable[[], Said]) -> None:
    try:
        st.session_state[SAID] = act()
    except CocomineError as error:
        st.session_state[SAID] = Said(sentence=str(error), is_done=False)
