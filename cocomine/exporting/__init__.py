"""From a recipe to a folder on disk, and back."""
