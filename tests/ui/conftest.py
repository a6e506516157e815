"""The app for tests of pages; tests of the core load no Streamlit."""

from apps import home, open_app, path

__all__ = ["home", "open_app", "path"]
