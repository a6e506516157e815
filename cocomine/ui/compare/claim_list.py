"""The claim checks that there are: which one is shown, a new one, and those that were deleted."""

import time
from pathlib import Path

import streamlit as st

from cocomine.claim.keeping import delete_claim, deleted_claims, restore_claim
from cocomine.claim.reading import Claim
from cocomine.system.trash import remove_for_good
from cocomine.ui.compare.claim_session import SHOWN, claim_or_problem, show_claim
from cocomine.ui.said import RESTORE_ICON, Said, close_if_said, said_once, said_where_it_fails, say
from cocomine.ui.session import state
from cocomine.wording import counted, join_names, plain

SAID = "claims-said"
NEW = ""
CHOICE = "claim-choice-box"


def claim_choice(folders: list[Path], shown: Path | None) -> None:
    """Offer the claim checks, a new one, and to delete the one that is shown."""
    said_once(SAID, _restore)
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
    close_if_said(SAID)
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


def _delete(claim: Claim) -> None:
    with said_where_it_fails(SAID):
        deleted = delete_claim(claim, state.workspace().deleted_claims, time.time())
        st.session_state.pop(SHOWN, None)
        say(SAID, Said(sentence=f"{claim.folder.name} is deleted.", deleted=deleted))


def _restore(folder: Path) -> None:
    with said_where_it_fails(SAID):
        restored = restore_claim(folder, state.workspace().claims)
        show_claim(restored)
        say(SAID, Said(sentence=f"{restored.name} is back."))


def _remove(folders: list[Path]) -> None:
    stay = remove_for_good(folders)
    sentence = " ".join(stay) or "The deleted claim checks are gone for good."
    say(SAID, Said(sentence=sentence, is_done=not stay))
