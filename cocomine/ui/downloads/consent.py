"""May images be fetched from a host that is none of COCO's? Only after the person has typed its name.

A dataset's file names hosts, and whoever wrote it may be a stranger: so the host is read and typed, not clicked away.
"""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from cocomine.downloading.permission import Permission
from cocomine.downloading.plan import ForeignHost
from cocomine.downloading.refusals import Failure
from cocomine.wording import counted, plain

MOST_HOSTS = 5
"""So many are asked for at once; they have the most images."""
WHY = (
    "The annotation file names them. Asking a host tells its owner this computer's address and which images you use. "
    "To allow one that you trust, type its name."
)


def asked_permission(hosts: Sequence[ForeignHost], *, key: str) -> Permission:
    """Let the person allow hosts, and return what they allow.

    Args:
        hosts: those that would have to be allowed, the most important first.
        key: of the widgets.
    """
    if not hosts:
        return Permission()
    count = counted(sum(host.image_count for host in hosts), "image")
    st.markdown(f":orange[:material/shield_question:] **{count} from hosts that are none of COCO's.** {WHY}")
    allowed = [host for host in hosts[:MOST_HOSTS] if _is_typed(host, key)]
    unencrypted = [host.name for host in allowed if host.is_plain and _may_be_plain(host, key)]
    if len(hosts) > MOST_HOSTS:
        more = counted(len(hosts) - MOST_HOSTS, "more host")
        st.caption(f"{more} with fewer images; what is on them is listed after the download.")
    return Permission(hosts=frozenset(host.name for host in allowed), plain_hosts=frozenset(unencrypted))


def hosts_to_allow(failures: Sequence[Failure]) -> tuple[ForeignHost, ...]:
    """Return the hosts that failures name as not allowed, those with most images first."""
    names = [name for each in failures if (name := each.wants_host or each.wants_plain_host)]
    unencrypted = {each.wants_plain_host for each in failures}
    return tuple(
        ForeignHost(name=name, image_count=count, is_plain=name in unencrypted)
        for name, count in Counter(names).most_common()
    )


def _is_typed(host: ForeignHost, key: str) -> bool:
    typed = st.text_input(
        f"{plain(host.name)} · {counted(host.image_count, 'image')}",
        placeholder=f"Type {host.name} to allow it",
        key=f"{key}-host-{host.name}",
        persist_state="session",
    )
    is_same = typed.strip().lower() == host.name
    if typed.strip() and not is_same:
        st.caption(f":orange[:material/warning:] That is not {plain(host.name)}.")
    return is_same


def _may_be_plain(host: ForeignHost, key: str) -> bool:
    return st.checkbox(
        f"Also without encryption (http) if {plain(host.name)} offers none",
        help="Others on the way can see and change what comes. Each image is still checked for size and soundness.",
        key=f"{key}-http-{host.name}",
        persist_state="session",
    )
