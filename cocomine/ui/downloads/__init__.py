"""Images from the web, for people who have annotations alone; the same on every page where images are missing."""
