"""Images fetched from the web: only those that are needed, each whole and sound or listed with the reason."""
