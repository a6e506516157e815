"""Dataset health: what was found in the files of the open dataset, errors first, each with its examples."""

from collections.abc import Hashable
from functools import partial
from typing import Literal

import streamlit as st

from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.flaws import SEVERITY_WORDS, Severity
from cocomine.coco.integrity.image_files import SAMPLED_FILES, image_file_report
from cocomine.system.jobs import Job
from cocomine.ui.gallery.gallery import gallery
from cocomine.ui.session.jobs import background, existing_job, forget_job, progress_panel
from cocomine.ui.session.view import View
from cocomine.wording import plain

SMALL = 2000
"""The image files of a dataset of up to so many are checked without asking."""
SHORT_WAIT_S = 0.3
"""So long a page waits for a job that may end at once, rather than to flicker."""
BADGES: dict[Severity, tuple[str, Literal["red", "orange", "green"]]] = {
    Severity.ERROR: (":material/error:", "red"),
    Severity.WARNING: (":material/help:", "orange"),
    Severity.INFO: (":material/info:", "green"),
}
"""Icon and colour of each severity."""


@st.fragment
def dataset_health(view: View) -> None:
    """Show the integrity report, and check the image files: at once where they are few, else on demand."""
    st.header("Dataset health", help="Problems that CocoMine can handle. Files it cannot use are refused by name.")
    report, image_files = st.container(), st.container()
    with image_files:
        in_image_files = _image_file_findings(view)
    with report:
        _report(view, by_weight([*view.findings, *in_image_files]))


def _report(view: View, findings: list[Finding]) -> None:
    if not findings:
        st.success("No problems found.", icon=":material/check_circle:")
    keys = _keys(findings)
    for severity in Severity:
        alike = [(found, key) for found, key in zip(findings, keys, strict=True) if found.severity is severity]
        if alike:
            icon, colour = BADGES[severity]
            st.badge(SEVERITY_WORDS[severity], icon=icon, color=colour)
            with st.container(gap="xxsmall", key=f"findings-{severity}"):
                for found, key in alike:
                    _line(view, found, key=key)


def _keys(findings: list[Finding]) -> list[str]:
    """Return a key for each; two files of one name, in two folders, give two findings that look the same."""
    names = [f"finding-{found.code}-{found.split}" for found in findings]
    return [name if name not in names[:index] else f"{name}-{index}" for index, name in enumerate(names)]


def _line(view: View, found: Finding, *, key: str) -> None:
    where = "" if found.split == "all" else f" :gray[in {plain(found.split)}]"
    label = f":{BADGES[found.severity][1]}-badge[{found.count:,}] **{found.title}**{where}"
    with st.expander(label, key=key):
        st.markdown(plain(found.message))
        st.markdown(f"**How CocoMine handles it:** {plain(found.action)}")
        st.caption(f"Examples: {', '.join(_code(example) for example in found.examples)}")
        _examples(view, found, key=key)


def _examples(view: View, found: Finding, *, key: str) -> None:
    has_folder = {split.name for split in view.dataset.splits if split.image_folder is not None}
    shown = [image for image in found.images if image[0] in has_folder]
    if shown:
        if st.toggle("Show example images", key=f"{key}-show"):
            gallery(view, shown, key=f"{key}-gallery", classes=None)
    elif found.images:
        st.caption(":material/image_not_supported: Image files not found, so no example can be shown.")


def _image_file_findings(view: View) -> list[Finding]:
    count = sum(len(split.images) for split in view.dataset.splits if split.has_files_here)
    if not count:
        return []
    key = ("image files", view.stamp, view.files)
    job = existing_job(key) or (_check(key, view) if count <= SMALL else None)
    if job is not None and job.state == "running" and not job.wait(SHORT_WAIT_S):
        progress_panel(job, "Checking image files", key="check-image-files")
        return view.sampled_findings
    is_done = job is not None and job.state != "cancelled"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Check again" if is_done else f"Check all {count:,} image files",
            icon=":material/image_search:",
            type="tertiary" if is_done else "secondary",
            help="Is each readable, of the size given in the annotation file, grayscale, rotated (EXIF) or CMYK?",
            on_click=_check_again,
            args=(key, view),
            key="check-image-files",
        )
        st.caption("All image files checked." if is_done else f"{SAMPLED_FILES} image files checked.")
    found: list[Finding] = job.result() if job is not None and is_done else view.sampled_findings
    return found


def _check(key: Hashable, view: View) -> Job[list[Finding]]:
    return background(key, partial(image_file_report, view.dataset))


def _check_again(key: Hashable, view: View) -> None:
    forget_job(key)
    _check(key, view)


def _code(text: str) -> str:
    return f"`{text.replace('`', ' ')}`"
