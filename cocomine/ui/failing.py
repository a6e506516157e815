"""What does a page say when something in it fails?

What a person can act on stands there in its own words. Anything else is our fault: it is logged by the server, and the
page keeps what it has, says so, and holds the trace ready for a report, in place of Streamlit's own box, which offers
to send it, with the paths of this computer, to search engines.
"""

import traceback

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.wording import plain

FAILURE = "Something in CocoMine failed that should not have."


def show_failure(error: Exception) -> bool:
    """Show why a run of a page, a fragment or a callback ended early; return that nothing else is to be shown."""
    if isinstance(error, CocomineError):
        st.error(plain(str(error)), icon=":material/error:")
        return True
    st.error(
        f"{FAILURE} The other pages go on. Do it once more; if it fails again, report what is below.",
        icon=":material/bug_report:",
    )
    with st.expander("What failed", icon=":material/code:"):
        st.code("".join(traceback.format_exception(error)), language=None)
    return True
