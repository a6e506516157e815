"""What is odd about the open dataset, the worst first, with words and pictures for each flaw."""

from functools import partial
from typing import Literal

import streamlit as st

from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.flaws import MATTERS_WORDS, Matters
from cocomine.coco.integrity.image_files import SAMPLED_FILES, picture_report
from cocomine.system.jobs import Job
from cocomine.ui.gallery.gallery import gallery
from cocomine.ui.session.cached import FolderTimes, Opened, Stamp, findings_of, folder_times, sampled_findings_of
from cocomine.ui.session.jobs import forget_job, job_of, known_job, progress_panel
from cocomine.wording import plain

SMALL = 2000
"""A set of so many pictures is looked into without being asked to."""
SHORT_WAIT_S = 0.3
"""So long a page waits for a job that may end at once, rather than to flicker."""
COLOURS: dict[Matters, Literal["red", "orange", "green"]] = {
    Matters.YES: "red",
    Matters.PERHAPS: "orange",
    Matters.NO: "green",
}
ICONS = {
    Matters.YES: ":material/error:",
    Matters.PERHAPS: ":material/help:",
    Matters.NO: ":material/info:",
}
JobKey = tuple[str, Stamp, FolderTimes]


@st.fragment
def oddities(opened: Opened) -> None:
    """Show the integrity report, and look into the pictures: at once where they are few, else when asked."""
    st.subheader(
        "What is odd about it", help="Oddities that CocoMine can live with. Files it cannot use are refused by name."
    )
    report, pictures = st.container(), st.container()
    with pictures:
        in_pictures = _picture_findings(opened)
    with report:
        _report(opened, by_weight([*findings_of(opened), *in_pictures]))


def _report(opened: Opened, findings: list[Finding]) -> None:
    if not findings:
        st.success("Nothing odd was found.", icon=":material/check_circle:")
    keys = _keys(findings)
    for matters in Matters:
        alike = [(found, key) for found, key in zip(findings, keys, strict=True) if found.matters is matters]
        if alike:
            st.badge(MATTERS_WORDS[matters], icon=ICONS[matters], color=COLOURS[matters])
            with st.container(gap="xxsmall", key=f"oddities-{matters}"):
                for found, key in alike:
                    _line(opened, found, key=key)


def _keys(findings: list[Finding]) -> list[str]:
    """Return a key for each; two files of one name, in two folders, give two findings that look the same."""
    names = [f"oddity-{found.code}-{found.split}" for found in findings]
    return [name if name not in names[:place] else f"{name}-{place}" for place, name in enumerate(names)]


def _line(opened: Opened, found: Finding, *, key: str) -> None:
    place = "" if found.split == "all" else f" :gray[in {plain(found.split)}]"
    label = f":{COLOURS[found.matters]}-badge[{found.count:,}] **{found.title}**{place}"
    with st.expander(label, key=key):
        st.markdown(plain(found.message))
        st.markdown(f"**What CocoMine does:** {plain(found.action)}")
        st.caption(f"For example {', '.join(_code(example) for example in found.examples)}")
        _pictures(opened, found, key=key)


def _pictures(opened: Opened, found: Finding, *, key: str) -> None:
    has_folder = {split.name for split in opened.dataset.splits if split.image_folder is not None}
    shown = [image for image in found.images if image[0] in has_folder]
    if shown:
        if st.toggle("Show examples as pictures", key=f"{key}-show"):
            gallery(opened, shown, key=f"{key}-gallery", classes=None)
    elif found.images:
        st.caption(":material/image_not_supported: The pictures were not found, so no example can be shown.")


def _picture_findings(opened: Opened) -> list[Finding]:
    count = sum(len(split.images) for split in opened.dataset.splits if split.image_folder is not None)
    if not count:
        return []
    key: JobKey = ("pictures", opened.stamp, folder_times(opened))
    job = known_job(key) or (_look(key, opened) if count <= SMALL else None)
    if job is not None and job.state == "running" and not job.wait(SHORT_WAIT_S):
        progress_panel(job, "Looking into the pictures", key="look-into-pictures")
        return sampled_findings_of(opened)
    is_done = job is not None and job.state != "cancelled"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Look again" if is_done else f"Look into all {count:,} pictures",
            icon=":material/image_search:",
            type="tertiary" if is_done else "secondary",
            help="Can each be read, has it the size that the file says, is it grey, turned or in print colours?",
            on_click=_look_again,
            args=(key, opened),
            key="look-into-pictures",
        )
        st.caption("All pictures were looked into." if is_done else f"{SAMPLED_FILES} image files were looked into.")
    found: list[Finding] = job.result() if job is not None and is_done else sampled_findings_of(opened)
    return found


def _look(key: JobKey, opened: Opened) -> Job[list[Finding]]:
    return job_of(key, partial(picture_report, opened.dataset))


def _look_again(key: JobKey, opened: Opened) -> None:
    forget_job(key)
    _look(key, opened)


def _code(text: str) -> str:
    return f"`{text.replace('`', ' ')}`"
