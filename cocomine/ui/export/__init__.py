"""The sections of the Export page."""
