"""What can be done about an export whose images were not on disk when it was written?"""

import streamlit as st

from cocomine.exporting.reading import ExportEntry
from cocomine.training.runs.suitability import missing_file_count
from cocomine.ui.downloads.panel import download_panel
from cocomine.ui.navigation import page_path
from cocomine.ui.session.exports_and_runs import Sources, is_of, sources_of_entry
from cocomine.ui.session.opening import current_view


def offer_missing_images(entry: ExportEntry, present: Sources) -> None:
    """Offer to download the images of the present selection where an export of the same dataset lacks images.

    Args:
        entry: the export that is to be trained on.
        present: see `present_sources`.
    """
    view = current_view()
    if view is None or not missing_file_count(entry) or not is_of(sources_of_entry(entry), present):
        return
    download_panel(view)
    st.page_link(
        page_path("export"),
        label="An export keeps the images that it was written with: after the download, export again.",
        icon=":material/arrow_forward:",
    )
