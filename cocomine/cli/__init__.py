"""The command line: the same work as on the pages, for scripts and for people who prefer to type."""
