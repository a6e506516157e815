"""The images that a person excluded by hand: edited, kept, and undone."""
