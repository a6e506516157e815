"""The app for tests of pages; tests of the core load no Streamlit."""

from apps import open_app

__all__ = ["open_app"]
