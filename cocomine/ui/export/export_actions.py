"""What can be done with one export: its folder opened, its zip fetched."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from cocomine.errors import CocomineError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import ExportEntry
from cocomine.server.downloads import zip_address
from cocomine.system.file_manager import file_manager, show_folder
from cocomine.wording import plain

Look = Literal["primary", "secondary"]
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def export_actions(entry: ExportEntry, *, key: str, zip_look: Look = "secondary") -> None:
    """Offer an export's folder, where browser and files are on one computer with a desktop, and its zip.

    Args:
        key: tells the same buttons at two places apart.
        zip_look: of the button for the zip.
    """
    with st.container(horizontal=True, width="content", key=f"{key}-actions"):
        can_open, icon = is_on_this_computer() and file_manager() is not None, ":material/folder_open:"
        if can_open and st.button("Open folder", icon=icon, key=f"{key}-open"):
            _open_folder(entry)
        st.link_button(
            "Download ZIP",
            zip_address(entry.folder),
            icon=":material/folder_zip:",
            key=f"{key}-zip",
            type=zip_look,
            help="Made while it is downloaded; the browser shows how far it is and can cancel it",
        )


def is_on_this_computer() -> bool:
    """Return whether the browser seems to be on the computer of the server; through a tunnel it seems so as well."""
    return is_from_here(st.context.ip_address, st.context.headers)


def is_from_here(address: str | None, headers: Mapping[str, str]) -> bool:
    """Return whether a session comes from this computer.

    Args:
        address: of its connection; Streamlit has None for loopback.
        headers: of its first request.
    """
    host = headers.get("Host", "localhost:8501").rpartition(":")[0]
    return address is None and host in LOOPBACK and "X-Forwarded-For" not in headers


def _open_folder(entry: ExportEntry) -> None:
    """Open a folder in the file manager, if it is still an export."""
    try:
        read_manifest(entry.folder)
        show_folder(entry.folder)
    except CocomineError as error:
        st.error(plain(str(error)), icon=":material/error:")
