"""How many sessions can be open before the server runs out of descriptors?

Streamlit makes an event loop for each session, three descriptors, and keeps up to 128 sessions that ended for whoever
reconnects; they are let go one by one as others end. A browser holds up to six connections more for each open page.
"""

import sys

if sys.platform != "win32":
    import resource

MOST_SESSIONS = 64
"""More are a fault, such as a page that opens itself again and again."""
FOR_A_SESSION = 10
FOR_THE_REST = 500
"""For 128 sessions that ended, and for files, pipes and images on their way."""


def session_limit() -> int:
    """Return how many sessions may be open at once; the process is first given what so many need, if it may have it."""
    if sys.platform == "win32":  # there is no such limit
        return MOST_SESSIONS
    own, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = FOR_THE_REST + MOST_SESSIONS * FOR_A_SESSION
    if own != resource.RLIM_INFINITY and own < needed:
        own = needed if most == resource.RLIM_INFINITY else min(needed, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (own, most))
    return MOST_SESSIONS if own == resource.RLIM_INFINITY else sessions_within(own)


def sessions_within(descriptor_count: int) -> int:
    """Return how many sessions so many descriptors are enough for; at least one."""
    return max(1, min(MOST_SESSIONS, (descriptor_count - FOR_THE_REST) // FOR_A_SESSION))
