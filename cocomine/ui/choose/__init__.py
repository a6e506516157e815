"""The sections of the Choose page."""
