"""The claim check on the Compare page: set up, followed, answered."""

import streamlit as st

from cocomine.ui.compare.claim_answer import claim_answer
from cocomine.ui.compare.claim_list import claim_choice, deleted_section
from cocomine.ui.compare.claim_progress import claim_progress
from cocomine.ui.compare.claim_session import claim_folders, claim_or_problem, shown_folder
from cocomine.ui.compare.claim_setup import claim_setup
from cocomine.ui.session.opening import current_view
from cocomine.wording import plain


def claim_tab() -> None:
    """Show the claim check that was chosen, or offer to begin one."""
    folders = claim_folders()
    shown = shown_folder(folders)
    claim_choice(folders, shown)
    if shown is None:
        claim_setup(current_view())
    else:
        claim = claim_or_problem(shown)
        if isinstance(claim, str):
            st.error(plain(claim), icon=":material/broken_image:")
        elif claim.result is None:
            claim_progress(claim)
        else:
            claim_answer(claim, claim.result)
    deleted_section()
