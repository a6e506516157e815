"""The sections of the Understand page."""
